//! The plugin in its sandbox, through the library that everyone embeds.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use exhibit::contract::collection::{Job, Response, Step, Task};
use exhibit::contract::types::{Setting, Value};
use exhibit::plugin::{Engine, Plugin};

/// What the plugin is fed at a time, as by a collection.
const CHUNK_BYTES: usize = 64 << 10;
/// 2026-11-01T00:00:00Z.
const AS_OF: i64 = 1_793_491_200_000;

/// How one reading went.
pub(crate) struct Reading {
    pub(crate) rows: u64,
    pub(crate) seconds: f64,
}

/// Compiles the plugin that the host library was built with.
pub(crate) async fn load(target: &Path) -> Result<Plugin> {
    let file = target.join("plugins/exhibit_qualys.wasm");
    let component = std::fs::read(&file)
        .with_context(|| format!("no plugin in {}: run guest/toolchain.sh, then again", file.display()))?;
    Ok(Plugin::load(&Engine::new()?, &component, None).await?)
}

/// Opens a session, feeds it the answer, and drops the rows as they come.
pub(crate) async fn read(plugin: &Plugin, answer: &[u8]) -> Result<Reading> {
    let job = Job {
        task: Task::Collect("assets".to_owned()),
        settings: vec![Setting { name: "platform".to_owned(), value: Value::Text("US2".to_owned()) }],
        criteria: vec![],
        window: None,
        since: None,
        as_of: AS_OF,
        id: None,
        checkpoint: None,
    };
    let start = Instant::now();
    let mut session = plugin.open(&job).await?;
    ensure!(matches!(session.next().await?, Step::Send(_)), "the plugin asks for nothing");
    session.accept(&Response { status: 200, headers: vec![] }).await?;
    let mut rows = 0;
    for chunk in answer.chunks(CHUNK_BYTES) {
        rows += session.feed(chunk).await?.rows.len() as u64;
    }
    rows += session.end().await?.rows.len() as u64;
    ensure!(matches!(session.next().await?, Step::Finished(_)), "the plugin wants more");
    Ok(Reading { rows, seconds: start.elapsed().as_secs_f64() })
}
