//! Lengths of time, as people read them.

/// From here on, hours are counted in days.
const HOURS_WORTH_DAYS: u64 = 48;

/// Seconds in the units that fit.
pub fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds:02}s"),
        (hours, minutes, seconds) if hours < HOURS_WORTH_DAYS => {
            format!("{hours}h {minutes:02}m {seconds:02}s")
        }
        (hours, minutes, _) => format!("{}d {:02}h {minutes:02}m", hours / 24, hours % 24),
    }
}
