//! Instants as text: written as RFC 3339 in UTC, with milliseconds only where there are some; read as people write them.

use jiff::civil::DateTime;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use crate::Instant;

/// A civil time reaches the last millisecond of the year 9999, which sources like for
/// "never"; jiff's timestamps end two days before it.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// 0000-01-01T00:00:00Z: RFC 3339 has no years before it.
const FIRST: Instant = -62_167_219_200_000;

/// 9999-12-31T23:59:59.999Z.
const LAST: Instant = 253_402_300_799_999;
/// What instants look like.
const USUAL: &[u8; 20] = b"0000-00-00T00:00:00Z";

const WHOLE_SECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(0));
const MILLISECONDS: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// An instant that RFC 3339 cannot write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the instant {0} ms lies outside the years 0000 to 9999")]
pub struct OutOfRange(pub Instant);

/// Appends the instant to `out`, without allocating.
pub fn write(instant: Instant, out: &mut Vec<u8>) -> Result<(), OutOfRange> {
    if let Some(text) = usual(instant) {
        out.extend_from_slice(&text);
        return Ok(());
    }
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

/// A point in time as people write it: RFC 3339; a date and a time without an offset, which is UTC; or a date, which is
/// its first instant in UTC. `None` where it is neither, also where only a time zone's name says what it means: that
/// depends on tables that differ between machines, and where [`write()`] has no form for it.
pub fn typed(text: &str) -> Option<Instant> {
    let text = text.trim();
    let instant = match text.parse::<Timestamp>() {
        Ok(timestamp) => timestamp.as_millisecond(),
        // Also the last two days of the year 9999, where jiff's timestamps have ended.
        Err(_) => {
            let utc = text.strip_suffix(['Z', 'z']).filter(|it| it.contains(':')).unwrap_or(text);
            civil(utc).filter(|_| !text.contains('['))?
        }
    };
    (FIRST..=LAST).contains(&instant).then_some(instant)
}

/// A date and a time in UTC, or a date, as ISO 8601 has them.
fn civil(text: &str) -> Option<Instant> {
    let time: DateTime = text.parse().ok()?;
    Instant::try_from(time.duration_since(EPOCH).as_millis()).ok()
}

/// Whole seconds from 1970 to 9999, which are nearly all, at a fraction of the general printer's cost:
/// proofs have several dates a row.
fn usual(instant: Instant) -> Option<[u8; USUAL.len()]> {
    if instant % 1000 != 0 || !(0..=LAST).contains(&instant) {
        return None;
    }
    let seconds = u32::try_from(instant / 1000 % 86_400).ok()?;
    let (year, month, day) = date(u32::try_from(instant / 1000 / 86_400).ok()?);
    let mut text = *USUAL;
    let parts = [
        (0, year / 100),
        (2, year % 100),
        (5, month),
        (8, day),
        (11, seconds / 3_600),
        (14, seconds / 60 % 60),
        (17, seconds % 60),
    ];
    for (at, number) in parts {
        // Two digits each.
        text[at] = b'0' + (number / 10) as u8;
        text[at + 1] = b'0' + (number % 10) as u8;
    }
    Some(text)
}

/// The date that is so many days after 1970-01-01: year, month, day of the Gregorian calendar.
fn date(days: u32) -> (u32, u32, u32) {
    // Counted from 0000-03-01, so that leap days end a year, and 400 years are all alike.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (era * 400 + year, month, day)
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
    let instant = civil(text.strip_suffix('Z')?)?;
    let is_written = match usual(instant) {
        Some(written) => text.as_bytes() == written,
        None => {
            let mut written = Vec::with_capacity(text.len());
            write(instant, &mut written).is_ok() && text.as_bytes() == written
        }
    };
    is_written.then_some(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_it_writes_and_nothing_else() {
        for text in [
            "2026-11-01T00:00:00Z",
            "2026-11-01T00:00:00.050Z",
            "9999-12-31T23:59:59.999Z",
            "0000-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text).map(format).as_deref(), Some(text));
        }
        for text in [
            "2026-11-01Z",
            "2026-11-01 00:00:00Z",
            "2026-11-01T00:00Z",
            "2026-11-01T00:00:00.5Z",
            "2026-11-01T00:00:00.0000001Z",
            "20261101T000000Z",
            "2026-11-01t00:00:00Z",
            "2026-11-01T00:00:00[UTC]Z",
            "-000001-01-01T00:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_people_write_is_in_a_year_that_can_be_written() {
        assert_eq!(typed("9999-12-31T23:59:59Z"), Some(253_402_300_799_000));
        assert_eq!(typed("9999-12-31"), Some(253_402_214_400_000));
        for text in ["-000001-01-01", "-000001-01-01T00:00:00Z", "0000-01-01T00:00:00+01:00"] {
            assert_eq!(typed(text), None, "{text}");
        }
    }

    #[test]
    fn reads_what_people_write_and_drops_no_part_of_it() {
        let utc = |text: &str| {
            typed(text).map(|it| {
                let mut out = Vec::new();
                write(it, &mut out).expect("in range");
                String::from_utf8(out).expect("ASCII")
            })
        };
        for (text, instant) in [
            ("2026-10-25", "2026-10-25T00:00:00Z"),
            ("2026-10-25T18:00:00", "2026-10-25T18:00:00Z"),
            ("2026-10-25 18:00", "2026-10-25T18:00:00Z"),
            ("2026-10-25T18:00:00.250", "2026-10-25T18:00:00.250Z"),
            ("2026-10-25T18:00:00Z", "2026-10-25T18:00:00Z"),
            (" 2026-10-25T18:00:00-05:00\n", "2026-10-25T23:00:00Z"),
            ("2026-10-25T02:30:00+02:00[Europe/Berlin]", "2026-10-25T00:30:00Z"),
            ("9999-12-31", "9999-12-31T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            ("0000-01-01", "0000-01-01T00:00:00Z"),
        ] {
            assert_eq!(utc(text).as_deref(), Some(instant), "{text}");
        }
        for text in [
            "2026-10-25T02:30:00[Europe/Berlin]",
            "2026-10-25[UTC]",
            "2026-02-30",
            "2026-10-25Z",
            "-000001-12-31",
            "18:00",
            "now",
            "",
            "1793000000",
        ] {
            assert_eq!(typed(text), None, "{text}");
        }
    }

    #[test]
    fn shows_milliseconds_only_where_there_are_some() {
        assert_eq!(format(1_793_491_200_000), "2026-11-01T00:00:00Z");
        assert_eq!(format(1_793_491_200_500), "2026-11-01T00:00:00.500Z");
        assert_eq!(format(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(format(253_402_300_799_999), "9999-12-31T23:59:59.999Z");
    }

    fn printed(instant: Instant) -> String {
        let time = EPOCH.checked_add(SignedDuration::from_millis(instant)).expect("in range");
        WHOLE_SECONDS.datetime_to_string(&time) + "Z"
    }

    #[test]
    fn the_short_cut_agrees_with_the_calendar_on_every_day() {
        const DAY: Instant = 86_400_000;
        for day in 0..=LAST / DAY {
            let instant = day * DAY + day % 86_400 * 1000;
            let text = usual(instant).map(|it| String::from_utf8_lossy(&it).into_owned());
            assert_eq!(text, Some(printed(instant)), "{instant}");
        }
        assert_eq!(usual(LAST - 999).as_ref(), Some(b"9999-12-31T23:59:59Z"));
        assert_eq!([-1000, 1, LAST + 1].map(usual), [None; 3]);
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
