//! The plugin's code as a part of this program, without a sandbox or a boundary.

use std::time::Instant;

use anyhow::{Result, ensure};
use exhibit_plugin::collection::{Job, Response, Step, Task};
use exhibit_plugin::session::Session;
use exhibit_plugin::types::{Setting, Value};
use exhibit_qualys::Qualys;

use crate::sandboxed::Reading;
use crate::{AS_OF, CHUNK_BYTES, PLATFORM};

/// Opens a session, feeds it the answer, and drops the rows as they come.
pub(crate) fn read(answer: &[u8]) -> Result<Reading> {
    let job = Job {
        task: Task::Collect("assets".to_owned()),
        settings: vec![Setting { name: "platform".to_owned(), value: Value::Text(PLATFORM.to_owned()) }],
        criteria: vec![],
        window: None,
        as_of: AS_OF,
        checkpoint: None,
    };
    let start = Instant::now();
    let mut session = Session::open::<Qualys>(job)?;
    ensure!(matches!(session.next()?, Step::Send(_)), "the plugin asks for nothing");
    session.accept(&Response { status: 200, headers: vec![] })?;
    let mut rows = 0;
    for chunk in answer.chunks(CHUNK_BYTES) {
        rows += session.feed(chunk)?.rows.len() as u64;
    }
    rows += session.end()?.rows.len() as u64;
    ensure!(matches!(session.next()?, Step::Finished(_)), "the plugin wants more");
    Ok(Reading { rows, seconds: start.elapsed().as_secs_f64() })
}
