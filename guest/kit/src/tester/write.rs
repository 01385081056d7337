//! Tests as a plugin's author writes them.

use super::compile::ALL;
use crate::contract::testing::{Condition, EmptyRule, Operand, Operator, Test, TestCase};
use crate::contract::types::Value;

/// A test that all rows must pass: its name, the statement that it verifies, and why that matters.
pub fn test(name: &str, label: &str, help: &str) -> Test {
    Test {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        scope: Vec::new(),
        cases: Vec::new(),
        threshold: ALL,
        when_empty: EmptyRule::Fail,
        controls: Vec::new(),
    }
}

/// A condition on a field: compared with a value, with [`field`], with [`days`], or with nothing.
pub fn condition(field: &str, operator: Operator, operand: impl Into<Operand>) -> Condition {
    Condition { field: field.to_owned(), operator, operand: operand.into() }
}

/// Another field to compare with.
pub fn field(name: &str) -> Operand {
    Operand::Field(name.to_owned())
}

/// A number of days from today, in either direction.
pub fn days(days: u32) -> Operand {
    Operand::Days(days)
}

impl Test {
    /// Limits the scope to rows that meet this condition.
    #[must_use]
    pub fn of(mut self, condition: Condition) -> Self {
        self.scope.push(condition);
        self
    }

    /// A row passes when all of these hold: one more case.
    #[must_use]
    pub fn passes(mut self, label: &str, conditions: impl IntoIterator<Item = Condition>) -> Self {
        let case = TestCase { label: label.to_owned(), conditions: conditions.into_iter().collect() };
        self.cases.push(case);
        self
    }

    /// The share that must pass, in hundredths of a percent.
    #[must_use]
    pub fn threshold(self, threshold: u32) -> Self {
        Self { threshold, ..self }
    }

    /// The result when no row is in scope.
    #[must_use]
    pub fn when_empty(self, when_empty: EmptyRule) -> Self {
        Self { when_empty, ..self }
    }

    /// The controls that it is evidence for.
    #[must_use]
    pub fn controls(self, controls: &[&str]) -> Self {
        Self { controls: controls.iter().map(|it| (*it).to_owned()).collect(), ..self }
    }
}

impl From<()> for Operand {
    fn from((): ()) -> Self {
        Self::None
    }
}

impl From<&str> for Operand {
    fn from(text: &str) -> Self {
        Self::Value(Value::Text(text.to_owned()))
    }
}

impl From<i64> for Operand {
    fn from(number: i64) -> Self {
        Self::Value(Value::Integer(number))
    }
}

impl From<Value> for Operand {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}
