//! What a source says of an item over time: of each field, each value that it ever had, first and last seen in which run.
//!
//! Merging is a union with the earliest and the latest run of each value, so its result is the same in whatever order
//! and however often runs are merged. The value that counts is the one that was seen last.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value as Json, json};

/// How many values of a field are remembered: those that were seen last.
const REMEMBERED: usize = 50;

/// The number of a run in the database.
pub(crate) type RunId = i64;

/// When each run was, as far as they are known here. Runs are in the order of their instants; those of one instant in that of
/// their evidence's digests, which is the same wherever they are merged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Runs(HashMap<RunId, (i64, String)>);

/// A value, and the runs that it was seen in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Said {
    /// The value, as it is written in evidence.
    pub(crate) value: Json,
    /// The earliest run that gave it.
    pub(crate) first: RunId,
    /// The latest.
    pub(crate) last: RunId,
}

/// What one source says of one item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sighting {
    /// The earliest run that showed it.
    pub(crate) first: RunId,
    /// The latest.
    pub(crate) last: RunId,
    /// Of each field, its values.
    pub(crate) facts: BTreeMap<String, Vec<Said>>,
}

impl Runs {
    /// Adds one.
    pub(crate) fn add(&mut self, id: RunId, at: i64, evidence: &str) {
        self.0.insert(id, (at, evidence.to_owned()));
    }

    /// Its instant, in milliseconds, and the digest of its evidence.
    pub(crate) fn get(&self, id: RunId) -> Option<(i64, &str)> {
        self.0.get(&id).map(|(at, evidence)| (*at, evidence.as_str()))
    }

    /// Which was earlier.
    pub(crate) fn order(&self, one: RunId, other: RunId) -> Ordering {
        if one == other { Ordering::Equal } else { self.get(one).cmp(&self.get(other)) }
    }

    fn earlier(&self, one: RunId, other: RunId) -> RunId {
        if self.order(one, other).is_le() { one } else { other }
    }

    pub(crate) fn later(&self, one: RunId, other: RunId) -> RunId {
        if self.order(one, other).is_ge() { one } else { other }
    }
}

impl Sighting {
    /// Seen in one run, with nothing said of it yet.
    pub(crate) fn new(run: RunId) -> Self {
        Self { first: run, last: run, facts: BTreeMap::new() }
    }

    /// Merges what a run says: what it does not say stays.
    pub(crate) fn merge(&mut self, runs: &Runs, run: RunId, values: &BTreeMap<String, Json>) {
        self.first = runs.earlier(self.first, run);
        self.last = runs.later(self.last, run);
        for (field, value) in values {
            let all = match self.facts.get_mut(field) {
                Some(all) => all,
                None => self.facts.entry(field.clone()).or_default(),
            };
            match all.iter_mut().find(|it| it.value == *value) {
                Some(known) => {
                    known.first = runs.earlier(known.first, run);
                    known.last = runs.later(known.last, run);
                }
                None => all.push(Said { value: value.clone(), first: run, last: run }),
            }
            if all.len() > 1 {
                all.sort_by(|one, other| newest(runs, other, one));
                all.truncate(REMEMBERED);
            }
        }
    }

    /// The value of a field that counts.
    pub(crate) fn now(&self, field: &str) -> Option<&Said> {
        self.facts.get(field)?.first()
    }

    /// As it is kept: a value that was seen in the sighting's first and last run, as nearly all are, stands by itself. So
    /// nothing is written anew where a run says the same as the one before.
    pub(crate) fn to_json(&self) -> String {
        let unless = |run: RunId, usual: RunId| if run == usual { Json::Null } else { run.into() };
        let of = |all: &[Said]| match all {
            [said] if said.first == self.first && said.last == self.last => said.value.clone(),
            all => {
                let all = all
                    .iter()
                    .map(|it| json!([it.value, unless(it.first, self.first), unless(it.last, self.last)]));
                json!({ "said": all.collect::<Vec<_>>() })
            }
        };
        let members: Map<String, Json> =
            self.facts.iter().map(|(field, all)| (field.clone(), of(all))).collect();
        // U+0000 is escaped in JSON, so all databases take it.
        Json::Object(members).to_string()
    }

    /// Reads it back. `None` where it is not what [`Self::to_json`] writes.
    pub(crate) fn from_json(first: RunId, last: RunId, text: &str) -> Option<Self> {
        let Json::Object(members) = serde_json::from_str(text).ok()? else { return None };
        let mut facts = BTreeMap::new();
        for (field, member) in members {
            let all = match member {
                Json::Object(mut explicit) => {
                    let Some(Json::Array(all)) = explicit.remove("said") else { return None };
                    all.into_iter().map(|it| said(it, first, last)).collect::<Option<_>>()?
                }
                value => vec![Said { value, first, last }],
            };
            facts.insert(field, all);
        }
        Some(Self { first, last, facts })
    }
}

fn said(json: Json, first: RunId, last: RunId) -> Option<Said> {
    let Json::Array(parts) = json else { return None };
    let [value, from, until] = <[Json; 3]>::try_from(parts).ok()?;
    let run = |json: &Json, usual| if json.is_null() { Some(usual) } else { json.as_i64() };
    Some(Said { first: run(&from, first)?, last: run(&until, last)?, value })
}

/// In the order of when they were seen last. One evidence may have an item twice, with different values: then one of them
/// counts, the same in whatever order they come.
pub(crate) fn newest(runs: &Runs, one: &Said, other: &Said) -> Ordering {
    runs.order(one.last, other.last).then_with(|| one.value.to_string().cmp(&other.value.to_string()))
}
