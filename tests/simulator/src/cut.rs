//! Where an answer stops.

use std::time::Duration;

/// Where an answer stops, counted in bytes of the body before compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A TCP reset after so many bytes.
    Reset(u64),
    /// A proper end of the chunked body after so many bytes.
    Truncate(u64),
    /// Silence after so many bytes, then the rest.
    Stall(u64, Duration),
}

impl Cut {
    pub(crate) fn place(self) -> u64 {
        match self {
            Self::Reset(at) | Self::Truncate(at) | Self::Stall(at, _) => at,
        }
    }
}
