//! Whether an error passes by itself.

use std::time::Duration;

use crate::contract::types::Instant;

/// What a network or a source recovers from by itself is mostly over after a minute.
pub(crate) const SOON: Duration = Duration::from_secs(60);

/// Whether the same call can succeed later: every error of a use case says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// It fails again each time, such as a fault of the plugin.
    Never,
    /// It can succeed after this time.
    After(Duration),
    /// It can succeed from this instant on: milliseconds since 1970-01-01T00:00:00Z.
    At(Instant),
    /// It fails until a person has changed something: a password, a right, a file, the call.
    NeedsPerson,
}
