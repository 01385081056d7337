//! How far a collection may go.

use std::time::Duration;

/// Sources count requests by the hour, so an hour is enough for most waits.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60);

/// Bounds of one collection. They end what would not end by itself; none of them is
/// reached by a collection that goes well.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// All waiting together, for the source and for other sessions of the connection.
    pub max_wait: Duration,
    /// Requests, repeated ones included.
    pub max_requests: u64,
    /// Waits without an answer in between.
    pub max_waits_in_a_row: u32,
    /// Bytes of all answers, decoded.
    pub max_bytes: u64,
    /// Rows.
    pub max_rows: u64,
    /// How often one request is made, where connections break.
    pub attempts: u32,
    /// Before the second attempt; twice as long before each further one.
    pub back_off: Duration,
}

impl Limits {
    /// Those of the loop.
    pub(super) fn of_the_loop(&self, may_write: bool) -> exhibit_driver::Limits {
        let Self { max_requests, max_waits_in_a_row, max_bytes, max_rows, attempts, back_off, .. } = *self;
        exhibit_driver::Limits {
            max_requests,
            max_waits_in_a_row,
            max_bytes,
            max_rows,
            attempts,
            back_off,
            may_write,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let exhibit_driver::Limits {
            max_requests,
            max_waits_in_a_row,
            max_bytes,
            max_rows,
            attempts,
            back_off,
            ..
        } = exhibit_driver::Limits::default();
        Self { max_wait: MAX_WAIT, max_requests, max_waits_in_a_row, max_bytes, max_rows, attempts, back_off }
    }
}
