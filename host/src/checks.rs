//! Checks of something, one by one, and what came of each.

use std::io;

use exhibit_rows::Shown;
use serde::Serialize;

use crate::disk;
use crate::remedy::Remedy;

/// So many checks that are listed are compared with one that may be like them: there are few reasons.
const LOOKED_AT: usize = 100;
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

    /// Something cannot be read: a fault of this machine, or of what is read, with what to do then.
    pub(crate) fn unread(what: impl Into<String>, error: &io::Error, next: impl Into<Remedy>) -> Self {
        let is_here = disk::is_of_this_machine(error);
        Self::new(what, if is_here { Remedy::CheckMachine } else { next.into() })
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
    /// Further ones, that were made and are only counted: none failed, and none that is required could not be made.
    pub unlisted: Unlisted,
    /// What anyone who relies on the result must know, such as that a plugin is not trusted.
    pub warnings: Vec<String>,
}

/// Checks that are counted and not listed, as those of thousands of pieces of evidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Unlisted {
    /// Those that passed.
    pub passed: usize,
    /// Those that could not be made, for the same reason as one that is listed.
    pub skipped: usize,
}

impl Report {
    /// How many there are, listed or not.
    pub fn count(&self) -> usize {
        self.checks.len() + self.unlisted.passed + self.unlisted.skipped
    }

    /// Lists what matters of these, and counts the others: those that passed, and those that could not be made for a reason
    /// that is listed already, where they are not required.
    pub(crate) fn extend_by_what_matters(&mut self, checks: impl Iterator<Item = Check>) {
        for check in checks {
            match &check.verdict {
                Verdict::Passed { .. } => self.unlisted.passed += 1,
                Verdict::Skipped { .. } if !check.required && self.lists_alike(&check) => {
                    self.unlisted.skipped += 1;
                }
                _ => self.checks.push(check),
            }
        }
    }

    fn lists_alike(&self, check: &Check) -> bool {
        let is_alike = |it: &Check| it.name == check.name && it.verdict == check.verdict && !it.required;
        self.checks.iter().take(LOOKED_AT).any(is_alike)
    }

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

    /// What failed on this machine, so that a check could not be made. `None` where nothing did, or where checks failed, which
    /// weighs more.
    pub fn of_this_machine(&self) -> Option<&str> {
        let why = self.checks.iter().find_map(|it| match &it.verdict {
            Verdict::Skipped { why, next: Some(Remedy::CheckMachine) } => Some(why.as_str()),
            _ => None,
        });
        why.filter(|_| self.failed() == 0)
    }

    /// How many could not be made.
    pub fn skipped(&self) -> usize {
        let listed = self.checks.iter().filter(|it| matches!(it.verdict, Verdict::Skipped { .. }));
        listed.count() + self.unlisted.skipped
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

    /// Passed, with what was tried, where there are no faults. Where all of them are this machine's, it could not be tried.
    pub fn of(mut faults: Vec<Fault>, tried: impl Into<String>) -> Self {
        let is_here = |it: &Fault| it.next == Remedy::CheckMachine;
        match faults.first() {
            None => return Self::Passed { tried: tried.into() },
            Some(first) if faults.iter().all(is_here) => {
                return Self::without(first.what.clone(), Remedy::CheckMachine);
            }
            Some(_) => {}
        }
        // Only the first are listed: those of what is checked weigh more.
        faults.sort_by_key(is_here);
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
        let required = (self.required)(name);
        self.push(name, about, required, verdict);
    }

    fn push(&mut self, name: &'static str, about: Option<&str>, required: bool, verdict: Verdict) {
        let asks = self.specs.iter().find(|it| it.0 == name).map_or("", |it| it.1);
        let check = Check { name, about: about.map(str::to_owned), asks, required, verdict };
        (self.heard)(&check);
        self.checks.push(check);
    }

    /// The same, of a check that this caller does not require: the others stay required.
    pub fn done_for_information(&mut self, name: &'static str, verdict: Verdict) {
        self.push(name, None, false, verdict);
    }

    /// None of these can be made, all for the same reason.
    pub fn skipped(&mut self, names: &[&'static str], about: Option<&str>, verdict: &Verdict) {
        for name in names {
            self.done(name, about, verdict.clone());
        }
    }

    /// All checks that were made.
    pub fn report(self) -> Report {
        Report { checks: self.checks, unlisted: Unlisted::default(), warnings: self.warnings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_here_is_not_tried_and_what_is_wrong_weighs_more() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let cut = io::Error::from(io::ErrorKind::UnexpectedEof);
        let here = || Fault::unread("no room", &full, Remedy::DoNotRely);
        let wrong = || Fault::unread("it ends early", &cut, Remedy::DoNotRely);
        let report = |faults| {
            let verdict = Verdict::of(faults, "");
            let check = Check { name: "files", about: None, asks: "", required: true, verdict };
            Report { checks: vec![check], ..Report::default() }
        };
        let alone = report(vec![here(), here()]);
        assert_eq!((alone.failed(), alone.of_this_machine()), (0, Some("no room")));
        let both = report(vec![here(), here(), here(), wrong()]);
        assert_eq!((both.failed(), both.of_this_machine()), (1, None));
        let Verdict::Failed { count, faults } = &both.checks[0].verdict else { panic!("{both:?}") };
        assert_eq!((*count, faults[0].what.as_str()), (4, "it ends early"));
        assert_eq!(report(vec![]).of_this_machine(), None);
    }

    #[test]
    fn only_leftovers_are_wrong_where_nothing_else_is() {
        let left = || Fault::left(".DS_Store", "macOS");
        let altered = || Fault::new("rows.ndjson.zst was altered", Remedy::DoNotRely);
        let report = |verdicts: Vec<Verdict>| {
            let check = |verdict| Check { name: "files", about: None, asks: "", required: true, verdict };
            Report { checks: verdicts.into_iter().map(check).collect(), ..Report::default() }
        };
        let passed = || Verdict::of(vec![], "");
        assert!(report(vec![passed(), Verdict::of(vec![left(), left()], "")]).only_leftovers());
        assert!(!report(vec![passed(), Verdict::of(vec![altered(), left()], "")]).only_leftovers());
        let both = vec![Verdict::of(vec![left()], ""), Verdict::of(vec![altered()], "")];
        assert!(!report(both).only_leftovers());
        assert!(!report(vec![passed(), Verdict::skipped("not signed")]).only_leftovers());
    }

    #[test]
    fn of_many_only_what_matters_is_listed_and_all_are_counted() {
        let check = |verdict, required| Check { name: "replay", about: None, asks: "", required, verdict };
        let skipped = || Verdict::skipped("only digests were asked for");
        let mut report = Report::default();
        for _ in 0..3 {
            let failed = Verdict::failed("altered", Remedy::DoNotRely);
            let all =
                [(Verdict::of(vec![], ""), true), (skipped(), false), (skipped(), true), (failed, true)];
            report
                .extend_by_what_matters(all.into_iter().map(|(verdict, required)| check(verdict, required)));
        }
        assert_eq!(
            (report.count(), report.checks.len()),
            (12, 7),
            "each that failed or is missing, and a reason"
        );
        assert_eq!(
            (report.failed(), report.missing(), report.skipped(), report.unlisted.passed),
            (3, 3, 6, 3)
        );
    }
}
