//! Any answer to any proof type's request: no panic, and the same result no matter how the
//! body is cut into pieces.

#![no_main]

use std::sync::LazyLock;

use exhibit_plugin::collection::{Job, Response, Task};
use exhibit_plugin::session::Session;
use exhibit_plugin::types::{Row, Setting};
use exhibit_plugin::{Error, Plugin as _, Value};
use exhibit_qualys::Qualys;
use libfuzzer_sys::fuzz_target;

/// The names of all proof types of the manifest: a new one is fuzzed without a change here.
static PROOFS: LazyLock<Vec<String>> =
    LazyLock::new(|| Qualys::manifest().proof_types.into_iter().map(|it| it.name).collect());
const STATUSES: [u16; 6] = [200, 200, 200, 401, 409, 503];

fuzz_target!(|input: (u8, u8, u8, &[u8])| {
    let (proof, status, size, body) = input;
    let proof = &PROOFS[usize::from(proof) % PROOFS.len()];
    let status = STATUSES[usize::from(status) % STATUSES.len()];
    let whole = read(proof, status, body, usize::MAX);
    let pieces = read(proof, status, body, usize::from(size).max(1));
    assert_eq!(whole.is_ok(), pieces.is_ok());
    if let (Ok(whole), Ok(pieces)) = (whole, pieces) {
        assert_eq!(whole, pieces);
    }
});

fn read(proof: &str, status: u16, body: &[u8], size: usize) -> Result<Vec<Row>, Error> {
    let platform = Setting { name: "platform".to_owned(), value: Value::Text("US2".to_owned()) };
    let job = Job {
        task: Task::Collect(proof.to_owned()),
        settings: vec![platform],
        criteria: Vec::new(),
        window: None,
        as_of: 1_793_491_200_000,
        checkpoint: None,
    };
    let mut session = Session::open::<Qualys>(job).expect("a good job");
    session.next()?;
    session.accept(&Response { status, headers: Vec::new() })?;
    let mut rows = Vec::new();
    for chunk in body.chunks(size) {
        rows.extend(session.feed(chunk)?.rows);
    }
    rows.extend(session.end()?.rows);
    session.checkpoint();
    Ok(rows)
}
