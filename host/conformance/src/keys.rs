//! Keys tell rows apart.

use std::collections::HashMap;

use exhibit::checks::{Fault, Verdict};
use serde_json::{Map, Value as Json};

use super::same::Run;
use super::sample::Sample;

/// No two rows have the same key, rows without any of it apart: these cannot be identified.
pub(super) fn has_unique_keys(sample: &Sample, base: &Run) -> Verdict {
    let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut faults = Vec::new();
    for (index, line) in base.lines.iter().enumerate() {
        let row: Map<String, Json> = serde_json::from_slice(line).unwrap_or_default();
        let cells: Vec<Option<&Json>> = sample.key.iter().map(|it| row.get(it)).collect();
        if cells.iter().all(|it| it.is_none_or(Json::is_null)) {
            continue;
        }
        let key = serde_json::to_vec(&cells).unwrap_or_default();
        if let Some(first) = seen.insert(key, index) {
            faults.push(Fault {
                what: format!(
                    "rows {} and {} have the same {}",
                    first + 1,
                    index + 1,
                    sample.key.join(" and ")
                ),
                next: "name more fields in the proof type's `key`, or give a record that comes twice once"
                    .into(),
            });
        }
    }
    Verdict::of(faults, format!("{} rows by {}", base.lines.len(), sample.key.join(" and ")))
}
