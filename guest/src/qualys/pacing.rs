//! When to retry: Qualys limits calls per hour and calls at the same time by subscription, and a
//! tool that ignores the limits blocks all others.

use exhibit_plugin::Error;
use exhibit_plugin::collection::{Pause, PauseReason};
use exhibit_plugin::problem::unavailable;

use super::answer_headers::Quota;

/// After this many pauses in a row the collection fails: by then the back-off alone has taken 100 minutes.
const MAX_ATTEMPTS: u32 = 30;
/// The back-off grows by this step with every pause, up to the cap: as Qualys' own tool
/// (qualysetl) does.
const BACKOFF_STEP_SECONDS: u32 = 15;
const BACKOFF_CAP_SECONDS: u32 = 300;
/// The limit and its window where an answer does not have them: the standard.
const STANDARD_LIMIT: u32 = 300;
const STANDARD_WINDOW_SECONDS: u32 = 3_600;
/// The longest pause that is asked for: subscriptions of fifty calls count them by the day.
const MAX_PAUSE_SECONDS: u32 = 86_400;
/// A window has at most so many pauses for the reserve: each costs a call of it where the
/// source counts by fixed windows, in which waiting gives nothing back until they end.
const RESERVE_PAUSES: u32 = 8;

/// A pause of the length that the source asks for, or else a back-off.
pub(super) fn pause(
    reason: PauseReason,
    seconds: Option<u32>,
    attempt: u32,
    why: &str,
) -> Result<Pause, Error> {
    if attempt >= MAX_ATTEMPTS {
        return Err(
            unavailable(format!("{why}; gave up after {attempt} pauses in a row")).remedy("try again later")
        );
    }
    let backoff = (attempt + 1).saturating_mul(BACKOFF_STEP_SECONDS).min(BACKOFF_CAP_SECONDS);
    let seconds = seconds.unwrap_or(backoff);
    let message = if seconds > MAX_PAUSE_SECONDS {
        // No rate limit of Qualys is counted over more than a day: what asks for more is a mistake, or no Qualys.
        let days = seconds.div_ceil(MAX_PAUSE_SECONDS);
        format!("{why}; Qualys asked for a wait of {days} days, and is asked again after one")
    } else {
        why.to_owned()
    };
    Ok(Pause { seconds: seconds.min(MAX_PAUSE_SECONDS), reason, connection_wide: true, message })
}

/// The pause that leaves `reserve` calls to other tools, where one is needed. It is as long
/// as the source needs, on average, to give back the calls that are missing, and never
/// shorter than a fixed part of the window.
pub(super) fn reserve(quota: &Quota, reserve: u32) -> Option<Pause> {
    let remaining = quota.remaining?;
    let limit = quota.limit.unwrap_or(STANDARD_LIMIT).max(1);
    let window = quota.window.unwrap_or(STANDARD_WINDOW_SECONDS);
    // A small subscription has fewer calls than the usual reserve: half of them are ours.
    let reserve = reserve.min(limit / 2);
    let missing = reserve.checked_sub(remaining)? + 1;
    let seconds = (u64::from(missing) * u64::from(window)).div_ceil(u64::from(limit));
    let seconds = u32::try_from(seconds).unwrap_or(window).clamp(window / RESERVE_PAUSES, window);
    Some(Pause {
        seconds: seconds.min(MAX_PAUSE_SECONDS),
        reason: PauseReason::RateLimit,
        connection_wide: true,
        message: format!(
            "{remaining} of {limit} API calls are left, and {reserve} are reserved for other tools by the setting quota-reserve"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(limit: u32, remaining: u32) -> Quota {
        Quota { limit: Some(limit), window: Some(3_600), remaining: Some(remaining), ..Quota::default() }
    }

    #[test]
    fn leaves_the_reserve_to_others() {
        assert_eq!(reserve(&quota(300, 31), 30), None);
        let seconds = |quota: &Quota| reserve(quota, 30).map(|it| it.seconds);
        assert_eq!(seconds(&quota(300, 30)), Some(450), "an eighth of the hour");
        let message = reserve(&quota(300, 30), 30).expect("a pause").message;
        assert!(message.ends_with("by the setting quota-reserve"), "{message}");
        assert_eq!(seconds(&quota(100, 0)), Some(1_116), "31 calls come back in so long");
        assert_eq!(seconds(&quota(50, 26)), None, "half of a small quota is ours");
        assert_eq!(seconds(&quota(50, 25)), Some(450));
        assert_eq!(reserve(&Quota::default(), 30), None, "no word of a quota");
    }

    #[test]
    fn fixed_windows_keep_most_of_the_reserve() {
        // The worst case: nothing comes back until the hour ends.
        let (mut remaining, mut seconds) = (30, 0);
        while seconds < 3_600 {
            seconds += reserve(&quota(300, remaining), 30).expect("a pause").seconds;
            remaining -= 1;
        }
        assert!(remaining >= 22, "{remaining} are left to others");
    }

    #[test]
    fn asks_for_no_more_than_a_day() {
        let paused = |seconds| pause(PauseReason::RateLimit, Some(seconds), 0, "full").expect("a pause");
        assert_eq!((paused(86_400).seconds, paused(86_400).message.as_str()), (86_400, "full"));
        for (asked, days) in [(86_401, "2"), (1_000_000_000, "11575"), (u32::MAX, "49711")] {
            let said = format!("full; Qualys asked for a wait of {days} days, and is asked again after one");
            assert_eq!((paused(asked).seconds, paused(asked).message), (86_400, said));
        }
    }

    #[test]
    fn backs_off_longer_and_longer_and_gives_up() {
        let seconds = |attempt| pause(PauseReason::Maintenance, None, attempt, "closed").map(|it| it.seconds);
        assert_eq!(seconds(0).ok(), Some(15));
        assert_eq!(seconds(3).ok(), Some(60));
        assert_eq!(seconds(29).ok(), Some(300));
        assert!(seconds(30).is_err());
    }
}
