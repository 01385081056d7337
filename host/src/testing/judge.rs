//! Holds tests against the rows of kept evidence, in one pass and with flat memory.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::digest::{Digest, Digester};
use crate::evidence::{PartRecord, Proof, at, format_instant, ndjson, read, shown_fields};
use crate::plugin::contract::catalog::ProofType;
use crate::plugin::contract::testing::{Finding, Observation, Test};
use crate::plugin::contract::types::{Instant, Kind, Row, Value};
use crate::plugin::{Plugin, Tester};

use super::error::TestError;
use super::files::{Faults, Files, Name};
use super::history::History;
use super::run::Tested;
use super::verdict::Verdict;

/// Rows that the plugin is handed at once: enough that the call itself does not count.
const BATCH_ROWS: usize = 1_000;
/// Of text in them: a small part of the plugin's memory.
const BATCH_BYTES: usize = 4 << 20;
/// Batches that may wait for the plugin, so that reading and judging overlap.
const WAITING_BATCHES: usize = 4;
/// Rows of each test that are kept to be shown: more than anybody wants to see at once.
const EXAMPLES: usize = 100;
/// Where the rows are, in the evidence's folder.
const ROWS: &str = "rows.ndjson";

/// Kept evidence: where it is, and what its `proof.json` says.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The folder with its rows.
    pub folder: &'a Path,
    /// What they are.
    pub proof: &'a Proof,
}

/// What to hold against it.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// The plugin that judges.
    pub plugin: &'a Plugin,
    /// The tests, of the evidence's proof type.
    pub tests: &'a [Test],
    /// What counts as now.
    pub as_of: Instant,
    /// Now, by the host's clock.
    pub made: Instant,
}

/// A row that did not pass a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The row's key, as JSON.
    pub key: String,
    /// What people call the row.
    pub row: String,
    /// Fail or inconclusive.
    pub verdict: Verdict,
    /// What the row stumbled on.
    pub found: Vec<Finding>,
}

/// What came of the tests.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) tests: Vec<Tested>,
    /// Of the rows that were read.
    pub(super) rows: Digest,
    pub(super) parts: Vec<PartRecord>,
    /// For each test, the first rows that did not pass.
    pub(super) examples: Vec<Vec<Example>>,
}

/// Judges every row, and writes the files of it into the folder `into`. Tells `progress` how
/// many rows are done.
pub(super) async fn judge(
    subject: &Subject<'_>,
    order: &Order<'_>,
    into: &Path,
    history: &mut History,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Judged, TestError> {
    let proof_type = proof_type(subject, order)?;
    let mut tester = order.plugin.tester(&proof_type.name, order.tests, order.as_of).await?;
    let columns = Columns::find(subject.proof, proof_type, tester.fields())?;
    let mut files = Files::create(into, order.tests, &subject.proof.proof_type.key)?;
    let (batches, received) = channel(WAITING_BATCHES);
    let folder = subject.folder.to_owned();
    let reading = tokio::task::spawn_blocking(move || columns.read(&folder, &batches));
    let mut desk = Desk { examples: vec![Vec::new(); order.tests.len()], files: &mut files, history };
    let looked = desk.look(&mut tester, received, progress).await;
    // Why the rows ended early is what counts, where they did.
    let rows = reading.await.map_err(io::Error::other)?.map_err(TestError::Evidence)?;
    looked?;
    let examples = desk.examples;
    check(subject.proof, rows)?;
    let reports = tester.finish().await?;
    let tests = order.tests.iter().zip(reports).map(|(test, report)| Tested::new(test, report));
    Ok(Judged { tests: tests.collect(), rows, parts: files.finish()?, examples })
}

/// The evidence's proof type, as the plugin has it now.
pub(super) fn proof_type<'a>(subject: &Subject<'_>, order: &Order<'a>) -> Result<&'a ProofType, TestError> {
    let name = &subject.proof.proof_type.name;
    let manifest = order.plugin.manifest();
    let unknown = || TestError::NoType { name: name.clone(), plugin: manifest.id.clone() };
    manifest.proof_type(name).ok_or_else(unknown)
}

/// Where verdicts are written down.
struct Desk<'a> {
    examples: Vec<Vec<Example>>,
    files: &'a mut Files,
    history: &'a mut History,
}

impl Desk<'_> {
    async fn look(
        &mut self,
        tester: &mut Tester,
        mut batches: Receiver<Batch>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), TestError> {
        let mut done = 0;
        while let Some(batch) = batches.recv().await {
            let seen = tester.observe(&batch.rows).await?;
            self.note(&batch.names, &seen)?;
            done += batch.rows.len() as u64;
            progress(done);
        }
        Ok(())
    }

    fn note(&mut self, names: &[Name], seen: &Observation) -> io::Result<()> {
        let tests = self.examples.len();
        let faults = Faults::of(seen, tests);
        self.files.observed(names, seen, &faults)?;
        let mut verdicts = Vec::with_capacity(tests);
        for (name, outcomes) in names.iter().zip(seen.outcomes.chunks(tests.max(1))) {
            verdicts.clear();
            verdicts.extend(outcomes.iter().map(|it| Verdict::from(*it)));
            self.history.row(&name.json, &name.label, &verdicts)?;
        }
        for fault in faults.iter() {
            let examples = &mut self.examples[fault.test];
            if examples.len() < EXAMPLES {
                examples.push(example(&names[fault.row], fault.verdict, fault.findings));
            }
        }
        Ok(())
    }
}

fn example(name: &Name, verdict: Verdict, findings: &[&Finding]) -> Example {
    Example {
        key: name.json.clone(),
        row: name.label.clone(),
        verdict,
        found: findings.iter().map(|it| (*it).clone()).collect(),
    }
}

/// The rows that were tested are the rows that were kept.
fn check(proof: &Proof, found: Digest) -> Result<(), TestError> {
    match proof.parts.iter().find(|it| it.path == ROWS) {
        Some(part) if part.digest == found => Ok(()),
        Some(part) => Err(TestError::Altered { path: ROWS, kept: part.digest, found }),
        None => Err(TestError::Unlisted(ROWS)),
    }
}

/// Some rows on their way to the plugin.
#[derive(Debug)]
struct Batch {
    /// Of the fields that the plugin looks at.
    rows: Vec<Row>,
    names: Vec<Name>,
}

/// Which columns of the evidence are wanted, and what for.
#[derive(Debug)]
struct Columns {
    fields: Vec<(String, Kind)>,
    /// Those that are read: first those that the plugin looks at.
    wanted: Vec<String>,
    looked_at: usize,
    /// Where in `wanted` the key is.
    key: Vec<usize>,
    /// Where in `wanted` it is what people call a row.
    label: usize,
}

impl Columns {
    /// The evidence may have been collected when fields had other names.
    fn find(proof: &Proof, proof_type: &ProofType, looked_at: &[String]) -> Result<Self, TestError> {
        let fields = read::fields(proof).map_err(TestError::Evidence)?;
        let has = |name: &str| fields.iter().any(|(it, _)| it == name);
        let mut wanted = Vec::with_capacity(looked_at.len() + 2);
        for name in looked_at {
            let aliases = proof_type.fields.iter().filter(|it| it.name == *name).flat_map(|it| &it.aliases);
            let found = std::iter::once(name).chain(aliases).find(|it| has(it));
            wanted.push(found.ok_or_else(|| TestError::NoField(name.clone()))?.clone());
        }
        let looked_at = wanted.len();
        let mut place = |name: &str| {
            wanted.iter().position(|it| it == name).unwrap_or_else(|| {
                wanted.push(name.to_owned());
                wanted.len() - 1
            })
        };
        let key = proof.proof_type.key.iter().map(|it| place(it)).collect();
        let shown = shown_fields(proof.proof_type.fields.iter().map(|it| it.shown));
        let label = shown.first().and_then(|it| proof.proof_type.fields.get(*it));
        let label = place(label.map_or("", |it| &it.name));
        Ok(Self { fields, wanted, looked_at, key, label })
    }

    /// Reads all rows. Gives the digest of their file. Ends early where nobody wants them.
    fn read(self, folder: &Path, batches: &Sender<Batch>) -> io::Result<Digest> {
        let path = folder.join(ROWS);
        let file = File::open(&path).map_err(|error| at(&path, error))?;
        let lines = BufReader::with_capacity(BUFFER, Digesting { file, digester: Digester::default() });
        let names: Vec<&str> = self.wanted.iter().map(String::as_str).collect();
        let mut rows = read::Rows::new(lines, self.fields.clone()).only(&names);
        let mut batch = Batch::new();
        let mut bytes = 0;
        for row in &mut rows {
            let mut row = row.map_err(|error| at(&path, error))?;
            bytes += row.iter().map(text_bytes).sum::<usize>();
            let key: Row = self.key.iter().map(|it| row[*it].clone()).collect();
            let label = label(&row[self.label], &key);
            batch.names.push(Name::new(key, label)?);
            row.truncate(self.looked_at);
            batch.rows.push(row);
            if batch.rows.len() == BATCH_ROWS || bytes >= BATCH_BYTES {
                bytes = 0;
                if batches.blocking_send(std::mem::replace(&mut batch, Batch::new())).is_err() {
                    break;
                }
            }
        }
        // Whoever no longer listens has a reason of its own.
        let _ = batches.blocking_send(batch);
        Ok(rows.into_lines().into_inner().digester.finish())
    }
}

/// Large pieces: system calls do not count then.
const BUFFER: usize = 256 << 10;

impl Batch {
    fn new() -> Self {
        Self { rows: Vec::with_capacity(BATCH_ROWS), names: Vec::with_capacity(BATCH_ROWS) }
    }
}

/// What people call a row; its key, where that says nothing.
fn label(value: &Value, key: &[Value]) -> String {
    let text = |value: &Value| match value {
        Value::Absent | Value::Empty => None,
        Value::Text(it) => Some(it.clone()),
        Value::Texts(it) => Some(it.join(", ")),
        Value::Instant(it) => Some(format_instant(*it)),
        Value::Integer(_) | Value::Number(_) | Value::Boolean(_) | Value::Duration(_) => {
            let mut out = Vec::new();
            ndjson::value(value, &mut out).ok()?;
            String::from_utf8(out).ok()
        }
    };
    text(value).unwrap_or_else(|| key.iter().filter_map(text).collect::<Vec<_>>().join(" "))
}

fn text_bytes(value: &Value) -> usize {
    match value {
        Value::Text(it) => it.len(),
        Value::Texts(it) => it.iter().map(String::len).sum(),
        _ => 0,
    }
}

/// A file, digested as it is read.
struct Digesting {
    file: File,
    digester: Digester,
}

impl Read for Digesting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.digester.update(&buffer[..read]);
        Ok(read)
    }
}
