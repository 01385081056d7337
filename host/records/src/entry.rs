//! What a store's log says: one JSON object an entry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::digest::Digest;
use crate::proof::{Argument, EarlierProof, OriginRecord, PartRecord, Proof, ProvenTime, Span};
use crate::run::Run;
use crate::verdict::{Verdict, Verdicts};

/// A label for people is cut to so many characters: an entry has 64 KiB for all that it says.
const LABEL_CHARS: usize = 200;

/// Something that happened in a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub enum Entry {
    /// Evidence came.
    Kept(Box<EvidenceAdded>),
    /// Tests were run over evidence that was there.
    Tested(EvidenceTested),
    /// Evidence was removed on purpose. What it was, the entry of its coming still says.
    Pruned(EvidencePruned),
}

/// Evidence came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EvidenceAdded {
    /// When, RFC 3339, by the host's clock.
    pub at: String,
    /// Its folder's name.
    pub evidence: String,
    /// Of its `proof.json`, which has the digests of all other files.
    pub proof: Digest,
    /// The plugin's file, as it is kept in the store; of the compressed bytes.
    pub plugin: Option<Digest>,
    /// What was collected.
    #[serde(rename = "type")]
    pub proof_type: String,
    /// From where, and narrowed down to what: for people.
    pub label: String,
    /// The same, in full, as a digest: what has the same one differs in its time alone.
    pub about: Digest,
    /// The time that it covers. `None` in entries of before this was said: then it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proves: Option<ProvenTime>,
    /// The window whose events it proves, or that filters a state; or that was asked for, where neither is known.
    pub window: Option<Span>,
    /// What counted as now, RFC 3339.
    pub as_of: String,
    /// When the source was asked, RFC 3339: when the collection began; in entries of before that was said, when its first
    /// answer came. `None` where none came.
    pub asked: Option<String>,
    /// The instant of the source's own clock from which a later proof can have what changed since this one, RFC 3339. `None`
    /// where none can, and in entries of before this was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<String>,
    /// From which instant of the source's own clock on it has what changed, RFC 3339. `None` where it has all that there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The proof whose point that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<EarlierProof>,
    /// When its last answer came, RFC 3339. `None` where none came, and in entries of before this was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<String>,
    /// Seconds by which the clock that dated it was ahead of the source's; `None` where they agree within minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset: Option<i64>,
    /// From when on it is stale, RFC 3339.
    pub expires: Option<String>,
    /// How many rows it has.
    pub rows: u64,
    /// Whether as many came as the source said that there are, where it says so.
    pub complete: Option<bool>,
    /// The evidence that it takes the place of: of the same things at the same time.
    pub supersedes: Option<String>,
    /// What the tests came to that were run when it was collected, where some were.
    pub tests: Option<Outcomes>,
    /// The verdict of each of these tests, by its name: the same name is the same test, as in `run.json`. `None` where none
    /// were run, and in entries of before this was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdicts: Option<Verdicts>,
}

/// How many tests came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcomes {
    /// All rows that had to pass did.
    pub passed: u32,
    /// Too many failed.
    pub failed: u32,
    /// Too many could not be judged.
    pub inconclusive: u32,
}

/// Tests were run over evidence that was there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EvidenceTested {
    /// When, RFC 3339, by the host's clock.
    pub at: String,
    /// The evidence.
    pub evidence: String,
    /// The run's folder within it.
    pub run: String,
    /// Of its `run.json`, which has the digests of all other files of the run.
    pub digest: Digest,
    /// What they came to. `None` in entries of before this was said.
    pub tests: Option<Outcomes>,
    /// The verdict of each of them, by its name. `None` in entries of before this was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdicts: Option<Verdicts>,
}

/// Evidence was removed on purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EvidencePruned {
    /// When, RFC 3339, by the host's clock.
    pub at: String,
    /// The evidence.
    pub evidence: String,
    /// Of its `proof.json`.
    pub proof: Digest,
    /// Under which rule, for people.
    pub why: String,
}

impl From<&Run> for Outcomes {
    fn from(run: &Run) -> Self {
        run.tests.iter().map(|it| it.outcome).collect()
    }
}

impl FromIterator<Verdict> for Outcomes {
    fn from_iter<T: IntoIterator<Item = Verdict>>(verdicts: T) -> Self {
        let mut outcomes = Self::default();
        for verdict in verdicts {
            match verdict {
                Verdict::Pass => outcomes.passed += 1,
                Verdict::Fail => outcomes.failed += 1,
                _ => outcomes.inconclusive += 1,
            }
        }
        outcomes
    }
}

impl From<EvidenceAdded> for Entry {
    fn from(kept: EvidenceAdded) -> Self {
        Self::Kept(Box::new(kept))
    }
}

impl EvidenceAdded {
    /// Of evidence with this `proof.json`. It supersedes nothing yet.
    pub fn new(evidence: &str, proof: &Proof, json: &[u8], run: Option<&Run>, at: String) -> Self {
        let plugin = proof.parts.iter().find(|it| it.is_plugin());
        Self {
            at,
            evidence: evidence.to_owned(),
            proof: Digest::of(json),
            plugin: plugin.map(|it: &PartRecord| it.digest),
            proof_type: proof.proof_type.name.clone(),
            label: label(proof, true),
            about: about(proof),
            proves: Some(proof.proves()),
            window: window(proof),
            as_of: proof.job.as_of.clone(),
            asked: proof.asked().cloned(),
            point: proof.followed_from().cloned(),
            since: proof.job.since.clone(),
            predecessor: proof.predecessor.clone(),
            answered: proof.last_answer.clone(),
            clock_offset: proof.clock_offset,
            expires: proof.expires.clone(),
            rows: proof.rows,
            complete: proof.completeness.complete,
            supersedes: None,
            tests: run.map(Outcomes::from),
            verdicts: run.and_then(Run::verdicts),
        }
    }

    /// Whether it covers the same things at the same time: the same events, or the same state as of the same instant.
    pub fn same_as(&self, other: &Self) -> bool {
        let has_same = self.since == other.since && self.predecessor == other.predecessor;
        let alike = has_same
            && self.about == other.about
            && self.proves == other.proves
            && self.window == other.window;
        alike && (self.proves == Some(ProvenTime::Events) || self.as_of == other.as_of)
    }
}

fn window(proof: &Proof) -> Option<Span> {
    match proof.proves() {
        ProvenTime::Events | ProvenTime::State => proof.window.clone(),
        ProvenTime::Nothing => proof.job.window.clone(),
    }
}

/// The label of evidence as entries of before had it: without the ports of its origins.
pub fn label_without_ports(proof: &Proof) -> String {
    label(proof, false)
}

fn label(proof: &Proof, with_ports: bool) -> String {
    let host = |it: &OriginRecord| match Url::parse(&it.url) {
        // A port that is not the usual one tells two sources of one machine apart.
        Ok(url) => match (url.host_str(), url.port().filter(|_| with_ports)) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => it.url.clone(),
        },
        Err(_) => it.url.clone(),
    };
    let mut hosts: Vec<String> = proof.origins.iter().map(host).collect();
    hosts.sort();
    hosts.dedup();
    let said = |it: &Argument| match &it.value {
        serde_json::Value::String(text) => format!("{}={text}", it.name),
        value => format!("{}={value}", it.name),
    };
    let from = proof.account.clone().unwrap_or_else(|| hosts.join(", "));
    let day = |it: &str| it.strip_suffix("T00:00:00Z").unwrap_or(it).to_owned();
    let filter = proof.filter().map(|it| format!("window={}..{}", day(&it.start), day(&it.end)));
    let criteria = proof.job.criteria.iter().map(said);
    let all: Vec<String> = std::iter::once(from).chain(criteria).chain(filter).collect();
    let label = all.join(" ");
    match label.char_indices().nth(LABEL_CHARS) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label,
    }
}

/// What is collected from where, without its time, and without settings that change only how.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Terms<'a> {
    /// The id of the plugin.
    pub plugin: &'a str,
    /// The proof type.
    pub proof_type: &'a str,
    /// The name of the account, where it has one.
    pub account: Option<&'a str>,
    /// The origins that answered, in the order of their names.
    pub origins: &'a [OriginRecord],
    /// The criteria, defaults included.
    pub criteria: &'a [Argument],
}

impl Terms<'_> {
    /// What is the same for equal terms alone.
    pub fn digest(&self) -> Digest {
        // None of it has keys that are no texts, which is all that JSON refuses.
        Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// The terms of a proof, as a digest.
pub fn about(proof: &Proof) -> Digest {
    Terms {
        plugin: &proof.plugin.id,
        proof_type: &proof.proof_type.name,
        account: proof.account.as_deref(),
        origins: &proof.origins,
        criteria: &proof.job.criteria,
    }
    .digest()
}
