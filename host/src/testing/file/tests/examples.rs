//! A made-up proof type, and files to be read for it.

use std::path::Path;
use std::sync::Arc;

use crate::contract::catalog::ProofType;
use crate::contract::testing::{Condition, EmptyRule, Operand, Test, TestCase};
use crate::contract::types::{Kind, Value};
use crate::evidence::examples::{field, proof_type};
use crate::testing::file::operator::{Operator, Takes};

use super::*;

pub(super) const KINDS: [Kind; 7] =
    [Kind::Text, Kind::Integer, Kind::Number, Kind::Boolean, Kind::Instant, Kind::Duration, Kind::Texts];

/// A condition that makes sense, in a case.
pub(super) const CASE: &str = "\n[[test.case]]\nall = [{ field = \"status\", operator = \"is-empty\" }]";

/// Users, with a field of each kind.
pub(super) fn users() -> ProofType {
    let mut names = field("status", Kind::Text);
    names.aliases = vec!["state".to_owned()];
    ProofType {
        name: "users".to_owned(),
        label: "Users".to_owned(),
        ..proof_type(vec![
            names,
            field("logins", Kind::Integer),
            field("score", Kind::Number),
            field("locked", Kind::Boolean),
            field("last-login", Kind::Instant),
            field("session", Kind::Duration),
            field("roles", Kind::Texts),
        ])
    }
}

/// Another proof type, of which the files may have tests, too.
pub(super) fn scans() -> ProofType {
    ProofType { name: "scans".to_owned(), ..users() }
}

pub(super) fn operand(operator: Operator, kind: Kind) -> Operand {
    match operator.takes() {
        Takes::Nothing => Operand::None,
        Takes::Days => Operand::Days(30),
        Takes::Text => Operand::Value(Value::Text(r"^\d+ 'of' many$".to_owned())),
        Takes::ValueOrOther => Operand::Value(match kind {
            Kind::Text => Value::Text("a \"b\" \\ 'c' \u{202e}\n".to_owned()),
            Kind::Integer => Value::Integer(-5),
            Kind::Number => Value::Number(0.1),
            Kind::Boolean => Value::Boolean(true),
            Kind::Instant => Value::Instant(1_793_491_200_000),
            Kind::Duration => Value::Duration(9_000),
            Kind::Texts => Value::Texts(vec!["a".to_owned(), "b".to_owned()]),
        }),
    }
}

/// A test that asks everything that can be asked of each kind.
pub(super) fn everything() -> Vec<Test> {
    let fields = users().fields;
    let test = |field: &crate::contract::catalog::Field| Test {
        name: format!("all-of-{}", field.name),
        label: format!("All that can be asked of {}", field.name),
        help: "So that \\ nothing is \"forgotten\".\nReally.".to_owned(),
        scope: vec![Condition {
            field: field.name.clone(),
            operator: Operator::IsNotEmpty.into(),
            operand: Operand::None,
        }],
        cases: Operator::ALL
            .into_iter()
            .filter(|it| it.fits(field.kind))
            .map(|it| TestCase {
                label: it.name(),
                conditions: vec![Condition {
                    field: field.name.clone(),
                    operator: it.into(),
                    operand: operand(it, field.kind),
                }],
            })
            .collect(),
        threshold: 9_750,
        when_empty: EmptyRule::Inconclusive,
        controls: vec!["soc2:cc6.2".to_owned(), "iso27001-2022:a.5.18".to_owned()],
    };
    fields.iter().map(test).collect()
}

/// Reads a text as the file `tests/users.toml`, for users.
pub(super) fn suite(text: &str) -> Result<Suite, SuiteError> {
    let file = read::TestFile::read(Path::new("tests/users.toml"), text.as_bytes().to_vec())?;
    suite::of_files(vec![Some(Arc::new(file))], &users())
}

/// A file with one test, whose keys these are in the place of those that are usual.
pub(super) fn file(changes: &str) -> String {
    let usual = [
        ("name", "name = \"sign-in\""),
        ("proof", "proof = \"users\""),
        ("label", "label = \"Users sign in\""),
    ];
    let kept = usual.iter().filter(|(key, _)| !changes.lines().any(|it| it.starts_with(&format!("{key} ="))));
    let kept: Vec<&str> = kept.map(|(_, line)| *line).collect();
    format!("version = 1\n\n[[test]]\n{}\n{changes}\n", kept.join("\n"))
}

/// A file with one condition.
pub(super) fn asking(condition: &str) -> String {
    file(&format!("\n[[test.case]]\nall = [{{ {condition} }}]"))
}

/// What is said of it, as the command line shows it.
pub(super) fn said(error: &SuiteError) -> String {
    let remedy = error.remedy().map_or_else(String::new, |it| format!("\nnext: {it}"));
    format!("{error}{remedy}")
}

pub(super) fn refused(text: &str) -> String {
    match suite(text) {
        Ok(_) => "fine".to_owned(),
        Err(error) => said(&error),
    }
}

/// What is said of each of these files.
pub(super) fn all_refused(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().map(|it| refused(&it)).collect::<Vec<_>>().join("\n\n")
}
