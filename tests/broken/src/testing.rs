//! A tester of the few operators that tests of this plugin need.

use std::cell::RefCell;

use crate::Plugin;
use crate::bindings::exports::exhibit::plugin::testing::{
    EmptyRule, Finding, Guest, GuestTester, Observation, Operand, Operator, Outcome, Report, Test, Tester,
};
use crate::bindings::exports::exhibit::plugin::types::{Error, Instant, Problem, Value};
use crate::flaw::problem;

/// `open` takes no settings, so a test that wants it to misbehave writes another
/// word of the same length over this one in the component's bytes.
static TESTING: [u8; 15] = *b"testing:behaves";

/// The fields of the one proof type.
const FIELDS: [&str; 2] = ["name", "count"];
/// All rows, in hundredths of a percent.
const ALL: u128 = 10_000;

impl Guest for Plugin {
    type Tester = Judge;
}

/// Tests under way.
pub(crate) struct Judge {
    tests: Vec<Asked>,
    state: RefCell<State>,
}

struct Asked {
    test: Test,
    field: usize,
    operator: Operator,
    operand: Option<Value>,
}

#[derive(Default)]
struct State {
    /// By test: passed, failed, inconclusive.
    counts: Vec<[u64; 3]>,
}

fn mood() -> [u8; 15] {
    // SAFETY: it is a reference to a static. Volatile, since the compiler would
    // otherwise go by what it says here.
    unsafe { std::ptr::read_volatile(&raw const TESTING) }
}

impl GuestTester for Judge {
    fn open(_: String, tests: Vec<Test>, _: Instant) -> Result<Tester, Error> {
        let counts = vec![[0; 3]; tests.len()];
        let tests =
            tests.into_iter().enumerate().map(|(at, it)| Asked::of(at, it)).collect::<Result<_, _>>()?;
        Ok(Tester::new(Self { tests, state: RefCell::new(State { counts }) }))
    }

    fn fields(&self) -> Vec<String> {
        FIELDS.map(str::to_owned).to_vec()
    }

    fn observe(&self, rows: Vec<Vec<Value>>) -> Result<Observation, Error> {
        let mut state = self.state.borrow_mut();
        let (mut outcomes, mut findings) = (vec![], vec![]);
        for (at, row) in rows.iter().enumerate() {
            for (test, asked) in self.tests.iter().enumerate() {
                let before =
                    at.checked_sub(1).and_then(|it| rows.get(it)).filter(|_| mood() == *b"testing:gossips");
                let outcome = asked.judge(before.unwrap_or(row));
                outcomes.push(outcome);
                let counted = match outcome {
                    Outcome::Pass => 0,
                    Outcome::Fail => 1,
                    Outcome::Inconclusive | Outcome::NotApplicable => 2,
                };
                state.counts[test][counted] += 1;
                if outcome != Outcome::Pass {
                    findings.push(Finding {
                        row: at as u32,
                        test: test as u32,
                        field: FIELDS[asked.field].to_owned(),
                        seen: row[asked.field].clone(),
                        wanted: "something else".to_owned(),
                    });
                }
            }
        }
        Ok(Observation { outcomes, findings })
    }

    fn finish(&self) -> Vec<Report> {
        let state = self.state.borrow();
        self.tests.iter().zip(&state.counts).map(|(asked, counts)| asked.report(counts)).collect()
    }
}

impl Asked {
    fn of(at: usize, test: Test) -> Result<Self, Error> {
        let refused = |what: &str, part: &str| {
            let subject = Some(format!("/{at}/cases/0/conditions/0/{part}"));
            Err(Error::Invalid(Problem { subject, ..problem(what) }))
        };
        let [case] = &test.cases[..] else { return refused("one case is all that is taken here", "") };
        let [condition] = &case.conditions[..] else { return refused("one condition is all", "") };
        let lenient = mood() == *b"testing:accepts";
        let Some(field) = FIELDS.iter().position(|it| *it == condition.field).or(lenient.then_some(0)) else {
            return refused("there is no such field", "field");
        };
        let (operator, operand) = match (condition.operator, &condition.operand) {
            (Operator::AtLeast, _) if mood() == *b"testing:refuses" => {
                return refused("it does not count", "operator");
            }
            (operator @ Operator::IsNotEmpty, Operand::None) => (operator, None),
            (operator @ Operator::Contains, Operand::Value(value @ Value::Text(_))) if field == 0 => {
                (operator, Some(value.clone()))
            }
            (operator @ Operator::AtLeast, Operand::Value(value @ Value::Integer(_))) if field == 1 => {
                (operator, Some(value.clone()))
            }
            _ => return refused("the field's kind has no such operator", "operator"),
        };
        Ok(Self { field, operator, operand, test })
    }

    fn judge(&self, row: &[Value]) -> Outcome {
        let yes = match (self.operator, &row[self.field], &self.operand) {
            (_, Value::Absent, _) if mood() == *b"testing:pardons" => true,
            (_, Value::Absent, _) => return Outcome::Inconclusive,
            (_, Value::Empty, _) => false,
            (Operator::Contains, Value::Text(text), Some(Value::Text(part))) => text.contains(part),
            (Operator::AtLeast, Value::Integer(count), Some(Value::Integer(least))) => count >= least,
            _ => true,
        };
        if yes { Outcome::Pass } else { Outcome::Fail }
    }

    fn report(&self, [passed, failed, inconclusive]: &[u64; 3]) -> Report {
        let counted = passed + failed + inconclusive;
        let reached =
            |passed: u64| u128::from(passed) * ALL >= u128::from(self.test.threshold) * u128::from(counted);
        let outcome = match self.test.when_empty {
            EmptyRule::Fail if counted == 0 => Outcome::Fail,
            EmptyRule::Pass if counted == 0 => Outcome::Pass,
            EmptyRule::Inconclusive if counted == 0 => Outcome::Inconclusive,
            _ if reached(*passed) => Outcome::Pass,
            _ if reached(passed + inconclusive) => Outcome::Inconclusive,
            _ => Outcome::Fail,
        };
        Report {
            test: self.test.name.clone(),
            outcome,
            counted,
            passed: *passed,
            failed: *failed,
            inconclusive: *inconclusive,
            not_applicable: 0,
            message: format!("{passed} of {counted} rows pass."),
        }
    }
}
