//! The document that says what is searched for.

use std::fmt::Write as _;

/// A condition that records must meet; all of a request's must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Criterion {
    pub(super) field: String,
    pub(super) operator: Operator,
    pub(super) value: String,
}

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// It is the value.
    Equals,
    /// It is one of the values, which commas separate.
    In,
    /// It is greater or later.
    Greater,
    /// It is less or earlier.
    Lesser,
}

impl Operator {
    fn name(self) -> &'static str {
        match self {
            Self::Equals => "EQUALS",
            Self::In => "IN",
            Self::Greater => "GREATER",
            Self::Lesser => "LESSER",
        }
    }
}

/// The request for a page of `size` records whose id is greater than `after`, 0 for the first page.
pub(super) fn document(criteria: &[Criterion], verbose: bool, after: u64, size: u64) -> String {
    let verbose = if verbose { "<verbose>true</verbose>" } else { "" };
    let mut document =
        format!("<ServiceRequest><preferences><limitResults>{size}</limitResults>{verbose}</preferences>");
    let place = (after > 0).then(|| Criterion {
        field: "id".to_owned(),
        operator: Operator::Greater,
        value: after.to_string(),
    });
    if !criteria.is_empty() || place.is_some() {
        document.push_str("<filters>");
        for Criterion { field, operator, value } in criteria.iter().chain(&place) {
            let (field, operator, value) = (escaped(field), operator.name(), escaped(value));
            // Writing to a string does not fail.
            let _ =
                write!(document, "<Criteria field=\"{field}\" operator=\"{operator}\">{value}</Criteria>");
        }
        document.push_str("</filters>");
    }
    document.push_str("</ServiceRequest>");
    document
}

/// A text between two tags or in an attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}
