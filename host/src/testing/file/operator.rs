//! The operators, as files name them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contract::testing;
use crate::contract::types::Kind;

/// What can be asked of a field. Dates count by the day, in UTC. Of a field that the source
/// said nothing of, nothing can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Operator {
    /// The source said that there is nothing. Of all kinds; takes nothing.
    IsEmpty,
    /// The source said that there is something. Of all kinds; takes nothing.
    IsNotEmpty,
    /// The same, to the letter. Of all kinds but boolean; takes `value` or `other`.
    Equals,
    /// Not the same, to the letter. Of all kinds but boolean; takes `value` or `other`.
    DoesNotEqual,
    /// Of a text: has this part. Of several texts: one of them is this. Takes `value`.
    Contains,
    /// Of a text: does not have this part. Of several texts: none of them is this. Takes `value`.
    DoesNotContain,
    /// Of a text: a part of it matches this regular expression; `^` and `$` are its ends. Of several texts: one of them does. Takes `value`.
    MatchesRegex,
    /// Of a text: no part of it matches this regular expression. Of several texts: none of them does. Takes `value`.
    DoesNotMatchRegex,
    /// Of integers, numbers and durations. Takes `value` or `other`.
    LessThan,
    /// Of integers, numbers and durations: less, or the same. Takes `value` or `other`.
    AtMost,
    /// Of integers, numbers and durations. Takes `value` or `other`.
    GreaterThan,
    /// Of integers, numbers and durations: greater, or the same. Takes `value` or `other`.
    AtLeast,
    /// Of instants: on a day before. Takes `value` or `other`.
    IsBefore,
    /// Of instants: on a day after. Takes `value` or `other`.
    IsAfter,
    /// Of instants: before the day so many days after today, so in the past, too. Takes `days`.
    IsLessThanDaysFromNow,
    /// Of instants: on the day so many days after today, or later. Takes `days`.
    IsAtLeastDaysFromNow,
    /// Of instants: before the day so many days before today. Takes `days`.
    IsMoreThanDaysAgo,
    /// Of instants: on the day so many days before today, or later. Takes `days`.
    IsAtMostDaysAgo,
    /// Of booleans; takes nothing.
    IsTrue,
    /// Of booleans; takes nothing.
    IsFalse,
}

/// What an operator holds a field against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing: it says it all.
    Nothing,
    /// A value of the field's kind, or another field of it.
    ValueOrOther,
    /// A text, whether the field holds one or several.
    Text,
    /// A number of days.
    Days,
}

impl Operator {
    /// All of them, in the order in which people are shown them.
    pub(super) const ALL: [Self; 20] = [
        Self::IsEmpty,
        Self::IsNotEmpty,
        Self::Equals,
        Self::DoesNotEqual,
        Self::Contains,
        Self::DoesNotContain,
        Self::MatchesRegex,
        Self::DoesNotMatchRegex,
        Self::LessThan,
        Self::AtMost,
        Self::GreaterThan,
        Self::AtLeast,
        Self::IsBefore,
        Self::IsAfter,
        Self::IsLessThanDaysFromNow,
        Self::IsAtLeastDaysFromNow,
        Self::IsMoreThanDaysAgo,
        Self::IsAtMostDaysAgo,
        Self::IsTrue,
        Self::IsFalse,
    ];

    /// Its name in files, which is its name in the contract.
    pub(crate) fn name(self) -> String {
        // An enum without data always has a JSON form.
        serde_json::to_value(self).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Whether the contract lets it be asked of fields of this kind.
    pub(super) fn fits(self, kind: Kind) -> bool {
        match self {
            Self::IsEmpty | Self::IsNotEmpty => true,
            Self::Equals | Self::DoesNotEqual => kind != Kind::Boolean,
            Self::Contains | Self::DoesNotContain | Self::MatchesRegex | Self::DoesNotMatchRegex => {
                matches!(kind, Kind::Text | Kind::Texts)
            }
            Self::LessThan | Self::AtMost | Self::GreaterThan | Self::AtLeast => {
                matches!(kind, Kind::Integer | Kind::Number | Kind::Duration)
            }
            Self::IsTrue | Self::IsFalse => kind == Kind::Boolean,
            _ => kind == Kind::Instant,
        }
    }

    pub(super) fn takes(self) -> Takes {
        match self {
            Self::IsEmpty | Self::IsNotEmpty | Self::IsTrue | Self::IsFalse => Takes::Nothing,
            Self::Contains | Self::DoesNotContain | Self::MatchesRegex | Self::DoesNotMatchRegex => {
                Takes::Text
            }
            Self::IsLessThanDaysFromNow
            | Self::IsAtLeastDaysFromNow
            | Self::IsMoreThanDaysAgo
            | Self::IsAtMostDaysAgo => Takes::Days,
            _ => Takes::ValueOrOther,
        }
    }

    /// Whether what it takes is a regular expression.
    pub(super) fn takes_expression(self) -> bool {
        matches!(self, Self::MatchesRegex | Self::DoesNotMatchRegex)
    }
}

/// The two enums, one into the other.
macro_rules! same_in_contract {
    ($($name:ident)*) => {
        impl From<Operator> for testing::Operator {
            fn from(operator: Operator) -> Self {
                match operator { $(Operator::$name => Self::$name,)* }
            }
        }

        impl From<testing::Operator> for Operator {
            fn from(operator: testing::Operator) -> Self {
                match operator { $(testing::Operator::$name => Self::$name,)* }
            }
        }
    };
}

same_in_contract! {
    IsEmpty IsNotEmpty Equals DoesNotEqual Contains DoesNotContain MatchesRegex DoesNotMatchRegex
    LessThan AtMost GreaterThan AtLeast IsBefore IsAfter
    IsLessThanDaysFromNow IsAtLeastDaysFromNow IsMoreThanDaysAgo IsAtMostDaysAgo IsTrue IsFalse
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_are_named_as_in_the_contract() {
        let contract = include_str!("../../../../wit/testing.wit");
        for operator in Operator::ALL {
            let name = operator.name();
            assert!(contract.contains(&format!(" {name},")), "{name}");
            assert_eq!(Operator::from(testing::Operator::from(operator)), operator);
        }
    }
}
