//! Checks of something, one by one, and what came of each.

use exhibit_rows::Shown;
use serde::Serialize;

use crate::remedy::Remedy;

/// So many faults of one check are listed: the first ones say enough.
const LISTED_FAULTS: usize = 3;

/// A check that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its name, lower-case.
    pub name: &'static str,
    /// What of the whole it is about. `None` for all of it.
    pub about: Option<String>,
    /// For people: what should be so.
    pub asks: &'static str,
    /// Whether all of it holds only where this check passed: one that could not be made counts as one that failed then.
    pub required: bool,
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
        /// What makes it possible, where that is known.
        next: Option<Remedy>,
    },
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// For people: what happened, and where.
    pub what: String,
    /// What to do.
    pub next: Remedy,
}

impl Fault {
    /// What happened, and what to do.
    pub fn new(what: impl Into<String>, next: impl Into<Remedy>) -> Self {
        Self { what: what.into(), next: next.into() }
    }

    /// A file that such a program leaves in folders, at this path from the folder on.
    pub(crate) fn left(path: &str, program: &str) -> Self {
        let path = Shown::line(path).to_string();
        let what = format!("{path} was added: {program} leaves such files in folders that it shows or packs");
        Self { what, next: Remedy::RemoveLeftover { path } }
    }
}

/// All checks, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The checks.
    pub checks: Vec<Check>,
    /// What anyone who relies on the result must know, such as that a plugin is not trusted.
    pub warnings: Vec<String>,
}

impl Report {
    /// How many failed.
    pub fn failed(&self) -> usize {
        self.checks.iter().filter(|it| matches!(it.verdict, Verdict::Failed { .. })).count()
    }

    /// How many are required and could not be made.
    pub fn missing(&self) -> usize {
        self.checks.iter().filter(|it| it.is_missing()).count()
    }

    /// Whether all that matters passed.
    pub fn holds(&self) -> bool {
        self.failed() == 0 && self.missing() == 0
    }

    /// Whether checks failed, and each only for what other programs left there: all else is as it should be.
    pub fn only_leftovers(&self) -> bool {
        let is_left = |it: &Fault| matches!(it.next, Remedy::RemoveLeftover { .. });
        let only = |it: &Check| match &it.verdict {
            // What weighs more comes first, so those that are not listed are leftovers, too.
            Verdict::Failed { faults, .. } => faults.iter().all(is_left),
            _ => true,
        };
        self.failed() > 0 && self.checks.iter().all(only)
    }

    /// How many could not be made.
    pub fn skipped(&self) -> usize {
        self.checks.iter().filter(|it| matches!(it.verdict, Verdict::Skipped { .. })).count()
    }
}

impl Check {
    /// Whether it is required and could not be made.
    pub fn is_missing(&self) -> bool {
        self.required && matches!(self.verdict, Verdict::Skipped { .. })
    }
}

impl Verdict {
    /// Failed, for one reason.
    pub fn failed(what: impl Into<String>, next: impl Into<Remedy>) -> Self {
        Self::of(vec![Fault::new(what, next)], "")
    }

    /// Not made, and nothing that the caller gives would change that.
    pub fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped { why: why.into(), next: None }
    }

    /// Not made: something is missing that the caller can give.
    pub fn without(why: impl Into<String>, next: Remedy) -> Self {
        Self::Skipped { why: why.into(), next: Some(next) }
    }

    /// Passed, with what was tried, where there are no faults.
    pub fn of(mut faults: Vec<Fault>, tried: impl Into<String>) -> Self {
        if faults.is_empty() {
            return Self::Passed { tried: tried.into() };
        }
        let count = faults.len();
        faults.truncate(LISTED_FAULTS);
        Self::Failed { count, faults }
    }
}

/// The names of checks, and what each asks.
pub type CheckSpecs = &'static [(&'static str, &'static str)];

/// Checks in the making.
pub struct CheckRunner<'a> {
    specs: CheckSpecs,
    checks: Vec<Check>,
    warnings: Vec<String>,
    required: Required,
    heard: &'a mut (dyn FnMut(&Check) + Send),
}

/// Whether the check of this name is required.
type Required = Box<dyn Fn(&str) -> bool + Send>;

impl<'a> CheckRunner<'a> {
    /// Of these checks. `heard` is called with each when it is done.
    pub fn new(specs: CheckSpecs, heard: &'a mut (dyn FnMut(&Check) + Send)) -> Self {
        Self { specs, checks: Vec::new(), warnings: Vec::new(), required: Box::new(|_| false), heard }
    }

    /// From now on those are required of whose name `required` says so.
    pub fn require(&mut self, required: impl Fn(&str) -> bool + Send + 'static) {
        self.required = Box::new(required);
    }

    /// Anyone who relies on the result must know this.
    pub fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }

    /// A check was made.
    pub fn done(&mut self, name: &'static str, about: Option<&str>, verdict: Verdict) {
        let asks = self.specs.iter().find(|it| it.0 == name).map_or("", |it| it.1);
        let required = (self.required)(name);
        let check = Check { name, about: about.map(str::to_owned), asks, required, verdict };
        (self.heard)(&check);
        self.checks.push(check);
    }

    /// None of these can be made, all for the same reason.
    pub fn skipped(&mut self, names: &[&'static str], about: Option<&str>, verdict: &Verdict) {
        for name in names {
            self.done(name, about, verdict.clone());
        }
    }

    /// All checks that were made.
    pub fn report(self) -> Report {
        Report { checks: self.checks, warnings: self.warnings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_leftovers_are_wrong_where_nothing_else_is() {
        let left = || Fault::left(".DS_Store", "macOS");
        let altered = || Fault::new("rows.ndjson.zst was altered", Remedy::DoNotRely);
        let report = |verdicts: Vec<Verdict>| {
            let check = |verdict| Check { name: "files", about: None, asks: "", required: true, verdict };
            Report { checks: verdicts.into_iter().map(check).collect(), warnings: vec![] }
        };
        let passed = || Verdict::of(vec![], "");
        assert!(report(vec![passed(), Verdict::of(vec![left(), left()], "")]).only_leftovers());
        assert!(!report(vec![passed(), Verdict::of(vec![altered(), left()], "")]).only_leftovers());
        let both = vec![Verdict::of(vec![left()], ""), Verdict::of(vec![altered()], "")];
        assert!(!report(both).only_leftovers());
        assert!(!report(vec![passed(), Verdict::skipped("not signed")]).only_leftovers());
    }
}
