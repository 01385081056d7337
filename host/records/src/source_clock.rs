//! How far the clock that dates the answers is from the source's, by the `Date` of each answer.

use exhibit_rows::instant;

use crate::answer::AnswerRecord;

/// Clocks of servers are within seconds of each other; a proxy's cache may answer with a date of minutes ago.
const TOLERANCE_MS: u64 = 10 * 60 * 1000;

/// Seconds by which this machine's clock was ahead of the source's when this answer came; negative where it was behind.
/// `None` where they agree, or the date was not kept: only headers that the plugin reads are.
pub fn offset(answer: &AnswerRecord) -> Option<i64> {
    let date_ms = date(answer)?;
    let received_ms = instant::parse(&answer.received)?;
    let is_apart = date_ms.abs_diff(received_ms) > TOLERANCE_MS;
    is_apart.then(|| received_ms.saturating_sub(date_ms) / 1000)
}

/// The date that the source gave this answer, in milliseconds since 1970, where it was kept and is one.
pub fn date(answer: &AnswerRecord) -> Option<i64> {
    let (_, date) = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("date"))?;
    Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_millisecond())
}

/// Whether the second of two answers is said to have come before the first by more than a clock is put right by.
pub fn went_back(first: &str, second: &str) -> bool {
    let (Some(first), Some(second)) = (instant::parse(first), instant::parse(second)) else { return false };
    first.saturating_sub(second) > TOLERANCE_MS as i64
}

/// The one of two that is further.
pub fn further(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    [one, other].into_iter().flatten().max_by_key(|it| it.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::RequestRecord;

    fn answer(received: &str, date: Option<&str>) -> AnswerRecord {
        let headers = date.map(|it| ("date".to_owned(), it.to_owned())).into_iter().collect();
        AnswerRecord {
            answer: 1,
            request: RequestRecord {
                origin: "api".to_owned(),
                method: "GET".to_owned(),
                path: "/".to_owned(),
                query: vec![],
                headers: vec![],
                body: None,
                auth: None,
                effect: "read".to_owned(),
            },
            origin: "https://api.example".to_owned(),
            redirected: vec![],
            received: received.to_owned(),
            status: 200,
            headers,
            bytes: 0,
            digest: None,
            file: None,
            stored: None,
            broken: None,
            redacted: None,
            blanked: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn minutes_are_no_difference_and_hours_are() {
        let date = Some("Sun, 29 Nov 2026 12:00:00 GMT");
        let of = |received| offset(&answer(received, date));
        assert_eq!(of("2026-11-29T12:00:01Z"), None);
        assert_eq!(of("2026-11-29T11:50:00Z"), None);
        assert_eq!(of("2026-11-29T11:49:59.999Z"), Some(-600));
        assert_eq!(of("2026-11-29T15:00:00Z"), Some(3 * 60 * 60));
        assert_eq!(offset(&answer("2026-11-29T15:00:00Z", None)), None, "no date was kept");
        assert_eq!(offset(&answer("2026-11-29T15:00:00Z", Some("yesterday"))), None);
        assert!(went_back("2026-11-29T12:00:00Z", "2026-11-28T23:55:00Z"));
        assert!(!went_back("2026-11-29T12:00:00Z", "2026-11-29T11:59:59Z"), "a clock that was put right");
        assert!(!went_back("2026-11-29T12:00:00Z", "2026-11-29T13:00:00Z"));
        assert_eq!(further(Some(700), Some(-800)), Some(-800));
        assert_eq!(further(None, Some(700)), Some(700));
    }
}
