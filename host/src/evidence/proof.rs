//! What a proof says of itself, as its plugin's manifest and the collection have it.

use exhibit_records::{
    Argument, ChangesUse, Completeness, EarlierProof, FORMAT, Field, Job, Link, OperationOutcome,
    OriginRecord, PluginRecord, Proof, ProvenTime, RejectionRecord, Rejections, Span, Type,
};

use crate::collect::Outcome;
use crate::contract::catalog::{self, ProofType};
use crate::contract::collection::{self, Rejection, Summary, Task};
use crate::contract::types::{Instant, Kind, Setting, Value, Window};
use crate::plugin::Plugin;

use super::pages::Written;
use super::{caveats, instant, ndjson};

/// A completed collection: all that [`Proof`] says and a sink does not hear.
#[derive(Debug)]
pub struct CollectionSummary<'a> {
    /// What was collected.
    pub proof_type: &'a ProofType,
    /// What collected it.
    pub plugin: PluginRecord,
    /// What came of it.
    pub outcome: &'a Outcome,
    /// The proof that it has the changes since. `None` where it has all that there is.
    pub predecessor: Option<&'a EarlierProof>,
    /// When the collection began, by the host's clock.
    pub began: Instant,
    /// When it was resumed, by the host's clock.
    pub resumed: &'a [Instant],
    /// Where the pages for people are that the type's link leads to.
    pub portal: Option<&'a str>,
}

/// What `proof.json` says of a collection and of what was written of it.
pub(super) fn proof(collected: &CollectionSummary<'_>, written: Written) -> Proof {
    let Outcome { job, summary, origins, counts: asked } = collected.outcome;
    let counts = written.counts;
    let received = [summary.rejected, summary.duplicates, summary.outside_window]
        .into_iter()
        .fold(counts.rows, u64::saturating_add);
    let window = effective_window(collected.proof_type, job, summary);
    let proves = collected.proof_type.window.as_ref().map(|it| it.proves);
    let events = window.filter(|_| proves == Some(catalog::ProvenTime::Events));
    let origin = |(name, url): (&String, &String)| OriginRecord { name: name.clone(), url: url.clone() };
    Proof {
        format: FORMAT,
        proof_type: type_record(collected.proof_type, collected.portal, matches!(job.task, Task::Operate(_))),
        job: Job {
            settings: job.settings.iter().map(Argument::from).collect(),
            criteria: job.criteria.iter().map(Argument::from).collect(),
            window: job.window.map(Span::from),
            since: job.since.map(instant::format),
            as_of: instant::format(job.as_of),
            id: job.id.clone(),
        },
        window: window.map(Span::from),
        point: summary.point.map(instant::format),
        predecessor: collected.predecessor.cloned(),
        // A connection may have origins that this proof type asks nothing of.
        origins: origins
            .iter()
            .filter(|(name, _)| written.received.origins.contains(*name))
            .map(origin)
            .collect(),
        account: None,
        plugin: collected.plugin.clone(),
        host: env!("CARGO_PKG_VERSION").to_owned(),
        began: Some(instant::format(collected.began)),
        first_answer: written.received.first.clone(),
        last_answer: written.received.last.clone(),
        clock_offset: written.received.clock_offset,
        counts: *asked,
        pages: summary.pages,
        outcome: summary.outcome.map(OperationOutcome::from),
        rows: counts.rows,
        completeness: Completeness {
            declared: summary.declared,
            complete: summary.declared.map(|declared| declared == received),
            received,
            kept: counts.rows,
            rejected: summary.rejected,
            duplicates: summary.duplicates,
            outside_window: summary.outside_window,
            repeated_keys: summary.repeated_keys,
        },
        notes: summary.notes.clone(),
        host_notes: caveats::of(
            job,
            collected.predecessor,
            events,
            collected.began,
            collected.resumed,
            &written.received,
        ),
        rejections: Rejections { count: counts.rejected, first: written.rejections },
        parts: written.parts,
        expires: None,
        signed_by: None,
        timestamped_by: None,
    }
}

/// The window that the rows are of. What a call gave to a proof type that has none was not held against anything.
pub(crate) fn effective_window(
    proof_type: &ProofType,
    job: &collection::Job,
    summary: &Summary,
) -> Option<Window> {
    proof_type.window.as_ref()?;
    summary.window.or(job.window)
}

/// As it describes itself.
impl From<&Plugin> for PluginRecord {
    fn from(plugin: &Plugin) -> Self {
        let manifest = plugin.manifest();
        Self { id: manifest.id.clone(), version: manifest.version.clone(), digest: plugin.digest() }
    }
}

impl From<Window> for Span {
    fn from(window: Window) -> Self {
        Self { start: instant::format(window.start), end: instant::format(window.end) }
    }
}

/// Every kind.
pub(super) const KINDS: [Kind; 7] =
    [Kind::Text, Kind::Integer, Kind::Number, Kind::Boolean, Kind::Instant, Kind::Duration, Kind::Texts];

/// The record of a proof type, as the manifest has it, or of an operation's report. With the portal that its link leads to,
/// where that is known.
pub fn type_record(it: &ProofType, portal: Option<&str>, operation: bool) -> Type {
    let link = |link: &catalog::Link| Link {
        origin: link.origin.clone(),
        path: link.path.clone(),
        url: portal.map(|portal| format!("{}{}", portal.trim_end_matches('/'), link.path)),
        note: link.note.clone(),
    };
    Type {
        name: it.name.clone(),
        label: it.label.clone(),
        help: it.help.clone(),
        fields: it.fields.iter().map(Field::from).collect(),
        key: it.key.clone(),
        window: it.window.as_ref().map(|it| it.help.clone()),
        operation,
        proves: Some(match &it.window {
            Some(window) => window.proves.into(),
            // What was done once is not how things stand.
            None if operation => ProvenTime::Nothing,
            None => ProvenTime::State,
        }),
        changes: it.changes.as_ref().ok().map(ChangesUse::from),
        needs: it.needs.clone(),
        link: it.link.as_ref().map(link),
    }
}

impl From<&catalog::ChangesUse> for ChangesUse {
    fn from(it: &catalog::ChangesUse) -> Self {
        Self { help: it.help.clone(), lagging: it.lagging.clone(), left: it.left.clone() }
    }
}

impl From<catalog::ProvenTime> for ProvenTime {
    fn from(it: catalog::ProvenTime) -> Self {
        match it {
            catalog::ProvenTime::Events => Self::Events,
            catalog::ProvenTime::State => Self::State,
            catalog::ProvenTime::Nothing => Self::Nothing,
        }
    }
}

impl From<collection::OperationOutcome> for OperationOutcome {
    fn from(it: collection::OperationOutcome) -> Self {
        match it {
            collection::OperationOutcome::Done => Self::Done,
            collection::OperationOutcome::NotDone => Self::NotDone,
            collection::OperationOutcome::Unknown => Self::Unknown,
        }
    }
}

impl From<&catalog::Field> for Field {
    fn from(it: &catalog::Field) -> Self {
        Self {
            name: it.name.clone(),
            label: it.label.clone(),
            kind: it.kind.name().to_owned(),
            help: it.help.clone(),
            shown: it.shown,
            personal: it.personal,
        }
    }
}

impl From<&Setting> for Argument {
    fn from(setting: &Setting) -> Self {
        Self {
            name: setting.name.clone(),
            kind: setting.value.kind().map(|it| it.name().to_owned()),
            value: json(&setting.value),
        }
    }
}

/// A value as `rows.ndjson.zst` has it; `null` for what JSON cannot say.
pub fn json(value: &Value) -> serde_json::Value {
    let mut json = Vec::new();
    let written = ndjson::value(value, &mut json).ok().and_then(|()| serde_json::from_slice(&json).ok());
    written.unwrap_or_default()
}

impl From<Rejection> for RejectionRecord {
    fn from(it: Rejection) -> Self {
        Self { subject: it.subject, reason: it.reason }
    }
}
