//! What is looked up and sorted by, as it follows from all that sources say of an item.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_rows::instant;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::facts::{Runs, Said, Sighting, newest};
use super::identity::number_of;
use super::mapping::Mapping;
use super::unmerged::for_people;

/// Of the identity, where there is no title.
const TITLE_CHARS: usize = 24;

/// What follows from all that sources say of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Derived {
    pub(crate) number: Option<String>,
    pub(crate) title: String,
    pub(crate) begins: Option<i64>,
    pub(crate) ends: Option<i64>,
    /// A digest of its names: that of its successor is the same.
    pub(crate) names: Option<String>,
    pub(crate) places: BTreeSet<String>,
}

/// The value of a field that counts, of all sources: the one that was seen last.
pub(crate) fn now<'a>(
    runs: &Runs,
    sightings: &'a BTreeMap<i64, Sighting>,
    field: &str,
) -> Option<(i64, &'a Said)> {
    let all = sightings.iter().filter_map(|(source, it)| Some((*source, it.now(field)?)));
    all.max_by(|one, other| newest(runs, one.1, other.1))
}

impl Derived {
    pub(crate) fn of(
        mapping: &Mapping,
        runs: &Runs,
        identity: &str,
        sightings: &BTreeMap<i64, Sighting>,
    ) -> Self {
        let get = |field: &str| now(runs, sightings, field).map(|it| &it.1.value);
        let text = |field: &str| get(field).and_then(Json::as_str).filter(|it| !it.trim().is_empty());
        let date = |field: &Option<String>| text(field.as_deref()?).and_then(instant::parse);
        let texts = |fields: &[String]| -> BTreeSet<String> {
            let all = fields.iter().filter_map(|it| get(it)).flat_map(|it| match it {
                Json::Array(all) => all.iter().filter_map(Json::as_str).collect(),
                other => other.as_str().into_iter().collect::<Vec<_>>(),
            });
            all.map(|it| it.trim().to_lowercase()).filter(|it| !it.is_empty()).collect()
        };
        let names = texts(&mapping.names);
        Self {
            number: number_of(mapping, &text),
            title: text(&mapping.title).map_or_else(|| short(identity), for_people),
            begins: date(&mapping.begins),
            ends: date(&mapping.ends),
            names: (!names.is_empty()).then(|| digest_of(&names)),
            places: texts(&mapping.places),
        }
    }
}

fn short(identity: &str) -> String {
    identity.chars().take(TITLE_CHARS).collect()
}

fn digest_of(names: &BTreeSet<String>) -> String {
    let mut digest = Sha256::new();
    for name in names {
        // No name has the character between two of them, so that no two sets have the same bytes.
        digest.update(name.replace('\n', "\\n"));
        digest.update(b"\n");
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
