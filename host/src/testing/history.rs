//! Rows that fail, against the last run of the same test: what is new, what still fails, what
//! was fixed, and what came back.
//!
//! `history.ndjson` has a line for every row that ever failed a test, so the next run needs
//! nothing but this one's. Memory does not grow with the rows: where many ever failed, the
//! verdicts are gone through several times, each time for a part of them.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::evidence::{Part, PartRecord, at};

use super::earlier::Earlier;
use super::files::VERDICTS;
use super::run::{Comparison, Tested};
use super::verdict::Verdict;

/// Its name in a run's folder.
pub(super) const FILE: &str = "history.ndjson";
/// Remembered rows that are held in memory at once: with their keys about 20 MB.
const AT_ONCE: usize = 100_000;
/// Changes of each test that are kept to be shown.
const SHOWN: usize = 100;

/// What became of a row that ever failed a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It fails, and never did before.
    New,
    /// It fails as it did in the last run.
    StillFailing,
    /// It fails again.
    Reopened,
    /// It failed in the last run, and can no longer be judged.
    Unclear,
    /// It passes.
    Fixed,
    /// It is no longer in the test's scope.
    OutOfScope,
    /// It is no longer in the proof.
    Gone,
}

/// A row that ever failed a test.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The test's name.
    pub test: String,
    /// The row's key: a JSON array.
    pub key: Box<RawValue>,
    /// What people call the row.
    pub row: String,
    /// What became of it.
    pub state: State,
    /// What counted as now when it came to that; while it fails, when it began to.
    pub since: String,
    /// What counted as now when it failed first.
    pub first: String,
}

/// What changed in one test.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// The first rows that changed, or that were compared.
    pub shown: Vec<Record>,
    /// What became of each row that is shown elsewhere, by its key as JSON.
    pub states: HashMap<String, State>,
}

/// A line of the verdicts.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    key: &'a RawValue,
    row: String,
    verdicts: HashMap<String, Verdict>,
}

/// Rows that ever failed, by their keys.
type Remembered = HashMap<Box<str>, Vec<Memory>>;

struct Memory {
    test: usize,
    row: String,
    state: State,
    since: String,
    first: String,
    seen: bool,
}

/// Compares the run in this folder with the last run of each test, tells the tests how they
/// differ, and writes the history.
pub(super) fn compare(
    run: &Path,
    tests: &mut [Tested],
    earlier: &[Option<Arc<Earlier>>],
    now: &str,
) -> io::Result<(PartRecord, Vec<Changes>)> {
    compare_by(AT_ONCE, run, tests, earlier, now)
}

fn compare_by(
    at_once: usize,
    run: &Path,
    tests: &mut [Tested],
    earlier: &[Option<Arc<Earlier>>],
    now: &str,
) -> io::Result<(PartRecord, Vec<Changes>)> {
    for (test, earlier) in tests.iter_mut().zip(earlier) {
        test.since = earlier.as_ref().map(|it| begin(it, test));
    }
    let path = run.join(FILE);
    let mut history =
        History { tests, now, changes: vec![Changes::default(); earlier.len()], part: Part::create(path)? };
    let passes = count(earlier)?.div_ceil(at_once).max(1);
    for pass in 0..passes {
        let mine = |key: &str| passes == 1 || share(key, passes) == pass;
        let mut remembered = recall(history.tests, earlier, &mine)?;
        history.go_through(&run.join(VERDICTS), &mut remembered, &mine)?;
        history.miss(remembered)?;
    }
    Ok((PartRecord::new(FILE, history.part.finish()?), history.changes))
}

fn begin(earlier: &Earlier, test: &Tested) -> Comparison {
    let then = earlier.run.tests.iter().find(|it| it.name == test.name);
    Comparison {
        evidence: earlier.evidence.clone(),
        run: earlier.number,
        as_of: earlier.run.as_of.clone(),
        edited: then.is_some_and(|it| it.digest != test.digest),
        ..Comparison::default()
    }
}

struct History<'a> {
    tests: &'a mut [Tested],
    now: &'a str,
    changes: Vec<Changes>,
    part: Part,
}

impl History<'_> {
    fn go_through(
        &mut self,
        verdicts: &Path,
        remembered: &mut Remembered,
        mine: &dyn Fn(&str) -> bool,
    ) -> io::Result<()> {
        let mut lines = Lines::open(verdicts)?;
        while let Some(line) = lines.next::<Line<'_>>()? {
            let key = line.key.get();
            if !mine(key) {
                continue;
            }
            let mut memories = remembered.get_mut(key);
            for test in 0..self.tests.len() {
                let Some(verdict) = line.verdicts.get(&self.tests[test].name) else { continue };
                let memory = memories.as_mut().and_then(|it| it.iter_mut().find(|it| it.test == test));
                let next = match memory {
                    Some(memory) => {
                        memory.seen = true;
                        memory.next(*verdict, self.now)
                    }
                    None if *verdict == Verdict::Fail => {
                        Next { state: State::New, counts: true, since: self.now, first: self.now }
                    }
                    None => continue,
                };
                let record = Record {
                    test: self.tests[test].name.clone(),
                    key: line.key.to_owned(),
                    row: line.row.clone(),
                    state: next.state,
                    since: next.since.to_owned(),
                    first: next.first.to_owned(),
                };
                let counts = next.counts;
                self.write(test, record, counts)?;
            }
        }
        Ok(())
    }

    /// Rows that are remembered, and were not there.
    fn miss(&mut self, remembered: Remembered) -> io::Result<()> {
        let mut gone: Vec<_> = remembered.into_iter().collect();
        gone.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (key, memories) in gone {
            let key = RawValue::from_string(key.into())?;
            for mut memory in memories.into_iter().filter(|it| !it.seen) {
                let counts = memory.state.is_open();
                if counts {
                    (memory.state, memory.since) = (State::Gone, self.now.to_owned());
                }
                let Memory { test, row, state, since, first, .. } = memory;
                let name = self.tests[test].name.clone();
                self.write(test, Record { test: name, key: key.clone(), row, state, since, first }, counts)?;
            }
        }
        Ok(())
    }

    /// A line of the history. What was settled before this run was counted then.
    fn write(&mut self, test: usize, record: Record, counts: bool) -> io::Result<()> {
        self.part.append(|out| {
            serde_json::to_writer(&mut *out, &record)?;
            out.push(b'\n');
            Ok(())
        })?;
        if !counts {
            return Ok(());
        }
        if let Some(comparison) = &mut self.tests[test].since {
            *comparison.count(record.state) += 1;
        }
        let Changes { shown, states } = &mut self.changes[test];
        if states.len() < SHOWN {
            states.insert(record.key.get().to_owned(), record.state);
        }
        if shown.len() < SHOWN && record.state != State::StillFailing {
            shown.push(record);
        }
        Ok(())
    }
}

impl State {
    /// Whether it is not settled that all is well.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::StillFailing | Self::Reopened | Self::Unclear)
    }

    /// For people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::StillFailing => "still failing",
            Self::Reopened => "reopened",
            Self::Unclear => "no longer clear",
            Self::Fixed => "fixed",
            Self::OutOfScope => "out of scope",
            Self::Gone => "gone",
        }
    }
}

impl Comparison {
    fn count(&mut self, state: State) -> &mut u64 {
        match state {
            State::New => &mut self.new,
            State::StillFailing => &mut self.still_failing,
            State::Reopened => &mut self.reopened,
            State::Unclear => &mut self.unclear,
            State::Fixed => &mut self.fixed,
            State::OutOfScope => &mut self.out_of_scope,
            State::Gone => &mut self.gone,
        }
    }
}

/// What becomes of a row.
struct Next<'a> {
    state: State,
    /// Whether this run has a part in it.
    counts: bool,
    since: &'a str,
    first: &'a str,
}

impl Memory {
    fn next<'a>(&'a self, verdict: Verdict, now: &'a str) -> Next<'a> {
        let open = self.state.is_open();
        let (state, anew) = match verdict {
            Verdict::Fail if open => (State::StillFailing, false),
            Verdict::Fail => (State::Reopened, true),
            Verdict::Pass if self.state == State::Fixed => (State::Fixed, false),
            Verdict::Pass => (State::Fixed, true),
            Verdict::Inconclusive if open => (State::Unclear, false),
            Verdict::NotApplicable if open => (State::OutOfScope, true),
            Verdict::Inconclusive | Verdict::NotApplicable => (self.state, false),
        };
        let since = if anew { now } else { &self.since };
        Next { state, counts: open || anew, since, first: &self.first }
    }
}

/// How many rows the last runs remember.
fn count(earlier: &[Option<Arc<Earlier>>]) -> io::Result<usize> {
    let mut count = 0;
    for it in distinct(earlier) {
        let mut lines = Lines::open(&it.folder.join(FILE))?;
        while lines.skip()? {
            count += 1;
        }
    }
    Ok(count)
}

fn recall(
    tests: &[Tested],
    earlier: &[Option<Arc<Earlier>>],
    mine: &dyn Fn(&str) -> bool,
) -> io::Result<Remembered> {
    let mut remembered = Remembered::new();
    for it in distinct(earlier) {
        let mut lines = Lines::open(&it.folder.join(FILE))?;
        while let Some(record) = lines.next::<Record>()? {
            let Record { test, key, row, state, since, first } = record;
            let wanted = |(tested, last): (&Tested, &Option<Arc<Earlier>>)| {
                tested.name == test && last.as_ref().is_some_and(|last| Arc::ptr_eq(last, it))
            };
            if let Some(test) = tests.iter().zip(earlier).position(wanted)
                && mine(key.get())
            {
                let memory = Memory { test, row, state, since, first, seen: false };
                remembered.entry(key.get().into()).or_default().push(memory);
            }
        }
    }
    Ok(remembered)
}

fn distinct(earlier: &[Option<Arc<Earlier>>]) -> impl Iterator<Item = &Arc<Earlier>> {
    let before =
        |at: usize, it: &Arc<Earlier>| earlier[..at].iter().flatten().any(|other| Arc::ptr_eq(other, it));
    earlier.iter().enumerate().filter_map(move |(at, it)| it.as_ref().filter(|it| !before(at, it)))
}

/// Which of so many shares a key falls into.
fn share(key: &str, shares: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    usize::try_from(hasher.finish() % shares as u64).unwrap_or(0)
}

/// A file of JSON lines.
struct Lines {
    name: String,
    lines: BufReader<File>,
    line: Vec<u8>,
}

impl Lines {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path).map_err(|error| at(path, error))?;
        Ok(Self {
            name: path.display().to_string(),
            lines: BufReader::with_capacity(1 << 18, file),
            line: vec![],
        })
    }

    fn skip(&mut self) -> io::Result<bool> {
        self.line.clear();
        Ok(self.lines.read_until(b'\n', &mut self.line)? > 0)
    }

    fn next<'a, T: Deserialize<'a>>(&'a mut self) -> io::Result<Option<T>> {
        if !self.skip()? {
            return Ok(None);
        }
        let name = &self.name;
        serde_json::from_slice(&self.line)
            .map(Some)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{name}: {error}")))
    }
}

#[cfg(test)]
mod tests;
