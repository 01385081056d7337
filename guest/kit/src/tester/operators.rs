//! The operators: which kinds have them, what they take, and what they are called.

use crate::contract::testing::{Operand, Operator};
use crate::contract::types::Kind;

/// All operators, to suggest those that apply.
pub(super) const ALL: [Operator; 20] = [
    Operator::IsEmpty,
    Operator::IsNotEmpty,
    Operator::Equals,
    Operator::DoesNotEqual,
    Operator::Contains,
    Operator::DoesNotContain,
    Operator::MatchesRegex,
    Operator::DoesNotMatchRegex,
    Operator::LessThan,
    Operator::AtMost,
    Operator::GreaterThan,
    Operator::AtLeast,
    Operator::IsBefore,
    Operator::IsAfter,
    Operator::IsLessThanDaysFromNow,
    Operator::IsAtLeastDaysFromNow,
    Operator::IsMoreThanDaysAgo,
    Operator::IsAtMostDaysAgo,
    Operator::IsTrue,
    Operator::IsFalse,
];

/// What an operator compares a field with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// A value of the field's kind, or another field of it.
    ValueOrField,
    /// A text, whatever the field's kind.
    Text,
    /// A regular expression.
    Expression,
    Days,
}

impl Operator {
    /// Its name, as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::IsEmpty => "is-empty",
            Self::IsNotEmpty => "is-not-empty",
            Self::Equals => "equals",
            Self::DoesNotEqual => "does-not-equal",
            Self::Contains => "contains",
            Self::DoesNotContain => "does-not-contain",
            Self::MatchesRegex => "matches-regex",
            Self::DoesNotMatchRegex => "does-not-match-regex",
            Self::LessThan => "less-than",
            Self::AtMost => "at-most",
            Self::GreaterThan => "greater-than",
            Self::AtLeast => "at-least",
            Self::IsBefore => "is-before",
            Self::IsAfter => "is-after",
            Self::IsLessThanDaysFromNow => "is-less-than-days-from-now",
            Self::IsAtLeastDaysFromNow => "is-at-least-days-from-now",
            Self::IsMoreThanDaysAgo => "is-more-than-days-ago",
            Self::IsAtMostDaysAgo => "is-at-most-days-ago",
            Self::IsTrue => "is-true",
            Self::IsFalse => "is-false",
        }
    }

    /// Whether it applies to fields of this kind.
    pub fn fits(self, kind: Kind) -> bool {
        match self {
            Self::IsEmpty | Self::IsNotEmpty => true,
            Self::Equals | Self::DoesNotEqual => kind != Kind::Boolean,
            Self::Contains | Self::DoesNotContain | Self::MatchesRegex | Self::DoesNotMatchRegex => {
                matches!(kind, Kind::Text | Kind::Texts)
            }
            Self::LessThan | Self::AtMost | Self::GreaterThan | Self::AtLeast => {
                matches!(kind, Kind::Integer | Kind::Number | Kind::Duration)
            }
            Self::IsBefore
            | Self::IsAfter
            | Self::IsLessThanDaysFromNow
            | Self::IsAtLeastDaysFromNow
            | Self::IsMoreThanDaysAgo
            | Self::IsAtMostDaysAgo => kind == Kind::Instant,
            Self::IsTrue | Self::IsFalse => kind == Kind::Boolean,
        }
    }

    pub(super) fn takes(self) -> Takes {
        match self {
            Self::IsEmpty | Self::IsNotEmpty | Self::IsTrue | Self::IsFalse => Takes::Nothing,
            Self::Contains | Self::DoesNotContain => Takes::Text,
            Self::MatchesRegex | Self::DoesNotMatchRegex => Takes::Expression,
            Self::IsLessThanDaysFromNow
            | Self::IsAtLeastDaysFromNow
            | Self::IsMoreThanDaysAgo
            | Self::IsAtMostDaysAgo => Takes::Days,
            Self::Equals
            | Self::DoesNotEqual
            | Self::LessThan
            | Self::AtMost
            | Self::GreaterThan
            | Self::AtLeast
            | Self::IsBefore
            | Self::IsAfter => Takes::ValueOrField,
        }
    }

    /// For people: the condition, as the end of a sentence that begins with the field.
    pub(super) fn in_words(self, operand: &Operand, shown: &str) -> String {
        let words = match self {
            Self::IsEmpty => "is empty",
            Self::IsNotEmpty => "is not empty",
            Self::IsTrue => "is true",
            Self::IsFalse => "is false",
            Self::Equals => "is",
            Self::DoesNotEqual => "is not",
            Self::Contains => "contains",
            Self::DoesNotContain => "does not contain",
            Self::MatchesRegex => "matches",
            Self::DoesNotMatchRegex => "does not match",
            Self::LessThan => "is less than",
            Self::AtMost => "is at most",
            Self::GreaterThan => "is greater than",
            Self::AtLeast => "is at least",
            Self::IsBefore => "is before",
            Self::IsAfter => "is after",
            Self::IsLessThanDaysFromNow => return format!("is less than {shown} from now"),
            Self::IsAtLeastDaysFromNow => return format!("is at least {shown} from now"),
            Self::IsMoreThanDaysAgo => return format!("is more than {shown} ago"),
            Self::IsAtMostDaysAgo => return format!("is at most {shown} ago"),
        };
        match operand {
            Operand::None => words.to_owned(),
            _ => format!("{words} {shown}"),
        }
    }
}
