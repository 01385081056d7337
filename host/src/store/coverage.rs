//! Which times are proven: intervals, gaps between them, and overlaps.

use crate::contract::types::Instant;
use crate::evidence::parse_instant;

use super::package::Package;

/// An interval that a piece of evidence covers, from `start` to before `end`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The first instant that belongs to it.
    pub start: Instant,
    /// The first that no longer does.
    pub end: Instant,
    /// The evidence that covers it, oldest first; empty for a gap.
    pub evidence: Vec<String>,
}

/// What is known of a span of time: intervals that follow on each other and fill it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// In their order. No two that follow on each other are spoken for by the same evidence.
    pub intervals: Vec<Interval>,
}

impl Interval {
    /// The interval that evidence covers: its window, as far as it was over when the source was asked; or, where it
    /// shows a state, from then until it is stale. A call may say what counts as now, and proves no time by
    /// that. `None` where there is no such time.
    pub fn of(package: &Package) -> Option<Self> {
        let kept = &package.kept;
        let (start, end) = match (&kept.window, &kept.expires) {
            (Some(window), _) => (window.start.as_str(), window.end.as_str()),
            (None, Some(expires)) => (kept.as_of.as_str(), expires.as_str()),
            (None, None) => return None,
        };
        let asked = parse_instant(kept.asked.as_deref().unwrap_or(&kept.at))?;
        let (start, end) = (parse_instant(start)?, parse_instant(end)?);
        let (start, end) = match kept.window {
            Some(_) => (start, end.min(asked)),
            None => (start.max(asked), end),
        };
        (start < end).then(|| Self { start, end, evidence: vec![kept.evidence.clone()] })
    }
}

impl Coverage {
    /// What these say of the time from `start` to before `end`.
    pub fn of(pieces: &[Interval], start: Instant, end: Instant) -> Self {
        let within = |at: &Instant| (start..end).contains(at);
        let mut cuts: Vec<Instant> = pieces.iter().flat_map(|it| [it.start, it.end]).filter(within).collect();
        cuts.extend([start, end]);
        cuts.sort_unstable();
        cuts.dedup();
        let mut intervals: Vec<Interval> = Vec::new();
        for pair in cuts.windows(2) {
            let (start, end) = (pair[0], pair[1]);
            let speaks = |it: &&Interval| it.start <= start && end <= it.end;
            let evidence: Vec<String> =
                pieces.iter().filter(speaks).flat_map(|it| it.evidence.iter().cloned()).collect();
            match intervals.last_mut() {
                Some(last) if last.evidence == evidence => last.end = end,
                _ => intervals.push(Interval { start, end, evidence }),
            }
        }
        Self { intervals }
    }

    /// The intervals without evidence.
    pub fn gaps(&self) -> impl Iterator<Item = &Interval> {
        self.intervals.iter().filter(|it| it.evidence.is_empty())
    }

    /// The intervals that more than one piece of evidence covers.
    pub fn overlaps(&self) -> impl Iterator<Item = &Interval> {
        self.intervals.iter().filter(|it| it.evidence.len() > 1)
    }

    /// How much of the span is spoken for, from 0 to 1; an empty span is.
    pub fn share(&self) -> f64 {
        let length = |it: &Interval| (i128::from(it.end) - i128::from(it.start)) as f64;
        let all: f64 = self.intervals.iter().map(length).sum();
        let open: f64 = self.gaps().map(length).sum();
        if all > 0.0 { (all - open) / all } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::catalog::tests::{catalog, kept};
    use super::*;
    use exhibit_records::Span;
    use exhibit_records::{Entry, EvidenceAdded};

    fn piece(name: &str, start: Instant, end: Instant) -> Interval {
        Interval { start, end, evidence: vec![name.to_owned()] }
    }

    fn said(coverage: &Coverage) -> Vec<String> {
        let said = |it: &Interval| format!("{}..{} {}", it.start, it.end, it.evidence.join("+"));
        coverage.intervals.iter().map(said).collect()
    }

    #[test]
    fn stretches_gaps_and_overlaps_fill_the_span() {
        let pieces = [piece("a", -5, 10), piece("b", 8, 20), piece("c", 30, 99)];
        let coverage = Coverage::of(&pieces, 0, 40);
        assert_eq!(said(&coverage), ["0..8 a", "8..10 a+b", "10..20 b", "20..30 ", "30..40 c"]);
        assert_eq!(coverage.share(), 0.75);
        assert_eq!(coverage.gaps().count(), 1);
        assert_eq!(coverage.overlaps().count(), 1);
    }

    #[test]
    fn windows_that_touch_leave_no_gap() {
        let pieces = [piece("a", 0, 10), piece("b", 10, 20)];
        assert_eq!(said(&Coverage::of(&pieces, 0, 20)), ["0..10 a", "10..20 b"]);
    }

    #[test]
    fn a_state_is_proven_until_it_is_stale() {
        let window = Span { start: "2026-10-01T00:00:00Z".into(), end: "2026-11-01T00:00:00Z".into() };
        let scans = EvidenceAdded { window: Some(window), ..kept("b", 2) };
        let endless = EvidenceAdded { expires: None, ..kept("c", 3) };
        let entries = [kept("a", 1), scans, endless].map(Entry::from);
        let catalog = catalog(&entries).expect("a log");
        let at = |text: &str| parse_instant(text).expect("an instant");
        let intervals: Vec<_> = catalog.packages().iter().filter_map(Interval::of).collect();
        assert_eq!(
            intervals,
            [
                piece("a", at("2026-11-01T08:00:00Z"), at("2026-12-01T08:00:00Z")),
                piece("b", at("2026-10-01T00:00:00Z"), at("2026-11-01T00:00:00Z")),
            ]
        );
    }

    #[test]
    fn what_a_call_says_counts_as_now_proves_no_time() {
        let asked =
            |it: EvidenceAdded| EvidenceAdded { asked: Some("2026-11-22T07:00:00Z".to_owned()), ..it };
        let begun = Span { start: "2026-11-01T00:00:00Z".into(), end: "2027-01-01T00:00:00Z".into() };
        let future = Span { start: "2026-12-01T00:00:00Z".into(), end: "2027-01-01T00:00:00Z".into() };
        let entries = [
            // As of the first, good for a month, and asked for on the 22nd.
            asked(kept("a", 1)),
            asked(EvidenceAdded { window: Some(begun), ..kept("b", 2) }),
            asked(EvidenceAdded { window: Some(future), ..kept("c", 3) }),
        ];
        let catalog = catalog(&entries.map(Entry::from)).expect("a log");
        let at = |text: &str| parse_instant(text).expect("an instant");
        let intervals: Vec<_> = catalog.packages().iter().filter_map(Interval::of).collect();
        let asked = at("2026-11-22T07:00:00Z");
        assert_eq!(
            intervals,
            [piece("a", asked, at("2026-12-01T08:00:00Z")), piece("b", at("2026-11-01T00:00:00Z"), asked),]
        );
    }

    proptest! {
        #[test]
        fn every_instant_is_spoken_for_by_what_covers_it(
            spans in proptest::collection::vec((-20i64..60, 1i64..30), 0..8),
            (start, length) in (-10i64..30, 1i64..40),
        ) {
            let pieces: Vec<Interval> = (0..).zip(&spans)
                .map(|(name, (from, long)): (i32, _)| piece(&name.to_string(), *from, from + long)).collect();
            let coverage = Coverage::of(&pieces, start, start + length);
            prop_assert_eq!(coverage.intervals.first().map(|it| it.start), Some(start));
            prop_assert_eq!(coverage.intervals.last().map(|it| it.end), Some(start + length));
            for pair in coverage.intervals.windows(2) {
                prop_assert_eq!(pair[0].end, pair[1].start);
                prop_assert_ne!(&pair[0].evidence, &pair[1].evidence);
            }
            for at in start..start + length {
                let interval = coverage.intervals.iter().find(|it| (it.start..it.end).contains(&at)).expect("one");
                let covers: Vec<String> = pieces.iter().filter(|it| (it.start..it.end).contains(&at))
                    .flat_map(|it| it.evidence.clone()).collect();
                prop_assert_eq!(&interval.evidence, &covers);
            }
        }
    }
}
