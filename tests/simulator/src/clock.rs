//! Dates as the API writes and reads them: UTC, whole seconds.

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// Days from 0000-03-01, where the civil calendar is easiest to count from, to 1970-01-01.
const EPOCH_DAYS: i64 = 719_468;

/// Days in the 400 years after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;

/// Appends `YYYY-MM-DDTHH:MM:SSZ` for a moment in seconds since 1970.
pub(crate) fn push(out: &mut Vec<u8>, seconds: i64) {
    let (days, second) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let mut date = *b"0000-00-00T00:00:00Z";
    two_digits(&mut date, 0, year / 100);
    two_digits(&mut date, 2, year % 100);
    two_digits(&mut date, 5, month);
    two_digits(&mut date, 8, day);
    two_digits(&mut date, 11, second / 3_600);
    two_digits(&mut date, 14, second / 60 % 60);
    two_digits(&mut date, 17, second % 60);
    out.extend_from_slice(&date);
}

/// Reads `YYYY-MM-DD[THH:MM:SS[.fff][Z]]` as seconds since 1970.
///
/// Fractions and a missing zone are in no documentation, but real clients send them and are served.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T').map_or((text, None), |(d, t)| (d, Some(t)));
    let [year, month, day] = numbers(date, '-')?;
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let second = match time {
        None => 0,
        Some(time) => {
            let time = time.strip_suffix('Z').unwrap_or(time);
            let whole = time.split_once('.').map_or(time, |(whole, _)| whole);
            let [hour, minute, second] = numbers(whole, ':')?;
            if hour > 23 || minute > 59 || second > 59 {
                return None;
            }
            hour * 3_600 + minute * 60 + second
        }
    };
    let days = days_from_civil(year, month, day);
    (civil(days) == (year, month, day)).then_some(days * DAY + second)
}

/// Appends a number of seconds as scans show it: `HH:MM:SS`, with the days before it from 24 hours on.
pub(crate) fn push_duration(out: &mut Vec<u8>, seconds: i64) {
    let days = seconds / DAY;
    if days > 0 {
        out.extend_from_slice(itoa::Buffer::new().format(days).as_bytes());
        out.extend_from_slice(if days == 1 { b" day " } else { b" days " });
    }
    let mut time = *b"00:00:00";
    two_digits(&mut time, 0, seconds / 3_600 % 24);
    two_digits(&mut time, 3, seconds / 60 % 60);
    two_digits(&mut time, 6, seconds % 60);
    out.extend_from_slice(&time);
}

fn two_digits(out: &mut [u8], at: usize, number: i64) {
    out[at] = b'0' + (number / 10) as u8;
    out[at + 1] = b'0' + (number % 10) as u8;
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(|part| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit()) && part.len() <= 4;
        digits.then(|| part.parse().ok()).flatten()
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

/// Year, month and day of a number of days since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + EPOCH_DAYS;
    let era = shifted.div_euclid(ERA_DAYS);
    let day_of_era = shifted.rem_euclid(ERA_DAYS);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH_DAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(seconds: i64) -> String {
        let mut out = Vec::new();
        push(&mut out, seconds);
        String::from_utf8(out).expect("a date is ASCII")
    }

    #[test]
    fn dates_survive_writing_and_reading() {
        for text in
            ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "2026-11-01T12:34:56Z", "2100-03-01T00:00:00Z"]
        {
            assert_eq!(written(parse(text).expect(text)), text);
        }
    }

    #[test]
    fn days_fractions_and_missing_zones_are_read() {
        assert_eq!(parse("2026-11-01"), Some(1_793_491_200));
        assert_eq!(parse("2026-11-01T00:00:01"), Some(1_793_491_201));
        assert_eq!(parse("2026-11-01T00:00:01.250Z"), Some(1_793_491_201));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "yesterday", "2026-13-01", "2026-02-30", "2026-11-01T24:00:00Z", "1-2"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn durations_of_a_day_or_more_name_the_days() {
        let mut out = Vec::new();
        for seconds in [1_783, DAY + 1, 3 * DAY + 3_600] {
            push_duration(&mut out, seconds);
            out.push(b'|');
        }
        assert_eq!(out, b"00:29:43|1 day 00:00:01|3 days 01:00:00|");
    }
}
