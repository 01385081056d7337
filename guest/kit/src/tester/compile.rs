//! From a test as people write it to checks: here everything is refused that makes no
//! sense, with what would.

use std::cmp::Ordering;

use regex_lite::RegexBuilder;

use super::check::{Asks, Check, Other, day};
use super::expression::Expression;
use super::operators::{self, Takes};
use crate::contract::catalog::{Field, ProofType};
use crate::contract::testing::{Condition, EmptyRule, Operand, Operator, Test};
use crate::contract::types::{Error, Instant, Value};
use crate::problem::invalid;

/// More tests than anybody reads the results of.
const MAX_TESTS: usize = 200;
/// More conditions, in all tests together, than a person can have meant.
const MAX_CONDITIONS: usize = 2_000;
/// What an expression may grow to, compiled: `(a{1000}){1000}` would be gigabytes.
const MAX_EXPRESSION_BYTES: usize = 256 << 10;
/// Brackets in brackets.
const MAX_EXPRESSION_NESTING: u32 = 50;
/// All rows, in hundredths of a percent.
pub(super) const ALL: u32 = 10_000;
/// A thousand years, so that days from today stay dates.
const MAX_DAYS: u32 = 365_000;
/// A name that is further from what was written is no suggestion.
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

/// Compiles tests against the fields of a proof type, and collects which of these they
/// look at.
pub(super) struct Compiler<'a> {
    fields: &'a [Field],
    today: i64,
    /// Positions of the fields that are looked at.
    pub(super) looked_at: Vec<usize>,
    conditions: usize,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(proof_type: &'a ProofType, as_of: Instant) -> Self {
        Self { fields: &proof_type.fields, today: day(as_of), looked_at: Vec::new(), conditions: 0 }
    }

    pub(super) fn tests(&mut self, tests: &[Test]) -> Result<Vec<Compiled>, Error> {
        if tests.len() > MAX_TESTS {
            return Err(invalid(format!("{} tests at once: at most {MAX_TESTS} are taken", tests.len())));
        }
        let mut compiled: Vec<Compiled> = Vec::with_capacity(tests.len());
        for (at, test) in tests.iter().enumerate() {
            if compiled.iter().any(|it| it.name == test.name) {
                let message = format!("two tests have the name {:?}: give one of them another", test.name);
                return Err(invalid(message).about(format!("/{at}/name")));
            }
            compiled.push(self.test(test, &format!("/{at}"))?);
        }
        Ok(compiled)
    }

    fn test(&mut self, test: &Test, place: &str) -> Result<Compiled, Error> {
        if test.threshold > ALL {
            let message = format!(
                "the threshold {} is more than all rows: it is in hundredths of a percent, so {ALL} is all",
                test.threshold
            );
            return Err(invalid(message).about(format!("{place}/threshold")));
        }
        if test.cases.is_empty() || test.cases.iter().any(|it| it.conditions.is_empty()) {
            let message = format!(
                "the test {:?} has a case without a condition, or no case: every row would pass",
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
                "more than {MAX_CONDITIONS} conditions: nobody can have meant that many"
            )));
        }
        let numbered = conditions.iter().enumerate();
        numbered.map(|(at, it)| self.condition(it, &format!("{place}/{at}"))).collect()
    }

    fn condition(&mut self, condition: &Condition, place: &str) -> Result<Check, Error> {
        let Condition { field, operator, operand } = condition;
        let position = self.position(field, &format!("{place}/field"))?;
        let field = &self.fields[position];
        let asked = Asked { field, operator: *operator, operand, place };
        if !operator.fits(field.kind) {
            return Err(asked.misfit());
        }
        let shown = match operand {
            Operand::None => String::new(),
            Operand::Value(value) => shown(value),
            Operand::Field(other) => {
                let other = self.position(other, &format!("{place}/operand"))?;
                format!("{:?}", self.fields[other].label)
            }
            Operand::Days(1) => "1 day".to_owned(),
            Operand::Days(days) => format!("{days} days"),
        };
        let column = self.look_at(position);
        let (asks, negated) = self.asks(&asked)?;
        let wanted = operator.in_words(operand, &shown);
        Ok(Check { column, kind: self.fields[position].kind, asks, negated, wanted })
    }

    fn asks(&mut self, asked: &Asked<'_>) -> Result<(Asks, bool), Error> {
        let ordered = |other, wanted, or| (Asks::Ordered(other, wanted, or), false);
        Ok(match (asked.operator.takes(), asked.operand) {
            (Takes::Nothing, Operand::None) => match asked.operator {
                Operator::IsNotEmpty => (Asks::IsEmpty, true),
                Operator::IsTrue => (Asks::IsTrue, false),
                Operator::IsFalse => (Asks::IsFalse, false),
                _ => (Asks::IsEmpty, false),
            },
            (Takes::Text, Operand::Value(Value::Text(part))) => {
                (Asks::Contains(part.clone()), asked.operator == Operator::DoesNotContain)
            }
            (Takes::Expression, Operand::Value(Value::Text(text))) => {
                (Asks::Matches(asked.expression(text)?), asked.operator == Operator::DoesNotMatchRegex)
            }
            (Takes::Days, Operand::Days(days)) if *days <= MAX_DAYS => {
                let (ahead, ago) = (self.today + i64::from(*days), self.today - i64::from(*days));
                let asks = match asked.operator {
                    Operator::IsLessThanDaysFromNow => Asks::BeforeDay(ahead),
                    Operator::IsAtLeastDaysFromNow => Asks::FromDay(ahead),
                    Operator::IsMoreThanDaysAgo => Asks::BeforeDay(ago),
                    _ => Asks::FromDay(ago),
                };
                (asks, false)
            }
            (Takes::ValueOrField, operand) => {
                let other = self.other(asked, operand)?;
                match asked.operator {
                    Operator::Equals => (Asks::Same(other), false),
                    Operator::DoesNotEqual => (Asks::Same(other), true),
                    Operator::LessThan | Operator::IsBefore => ordered(other, Ordering::Less, None),
                    Operator::AtMost => ordered(other, Ordering::Less, Some(Ordering::Equal)),
                    Operator::AtLeast => ordered(other, Ordering::Greater, Some(Ordering::Equal)),
                    _ => ordered(other, Ordering::Greater, None),
                }
            }
            _ => return Err(asked.wrong_operand()),
        })
    }

    fn other(&mut self, asked: &Asked<'_>, operand: &Operand) -> Result<Other, Error> {
        match operand {
            Operand::Value(value) if value.kind() == Some(asked.field.kind) => {
                Ok(Other::Value(value.clone()))
            }
            Operand::Field(name) => {
                let position = self.position(name, &format!("{}/operand", asked.place))?;
                let other = &self.fields[position];
                if other.kind == asked.field.kind {
                    return Ok(Other::Column(self.look_at(position)));
                }
                let message = format!(
                    "{:?} is {} and {:?} is {}: only fields of the same kind can be held against each other",
                    asked.field.name,
                    asked.field.kind.in_words(),
                    other.name,
                    other.kind.in_words()
                );
                Err(invalid(message).about(format!("{}/operand", asked.place)))
            }
            _ => Err(asked.wrong_operand()),
        }
    }

    fn position(&self, name: &str, place: &str) -> Result<usize, Error> {
        let named = |it: &Field| it.name == name || it.aliases.iter().any(|alias| alias == name);
        self.fields.iter().position(named).ok_or_else(|| {
            let names = self.fields.iter().map(|it| it.name.as_str());
            invalid(format!("there is no field {name:?}{}", suggestion(name, names))).about(place)
        })
    }

    /// The column that a field has in the rows that the tester asks for.
    fn look_at(&mut self, position: usize) -> usize {
        self.looked_at.iter().position(|it| *it == position).unwrap_or_else(|| {
            self.looked_at.push(position);
            self.looked_at.len() - 1
        })
    }
}

/// A condition, as it was asked.
struct Asked<'a> {
    field: &'a Field,
    operator: Operator,
    operand: &'a Operand,
    place: &'a str,
}

impl Asked<'_> {
    fn misfit(&self) -> Error {
        let kind = self.field.kind;
        let fitting: Vec<&str> =
            operators::ALL.into_iter().filter(|it| it.fits(kind)).map(Operator::name).collect();
        let message = format!(
            "{:?} is {}, of which {:?} cannot be asked. What can be asked: {}",
            self.field.name,
            kind.in_words(),
            self.operator.name(),
            fitting.join(", ")
        );
        invalid(message).about(format!("{}/operator", self.place))
    }

    fn wrong_operand(&self) -> Error {
        let wanted = match self.operator.takes() {
            Takes::Nothing => "nothing".to_owned(),
            Takes::Text => "a text".to_owned(),
            Takes::Expression => "a regular expression".to_owned(),
            Takes::Days => format!("a number of days up to {MAX_DAYS}"),
            Takes::ValueOrField => format!("{}, or another field of that kind", self.field.kind.in_words()),
        };
        let message = format!("{:?} of {:?} takes {wanted}", self.operator.name(), self.field.name);
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
