//! How rows are named in what tests found, which is by their keys, and these may be persons.

use std::borrow::Cow;

use exhibit_rows::shown_fields;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::error::{RenderError, invalid};
use super::persons::{Persons, PseudonymKey};
use super::subject::Subject;

/// How rows are named.
pub(super) enum Names<'a> {
    /// As the evidence has it.
    Kept,
    /// Not at all.
    Unsaid,
    /// By their keys, with pseudonyms where these are personal.
    Pseudonyms { maker: &'a PseudonymKey, key: Vec<bool> },
}

/// A row's name.
pub(super) struct Named<'a> {
    /// A JSON array of the key's values.
    pub(super) key: Cow<'a, str>,
    /// For people.
    pub(super) row: Cow<'a, str>,
}

impl<'a> Names<'a> {
    pub(super) fn of(subject: &Subject, persons: &'a Persons) -> Self {
        let fields = subject.fields();
        let shown = shown_fields(fields.iter().map(|it| it.shown));
        // What people call a row is in the first column that they see.
        let label = shown.first().and_then(|it| fields.get(*it)).is_some_and(|it| it.personal);
        let personal = |name: &String| fields.iter().any(|it| it.name == *name && it.personal);
        let key: Vec<bool> = subject.proof.proof_type.key.iter().map(personal).collect();
        match persons {
            Persons::Named => Self::Kept,
            _ if !label && !key.contains(&true) => Self::Kept,
            Persons::LeftOut => Self::Unsaid,
            Persons::Pseudonyms(maker) => Self::Pseudonyms { maker, key },
        }
    }

    /// The name of a row with this key, which people call `row`. `None` where it is not said.
    pub(super) fn of_row<'r>(
        &self,
        key: &'r RawValue,
        row: &'r str,
    ) -> Result<Option<Named<'r>>, RenderError> {
        let (maker, personal) = match self {
            Self::Kept => return Ok(Some(Named { key: key.get().into(), row: row.into() })),
            Self::Unsaid => return Ok(None),
            Self::Pseudonyms { maker, key } => (maker, key),
        };
        let mut values: Vec<Json> = serde_json::from_str(key.get()).map_err(|error| {
            let problem = format!("{}: this is no key of a row: {error}", exhibit::testing::FINDINGS);
            RenderError::Evidence(invalid(problem))
        })?;
        for (value, _) in values.iter_mut().zip(personal).filter(|it| *it.1) {
            *value = match &*value {
                Json::Null => Json::Null,
                Json::String(text) => Json::String(maker.pseudonym(text)),
                other => Json::String(maker.pseudonym(&other.to_string())),
            };
        }
        let words = values.iter().filter(|it| !it.is_null());
        let words: Vec<String> =
            words.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect();
        Ok(Some(Named { key: Json::Array(values).to_string().into(), row: words.join(" ").into() }))
    }
}
