//! Rows out of a host list with the plugin's own code: no sandbox, no boundary.
//!
//! Usage: rows FILE. Prints the number of rows and the seconds they took.

use std::error::Error;
use std::time::Instant;

use exhibit_plugin::collection::{Job, Response, Step, Task};
use exhibit_plugin::Work;
use exhibit_plugin::types::{Setting, Value};
use exhibit_qualys::Qualys;

/// What the plugin is fed at a time, as by a collection.
const CHUNK_BYTES: usize = 64 << 10;
/// 2026-11-01T00:00:00Z.
const AS_OF: i64 = 1_793_491_200_000;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("which file?")?;
    let answer = std::fs::read(file)?;
    let job = Job {
        task: Task::Collect("assets".to_owned()),
        settings: vec![Setting { name: "platform".to_owned(), value: Value::Text("US2".to_owned()) }],
        criteria: vec![],
        window: None,
        since: None,
        as_of: AS_OF,
        id: None, checkpoint: None,
    };
    let start = Instant::now();
    let mut session = Work::open::<Qualys>(job)?;
    session.next()?;
    session.accept(&Response { status: 200, headers: vec![] })?;
    let mut rows = 0;
    for chunk in answer.chunks(CHUNK_BYTES) {
        rows += session.feed(chunk)?.rows.len();
    }
    rows += session.end()?.rows.len();
    let seconds = start.elapsed().as_secs_f64();
    if !matches!(session.next()?, Step::Finished(_)) {
        return Err("the plugin wants more".into());
    }
    println!("{rows} {seconds}");
    Ok(())
}
