//! Instants as text: RFC 3339 in UTC, with milliseconds only where there are some.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::temporal::DateTimePrinter;

use crate::Instant;

/// A civil time reaches the last millisecond of the year 9999, which sources like for
/// "never"; jiff's timestamps end two days before it.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// 0000-01-01T00:00:00Z: RFC 3339 has no years before it.
const FIRST: Instant = -62_167_219_200_000;

const WHOLE_SECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(0));
const MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// An instant that RFC 3339 cannot write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the instant {0} ms lies outside the years 0000 to 9999")]
pub struct OutOfRange(pub Instant);

/// Appends the instant to `out`, without allocating.
pub fn write(instant: Instant, out: &mut Vec<u8>) -> Result<(), OutOfRange> {
    let refuse = |_| OutOfRange(instant);
    if instant < FIRST {
        return Err(OutOfRange(instant));
    }
    let time = EPOCH.checked_add(SignedDuration::from_millis(instant)).map_err(refuse)?;
    let printer = if instant % 1000 == 0 { &WHOLE_SECONDS } else { &MILLISECONDS };
    printer.print_datetime(&time, &mut *out).map_err(refuse)?;
    out.push(b'Z');
    Ok(())
}

/// The instant as text, such as `2026-11-01T00:00:00Z`. What cannot be written so is
/// given in milliseconds, for people.
pub fn format(instant: Instant) -> String {
    let mut text = Vec::with_capacity(24);
    match write(instant, &mut text) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(_) => format!("{instant} ms"),
    }
}

/// The instant that a text says, if [`format()`] could have written it.
pub fn parse(text: &str) -> Option<Instant> {
    let time: DateTime = text.strip_suffix('Z')?.parse().ok()?;
    Instant::try_from(time.duration_since(EPOCH).as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_milliseconds_only_where_there_are_some() {
        assert_eq!(format(1_793_491_200_000), "2026-11-01T00:00:00Z");
        assert_eq!(format(1_793_491_200_500), "2026-11-01T00:00:00.500Z");
        assert_eq!(format(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(format(253_402_300_799_999), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn refuses_what_rfc_3339_has_no_words_for() {
        let mut out = Vec::new();
        for instant in [FIRST - 1, i64::MIN, i64::MAX] {
            assert_eq!(write(instant, &mut out), Err(OutOfRange(instant)));
        }
        assert_eq!(format(FIRST), "0000-01-01T00:00:00Z");
    }
}
