//! How far a collection may go.

use std::time::Duration;

/// Sources count requests by the hour, so an hour is enough for most waits. A full one is a second longer by the time
/// that it is asked for, and the clocks of two machines differ.
const MAX_WAIT: Duration = Duration::from_secs(65 * 60);
/// Ten million records in pages of a hundred, tenfold.
const MAX_REQUESTS: u64 = 1_000_000;
/// A source that is asked every few seconds for hours whether it is done.
const MAX_WAITS_IN_A_ROW: u32 = 5_000;
/// Ten million records of 20 KiB.
const MAX_BYTES: u64 = 200 << 30;
/// A million records in pages of a thousand, half a minute each, take eight hours. What is not there by then would no longer
/// show one time.
const MAX_TIME: Duration = Duration::from_secs(12 * 60 * 60);
/// A million assets take a plugin 15 seconds, on a fast machine. Ten million on one that is twelve times slower, or by a plugin
/// in an interpreted language, take as long as this.
pub const PLUGIN_TIME: Duration = Duration::from_secs(30 * 60);
/// More rows than any proof has.
const MAX_ROWS: u64 = 200_000_000;
/// A transient network error rarely repeats five times in a row.
const ATTEMPTS: u32 = 5;
/// Before the second attempt; twice as long before each further one.
const BACK_OFF: Duration = Duration::from_secs(1);

/// Bounds of one collection. They end what would not end by itself; a collection that goes well
/// reaches none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// All waiting together, for the source and for other sessions of the connection. Whoever carries the waits out
    /// compares them with it: only there is known how long they took.
    pub max_wait: Duration,
    /// All of it, in one call: requests, answers, what the plugin and the disk take, and pauses before a request is
    /// repeated. Waits that [`Self::max_wait`] counts do not. The caller that carries it out compares it, as those.
    pub max_time: Duration,
    /// All calls of the plugin together, as far as they run. The caller that carries them out compares it.
    pub max_plugin_time: Duration,
    /// Requests, repeated ones included.
    pub max_requests: u64,
    /// Waits without an answer in between.
    pub max_waits_in_a_row: u32,
    /// Bytes of all answers, decoded.
    pub max_bytes: u64,
    /// Rows and rejected records.
    pub max_rows: u64,
    /// How often one request is made, where connections break. At least one.
    pub attempts: u32,
    /// Before the second attempt; twice as long before each further one.
    pub back_off: Duration,
    /// Whether requests may change something at the source: for operations alone. The library sets it by the task.
    pub may_write: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_wait: MAX_WAIT,
            max_time: MAX_TIME,
            max_plugin_time: PLUGIN_TIME,
            max_requests: MAX_REQUESTS,
            max_waits_in_a_row: MAX_WAITS_IN_A_ROW,
            max_bytes: MAX_BYTES,
            max_rows: MAX_ROWS,
            attempts: ATTEMPTS,
            back_off: BACK_OFF,
            may_write: false,
        }
    }
}
