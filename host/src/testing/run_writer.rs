//! Where verdicts are written down as they come.

use std::io;

use exhibit_records::Verdict;
use tokio::sync::mpsc::Receiver;

use crate::contract::testing::{Finding, Observation};

use super::columns::text_bytes;
use super::files::{Faults, Files, Name};
use super::history::History;

/// Rows of each test that are kept to be shown: more than anybody wants to see at once.
const EXAMPLES: usize = 100;
/// Of text in all of them: a text may have a MiB, and there may be many tests.
const EXAMPLE_BYTES: usize = 16 << 20;

/// What was seen in some rows.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) names: Vec<Name>,
    pub(super) seen: Observation,
}

/// A row that did not pass a test.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
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

/// The files of a run, while it lasts.
#[derive(Debug)]
pub(super) struct RunWriter {
    pub(super) files: Files,
    pub(super) history: History,
    /// For each test, the first rows that did not pass.
    pub(super) examples: Vec<Vec<Example>>,
    /// What there is room for in them, in bytes.
    room: usize,
}

impl RunWriter {
    pub(crate) fn new(files: Files, history: History, tests: usize) -> Self {
        Self { files, history, examples: vec![Vec::new(); tests], room: EXAMPLE_BYTES }
    }

    /// Writes until nothing more comes.
    pub(super) fn write(mut self, mut judged: Receiver<Seen>) -> io::Result<Self> {
        while let Some(Seen { names, seen }) = judged.blocking_recv() {
            self.note(&names, &seen)?;
        }
        Ok(self)
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
            if examples.len() == EXAMPLES {
                continue;
            }
            let name = &names[fault.row];
            if let Some(room) = self.room.checked_sub(bytes(name, fault.findings)) {
                self.room = room;
                examples.push(example(name, fault.verdict, fault.findings));
            }
        }
        Ok(())
    }
}

fn bytes(name: &Name, findings: &[&Finding]) -> usize {
    let found = findings.iter().map(|it| it.wanted.len() + text_bytes(&it.seen));
    name.json.len() + name.label.len() + found.sum::<usize>()
}

fn example(name: &Name, verdict: Verdict, findings: &[&Finding]) -> Example {
    Example {
        key: name.json.clone(),
        row: name.label.clone(),
        verdict,
        found: findings.iter().map(|it| (*it).clone()).collect(),
    }
}
