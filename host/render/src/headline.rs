//! The verdict of a document, in its first line.

use exhibit::format::{counted, line};
use exhibit_records::{Tested, Verdict};

use super::Subject;

/// What all tests of a run came to.
#[derive(Debug)]
pub(super) struct Headline {
    /// The worst of them. [`Verdict::NotApplicable`] where there was no test.
    pub(super) outcome: Verdict,
    /// In a sentence, which says what failed where that is one test.
    pub(super) text: String,
    /// How many tests came to what, those that none came to left out.
    pub(super) tally: Vec<(Verdict, u64)>,
}

impl Headline {
    pub(super) fn of(subject: &Subject) -> Self {
        let Some(run) = &subject.run else {
            return Self { outcome: Verdict::NotApplicable, text: "Not tested.".to_owned(), tally: vec![] };
        };
        Self::of_tests(&run.run.tests)
    }

    fn of_tests(tests: &[Tested]) -> Self {
        let of = |wanted: Verdict| tests.iter().filter(move |it| it.outcome == wanted);
        let order = [Verdict::Fail, Verdict::Inconclusive, Verdict::Pass, Verdict::NotApplicable];
        let tally = order.map(|it| (it, of(it).count() as u64));
        let outcome = tally.iter().find(|it| it.1 > 0).map_or(Verdict::NotApplicable, |it| it.0);
        let all = tests.len() as u64;
        let came = of(outcome).count() as u64;
        let plural = if came == 1 { "is" } else { "are" };
        let said = match outcome {
            _ if tests.is_empty() => "Not tested: the run had no test".to_owned(),
            Verdict::Fail => format!("{came} of {} failed", counted(all, "test", "tests")),
            Verdict::Inconclusive => {
                format!("{came} of {} {plural} inconclusive", counted(all, "test", "tests"))
            }
            Verdict::Pass if came == all && all > 1 => format!("All {all} tests passed"),
            Verdict::Pass if came == all => "1 test passed".to_owned(),
            // A test that failed, or could not tell, would be the verdict.
            Verdict::Pass => {
                format!("{} passed; {} had nothing to test", counted(came, "test", "tests"), all - came)
            }
            Verdict::NotApplicable => format!("{} had nothing to test", counted(all, "test", "tests")),
        };
        let mut named = of(outcome).filter(|_| matches!(outcome, Verdict::Fail | Verdict::Inconclusive));
        let text = match (named.next(), named.next()) {
            (Some(only), None) => {
                let (label, message) = (line(&only.label), line(&only.message));
                format!("{said}: {}. {message}", label.trim_end_matches('.'))
            }
            _ => format!("{said}."),
        };
        Self { outcome, text, tally: tally.into_iter().filter(|it| it.1 > 0).collect() }
    }

    /// How many tests came to what: `✔ 2 pass, ✘ 1 fail`.
    pub(super) fn tally_in_words(&self) -> String {
        let said = self.tally.iter().map(|(verdict, number)| {
            format!("{} {} {}", super::marks::mark(*verdict), number, verdict.word())
        });
        said.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::evidence;

    #[test]
    fn the_first_line_says_what_came_of_all_tests() {
        let folder = evidence();
        let run = Subject::open(folder.path(), None).expect("evidence").run.expect("a run").run;
        let test = |outcome| Tested { outcome, ..run.tests[0].clone() };
        let mut said = String::new();
        for outcomes in [
            &[][..],
            &[Verdict::Pass],
            &[Verdict::Pass, Verdict::Pass],
            &[Verdict::Pass, Verdict::Fail, Verdict::Inconclusive],
            &[Verdict::Fail, Verdict::Fail],
            &[Verdict::Pass, Verdict::Inconclusive],
            &[Verdict::Inconclusive, Verdict::Inconclusive],
            &[Verdict::Pass, Verdict::NotApplicable],
            &[Verdict::NotApplicable],
        ] {
            let tests: Vec<Tested> = outcomes.iter().map(|it| test(*it)).collect();
            let headline = Headline::of_tests(&tests);
            said +=
                &format!("{}: {} [{}]\n", headline.outcome.word(), headline.text, headline.tally_in_words());
        }
        insta::assert_snapshot!(said, @"
        not-applicable: Not tested: the run had no test. []
        pass: 1 test passed. [✔ 1 pass]
        pass: All 2 tests passed. [✔ 2 pass]
        fail: 1 of 3 tests failed: Hosts are scanned. Of 6 rows in scope 2 fail. [✘ 1 fail, ? 1 inconclusive, ✔ 1 pass]
        fail: 2 of 2 tests failed. [✘ 2 fail]
        inconclusive: 1 of 2 tests is inconclusive: Hosts are scanned. Of 6 rows in scope 2 fail. [? 1 inconclusive, ✔ 1 pass]
        inconclusive: 2 of 2 tests are inconclusive. [? 2 inconclusive]
        pass: 1 test passed; 1 had nothing to test. [✔ 1 pass, – 1 not-applicable]
        not-applicable: 1 test had nothing to test. [– 1 not-applicable]
        ");
    }

    #[test]
    fn what_was_not_tested_says_so() {
        let folder = evidence();
        let mut subject = Subject::open(folder.path(), None).expect("evidence");
        subject.run = None;
        assert_eq!(Headline::of(&subject).text, "Not tested.");
    }
}
