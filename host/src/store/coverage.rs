//! Which times are proven: intervals, gaps between them, and overlaps.

use exhibit_records::ProvenTime;

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

/// Why evidence covers no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoTime {
    /// Neither its plugin nor its entry in the log says what it proves.
    #[error("which time it proves is not known")]
    Unknown,
    /// It shows a state, and has no date until which it is good.
    #[error("it shows how things stood at one instant, and does not say how long it is good")]
    OneInstant,
    /// It shows a state, and was stale when it came.
    #[error("it was stale when the source answered")]
    Stale,
    /// It is not in the store any more.
    #[error("it is missing from the store")]
    Missing,
    /// It has what changed since a proof that is not there as it was, or since one of which that is so.
    #[error("it has only what changed, and an earlier proof that it continues is missing")]
    Broken,
    /// The clock that dated it was not that of the source.
    #[error("the clock of the machine that collected it was wrong")]
    Clock,
    /// It shows events of a window that had not begun when the source was asked.
    #[error("its window had not begun when the source was asked")]
    NotBegun,
    /// It covers nothing before what counts as now.
    #[error("all that it covers is in the future, by the clock of this machine")]
    Future,
}

impl Interval {
    /// The interval that evidence covers: the window whose events it proves, as far as it was over when the source was
    /// asked; or, where it shows a state, from then until it is stale. One that has what changed shows the state together with
    /// those that it continues. A call may say what counts as now, and proves no
    /// time by that.
    ///
    /// # Errors
    ///
    /// Why it covers none.
    pub fn of(package: &Package) -> Result<Self, NoTime> {
        let kept = &package.kept;
        if package.is_missing {
            return Err(NoTime::Missing);
        }
        if !package.is_joined {
            return Err(NoTime::Broken);
        }
        if kept.clock_offset.is_some() {
            return Err(NoTime::Clock);
        }
        let instant = |text: &str| parse_instant(text).ok_or(NoTime::Unknown);
        let asked = instant(kept.asked.as_deref().unwrap_or(&kept.at))?;
        let (start, end) = match package.proves {
            Some(ProvenTime::Events) => {
                let window = kept.window.as_ref().ok_or(NoTime::Unknown)?;
                (instant(&window.start)?, instant(&window.end)?.min(asked))
            }
            Some(ProvenTime::State) => {
                let expires = kept.expires.as_deref().ok_or(NoTime::OneInstant)?;
                let answered = kept.answered.as_deref().map_or(Ok(asked), instant)?;
                // Whatever counted as now for it: it shows how things stood then.
                (answered, instant(expires)?)
            }
            Some(ProvenTime::Nothing) | None => return Err(NoTime::Unknown),
        };
        match package.proves {
            _ if start < end => Ok(Self { start, end, evidence: vec![kept.evidence.clone()] }),
            Some(ProvenTime::State) => Err(NoTime::Stale),
            _ => Err(NoTime::NotBegun),
        }
    }
}

impl Interval {
    /// As far as it is over at this instant: no time in the future is proven.
    ///
    /// # Errors
    ///
    /// Where nothing of it is.
    pub fn until(self, now: Instant) -> Result<Self, NoTime> {
        if self.start >= now { Err(NoTime::Future) } else { Ok(Self { end: self.end.min(now), ..self }) }
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
    use crate::evidence::examples;
    use exhibit_records::{Entry, EvidenceAdded, FORMAT, OriginRecord, Proof, Span};
    use serde_json::json;

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
    fn no_time_in_the_future_is_covered() {
        assert_eq!(piece("a", 5, 30).until(20), Ok(piece("a", 5, 20)));
        assert_eq!(piece("a", 5, 20).until(20), Ok(piece("a", 5, 20)));
        assert_eq!(piece("a", 20, 30).until(20), Err(NoTime::Future));
    }

    #[test]
    fn windows_that_touch_leave_no_gap() {
        let pieces = [piece("a", 0, 10), piece("b", 10, 20)];
        assert_eq!(said(&Coverage::of(&pieces, 0, 20)), ["0..10 a", "10..20 b"]);
    }

    #[test]
    fn a_state_is_proven_until_it_is_stale() {
        let window = Span { start: "2026-10-01T00:00:00Z".into(), end: "2026-11-01T00:00:00Z".into() };
        let scans = EvidenceAdded { window: Some(window), proves: Some(ProvenTime::Events), ..kept("b", 2) };
        let entries = [kept("a", 1), scans].map(Entry::from);
        let catalog = catalog(&entries).expect("a log");
        let at = |text: &str| parse_instant(text).expect("an instant");
        let intervals: Vec<_> = catalog.packages().iter().filter_map(|it| Interval::of(it).ok()).collect();
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
            asked(EvidenceAdded { window: Some(begun), proves: Some(ProvenTime::Events), ..kept("b", 2) }),
            asked(EvidenceAdded { window: Some(future), proves: Some(ProvenTime::Events), ..kept("c", 3) }),
        ];
        let catalog = catalog(&entries.map(Entry::from)).expect("a log");
        let at = |text: &str| parse_instant(text).expect("an instant");
        let intervals: Vec<_> = catalog.packages().iter().filter_map(|it| Interval::of(it).ok()).collect();
        let asked = at("2026-11-22T07:00:00Z");
        assert_eq!(
            intervals,
            [piece("a", asked, at("2026-12-01T08:00:00Z")), piece("b", at("2026-11-01T00:00:00Z"), asked),]
        );
    }

    /// A proof as `proof.json` has it, of a type whose window proves this, asked for on that day.
    fn proof(proves: &str, of_type: bool, window: Option<(&str, &str)>, as_of: &str, asked: &str) -> Proof {
        let span = |it: (&str, &str)| json!({ "start": format!("{}T00:00:00Z", it.0), "end": format!("{}T00:00:00Z", it.1) });
        let chosen = (proves == "events").then_some(("2026-10-16", as_of));
        let at = |day: &str| json!(format!("{day}T00:00:00Z"));
        let mut proof = examples::record();
        proof["format"] = FORMAT.into();
        proof["type"]["window"] = json!(of_type.then_some("when it was"));
        proof["type"]["proves"] = proves.into();
        proof["job"]["window"] = json!(window.map(span));
        proof["job"]["as-of"] = at(as_of);
        proof["window"] = json!(window.or(chosen).filter(|_| of_type).map(span));
        (proof["first-answer"], proof["last-answer"]) = (at(asked), at(asked));
        proof["expires"] = at("2027-02-01");
        Proof::parse(proof.to_string().as_bytes()).expect("a proof")
    }

    /// Every kind of proof type × every kind of window × when the source was asked: only what was proven counts.
    #[test]
    fn only_what_was_proven_is_covered() {
        let kinds = [("events", true), ("state", true), ("state", false), ("nothing", true)];
        let windows = [
            ("none", None),
            ("past", Some(("2026-10-01", "2026-11-01"))),
            ("running", Some(("2026-11-01", "2026-12-01"))),
            ("future", Some(("2027-01-01", "2027-02-01"))),
        ];
        let asked =
            [("2026-11-15", "2026-11-15"), ("2026-12-15", "2026-12-15"), ("2026-11-15", "2026-12-15")];
        let day = |it| crate::evidence::format_instant(it).replace("T00:00:00Z", "");
        let mut table = String::new();
        for (proves, of_type) in kinds {
            for (name, window) in windows {
                for (as_of, asked) in asked {
                    let entry = EvidenceAdded::new(
                        "a",
                        &proof(proves, of_type, window, as_of, asked),
                        b"a",
                        None,
                        format!("{asked}T00:00:01Z"),
                    );
                    let catalog = catalog(&[entry.into()]).expect("a log");
                    let covered = match Interval::of(&catalog.packages()[0]) {
                        Ok(it) => format!("{} to {}", day(it.start), day(it.end)),
                        Err(why) => format!("{why:?}"),
                    };
                    let of = if of_type { proves } else { "state, no window" };
                    table += &format!("{of:17}{name:9}as of {as_of} asked {asked}  {covered}\n");
                }
            }
        }
        insta::assert_snapshot!(table, @"
        events           none     as of 2026-11-15 asked 2026-11-15  2026-10-16 to 2026-11-15
        events           none     as of 2026-12-15 asked 2026-12-15  2026-10-16 to 2026-12-15
        events           none     as of 2026-11-15 asked 2026-12-15  2026-10-16 to 2026-11-15
        events           past     as of 2026-11-15 asked 2026-11-15  2026-10-01 to 2026-11-01
        events           past     as of 2026-12-15 asked 2026-12-15  2026-10-01 to 2026-11-01
        events           past     as of 2026-11-15 asked 2026-12-15  2026-10-01 to 2026-11-01
        events           running  as of 2026-11-15 asked 2026-11-15  2026-11-01 to 2026-11-15
        events           running  as of 2026-12-15 asked 2026-12-15  2026-11-01 to 2026-12-01
        events           running  as of 2026-11-15 asked 2026-12-15  2026-11-01 to 2026-12-01
        events           future   as of 2026-11-15 asked 2026-11-15  NotBegun
        events           future   as of 2026-12-15 asked 2026-12-15  NotBegun
        events           future   as of 2026-11-15 asked 2026-12-15  NotBegun
        state            none     as of 2026-11-15 asked 2026-11-15  2026-11-15 to 2027-02-01
        state            none     as of 2026-12-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state            none     as of 2026-11-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state            past     as of 2026-11-15 asked 2026-11-15  2026-11-15 to 2027-02-01
        state            past     as of 2026-12-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state            past     as of 2026-11-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state            running  as of 2026-11-15 asked 2026-11-15  2026-11-15 to 2027-02-01
        state            running  as of 2026-12-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state            running  as of 2026-11-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state            future   as of 2026-11-15 asked 2026-11-15  2026-11-15 to 2027-02-01
        state            future   as of 2026-12-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state            future   as of 2026-11-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state, no window none     as of 2026-11-15 asked 2026-11-15  2026-11-15 to 2027-02-01
        state, no window none     as of 2026-12-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state, no window none     as of 2026-11-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state, no window past     as of 2026-11-15 asked 2026-11-15  2026-11-15 to 2027-02-01
        state, no window past     as of 2026-12-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state, no window past     as of 2026-11-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state, no window running  as of 2026-11-15 asked 2026-11-15  2026-11-15 to 2027-02-01
        state, no window running  as of 2026-12-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state, no window running  as of 2026-11-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state, no window future   as of 2026-11-15 asked 2026-11-15  2026-11-15 to 2027-02-01
        state, no window future   as of 2026-12-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        state, no window future   as of 2026-11-15 asked 2026-12-15  2026-12-15 to 2027-02-01
        nothing          none     as of 2026-11-15 asked 2026-11-15  Unknown
        nothing          none     as of 2026-12-15 asked 2026-12-15  Unknown
        nothing          none     as of 2026-11-15 asked 2026-12-15  Unknown
        nothing          past     as of 2026-11-15 asked 2026-11-15  Unknown
        nothing          past     as of 2026-12-15 asked 2026-12-15  Unknown
        nothing          past     as of 2026-11-15 asked 2026-12-15  Unknown
        nothing          running  as of 2026-11-15 asked 2026-11-15  Unknown
        nothing          running  as of 2026-12-15 asked 2026-12-15  Unknown
        nothing          running  as of 2026-11-15 asked 2026-12-15  Unknown
        nothing          future   as of 2026-11-15 asked 2026-11-15  Unknown
        nothing          future   as of 2026-12-15 asked 2026-12-15  Unknown
        nothing          future   as of 2026-11-15 asked 2026-12-15  Unknown
        ");
    }

    #[test]
    fn a_filter_makes_other_evidence_and_a_window_that_was_not_asked_for_does_not() {
        let october = Some(("2026-10-01", "2026-11-01"));
        let of = |proves, of_type, window| {
            EvidenceAdded::new(
                "a",
                &proof(proves, of_type, window, "2026-11-15", "2026-11-15"),
                b"",
                None,
                String::new(),
            )
        };
        assert!(!of("state", true, None).same_as(&of("state", true, october)), "another list");
        assert!(!of("nothing", true, october).same_as(&of("events", true, october)), "who knows");
        let later = |it: EvidenceAdded| EvidenceAdded { as_of: "2026-12-15T00:00:00Z".to_owned(), ..it };
        assert!(of("events", true, october).same_as(&later(of("events", true, october))), "the same events");
        assert!(!of("state", true, october).same_as(&later(of("state", true, october))), "another state");
        assert!(
            !of("nothing", true, october).same_as(&later(of("nothing", true, october))),
            "perhaps another state"
        );
        assert!(of("state", false, None).same_as(&of("state", false, october)), "the same list");
        assert!(!of("events", true, None).same_as(&of("events", true, october)), "another time");
        assert!(of("events", true, None).same_as(&of("events", true, Some(("2026-10-16", "2026-11-15")))));
        assert_eq!(of("state", true, october).label, " window=2026-10-01..2026-11-01");
    }

    #[test]
    fn a_label_tells_two_sources_of_one_machine_apart() {
        let label = |urls: &[&str]| {
            let mut proof = proof("state", false, None, "2026-11-15", "2026-11-15");
            let origin = |url: &&str| OriginRecord { name: "api".to_owned(), url: (*url).to_owned() };
            proof.origins = urls.iter().map(origin).collect();
            EvidenceAdded::new("a", &proof, b"", None, String::new()).label
        };
        assert_eq!(label(&["http://127.0.0.1:8001"]), "127.0.0.1:8001");
        assert_eq!(label(&["https://api.example:443", "https://b.example"]), "api.example, b.example");
    }

    #[test]
    fn what_covers_no_time_says_why() {
        let window = Some(Span { start: "2026-10-01T00:00:00Z".into(), end: "2026-11-01T00:00:00Z".into() });
        let of = |it: EvidenceAdded| {
            let catalog = catalog(&[it.into()]).expect("a log");
            Interval::of(&catalog.packages()[0]).expect_err("no time")
        };
        assert_eq!(of(EvidenceAdded { expires: None, ..kept("a", 1) }), NoTime::OneInstant);
        for proves in [None, Some(ProvenTime::Nothing)] {
            assert_eq!(of(EvidenceAdded { proves, ..kept("a", 1) }), NoTime::Unknown, "{proves:?}");
            let windowed = EvidenceAdded { proves, window: window.clone(), ..kept("a", 1) };
            assert_eq!(of(windowed), NoTime::Unknown, "{proves:?}: a window may have been a filter");
        }
        let asked = Some("2027-01-01T00:00:00Z".to_owned());
        assert_eq!(of(EvidenceAdded { asked, ..kept("a", 1) }), NoTime::Stale, "as it came");
        assert_eq!(of(EvidenceAdded { clock_offset: Some(-700), ..kept("a", 1) }), NoTime::Clock);
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
