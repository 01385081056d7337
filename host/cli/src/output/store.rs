//! Stores, and the evidence in them.

use exhibit::contract::types::Instant;
use exhibit::evidence::format_instant;
use exhibit::store::{Coverage, Interval, Package, PrunePlan, Pruned, State};
use exhibit_records::{EvidenceAdded, EvidencePruned, EvidenceTested, Outcomes, Verdicts};
use schemars::JsonSchema;
use serde::Serialize;

/// What `exhibit evidence init` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct StoreOutput<'a> {
    /// Where the store is.
    pub(crate) store: String,
    /// What its log is called.
    pub(crate) name: &'a str,
    /// The public key of its log, as tools for signed notes take it.
    pub(crate) verifier_key: &'a str,
}

/// What `exhibit evidence list` prints of each piece of evidence.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ListedOutput<'a> {
    state: StateOutput,
    /// The log's entry of its addition.
    kept: &'a EvidenceAdded,
    /// Where in the log that entry is, counted from 0.
    index: u64,
    /// The log's entries of later test runs.
    runs: &'a [EvidenceTested],
    /// The evidence that took its place.
    superseded_by: Option<&'a str>,
    /// The log's entry of its removal.
    pruned: Option<&'a EvidencePruned>,
}

/// What evidence is worth now.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum StateOutput {
    /// It stands.
    Current,
    /// It has expired.
    Stale,
    /// The log lists it, and it is not in the store.
    Missing,
    /// Other evidence of the same things at the same time has taken its place.
    Superseded,
    /// It was removed.
    Pruned,
}

impl<'a> ListedOutput<'a> {
    /// At this instant.
    pub(crate) fn new(it: &'a Package, now: Instant) -> Self {
        Self {
            state: match it.state(now) {
                State::Current => StateOutput::Current,
                State::Stale => StateOutput::Stale,
                State::Missing => StateOutput::Missing,
                State::Superseded => StateOutput::Superseded,
                State::Pruned => StateOutput::Pruned,
            },
            kept: &it.kept,
            index: it.index,
            runs: &it.runs,
            superseded_by: it.superseded_by.as_deref(),
            pruned: it.pruned.as_ref(),
        }
    }
}

/// What `exhibit evidence coverage` prints of each connection and what it was narrowed down to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CoverageOutput<'a> {
    /// For people: which connection and criteria.
    from: &'a str,
    /// The part of the span that is proven: 0 to 1.
    share: f64,
    /// All of the span, piece by piece.
    #[serde(rename = "stretches")]
    intervals: Vec<StretchOutput<'a>>,
    /// Those that no evidence covers.
    gaps: Vec<StretchOutput<'a>>,
    /// Those that several cover.
    overlaps: Vec<StretchOutput<'a>>,
    /// Evidence that covers no time at all.
    #[serde(rename = "not-counted")]
    uncounted: Vec<UncountedOutput<'a>>,
    /// Since when none of the evidence is good any more, RFC 3339. `None` while some is.
    #[serde(rename = "stale-since")]
    stale_since: Option<String>,
}

/// Evidence that covers no time.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UncountedOutput<'a> {
    pub(crate) evidence: &'a str,
    /// Why.
    pub(crate) why: String,
}

/// A part of a span of time.
#[derive(Debug, Serialize, JsonSchema)]
struct StretchOutput<'a> {
    /// The first instant that belongs to it, RFC 3339.
    start: String,
    /// The first that no longer does.
    end: String,
    /// What covers it, oldest first.
    evidence: &'a [String],
}

impl<'a> CoverageOutput<'a> {
    pub(crate) fn new(
        label: &'a str,
        coverage: &'a Coverage,
        uncounted: Vec<UncountedOutput<'a>>,
        stale_since: Option<Instant>,
    ) -> Self {
        Self {
            from: label,
            share: coverage.share(),
            intervals: coverage.intervals.iter().map(StretchOutput::from).collect(),
            gaps: coverage.gaps().map(StretchOutput::from).collect(),
            overlaps: coverage.overlaps().map(StretchOutput::from).collect(),
            uncounted,
            stale_since: stale_since.map(format_instant),
        }
    }
}

impl<'a> From<&'a Interval> for StretchOutput<'a> {
    fn from(it: &'a Interval) -> Self {
        Self { start: format_instant(it.start), end: format_instant(it.end), evidence: &it.evidence }
    }
}

/// What `exhibit evidence prune` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PrunedOutput<'a> {
    /// Whether it was removed; otherwise this is what would be.
    pruned: bool,
    evidence: Vec<PrunedEvidenceOutput<'a>>,
    /// What the rules name, too, and stays: a test over it failed or was inconclusive, and `--evidence` with its name removes it; or
    /// another proof has only what changed since it.
    kept: Vec<PrunedEvidenceOutput<'a>>,
}

/// A piece of evidence to remove, or to keep.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct PrunedEvidenceOutput<'a> {
    /// Its name.
    evidence: &'a str,
    /// Which rule names it, for people, and for the log.
    why: &'a str,
    /// How large it is, without its plugin.
    bytes: Option<u64>,
    /// How many tests passed, failed or were inconclusive in the last run over it.
    tests: Option<Outcomes>,
    /// The last verdict of each test over it, by the test's name, as far as the log names them.
    verdicts: &'a Verdicts,
    /// Which of its tests failed or were inconclusive, for people.
    not_passed: Option<&'a str>,
    /// A proof that stays and has only what changed since this one.
    needed_by: Option<&'a str>,
}

impl<'a> PrunedOutput<'a> {
    /// `pruned`: whether it was done.
    pub(crate) fn new(plan: &'a PrunePlan, pruned: bool) -> Self {
        let all = |them: &'a [Pruned]| them.iter().map(PrunedEvidenceOutput::from).collect();
        Self { pruned, evidence: all(&plan.removed), kept: all(&plan.kept) }
    }
}

impl<'a> From<&'a Pruned> for PrunedEvidenceOutput<'a> {
    fn from(it: &'a Pruned) -> Self {
        Self {
            evidence: &it.evidence,
            why: &it.why,
            bytes: it.bytes,
            tests: it.tests,
            verdicts: &it.verdicts,
            not_passed: it.not_passed.as_deref(),
            needed_by: it.needed_by.as_deref(),
        }
    }
}
