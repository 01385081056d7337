//! `proof.json`: what a proof is, how it was made, and how complete it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::counts::Counts;
use crate::digest::Digest;
use crate::version::{self, ReadError, wrong};

/// The layout that this version writes. Grows with any change that a reader must know.
pub const FORMAT: u32 = 4;
/// The formats that are read: each that was released stays in this list.
const READ: &[u32] = &[2, 3, 4];
/// The first format that says what time a proof covers.
pub const PROVES_SINCE: u32 = 4;
/// What makes a folder evidence: the name of its record.
pub const PROOF_FILE: &str = "proof.json";
/// Where the plugin that collected it is, in the evidence's folder.
pub const PLUGIN_FILE: &str = "plugin.wasm.zst";

/// The whole of `proof.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Proof {
    /// The layout's version.
    pub format: u32,
    /// What was collected.
    #[serde(rename = "type")]
    pub proof_type: Type,
    /// What was asked for.
    pub job: Job,
    /// The window that the rows are of: that of the job, or the one that the plugin chose where the job has none. `None`
    /// where there is none, and in formats before 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Span>,
    /// The instant of the source's own clock before which every change is in this proof, and from which a later one has what
    /// changed, RFC 3339. `None` where the source did not date its answers, or does not tell changes, and in formats before 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<String>,
    /// The proof that this one has the changes since: its point is [`Job::since`]. `None` where it has all that there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub predecessor: Option<EarlierProof>,
    /// Where it was collected from.
    pub origins: Vec<OriginRecord>,
    /// The name that the operator gave the account, where there are several.
    pub account: Option<String>,
    /// The plugin that collected it.
    pub plugin: PluginRecord,
    /// The version of Exhibit that ran the plugin.
    pub host: String,
    /// When the collection began, RFC 3339: before the source was asked for anything. `None` in formats before 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<String>,
    /// When the first answer arrived, RFC 3339.
    pub first_answer: Option<String>,
    /// When the last answer arrived, RFC 3339.
    pub last_answer: Option<String>,
    /// Seconds by which the clock of the machine that collected it was ahead of the source's, by the dates of the answers;
    /// negative where it was behind. `None` where they agree within minutes, or the dates were not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_offset: Option<i64>,
    /// What the host counted: requests, answers, bytes, retries, waits.
    pub counts: Counts,
    /// Answers that gave rows or could have.
    pub pages: u32,
    /// Rows kept.
    pub rows: u64,
    /// How complete it is.
    pub completeness: Completeness,
    /// What came of an operation. Left out where it is no operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OperationOutcome>,
    /// What a reader must know, as the plugin has it.
    pub notes: Vec<String>,
    /// What a reader must know, as the host has it.
    pub host_notes: Vec<String>,
    /// What could not become a row.
    pub rejections: Rejections,
    /// The other files and their digests.
    pub parts: Vec<PartRecord>,
    /// From when on it is stale, RFC 3339. `None` where no expiry was set.
    pub expires: Option<String>,
    /// The key that signs it: 64 hex digits. `None` where it is not signed.
    pub signed_by: Option<String>,
    /// The URL of the authority that stamps the time. `None` where it has no time stamp.
    pub timestamped_by: Option<String>,
}

/// A proof type, as its plugin describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Type {
    /// How the command line names it.
    pub name: String,
    /// For people.
    pub label: String,
    /// What it shows, and what it does not.
    pub help: String,
    /// Whether it is an operation: something that was done at the source, and no list of what is there. Left out where it
    /// is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub operation: bool,
    /// The columns, in the order of every row.
    pub fields: Vec<Field>,
    /// The fields that together tell one row from another.
    pub key: Vec<String>,
    /// What a window is held against at the source. `None` where it has no notion of one.
    pub window: Option<String>,
    /// The time that a proof covers. `None` in formats before 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proves: Option<ProvenTime>,
    /// What proofs of what changed have, where the source can be asked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<ChangesUse>,
    /// Rights and licences that the account needed.
    pub needs: Vec<String>,
    /// A page at the source that shows the same things.
    pub link: Option<Link>,
}

/// What a proof of what changed since an earlier one has, as its plugin describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChangesUse {
    /// What counts as a change, and which changes the source does not tell.
    pub help: String,
    /// Fields that change without the record counting as changed: in a row of an earlier proof they are as they were then.
    pub lagging: Vec<String>,
    /// The field that is true in the row of a record that no longer meets the criteria. `None` where there are no such rows.
    pub left: Option<String>,
}

/// A proof that another one continues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlierProof {
    /// Its name in the store that both are in.
    pub evidence: String,
    /// Of its `proof.json`.
    pub proof: Digest,
}

/// The time that a proof covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProvenTime {
    /// Its window: what happened in it, as far as it was over when the source was asked.
    Events,
    /// The instant at which the source was asked. A window, where it has one, left out records by a date of theirs that
    /// later events change: how things stood in the window is not known.
    State,
    /// No time that is known.
    Nothing,
}

/// What came of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OperationOutcome {
    /// It took effect, and ended well as far as it was waited for.
    Done,
    /// It had no effect, or ended otherwise than it should.
    NotDone,
    /// That is not known: a person has to look at the source.
    Unknown,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Field {
    /// Its key in `rows.ndjson.zst`.
    pub name: String,
    /// Its heading in `proof.csv`.
    pub label: String,
    /// What it holds: the contract's word.
    pub kind: String,
    /// Where it comes from, and what empty and absent mean.
    pub help: String,
    /// Whether it is in `proof.csv`.
    pub shown: bool,
    /// Names or addresses of persons.
    pub personal: bool,
}

/// A page for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Link {
    /// The origin whose portal it is at.
    pub origin: String,
    /// The page there.
    pub path: String,
    /// The whole address, where the portal is known.
    pub url: Option<String>,
    /// How the page differs from the proof.
    pub note: Option<String>,
}

/// What was asked for: with the answers and the plugin, all that it takes to make the
/// same rows again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Job {
    /// The connection's settings.
    pub settings: Vec<Argument>,
    /// What the proof was narrowed down to.
    pub criteria: Vec<Argument>,
    /// The interval that was asked for, from `start` to before `end`.
    pub window: Option<Span>,
    /// From which instant of the source's own clock on it has what changed, RFC 3339. Left out where it has all that there is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What counted as now, RFC 3339.
    pub as_of: String,
    /// Tells this run of an operation from every other one. Left out where it is no operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A half-open span of time, RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The first instant that belongs to it.
    pub start: String,
    /// The first that no longer does.
    pub end: String,
}

/// A named, typed value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// The parameter's name.
    pub name: String,
    /// The contract's word for what it holds. `None` where it holds nothing.
    pub kind: Option<String>,
    /// As in `rows.ndjson.zst`.
    pub value: serde_json::Value,
}

/// Where requests went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OriginRecord {
    /// How the answers' index names it.
    pub name: String,
    /// Where it is.
    pub url: String,
}

/// The plugin that made a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PluginRecord {
    /// The manifest's id.
    pub id: String,
    /// The plugin's version.
    pub version: String,
    /// Of the component's bytes.
    pub digest: Digest,
}

/// What was there, and what became of it. `received` is the sum of the four below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Completeness {
    /// How many records the source said that there are, where it says so.
    pub declared: Option<u64>,
    /// Whether as many came. `None` where the source does not say how many there are.
    pub complete: Option<bool>,
    /// Records that came.
    pub received: u64,
    /// Those that became rows.
    pub kept: u64,
    /// Those that could not.
    pub rejected: u64,
    /// Those whose key had come before.
    pub duplicates: u64,
    /// Those outside the window.
    pub outside_window: u64,
    /// Rows kept whose key is that of an earlier row, too. `None` where they were not counted, and in formats before 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeated_keys: Option<u64>,
}

/// What could not become a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejections {
    /// How many there are.
    pub count: u64,
    /// The first of them.
    pub first: Vec<RejectionRecord>,
}

/// A record of the source that could not become a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectionRecord {
    /// Which one.
    pub subject: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Another file of the same evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartRecord {
    /// From the evidence's folder on.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Of its bytes.
    pub digest: Digest,
    /// What is in it, where it is kept in zstd frames. `None` where it is kept as it is.
    pub content: Option<ContentRecord>,
}

/// What is in a file that is kept in zstd frames: the same however it was compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentRecord {
    /// Its size.
    pub bytes: u64,
    /// Of its bytes.
    pub digest: Digest,
}

impl ProvenTime {
    /// As records have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::State => "state",
            Self::Nothing => "nothing",
        }
    }
}

impl Proof {
    /// Reads the bytes of a `proof.json`.
    ///
    /// # Errors
    /// Where it is no such record, or of a format that no version up to this one has written.
    pub fn parse(json: &[u8]) -> Result<Self, ReadError> {
        let proof: Self = version::parse(json, PROOF_FILE, READ)?;
        let says = [
            ("proves", proof.proof_type.proves.is_some()),
            ("window", proof.window.is_some()),
            ("repeated-keys", proof.completeness.repeated_keys.is_some()),
            ("point", proof.point.is_some()),
            ("since", proof.job.since.is_some()),
            ("predecessor", proof.predecessor.is_some()),
        ];
        let format = proof.format;
        match says.into_iter().find(|(_, is_there)| *is_there) {
            Some((field, _)) if format < PROVES_SINCE => {
                Err(wrong(format!("format {format} has no `{field}`")))
            }
            _ if format >= PROVES_SINCE && proof.proof_type.proves.is_none() => {
                Err(wrong(format!("format {format} has `proves` in its type")))
            }
            _ => Ok(proof),
        }
    }

    /// The time that it covers. Formats before 4 say so only where the source has no notion of a window: then it is a
    /// state.
    pub fn proves(&self) -> ProvenTime {
        match (self.proof_type.proves, &self.proof_type.window) {
            (Some(proves), _) => proves,
            (None, None) => ProvenTime::State,
            (None, Some(_)) => ProvenTime::Nothing,
        }
    }

    /// The span whose events it proves: its window, as far as it was over when the collection began, or in formats before 4
    /// when the first answer came. `None` where it proves no span.
    pub fn proven_span(&self) -> Option<Span> {
        let window = self.window.as_ref().filter(|_| self.proves() == ProvenTime::Events)?;
        // All are in UTC and in one form; without the Z, which sorts behind the point of a fraction, they sort as times do.
        let time = |it: &&String| it.trim_end_matches('Z').to_owned();
        let end = self.asked().into_iter().chain([&window.end]).min_by_key(time)?;
        (time(&&window.start) < time(&end)).then(|| Span { start: window.start.clone(), end: end.clone() })
    }

    /// When the source was asked, as far as that is known: not later than this.
    pub fn asked(&self) -> Option<&String> {
        self.began.as_ref().or(self.first_answer.as_ref())
    }

    /// The point from which a later proof can have what changed since this one. `None` where this one lacks something: then a
    /// record that it does not have, and that does not change again, would be in neither.
    pub fn followed_from(&self) -> Option<&String> {
        let is_whole = self.completeness.complete != Some(false) && self.rejections.count == 0;
        self.point.as_ref().filter(|_| is_whole && !self.proof_type.operation && self.window.is_none())
    }

    /// The window that a proof of a state is narrowed down to, by a date of each record.
    pub fn filter(&self) -> Option<&Span> {
        self.window.as_ref().filter(|_| self.proves() == ProvenTime::State)
    }

    /// The record of the file of this path.
    pub fn part(&self, path: &str) -> Option<&PartRecord> {
        self.parts.iter().find(|it| it.path == path)
    }
}

impl PartRecord {
    /// A file of this path, and what its writing came to.
    pub fn new(path: &str, (bytes, digest): (u64, Digest)) -> Self {
        Self { path: path.to_owned(), bytes, digest, content: None }
    }

    /// Whether it is the plugin.
    pub fn is_plugin(&self) -> bool {
        self.path == PLUGIN_FILE
    }

    /// Of what the file says, however it is kept.
    pub fn meaning(&self) -> Digest {
        self.content.map_or(self.digest, |it| it.digest)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A proof of this format, and with these fields.
    fn parsed(format: u32, proves: Option<&str>, window: bool, repeated: bool) -> Result<Proof, String> {
        let mut proof = json!({
            "format": format,
            "type": { "name": "scans", "label": "", "help": "", "fields": [], "key": [], "window": "when", "needs": [],
                      "link": null },
            "job": { "settings": [], "criteria": [], "window": null, "as-of": "2026-11-01T00:00:00Z" },
            "origins": [], "account": null, "host": "0.1.0",
            "plugin": { "id": "example", "version": "1.0.0", "digest": Digest::of(b"plugin") },
            "first-answer": "2026-10-15T00:00:00Z", "last-answer": null, "counts": Counts::default(), "pages": 1, "rows": 0,
            "completeness": { "declared": null, "complete": null, "received": 0, "kept": 0, "rejected": 0,
                              "duplicates": 0, "outside-window": 0 },
            "notes": [], "host-notes": [], "rejections": { "count": 0, "first": [] }, "parts": [],
            "expires": null, "signed-by": null, "timestamped-by": null,
        });
        if let Some(proves) = proves {
            proof["type"]["proves"] = proves.into();
        }
        if window {
            proof["window"] = json!({ "start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z" });
        }
        if repeated {
            proof["completeness"]["repeated-keys"] = 1.into();
        }
        Proof::parse(proof.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_format_does_not_have_is_refused_and_what_it_has_must_be_there() {
        assert!(parsed(3, None, false, false).is_ok());
        for (proves, window, repeated) in
            [(Some("state"), false, false), (None, true, false), (None, false, true)]
        {
            let refused = parsed(3, proves, window, repeated).expect_err("of format 4");
            assert!(refused.contains("format 3 has no `"), "{refused}");
        }
        assert!(parsed(4, Some("events"), true, true).is_ok());
        let refused = parsed(4, None, true, true).expect_err("it says nothing");
        assert_eq!(refused, "format 4 has `proves` in its type");
    }

    #[test]
    fn a_span_is_proven_as_far_as_it_was_over() {
        let proof = parsed(4, Some("events"), true, true).expect("a proof");
        let proven = proof.proven_span().expect("a span");
        assert_eq!(
            (proven.start.as_str(), proven.end.as_str()),
            ("2026-10-01T00:00:00Z", "2026-10-15T00:00:00Z")
        );
        let early = Proof { first_answer: Some("2026-09-01T00:00:00Z".to_owned()), ..proof.clone() };
        assert_eq!(early.proven_span(), None, "it had not begun");
        let late = Proof { first_answer: Some("2026-12-01T00:00:00Z".to_owned()), ..proof };
        assert_eq!(late.proven_span(), late.window);
        let soon = Proof { first_answer: Some("2026-11-01T00:00:00.741Z".to_owned()), ..late };
        assert_eq!(soon.proven_span(), soon.window, "a fraction of a second after its end");
        assert_eq!(parsed(4, Some("state"), true, true).expect("a proof").proven_span(), None);
    }
}
