//! What a file says, as it is written. The schema for editors is made of these types, so
//! what is documented here is what people read there.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::literal::Literal;
use super::operator::Operator;
use super::threshold::Share;

/// The version of the form that this host reads and writes.
pub(super) const VERSION: i64 = 1;

/// Tests of evidence that `exhibit` collects.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
#[schemars(title = "Exhibit tests")]
pub(super) struct Written {
    /// The version of this form of file.
    #[schemars(extend("const" = VERSION))]
    #[expect(dead_code, reason = "looked at before the rest is, which another version may write otherwise")]
    version: i64,
    /// The tests, each begun by `[[test]]`.
    #[serde(default)]
    #[schemars(with = "Vec<Test>")]
    pub(super) test: Vec<Spanned<Test>>,
}

/// What a proof must show.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct Test {
    /// Lower-case, `a-z0-9-`: the same name is the same test, however often it runs.
    #[schemars(with = "String", regex(pattern = "^[a-z0-9-]{1,64}$"))]
    pub name: Spanned<String>,
    /// The proof type that it is of, as `exhibit types` lists it.
    #[schemars(with = "String", regex(pattern = "^[a-z0-9-]{1,64}$"))]
    pub(super) proof: Spanned<String>,
    /// For people: what is so when it passes.
    #[schemars(with = "String")]
    pub(super) label: Spanned<String>,
    /// For people: why it matters.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = ""))]
    pub(super) why: Option<Spanned<String>>,
    /// The controls that it tests, such as `soc2:cc6.2`.
    #[serde(default)]
    #[schemars(with = "Vec<String>", extend("default" = []))]
    pub(super) controls: Vec<Spanned<String>>,
    /// The share of the rows in scope that must pass: a percentage in quotes, with at most two decimals.
    #[serde(default)]
    #[schemars(with = "Share", extend("default" = "100%"))]
    pub(super) threshold: Option<Spanned<Share>>,
    /// The result when no row is in scope.
    #[serde(default)]
    #[schemars(extend("default" = "fail"))]
    pub(super) when_empty: WhenEmpty,
    /// A row counts when all of these hold; all rows count where there are none.
    #[serde(default)]
    #[schemars(with = "Vec<Condition>", extend("default" = []))]
    pub(super) scope: Vec<Spanned<Condition>>,
    /// The ways to pass, each begun by `[[test.case]]`: a row passes when any one of them holds.
    #[schemars(with = "Vec<Case>", length(min = 1))]
    pub(super) case: Spanned<Vec<Case>>,
}

/// What a test without a row in scope comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WhenEmpty {
    /// It fails.
    #[default]
    Fail,
    /// It passes.
    Pass,
    /// Nothing can be decided.
    Inconclusive,
}

/// One way to pass.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct Case {
    /// For people, a few words.
    #[serde(default)]
    #[schemars(with = "String", extend("default" = ""))]
    pub(super) label: Option<Spanned<String>>,
    /// All of these must hold.
    #[schemars(with = "Vec<Condition>", length(min = 1))]
    pub(super) all: Spanned<Vec<Spanned<Condition>>>,
}

/// Something asked of one field: what it is held against is `value`, `days` or `other`, at
/// most one of them, as the operator takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
#[schemars(extend("not" = { "anyOf": [
    { "required": ["value", "days"] },
    { "required": ["value", "other"] },
    { "required": ["days", "other"] },
] }))]
pub(super) struct Condition {
    /// The field's name, as `exhibit types TYPE` lists it.
    #[schemars(with = "String")]
    pub(super) field: Spanned<String>,
    /// What is asked.
    #[schemars(with = "Operator")]
    pub(super) operator: Spanned<Operator>,
    /// A value of the field's kind.
    #[serde(default)]
    #[schemars(with = "Literal")]
    pub(super) value: Option<Spanned<Literal>>,
    /// Days before or after the day that counts as today.
    #[serde(default)]
    #[schemars(with = "u32")]
    pub(super) days: Option<Spanned<u32>>,
    /// The name of another field, of the same kind.
    #[serde(default)]
    #[schemars(with = "String")]
    pub(super) other: Option<Spanned<String>>,
}
