//! How long a scan took, as Qualys writes it.

/// Seconds of `00:29:43`, `1 day 02:03:04` or `12 days 00:00:00`.
pub fn parse(text: &str) -> Option<u64> {
    let (days, clock) = match text.split_once(" day") {
        Some((days, rest)) => (days.trim().parse().ok()?, rest.strip_prefix("(s)").unwrap_or(rest)),
        None => (0_u64, text),
    };
    let clock = clock.trim_start_matches('s').trim();
    let mut parts = clock.split(':').map(|it| it.trim().parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || minutes > 59 || seconds > 59 {
        return None;
    }
    days.checked_mul(86_400)?.checked_add(hours.checked_mul(3_600)?)?.checked_add(minutes * 60 + seconds)
}

/// A time as people say it.
pub fn in_words(seconds: u64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_all_forms() {
        assert_eq!(parse("00:29:43"), Some(1_783));
        assert_eq!(parse("1 day 02:03:04"), Some(93_784));
        assert_eq!(parse("12 days 00:00:00"), Some(1_036_800));
        assert_eq!(parse("2 day(s) 00:00:01"), Some(172_801));
        assert_eq!(parse("100:00:00"), Some(360_000));
        assert_eq!(parse("23:59:59"), Some(86_399), "the last second of a day");
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "",
            "Pending",
            "1:2",
            "00:60:00",
            "00:00:60",
            "00:00:99",
            "x days 00:00:00",
            "99999999999999999999:00:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
