//! Points in time, as sources write them.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

use crate::contract::types::Instant;

/// A civil time reaches the last second of the year 9999, which sources like for "never"; jiff's timestamps end two
/// days before it.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
/// The instants that the contract takes: of the years 0000 to 9999.
const TAKEN: std::ops::RangeInclusive<Instant> = -62_167_219_200_000..=253_402_300_799_999;

/// Reads an ISO 8601 date, or date and time. Without a zone it is UTC; a date alone is
/// its first instant. `None` where it is neither, and where it is of a year that no row may have.
pub fn parse(text: &str) -> Option<Instant> {
    if let Some(instant) = parse_usual(text.as_bytes()) {
        return Some(instant);
    }
    let instant = match text.parse::<Timestamp>() {
        Ok(timestamp) => timestamp.as_millisecond(),
        Err(_) => {
            let civil: DateTime = text.strip_suffix('Z').unwrap_or(text).parse().ok()?;
            Instant::try_from(civil.duration_since(EPOCH).as_millis()).ok()?
        }
    };
    TAKEN.contains(&instant).then_some(instant)
}

/// `2026-11-01T00:00:00Z`, as APIs want it: whole seconds, rounded towards the past.
pub fn write(instant: Instant) -> String {
    let seconds = instant.div_euclid(1000);
    EPOCH
        .checked_add(SignedDuration::from_secs(seconds))
        .map_or_else(|_| String::new(), |it| format!("{it}Z"))
}

/// The form that nearly all dates have, `2026-11-01T00:00:00Z`, at a fraction of the
/// general parser's cost: proofs have several dates a row.
fn parse_usual(text: &[u8]) -> Option<Instant> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1, b'Z'] = *text
    else {
        return None;
    };
    let digit = |byte: u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    let two = |tens: u8, ones: u8| Some(digit(tens)? * 10 + digit(ones)?);
    let (year, month, day) = (two(y0, y1)? * 100 + two(y2, y3)?, two(m0, m1)?, two(d0, d1)?);
    let (hour, minute, second) = (two(h0, h1)?, two(n0, n1)?, two(s0, s1)?);
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        // The last days of a month, leap seconds and nonsense: left to the general parser.
        return None;
    }
    Some((days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second) * 1000)
}

/// Days of the proleptic Gregorian calendar, for a year from 0 to 9999.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March put the leap day at the end of one.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_sources_write() {
        assert_eq!(parse("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(parse("2024-02-29T23:59:59Z"), Some(1_709_251_199_000));
        assert_eq!(parse("2024-02-29T23:59:59.250Z"), Some(1_709_251_199_250));
        assert_eq!(parse("2024-02-29"), Some(1_709_164_800_000));
        assert_eq!(parse("20240229"), parse("2024-02-29"));
        assert_eq!(parse("2024-02-29T12:00:00"), parse("2024-02-29T12:00:00Z"));
        assert_eq!(parse("2038-01-15T12:00:00.000+00:00"), parse("2038-01-15T12:00:00Z"));
    }

    #[test]
    fn the_last_second_of_9999_is_a_date_and_no_year_beside_those_of_rows() {
        let last = Some(253_402_300_799_000);
        assert_eq!(parse("9999-12-31T23:59:59Z"), last);
        assert_eq!(parse("9999-12-31T23:59:59"), last);
        assert_eq!(last.map(write).as_deref(), Some("9999-12-31T23:59:59Z"));
        assert_eq!(parse("0000-01-01T00:00:00Z"), Some(*TAKEN.start()));
        for text in ["-000001-12-31T23:59:59Z", "-009999-01-01", "0000-01-01T00:00:00+01:00"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in ["", "never", "2024-02-30T00:00:00Z", "2024-13-01", "2024022", "2024-02-29T25:00:00Z"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_whole_seconds() {
        assert_eq!(write(1_709_251_199_999), "2024-02-29T23:59:59Z");
        assert_eq!(write(-1), "1969-12-31T23:59:59Z");
    }

    proptest! {
        #[test]
        fn the_short_cut_agrees_with_the_calendar(seconds in -60_000_000_000_i64..250_000_000_000) {
            let text = Timestamp::from_second(seconds).expect("in range").to_string();
            prop_assert_eq!(parse(&text), Some(seconds * 1000), "{}", text);
        }
    }
}
