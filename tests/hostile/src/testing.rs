//! A tester that passes every row, unless the name of its first test says what to do wrong.

use std::cell::Cell;

use crate::Plugin;
use crate::acts::{eat, spin};
use crate::bindings::exports::exhibit::plugin::testing::{
    Finding, Guest, GuestTester, Observation, Outcome, Report, Test, Tester,
};
use crate::bindings::exports::exhibit::plugin::types::{Error, Instant, Problem, Value};

/// More than the host takes of what was wanted, and of a message.
const TOO_LONG: usize = 100 << 10;

impl Guest for Plugin {
    type Tester = Hostile;
}

/// Counts rows, and looks at none but to lie about them.
pub(crate) struct Hostile {
    evil: String,
    tests: Vec<String>,
    rows: Cell<u64>,
}

impl GuestTester for Hostile {
    fn open(_: String, tests: Vec<Test>, _: Instant) -> Result<Tester, Error> {
        let tests: Vec<String> = tests.into_iter().map(|it| it.name).collect();
        let evil = tests.first().cloned().unwrap_or_default();
        endless(&evil, "open");
        match evil.as_str() {
            "refuses-in-open" => return Err(Error::Invalid(words_that_act("/0/cases/0/conditions/0/field"))),
            "points-nowhere-in-open" => return Err(Error::Invalid(words_that_act("/7/\u{1b}[2J"))),
            "denies-in-open" => return Err(Error::Denied(words_that_act("the tests"))),
            _ => {}
        }
        Ok(Tester::new(Self { evil, tests, rows: Cell::new(0) }))
    }

    fn fields(&self) -> Vec<String> {
        endless(&self.evil, "fields");
        let fields: &[&str] = match self.evil.as_str() {
            "wants-a-field-that-is-not" => &["name", "\u{1b}[2Jnome"],
            "wants-a-field-twice" => &["name", "count", "name"],
            _ => &["name"],
        };
        fields.iter().map(|it| (*it).to_owned()).collect()
    }

    fn observe(&self, rows: Vec<Vec<Value>>) -> Result<Observation, Error> {
        endless(&self.evil, "observe");
        match self.evil.as_str() {
            "refuses-in-observe" => return Err(Error::Invalid(words_that_act("/0/name"))),
            "denies-in-observe" => return Err(Error::Denied(words_that_act("a row"))),
            _ => {}
        }
        self.rows.set(self.rows.get() + rows.len() as u64);
        let mut outcomes = vec![Outcome::Pass; rows.len() * self.tests.len()];
        let mut findings = self.finding(&rows).into_iter().collect::<Vec<_>>();
        match self.evil.as_str() {
            "too-few-outcomes" => drop(outcomes.pop()),
            "too-many-outcomes" => outcomes.push(Outcome::Pass),
            "outcomes-in-millions" => outcomes = vec![Outcome::Pass; 20_000_000],
            "faults-without-a-reason" => outcomes.fill(Outcome::Fail),
            "cannot-tell-and-not-why" => outcomes.fill(Outcome::Inconclusive),
            "finds-something-in-a-row-that-passes" => {}
            "finds-more-than-there-is" => {
                outcomes.fill(Outcome::Fail);
                findings = vec![findings; 1_000].concat();
            }
            _ if !findings.is_empty() => outcomes.fill(Outcome::Fail),
            _ => {}
        }
        Ok(Observation { outcomes, findings })
    }

    fn finish(&self) -> Vec<Report> {
        endless(&self.evil, "finish");
        let mut reports: Vec<_> = self.tests.iter().map(|it| report(it, self.rows.get())).collect();
        match self.evil.as_str() {
            "reports-on-too-few" => drop(reports.pop()),
            "reports-on-too-many" => reports.push(report("more", 0)),
            _ => reports.iter_mut().for_each(|it| self.spoil(it)),
        }
        reports
    }
}

impl Hostile {
    /// A finding about the first row that is not as it should be in some way.
    fn finding(&self, rows: &[Vec<Value>]) -> Option<Finding> {
        let seen = rows.first()?.first()?.clone();
        let mut it = Finding { row: 0, test: 0, field: "name".to_owned(), seen, wanted: "more".to_owned() };
        match self.evil.as_str() {
            "finds-something-in-a-row-that-passes" | "finds-more-than-there-is" => {}
            "finds-something-in-no-row" => it.row = u32::MAX,
            "finds-something-of-no-test" => it.test = 1,
            "finds-something-in-a-field-that-is-not" => it.field = "\u{1b}[2Jnome".to_owned(),
            "finds-something-in-a-field-not-given" => it.field = "count".to_owned(),
            "sees-what-is-not-there" => it.seen = Value::Text("other".to_owned()),
            "sees-no-number" => it.seen = Value::Number(f64::NAN),
            "wants-too-much" => it.wanted = "a".repeat(TOO_LONG),
            _ => return None,
        }
        Some(it)
    }

    fn spoil(&self, report: &mut Report) {
        match self.evil.as_str() {
            "reports-on-another" => report.test = "\u{1b}[2Jother".to_owned(),
            "reports-other-counts" => report.passed += 1,
            "reports-another-sum" => report.counted += 1,
            "reports-rows-out-of-scope" => report.not_applicable = u64::MAX,
            "reports-another-outcome" => report.outcome = Outcome::Fail,
            "reports-without-end" => report.message = "a".repeat(TOO_LONG),
            "reports-in-words-that-act" => {
                report.message = "Well.\u{1b}[2J\u{1b}]0;owned\u{7}\n✘ fail all\u{202e}".to_owned();
            }
            _ => {}
        }
    }
}

/// Does not come back from this call, where that is what is wanted.
fn endless(evil: &str, call: &str) {
    match evil.strip_suffix(call).and_then(|it| it.strip_suffix("-in-")) {
        Some("loops") => spin(),
        Some("eats") => eat(),
        Some("panics") => panic!("as told\u{1b}[2J"),
        _ => {}
    }
}

fn words_that_act(subject: &str) -> Problem {
    Problem {
        message: "no\u{1b}[2J\u{1b}]0;owned\u{7}\nerror: all is well\u{202e}".to_owned(),
        remedy: Some("run \u{1b}[31mthis\nerror: or that".to_owned()),
        code: None,
        subject: Some(subject.to_owned()),
    }
}

fn report(test: &str, rows: u64) -> Report {
    Report {
        test: test.to_owned(),
        outcome: Outcome::Pass,
        counted: rows,
        passed: rows,
        failed: 0,
        inconclusive: 0,
        not_applicable: 0,
        message: "Everything passes.".to_owned(),
    }
}
