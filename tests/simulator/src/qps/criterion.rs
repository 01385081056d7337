//! One condition of a search.

use super::Refused;
use crate::clock;

/// A condition as it was sent; a record has to meet all of a request's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Criterion {
    pub(crate) field: String,
    pub(crate) operator: String,
    pub(crate) value: String,
}

/// What a record has in the field of a criterion.
pub(crate) enum Field<'a> {
    /// A number, such as an id.
    Number(u64),
    /// One of a few words.
    Word(&'a str),
    /// Any text.
    Text(&'a str),
    /// A moment in seconds since 1970.
    Moment(i64),
}

impl Criterion {
    /// Whether a record with this in the field meets it. Fails where the field has no such operator, or the value
    /// makes no sense.
    pub(crate) fn admits(&self, field: &Field<'_>) -> Result<bool, Refused> {
        let value = self.value.as_str();
        let parts = || value.split(',').map(str::trim);
        Ok(match (field, self.operator.as_str()) {
            (Field::Number(it), "EQUALS") => *it == self.number(value)?,
            (Field::Number(it), "NOT EQUALS") => *it != self.number(value)?,
            (Field::Number(it), "GREATER") => *it > self.number(value)?,
            (Field::Number(it), "LESSER") => *it < self.number(value)?,
            (Field::Number(it), "IN") => {
                let numbers: Result<Vec<u64>, Refused> = parts().map(|part| self.number(part)).collect();
                numbers?.contains(it)
            }
            (Field::Word(it) | Field::Text(it), "EQUALS") => *it == value,
            (Field::Word(it) | Field::Text(it), "NOT EQUALS") => *it != value,
            (Field::Word(it), "IN") => parts().any(|part| part == *it),
            (Field::Text(it), "CONTAINS") => it.contains(value),
            (Field::Moment(it), "GREATER") => *it > self.moment()?,
            (Field::Moment(it), "LESSER") => *it < self.moment()?,
            (Field::Moment(it), "EQUALS") => *it == self.moment()?,
            (_, operator) => {
                return Err(Refused::request(
                    format!("Criteria: Invalid operator '{operator}' for criteria '{}'.", self.field),
                    "Please check the operator.",
                ));
            }
        })
    }

    /// Fails where one of its values is none of these.
    pub(crate) fn one_of(&self, known: &[&str]) -> Result<(), Refused> {
        let is_known = |it: &str| known.contains(&it.trim());
        if self.value.split(',').all(is_known) { Ok(()) } else { Err(self.wrong(&known.join(", "))) }
    }

    fn number(&self, text: &str) -> Result<u64, Refused> {
        text.trim().parse().map_err(|_| self.wrong("a number"))
    }

    fn moment(&self) -> Result<i64, Refused> {
        clock::parse(self.value.trim()).ok_or_else(|| self.wrong("a date"))
    }

    fn wrong(&self, expected: &str) -> Refused {
        Refused::request(
            format!("Criteria: Invalid value format for criteria '{}' ({}).", self.field, self.value),
            format!("Values expected: {expected}."),
        )
    }
}
