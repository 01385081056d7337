//! Caveats of the host about a proof: the caller can say what counts as
//! now and how far its window reaches, and a reader must be able to tell.

use std::collections::BTreeMap;

use exhibit_records::{EarlierProof, Proof, ProvenTime, notes};

use crate::contract::collection::Job;
use crate::contract::types::{Instant, Window};

use super::instant::{format, parse};
use super::pages::Received;

/// Proofs are made for the day: what is further from the clock was meant to be.
pub(crate) const AS_OF_WORTH_TELLING_MS: u64 = 24 * 60 * 60 * 1000;

/// What a reader must know of a job that began at this time, and of the window whose events it shows.
pub(super) fn of(
    job: &Job,
    predecessor: Option<&EarlierProof>,
    events: Option<Window>,
    began: Instant,
    resumed: &[Instant],
    received: &Received,
) -> Vec<String> {
    let mut caveats = Vec::new();
    if let (Some(since), Some(EarlierProof { evidence, .. })) = (job.since, predecessor) {
        caveats.push(format!(
            "Changes since {}, by the clock of the source; predecessor {evidence}. What has not changed since is in that proof.",
            format(since)
        ));
    }
    if job.as_of.abs_diff(began) > AS_OF_WORTH_TELLING_MS {
        caveats.push(format!(
            "Ages and what is overdue are as of {}, as the call says; the source was asked on {}.",
            format(job.as_of),
            format(began)
        ));
    }
    if let Some(window) = events
        && window.end > began
    {
        caveats.push(format!(
            "The window reaches to {}, and the source was asked on {}: what happened there after that is \
             not in this proof.",
            format(window.end),
            format(began)
        ));
    }
    if let Some(offset) = received.clock_offset {
        caveats.push(notes::clock_apart(offset));
    }
    if received.redacted > 0 {
        caveats.push(redacted(received.redacted));
    }
    if !received.blanked.is_empty() {
        caveats.push(notes::blanked(&received.blanked, exhibit_blank::MARK));
    }
    if !resumed.is_empty() {
        let times: Vec<String> = resumed.iter().map(|it| format(*it)).collect();
        caveats.push(notes::resumed(&format(began), &times));
    }
    caveats
}

/// That the evidence was good until an instant that has passed by now. `None` while it is good, or where it has no such end.
pub fn stale(proof: &Proof, now: Instant) -> Option<String> {
    let expires = parse(proof.expires.as_deref()?)?;
    (expires <= now).then(|| {
        format!(
            "the evidence was good until {}, which has passed: it does not show how things are now",
            format(expires)
        )
    })
}

/// The notes that follow from the rest of a record, and from how many times a secret was replaced in its answers and a value
/// blanked: all but those on interruptions. `None` where the record does not say when it began, as formats before 4 do not.
pub(crate) fn expected(
    proof: &Proof,
    job: &Job,
    redacted: u64,
    blanked: &BTreeMap<String, u64>,
) -> Option<Vec<String>> {
    let began = parse(proof.began.as_deref()?)?;
    let events = proof.window.as_ref().filter(|_| proof.proves() == ProvenTime::Events);
    let events = events.and_then(|it| Some(Window { start: parse(&it.start)?, end: parse(&it.end)? }));
    let clock_offset = proof.clock_offset;
    let received = Received { clock_offset, redacted, blanked: blanked.clone(), ..Received::default() };
    Some(of(job, proof.predecessor.as_ref(), events, began, &[], &received))
}

/// That the source repeated a secret so many times: the sum over the index of the answers.
pub(crate) fn redacted(times: u64) -> String {
    let places = if times == 1 { "place" } else { "places" };
    format!(
        "The source repeated a secret of this connection in {times} {places}; it was replaced by {}.",
        crate::http::MARK
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::collection::Task;

    const NOW: Instant = 1_793_491_200_000;
    const HOUR: Instant = 60 * 60 * 1000;

    fn said(as_of: Instant, end: Option<Instant>) -> String {
        let window = end.map(|end| Window { start: 0, end });
        let task = Task::Collect("assets".into());
        let job = Job {
            task,
            settings: vec![],
            criteria: vec![],
            window,
            since: None,
            as_of,
            id: None,
            checkpoint: None,
        };
        of(&job, None, window, NOW, &[], &Received::default()).join(" ")
    }

    #[test]
    fn a_clock_that_was_wrong_is_told() {
        let task = Task::Collect("assets".into());
        let job = Job {
            task,
            settings: vec![],
            criteria: vec![],
            window: None,
            since: None,
            as_of: NOW,
            id: None,
            checkpoint: None,
        };
        let received = Received { clock_offset: Some(-3 * 60 * 60), ..Received::default() };
        insta::assert_snapshot!(of(&job, None, None, NOW, &[], &received).join(" "), @"The clock of the machine that collected this was 3h 00m 00s behind the source's: the times in this proof may be wrong, and it is not counted as proof of any time.");
    }

    #[test]
    fn a_collection_that_was_resumed_says_when() {
        let task = Task::Collect("assets".into());
        let job = Job {
            task,
            settings: vec![],
            criteria: vec![],
            window: None,
            since: None,
            as_of: NOW,
            id: None,
            checkpoint: None,
        };
        insta::assert_snapshot!(of(&job, None, None, NOW, &[NOW + HOUR, NOW + 2 * HOUR], &Received::default()).join(" "), @"The collection began on 2026-11-01T00:00:00Z, was interrupted, and was resumed on 2026-11-01T01:00:00Z, 2026-11-01T02:00:00Z: what changed at the source in between may be in one part of this proof and not in another.");
    }

    #[test]
    fn what_was_good_until_now_is_stale() {
        let mut proof =
            Proof::parse(crate::evidence::examples::record().to_string().as_bytes()).expect("a proof");
        assert_eq!(stale(&proof, Instant::MAX), None, "it has no end");
        proof.expires = Some("2026-11-01T00:00:00Z".to_owned());
        assert_eq!(stale(&proof, NOW - 1), None);
        insta::assert_snapshot!(stale(&proof, NOW).unwrap_or_default(), @"the evidence was good until 2026-11-01T00:00:00Z, which has passed: it does not show how things are now");
    }

    #[test]
    fn secrets_that_were_replaced_are_counted() {
        insta::assert_snapshot!(redacted(1), @"The source repeated a secret of this connection in 1 place; it was replaced by [redacted].");
        insta::assert_snapshot!(redacted(20), @"The source repeated a secret of this connection in 20 places; it was replaced by [redacted].");
    }

    #[test]
    fn a_proof_of_another_time_says_so() {
        assert_eq!(said(NOW - HOUR, Some(NOW)), "", "what happens in the course of a day is usual");
        insta::assert_snapshot!(said(NOW - 48 * HOUR, None), @"Ages and what is overdue are as of 2026-10-30T00:00:00Z, as the call says; the source was asked on 2026-11-01T00:00:00Z.");
        insta::assert_snapshot!(said(NOW, Some(NOW + HOUR)), @"The window reaches to 2026-11-01T01:00:00Z, and the source was asked on 2026-11-01T00:00:00Z: what happened there after that is not in this proof.");
        insta::assert_snapshot!(said(Instant::MIN, Some(Instant::MAX)), @"Ages and what is overdue are as of -9223372036854775808 ms, as the call says; the source was asked on 2026-11-01T00:00:00Z. The window reaches to 9223372036854775807 ms, and the source was asked on 2026-11-01T00:00:00Z: what happened there after that is not in this proof.");
    }
}
