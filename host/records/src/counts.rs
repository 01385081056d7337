//! What the host counted while it collected.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the host counted itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Counts {
    /// Requests made, repeated ones included.
    pub requests: u64,
    /// Answers that were complete.
    pub answers: u64,
    /// Bytes of these, decoded.
    pub bytes: u64,
    /// Rows of these.
    pub rows: u64,
    /// Records of these that could not become rows.
    pub rejected: u64,
    /// Requests made again, because an answer broke off or never came.
    pub retries: u64,
    /// Waiting, for the source and for other collections of the connection, in seconds.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub waited: Duration,
}

/// Whole seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(duration.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}
