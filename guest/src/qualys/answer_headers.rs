//! The headers of Qualys' answers that are read: rate limits, retry times, and how the body is encoded.

use exhibit_plugin::collection::Response;
use exhibit_plugin::types::Instant;
use jiff::fmt::rfc2822;

/// All headers that are read here.
pub const ALL: [&str; 7] =
    [CONTENT_TYPE, DATE, RETRY_AFTER, LIMIT, WINDOW_SECONDS, REMAINING, SECONDS_TO_WAIT];

const CONTENT_TYPE: &str = "content-type";
const DATE: &str = "date";
const RETRY_AFTER: &str = "retry-after";
const LIMIT: &str = "x-ratelimit-limit";
const WINDOW_SECONDS: &str = "x-ratelimit-window-sec";
const REMAINING: &str = "x-ratelimit-remaining";
const SECONDS_TO_WAIT: &str = "x-ratelimit-towait-sec";

/// The rate limit, as the head of an answer has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Quota {
    /// Calls in a window.
    pub limit: Option<u32>,
    /// The length of a window, in seconds.
    pub window: Option<u32>,
    /// Calls that are left.
    pub remaining: Option<u32>,
    /// Seconds until calls are accepted again.
    pub to_wait: Option<u32>,
    /// The same, from a gateway or a proxy.
    pub retry_after: Option<u32>,
}

impl Quota {
    /// Reads the head of an answer.
    pub fn read(head: &Response) -> Self {
        let number = |name: &str| whole(header(head, name)?);
        Self {
            limit: number(LIMIT),
            window: number(WINDOW_SECONDS),
            remaining: number(REMAINING),
            to_wait: number(SECONDS_TO_WAIT).filter(|it| *it > 0),
            retry_after: number(RETRY_AFTER).or_else(|| retry_date(head)),
        }
    }
}

/// A whole number. One that is beyond all use is the largest: what asks for a wait without end still asks for one.
pub fn whole(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u32::MAX))
}

/// The media type of an answer, with the charset of its body where it names one.
pub fn content_type(head: &Response) -> Option<&str> {
    header(head, CONTENT_TYPE)
}

/// When an answer says that it was made.
pub fn date(head: &Response) -> Option<Instant> {
    Some(rfc2822::parse(header(head, DATE)?).ok()?.timestamp().as_millisecond())
}

/// The longest that an answer takes from its first record to its head, in milliseconds: Qualys' own tools give up after that
/// time.
const LONGEST_ANSWER: Instant = 5 * 60 * 1000;

/// An instant before any record of an answer was read, by the clock of who answers. The head is dated when it is sent, which may be
/// after that.
pub fn before_reading(head: &Response) -> Option<Instant> {
    Some(date(head)?.saturating_sub(LONGEST_ANSWER))
}

fn header<'a>(head: &'a Response, name: &str) -> Option<&'a str> {
    let (_, value) = head.headers.iter().find(|(it, _)| it.eq_ignore_ascii_case(name))?;
    Some(value.trim())
}

/// `Retry-After` as a date: seconds from the answer's own date, as there is no other clock.
fn retry_date(head: &Response) -> Option<u32> {
    let at = rfc2822::parse(header(head, RETRY_AFTER)?).ok()?.timestamp();
    let now = rfc2822::parse(header(head, DATE)?).ok()?.timestamp();
    let seconds = at.as_second().saturating_sub(now.as_second());
    (seconds >= 0).then(|| u32::try_from(seconds).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(headers: &[(&str, &str)]) -> Quota {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Quota::read(&Response { status: 409, headers })
    }

    #[test]
    fn reads_names_in_any_case() {
        let quota = quota(&[("X-RateLimit-Remaining", "299"), ("x-ratelimit-towait-sec", " 12 ")]);
        assert_eq!((quota.remaining, quota.to_wait), (Some(299), Some(12)));
    }

    #[test]
    fn reads_a_date_to_retry_after() {
        let quota = quota(&[
            ("retry-after", "Sun, 01 Nov 2026 00:02:00 GMT"),
            ("date", "Sun, 01 Nov 2026 00:00:30 GMT"),
        ]);
        assert_eq!(quota.retry_after, Some(90));
    }

    #[test]
    fn a_wait_without_end_is_one_and_not_none() {
        for (asked, read) in [("1000000000", 1_000_000_000), ("99999999999999999999999", u32::MAX)] {
            let quota = quota(&[("x-ratelimit-towait-sec", asked), ("retry-after", asked)]);
            assert_eq!((quota.to_wait, quota.retry_after), (Some(read), Some(read)));
        }
        let far =
            [("retry-after", "Wed, 29 Dec 9999 23:59:59 GMT"), ("date", "Sun, 01 Nov 2026 00:00:30 GMT")];
        assert_eq!(quota(&far).retry_after, Some(u32::MAX));
        assert_eq!(quota(&[("retry-after", "-1")]).retry_after, None);
    }

    #[test]
    fn makes_nothing_of_nonsense() {
        let nonsense = quota(&[("x-ratelimit-towait-sec", "soon"), ("retry-after", "later")]);
        assert_eq!(nonsense, Quota::default());
        assert_eq!(quota(&[("x-ratelimit-towait-sec", "0")]).to_wait, None);
    }
}
