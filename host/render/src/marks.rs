//! What tests made of a row, as people read it.

use exhibit::format::line;
use exhibit_records::{Tested, Verdict};

/// What a verdict is marked with. Never alone: not everybody sees it.
pub(super) fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Pass => '✔',
        Verdict::Fail => '✘',
        Verdict::Inconclusive => '?',
        Verdict::NotApplicable => '–',
    }
}

/// What all tests together made of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Result {
    /// It failed a test that failed.
    Fail,
    /// A test could not judge it.
    Inconclusive,
    /// It failed a test that passed nevertheless, as enough other rows passed.
    Exception,
    Pass,
    /// No test was about it.
    NotApplicable,
}

impl Result {
    /// The worst first.
    pub(super) const ALL: [Self; 5] =
        [Self::Fail, Self::Inconclusive, Self::Exception, Self::Pass, Self::NotApplicable];

    /// Of a row with this verdict of a test.
    pub(super) fn of(test: &Tested, verdict: Verdict) -> Self {
        match verdict {
            Verdict::Fail if test.outcome == Verdict::Pass => Self::Exception,
            verdict => verdict.into(),
        }
    }

    /// What a test came to.
    pub(super) fn of_test(test: &Tested) -> Self {
        test.outcome.into()
    }

    /// Of a row with these verdicts, in the order of the tests.
    pub(super) fn of_all(tests: &[Tested], verdicts: &[Verdict]) -> Self {
        let results: Vec<Self> = tests.iter().zip(verdicts).map(|(test, it)| Self::of(test, *it)).collect();
        Self::ALL.into_iter().find(|it| results.contains(it)).unwrap_or(Self::NotApplicable)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            _ => self.verdict().word(),
        }
    }

    pub(super) fn mark(self) -> char {
        match self {
            Self::Exception => '!',
            _ => mark(self.verdict()),
        }
    }

    /// What it is as a verdict: an exception is a row that failed.
    fn verdict(self) -> Verdict {
        match self {
            Self::Fail | Self::Exception => Verdict::Fail,
            Self::Inconclusive => Verdict::Inconclusive,
            Self::Pass => Verdict::Pass,
            Self::NotApplicable => Verdict::NotApplicable,
        }
    }
}

impl From<Verdict> for Result {
    fn from(it: Verdict) -> Self {
        match it {
            Verdict::Fail => Self::Fail,
            Verdict::Inconclusive => Self::Inconclusive,
            Verdict::Pass => Self::Pass,
            Verdict::NotApplicable => Self::NotApplicable,
        }
    }
}

/// The result of a row, and of which tests: `fail: Managers are few; exception: All have signed in`.
pub(super) fn in_words(tests: &[Tested], verdicts: &[Verdict]) -> (Result, String) {
    let worst = Result::of_all(tests, verdicts);
    let labels = |wanted: Result| {
        let of = tests.iter().zip(verdicts).filter(|(test, it)| Result::of(test, **it) == wanted);
        of.map(|(test, _)| line(&test.label)).collect::<Vec<_>>()
    };
    let said = [Result::Fail, Result::Inconclusive, Result::Exception].into_iter().filter_map(|it| {
        let labels = labels(it);
        (!labels.is_empty()).then(|| format!("{}: {}", it.word(), labels.join(", ")))
    });
    let said: Vec<String> = said.collect();
    (worst, if said.is_empty() { worst.word().to_owned() } else { said.join("; ") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Subject;
    use crate::examples::evidence;

    #[test]
    fn a_row_that_fails_a_test_which_passed_is_an_exception() {
        let folder = evidence();
        let tests = Subject::open(folder.path(), None).expect("evidence").run.expect("a run").run.tests;
        // The first failed, the second passed.
        let of = |one, other| in_words(&tests, &[one, other]);
        let (fail, pass) = (Verdict::Fail, Verdict::Pass);
        assert_eq!(of(pass, fail), (Result::Exception, "exception: Hosts are owned".to_owned()));
        let both = "fail: Hosts are scanned; exception: Hosts are owned";
        assert_eq!(of(fail, fail), (Result::Fail, both.to_owned()));
        assert_eq!(of(pass, pass), (Result::Pass, "pass".to_owned()));
        let open = in_words(&tests, &[Verdict::Inconclusive, fail]);
        assert_eq!(open.0, Result::Inconclusive);
        assert_eq!(in_words(&tests, &[]), (Result::NotApplicable, "not-applicable".to_owned()));
    }
}
