//! What came of it.

use serde::Serialize;

/// So many faults of one check are listed: the first ones say enough.
const LISTED_FAULTS: usize = 3;

/// Every check, and what it asks of a plugin.
const CHECKS: [(&str, &str); 17] = [
    ("load", "it is a plugin, and imports nothing of the host"),
    ("manifest", "the manifest says what people need"),
    ("describe", "the manifest is the same at every call"),
    ("resolve", "the origins are the same at every call, and may be talked to"),
    ("settings", "settings that nobody knows are refused"),
    ("open", "a collection begins with a request that may be sent"),
    ("garbage", "an answer that is none is an error, not an empty proof"),
    ("refusals", "a refusal is an error, or waited out"),
    ("floods", "an answer without end or bottom is bounded"),
    ("replay", "the kept answers give the kept rows"),
    ("keys", "the key tells every row from every other"),
    ("repeat", "the same answers give the same rows"),
    ("chunks", "the same rows come of answers in pieces of any size"),
    ("interruptions", "an answer that breaks off leaves nothing behind"),
    ("resume", "another session goes on from each checkpoint"),
    ("checkpoints", "a checkpoint of another job, or of nobody, is refused"),
    ("damage", "a damaged answer does not crash it"),
];

/// A check that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name, lower-case.
    pub name: &'static str,
    /// The proof type or the evidence that it was made with. `None` for the plugin as a whole.
    pub about: Option<String>,
    /// For people: what it asks of a plugin.
    pub asks: &'static str,
    /// What came of it.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// All is well.
    Passed {
        /// For people: what was tried.
        tried: String,
    },
    /// Something is wrong.
    Failed {
        /// How many things.
        count: usize,
        /// The first of them.
        faults: Vec<Fault>,
    },
    /// It could not be tried.
    Skipped {
        /// For people.
        why: String,
    },
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// For people: what happened, and where.
    pub what: String,
    /// For the plugin's author: what to do.
    pub next: String,
}

/// All checks, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The checks.
    pub checks: Vec<Check>,
}

impl Report {
    /// How many failed.
    pub fn failed(&self) -> usize {
        self.checks.iter().filter(|it| matches!(it.verdict, Verdict::Failed { .. })).count()
    }

    /// How many could not be made.
    pub fn skipped(&self) -> usize {
        self.checks.iter().filter(|it| matches!(it.verdict, Verdict::Skipped { .. })).count()
    }
}

impl Verdict {
    pub(super) fn failed(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::of(vec![Fault { what: what.into(), next: next.into() }], "")
    }

    /// Passed, with what was tried, where there are no faults.
    pub(super) fn of(mut faults: Vec<Fault>, tried: impl Into<String>) -> Self {
        if faults.is_empty() {
            return Self::Passed { tried: tried.into() };
        }
        let count = faults.len();
        faults.truncate(LISTED_FAULTS);
        Self::Failed { count, faults }
    }
}

/// Checks in the making.
pub(super) struct Trial<'a> {
    checks: Vec<Check>,
    heard: &'a mut (dyn FnMut(&Check) + Send),
}

impl<'a> Trial<'a> {
    pub(super) fn new(heard: &'a mut (dyn FnMut(&Check) + Send)) -> Self {
        Self { checks: Vec::new(), heard }
    }

    pub(super) fn done(&mut self, name: &'static str, about: Option<&str>, verdict: Verdict) {
        let asks = CHECKS.iter().find(|it| it.0 == name).map_or("", |it| it.1);
        let check = Check { name, about: about.map(str::to_owned), asks, verdict };
        (self.heard)(&check);
        self.checks.push(check);
    }

    pub(super) fn report(self) -> Report {
        Report { checks: self.checks }
    }
}
