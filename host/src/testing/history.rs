//! Rows that fail, against the last run of the same test: what is new, what still fails, what
//! was fixed, and what came back.
//!
//! `history.ndjson.zst` has a line for every row that ever failed a test, so the next run needs
//! nothing but this one's. Memory does not grow with the rows: where many ever failed, the
//! verdicts are gone through several times, each time for a part of them.

mod lines;
mod merged;
mod state;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::Path;
use std::sync::Arc;

use exhibit_records::{Comparison, PartRecord, Tested, Verdict};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::contract::testing::Test;
use crate::disk::{ZstdFrameWriter, at, invalid};
use crate::evidence::ndjson;

use self::lines::Lines;
use self::merged::Merged;
use self::state::count;
use super::earlier::Earlier;
use super::error::TestError;

pub use self::state::{Changes, Record, State, compared_in_words};

/// Its name in a run's folder.
pub(crate) const FILE: &str = "history.ndjson.zst";
/// Remembered rows that are held in memory at once: with their keys about 20 MB.
const AT_ONCE: usize = 100_000;
/// Bytes of them: keys may be long.
const BYTES_AT_ONCE: u64 = 64 << 20;
/// Rows of each test whose state is kept to be shown: as many as examples are.
const SHOWN: usize = 100;
/// Of these in each state.
const SHOWN_OF_A_STATE: usize = 20;

/// A line of the verdicts.
#[derive(Deserialize)]
struct Verdicts<'a> {
    #[serde(borrow)]
    key: &'a RawValue,
    row: String,
    verdicts: HashMap<String, Verdict>,
}

/// Rows that ever failed, by their keys.
type Remembered = HashMap<Box<str>, Vec<Memory>>;

#[derive(Debug)]
struct Memory {
    test: usize,
    row: String,
    state: State,
    since: String,
    first: String,
}

/// Follows the rows of a run, as they are judged.
#[derive(Debug)]
pub(super) struct History {
    /// The names of the tests.
    tests: Vec<String>,
    earlier: Vec<Option<Arc<Earlier>>>,
    /// What counts as now.
    now: Arc<str>,
    /// So many times the rows are gone through, each time for a share of what is remembered.
    passes: usize,
    pass: usize,
    remembered: Remembered,
    /// Where several rows have one key: what was seen of each key in this pass. Such rows are one row.
    merged: Option<BTreeMap<Box<str>, Merged>>,
    counts: Vec<Comparison>,
    changes: Vec<Changes>,
    part: ZstdFrameWriter,
}

impl History {
    /// Of a run in this folder, against the last run of each of these tests. `repeated`: how many rows there are, where
    /// some of them have the key of another one.
    pub(super) fn begin(
        run: &Path,
        tests: &[Test],
        earlier: Vec<Option<Arc<Earlier>>>,
        now: String,
        repeated: Option<u64>,
    ) -> Result<Self, TestError> {
        let names = tests.iter().map(|it| it.name.clone()).collect();
        Self::with(AT_ONCE, run, names, earlier, now, repeated)
    }

    fn with(
        at_once: usize,
        run: &Path,
        tests: Vec<String>,
        earlier: Vec<Option<Arc<Earlier>>>,
        now: String,
        repeated: Option<u64>,
    ) -> Result<Self, TestError> {
        let (rows, bytes) = size(&earlier).map_err(TestError::Earlier)?;
        let rows = rows.max(usize::try_from(repeated.unwrap_or(0)).unwrap_or(usize::MAX));
        let passes = rows.div_ceil(at_once).max(usize::try_from(bytes.div_ceil(BYTES_AT_ONCE)).unwrap_or(1));
        let mut history = Self {
            counts: vec![Comparison::default(); tests.len()],
            changes: vec![Changes::default(); tests.len()],
            tests,
            earlier,
            now: now.into(),
            passes: passes.max(1),
            pass: 0,
            remembered: Remembered::new(),
            merged: repeated.map(|_| BTreeMap::new()),
            part: ZstdFrameWriter::create(run.join(FILE))?,
        };
        history.recall().map_err(TestError::Earlier)?;
        Ok(history)
    }

    /// The next row: its key as JSON, what people call it, and its result in each test.
    pub(crate) fn row(&mut self, key: &str, row: &str, verdicts: &[Verdict]) -> io::Result<()> {
        if !self.is_mine(key) {
            return Ok(());
        }
        if let Some(merged) = &mut self.merged {
            match merged.get_mut(key) {
                Some(known) => known.add(row, verdicts),
                None => {
                    let new = Merged { row: row.to_owned(), verdicts: verdicts.to_vec() };
                    merged.insert(key.into(), new);
                }
            }
            return Ok(());
        }
        self.follow(key, row, verdicts)
    }

    /// A row that is the only one of its key, or stands for all of it.
    fn follow(&mut self, key: &str, row: &str, verdicts: &[Verdict]) -> io::Result<()> {
        let now = Arc::clone(&self.now);
        let mut memories = self.remembered.remove(key).unwrap_or_default();
        for (test, verdict) in verdicts.iter().enumerate() {
            let at = memories.iter().position(|it| it.test == test);
            let memory = at.map(|at| memories.swap_remove(at));
            let next = match &memory {
                Some(memory) => memory.next(*verdict, &now),
                None if *verdict == Verdict::Fail => {
                    Next { state: State::New, counts: true, since: &now, first: &now }
                }
                None => continue,
            };
            self.write(test, key, row, &next)?;
        }
        Ok(())
    }

    /// All rows of the run have been given, and their verdicts are in this part, in its folder. Tells
    /// the tests how they differ from their last runs.
    pub(crate) fn finish(
        mut self,
        run: &Path,
        verdicts: &PartRecord,
        tests: &mut [Tested],
    ) -> Result<(PartRecord, Vec<Changes>), TestError> {
        self.miss()?;
        while self.pass + 1 < self.passes {
            self.pass += 1;
            self.recall().map_err(TestError::Earlier)?;
            let mut lines = Lines::open(run, verdicts)?;
            while let Some(Verdicts { key, row, verdicts }) = lines.next()? {
                let verdict = |name| verdicts.get(name).copied().unwrap_or(Verdict::NotApplicable);
                let verdicts: Vec<Verdict> = self.tests.iter().map(verdict).collect();
                self.row(key.get(), &row, &verdicts)?;
            }
            self.miss()?;
        }
        let Self { counts, changes, part, earlier, .. } = self;
        for ((test, counts), earlier) in tests.iter_mut().zip(counts).zip(earlier) {
            test.since = earlier.map(|it| begin(&it, test, counts));
        }
        Ok((part.finish()?.record(FILE), changes))
    }

    fn is_mine(&self, key: &str) -> bool {
        self.passes == 1 || share(key, self.passes) == self.pass
    }

    /// This pass's share of what the last runs remember.
    fn recall(&mut self) -> io::Result<()> {
        let mut remembered = Remembered::new();
        for it in distinct(&self.earlier) {
            let mut lines = Lines::open(&it.folder, kept(it)?)?;
            while let Some(record) = lines.next::<Record>()? {
                let Record { test, key, row, state, since, first } = record;
                let wanted = |(name, last): (&String, &Option<Arc<Earlier>>)| {
                    *name == test && last.as_ref().is_some_and(|last| Arc::ptr_eq(last, it))
                };
                if let Some(test) = self.tests.iter().zip(&self.earlier).position(wanted)
                    && self.is_mine(key.get())
                {
                    let memories = remembered.entry(key.get().into()).or_default();
                    // Rows of one key are one row.
                    if !memories.iter().any(|it| it.test == test) {
                        memories.push(Memory { test, row, state, since, first });
                    }
                }
            }
        }
        self.remembered = remembered;
        Ok(())
    }

    /// All rows of this pass came: what several of one key came to, and what is remembered and did not come.
    fn miss(&mut self) -> io::Result<()> {
        if let Some(merged) = self.merged.as_mut().map(std::mem::take) {
            for (key, Merged { row, verdicts }) in merged {
                self.follow(&key, &row, &verdicts)?;
            }
        }
        let now = Arc::clone(&self.now);
        let mut left: Vec<_> = std::mem::take(&mut self.remembered).into_iter().collect();
        left.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (key, memories) in left {
            for memory in memories {
                self.write(memory.test, &key, &memory.row, &memory.missed(&now))?;
            }
        }
        Ok(())
    }

    fn write(&mut self, test: usize, key: &str, row: &str, next: &Next<'_>) -> io::Result<()> {
        let name = &self.tests[test];
        self.part.append(|out| {
            line(name, key, row, next, out);
            Ok(())
        })?;
        if !next.counts {
            return Ok(());
        }
        *count(&mut self.counts[test], next.state) += 1;
        let Changes { shown, states } = &mut self.changes[test];
        if states.len() < SHOWN {
            states.insert(key.to_owned(), next.state);
        }
        if next.state != State::StillFailing
            && shown.iter().filter(|it| it.state == next.state).count() < SHOWN_OF_A_STATE
        {
            shown.push(Record {
                test: name.clone(),
                key: RawValue::from_string(key.to_owned())?,
                row: row.to_owned(),
                state: next.state,
                since: next.since.to_owned(),
                first: next.first.to_owned(),
            });
        }
        Ok(())
    }
}

fn begin(earlier: &Earlier, test: &Tested, counts: Comparison) -> Comparison {
    let then = earlier.run.tests.iter().find(|it| it.name == test.name);
    Comparison {
        evidence: earlier.evidence.clone(),
        run: earlier.number,
        as_of: earlier.run.as_of.clone(),
        edited: then.is_some_and(|it| it.digest != test.digest),
        ..counts
    }
}

/// A line of the history: what [`Record`] reads back.
fn line(test: &str, key: &str, row: &str, next: &Next<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"test\":");
    ndjson::text(test, out);
    out.extend_from_slice(b",\"key\":");
    out.extend_from_slice(key.as_bytes());
    for (name, text) in
        [("row", row), ("state", next.state.word()), ("since", next.since), ("first", next.first)]
    {
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        ndjson::text(text, out);
    }
    out.extend_from_slice(b"}\n");
}

/// What becomes of a row.
#[derive(Clone, Copy)]
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

    /// It did not come.
    fn missed<'a>(&'a self, now: &'a str) -> Next<'a> {
        let open = self.state.is_open();
        let (state, since) = if open { (State::Gone, now) } else { (self.state, self.since.as_str()) };
        Next { state, counts: open, since, first: &self.first }
    }
}

/// How many rows the last runs remember, and in how many bytes. A history that its run does not
/// have as it is, is refused.
fn size(earlier: &[Option<Arc<Earlier>>]) -> io::Result<(usize, u64)> {
    let (mut rows, mut bytes) = (0, 0);
    for it in distinct(earlier) {
        let part = kept(it)?;
        let mut lines = Lines::open(&it.folder, part)?;
        while lines.skip()? {
            rows += 1;
            bytes += lines.line.len() as u64;
        }
        let (kept, found) = (part.meaning(), lines.finish()?);
        if kept != found {
            let problem = format!("it was altered: run.json has {kept}, and it is {found}");
            return Err(at(&it.folder.join(FILE), invalid(problem)));
        }
    }
    Ok((rows, bytes))
}

/// The history of an earlier run, as its record has it.
fn kept(it: &Earlier) -> io::Result<&PartRecord> {
    let part = it.run.parts.iter().find(|it| it.path == FILE);
    part.ok_or_else(|| at(&it.folder.join(FILE), invalid("run.json does not list it".to_owned())))
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

#[cfg(test)]
mod tests;
