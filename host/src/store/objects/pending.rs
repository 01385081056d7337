//! All that a log changes by, in one object: with it, it has changed; without it, it has not.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// Where it is.
pub(super) const PENDING: &str = "pending";
/// So many bytes at most: far more than thousands of entries at once.
pub(super) const PENDING_BYTES: u64 = 64 << 20;

/// Files of a log, by their paths within it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Pending(pub(super) BTreeMap<String, Vec<u8>>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    files: BTreeMap<String, String>,
}

impl Pending {
    /// What is different in `now`. Files that are gone do no harm.
    pub(super) fn between(before: &BTreeMap<String, Vec<u8>>, now: &BTreeMap<String, Vec<u8>>) -> Self {
        let changed = now.iter().filter(|(path, bytes)| before.get(*path) != Some(bytes));
        Self(changed.map(|(path, bytes)| (path.clone(), bytes.clone())).collect())
    }

    /// As it is kept.
    pub(super) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let files = self.0.iter().map(|(path, bytes)| (path.clone(), STANDARD.encode(bytes))).collect();
        serde_json::to_vec(&Written { files })
    }

    /// As it was kept. `None` for bytes of another form.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(bytes).ok()?;
        let file = |(path, text): (String, String)| Some((path, STANDARD.decode(text).ok()?));
        written.files.into_iter().map(file).collect::<Option<_>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_what_changed_and_reads_back() {
        let before = BTreeMap::from([("a".to_owned(), vec![1]), ("b".to_owned(), vec![2])]);
        let now = BTreeMap::from([("b".to_owned(), vec![2]), ("c".to_owned(), vec![0, 255])]);
        let pending = Pending::between(&before, &now);
        assert_eq!(pending.0.keys().collect::<Vec<_>>(), ["c"]);
        let bytes = pending.to_bytes().expect("JSON");
        assert_eq!(Pending::parse(&bytes), Some(pending));
        assert_eq!(Pending::parse(b"{\"files\":{\"a\":\"?\"}}"), None);
    }
}
