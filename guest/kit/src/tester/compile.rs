//! Compiles tests as people write them into checks. Refuses what makes no sense, and says
//! what would.

use std::cmp::Ordering;

use regex_lite::RegexBuilder;

use super::check::{Check, Comparand, Predicate, day};
use super::expression::Expression;
use super::operators::{self, Takes};
use crate::contract::catalog::{Field, ProofType};
use crate::contract::testing::{Condition, EmptyRule, Operand, Operator, Test};
use crate::contract::types::{Error, Instant, Value};
use crate::problem::invalid;

/// The most tests at once: a person reads the results of fewer.
const MAX_TESTS: usize = 200;
/// The most conditions of all tests together: tests that people write have far fewer.
const MAX_CONDITIONS: usize = 2_000;
/// The largest compiled expression: `(a{1000}){1000}` would be gigabytes.
const MAX_EXPRESSION_BYTES: usize = 256 << 10;
/// Brackets in brackets.
const MAX_EXPRESSION_NESTING: u32 = 50;
/// All rows, in hundredths of a percent.
pub(super) const ALL: u32 = 10_000;
/// A thousand years, so that days from today stay dates.
const MAX_DAYS: u32 = 365_000;
/// A name that is less similar than this is not suggested.
const MIN_LIKENESS: f64 = 0.6;

/// A test, compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) name: String,
    pub(super) scope: Vec<Check>,
    pub(super) cases: Vec<Vec<Check>>,
    pub(super) threshold: u32,
    pub(super) when_empty: EmptyRule,
}

/// Compiles tests for the fields of a proof type, and collects the fields that they use.
pub(super) struct Compiler<'a> {
    fields: &'a [Field],
    today: i64,
    /// Positions of the fields that the tests use.
    pub(super) columns: Vec<usize>,
    conditions: usize,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(proof_type: &'a ProofType, as_of: Instant) -> Self {
        Self { fields: &proof_type.fields, today: day(as_of), columns: Vec::new(), conditions: 0 }
    }

    pub(super) fn tests(&mut self, tests: &[Test]) -> Result<Vec<Compiled>, Error> {
        if tests.len() > MAX_TESTS {
            return Err(invalid(format!("too many tests: {}, and the limit is {MAX_TESTS}", tests.len())));
        }
        let mut compiled: Vec<Compiled> = Vec::with_capacity(tests.len());
        for (at, test) in tests.iter().enumerate() {
            if compiled.iter().any(|it| it.name == test.name) {
                let message = format!("two tests have the name {:?}: rename one of them", test.name);
                return Err(invalid(message).about(format!("/{at}/name")));
            }
            compiled.push(self.test(test, &format!("/{at}"))?);
        }
        Ok(compiled)
    }

    fn test(&mut self, test: &Test, place: &str) -> Result<Compiled, Error> {
        if test.threshold > ALL {
            let message = format!(
                "the threshold {} is above {ALL}: it is in hundredths of a percent, so {ALL} is 100 %",
                test.threshold
            );
            return Err(invalid(message).about(format!("{place}/threshold")));
        }
        if test.cases.is_empty() || test.cases.iter().any(|it| it.conditions.is_empty()) {
            let message = format!(
                "the test {:?} has no case, or a case without a condition: every row would pass",
                test.name
            );
            return Err(invalid(message).about(format!("{place}/cases")));
        }
        let scope = self.conditions(&test.scope, &format!("{place}/scope"))?;
        let mut cases = Vec::with_capacity(test.cases.len());
        for (at, case) in test.cases.iter().enumerate() {
            cases.push(self.conditions(&case.conditions, &format!("{place}/cases/{at}/conditions"))?);
        }
        Ok(Compiled {
            name: test.name.clone(),
            scope,
            cases,
            threshold: test.threshold,
            when_empty: test.when_empty,
        })
    }

    fn conditions(&mut self, conditions: &[Condition], place: &str) -> Result<Vec<Check>, Error> {
        self.conditions += conditions.len();
        if self.conditions > MAX_CONDITIONS {
            return Err(invalid(format!(
                "too many conditions: the limit is {MAX_CONDITIONS} in all tests together"
            )));
        }
        let numbered = conditions.iter().enumerate();
        numbered.map(|(at, it)| self.condition(it, &format!("{place}/{at}"))).collect()
    }

    fn condition(&mut self, condition: &Condition, place: &str) -> Result<Check, Error> {
        let Condition { field, operator, operand } = condition;
        let position = self.position(field, &format!("{place}/field"))?;
        let field = &self.fields[position];
        let condition = ConditionAt { field, operator: *operator, operand, place };
        if !operator.fits(field.kind) {
            return Err(condition.does_not_apply());
        }
        let shown = match operand {
            Operand::None => String::new(),
            Operand::Value(value) => shown(value),
            Operand::Field(comparand) => {
                let comparand = self.position(comparand, &format!("{place}/operand"))?;
                format!("{:?}", self.fields[comparand].label)
            }
            Operand::Days(1) => "1 day".to_owned(),
            Operand::Days(days) => format!("{days} days"),
        };
        let column = self.column_of(position);
        let (predicate, negated) = self.predicate(&condition)?;
        let wanted = operator.in_words(operand, &shown);
        Ok(Check { column, kind: self.fields[position].kind, predicate, negated, wanted })
    }

    fn predicate(&mut self, condition: &ConditionAt<'_>) -> Result<(Predicate, bool), Error> {
        let ordered = |comparand, wanted, or| (Predicate::Ordered(comparand, wanted, or), false);
        Ok(match (condition.operator.takes(), condition.operand) {
            (Takes::Nothing, Operand::None) => match condition.operator {
                Operator::IsNotEmpty => (Predicate::IsEmpty, true),
                Operator::IsTrue => (Predicate::IsTrue, false),
                Operator::IsFalse => (Predicate::IsFalse, false),
                _ => (Predicate::IsEmpty, false),
            },
            (Takes::Text, Operand::Value(Value::Text(part))) => {
                (Predicate::Contains(part.clone()), condition.operator == Operator::DoesNotContain)
            }
            (Takes::Expression, Operand::Value(Value::Text(text))) => (
                Predicate::Matches(condition.expression(text)?),
                condition.operator == Operator::DoesNotMatchRegex,
            ),
            (Takes::Days, Operand::Days(days)) if *days <= MAX_DAYS => {
                let (ahead, ago) = (self.today + i64::from(*days), self.today - i64::from(*days));
                let predicate = match condition.operator {
                    Operator::IsLessThanDaysFromNow => Predicate::BeforeDay(ahead),
                    Operator::IsAtLeastDaysFromNow => Predicate::FromDay(ahead),
                    Operator::IsMoreThanDaysAgo => Predicate::BeforeDay(ago),
                    _ => Predicate::FromDay(ago),
                };
                (predicate, false)
            }
            (Takes::ValueOrField, operand) => {
                let comparand = self.comparand(condition, operand)?;
                match condition.operator {
                    Operator::Equals => (Predicate::Same(comparand), false),
                    Operator::DoesNotEqual => (Predicate::Same(comparand), true),
                    Operator::LessThan | Operator::IsBefore => ordered(comparand, Ordering::Less, None),
                    Operator::AtMost => ordered(comparand, Ordering::Less, Some(Ordering::Equal)),
                    Operator::AtLeast => ordered(comparand, Ordering::Greater, Some(Ordering::Equal)),
                    _ => ordered(comparand, Ordering::Greater, None),
                }
            }
            _ => return Err(condition.wrong_operand()),
        })
    }

    fn comparand(&mut self, condition: &ConditionAt<'_>, operand: &Operand) -> Result<Comparand, Error> {
        match operand {
            Operand::Value(value) if value.kind() == Some(condition.field.kind) => {
                Ok(Comparand::Value(value.clone()))
            }
            Operand::Field(name) => {
                let position = self.position(name, &format!("{}/operand", condition.place))?;
                let comparand = &self.fields[position];
                if comparand.kind == condition.field.kind {
                    return Ok(Comparand::Column(self.column_of(position)));
                }
                let message = format!(
                    "{:?} is {} and {:?} is {}: only fields of the same kind can be compared",
                    condition.field.name,
                    condition.field.kind.in_words(),
                    comparand.name,
                    comparand.kind.in_words()
                );
                Err(invalid(message).about(format!("{}/operand", condition.place)))
            }
            _ => Err(condition.wrong_operand()),
        }
    }

    fn position(&self, name: &str, place: &str) -> Result<usize, Error> {
        let named = |it: &Field| it.name == name || it.aliases.iter().any(|alias| alias == name);
        self.fields.iter().position(named).ok_or_else(|| {
            let names = self.fields.iter().map(|it| it.name.as_str());
            invalid(format!("unknown field {name:?}{}", suggestion(name, names))).about(place)
        })
    }

    /// The column that a field has in the rows that the tester is given.
    fn column_of(&mut self, position: usize) -> usize {
        self.columns.iter().position(|it| *it == position).unwrap_or_else(|| {
            self.columns.push(position);
            self.columns.len() - 1
        })
    }
}

/// A condition of a test, and where it is written.
struct ConditionAt<'a> {
    field: &'a Field,
    operator: Operator,
    operand: &'a Operand,
    place: &'a str,
}

impl ConditionAt<'_> {
    fn does_not_apply(&self) -> Error {
        let kind = self.field.kind;
        let fitting: Vec<&str> =
            operators::ALL.into_iter().filter(|it| it.fits(kind)).map(Operator::name).collect();
        let message = format!(
            "the field {:?} is {}, and the operator {:?} does not apply to it. Operators that apply: {}",
            self.field.name,
            kind.in_words(),
            self.operator.name(),
            fitting.join(", ")
        );
        invalid(message).about(format!("{}/operator", self.place))
    }

    fn wrong_operand(&self) -> Error {
        let wanted = match self.operator.takes() {
            Takes::Nothing => "no operand".to_owned(),
            Takes::Text => "a text".to_owned(),
            Takes::Expression => "a regular expression".to_owned(),
            Takes::Days => format!("a number of days up to {MAX_DAYS}"),
            Takes::ValueOrField => format!("{}, or another field of that kind", self.field.kind.in_words()),
        };
        let message = format!(
            "the operator {:?} on the field {:?} takes {wanted}",
            self.operator.name(),
            self.field.name
        );
        invalid(message).about(format!("{}/operand", self.place))
    }

    fn expression(&self, text: &str) -> Result<Expression, Error> {
        let mut builder = RegexBuilder::new(text);
        let built = builder.size_limit(MAX_EXPRESSION_BYTES).nest_limit(MAX_EXPRESSION_NESTING).build();
        built.map(Expression::new).map_err(|error| {
            let message = format!("the regular expression cannot be used: {error}");
            invalid(message).about(format!("{}/operand", self.place))
        })
    }
}

fn suggestion<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> String {
    let likeness = |it: &str| strsim::jaro_winkler(written, it);
    let nearest = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|it| likeness(it) >= MIN_LIKENESS) {
        Some(nearest) => format!("; did you mean {nearest:?}?"),
        None => String::new(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Absent | Value::Empty => "nothing".to_owned(),
        Value::Text(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Instant(at) => crate::instant::write(*at).chars().take("2026-11-01".len()).collect(),
        Value::Duration(seconds) => duration(*seconds),
        Value::Texts(texts) => texts.iter().map(|it| format!("{it:?}")).collect::<Vec<_>>().join(", "),
    }
}

/// In the largest units that say it exactly: `15 days`, `1 hour 30 minutes`.
fn duration(seconds: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (size, unit) in units {
        let number = left / size;
        left %= size;
        if number > 0 {
            parts.push(format!("{number} {unit}{}", if number == 1 { "" } else { "s" }));
        }
    }
    if parts.is_empty() { "0 seconds".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_read_well() {
        let said = [0, 1, 90, 3_600, 5_400, 1_296_000, 90_061].map(duration);
        assert_eq!(
            said,
            [
                "0 seconds",
                "1 second",
                "1 minute 30 seconds",
                "1 hour",
                "1 hour 30 minutes",
                "15 days",
                "1 day 1 hour 1 minute 1 second"
            ]
        );
    }
}
