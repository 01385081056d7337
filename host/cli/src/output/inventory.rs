//! Items that outlive a collection.

use std::collections::BTreeMap;

use exhibit::evidence::format_instant;
use exhibit_inventory::{ErrorState, GridError, Item, Known, Shown};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

/// What `exhibit certificates list` prints of each.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ListedItemOutput<'a> {
    /// What tells it apart.
    identity: &'a str,
    /// What it is called.
    title: &'a str,
    /// How it stands: valid, expiring, expired, replaced, not seen.
    status: &'a str,
    /// When it begins, RFC 3339.
    begins: Option<String>,
    /// When it ends, RFC 3339.
    ends: Option<String>,
    /// The group that it is in.
    group: &'a str,
    /// The identity of the item that has taken its place.
    successor: Option<&'a str>,
    /// How many whole runs in a row did not show it.
    missed: usize,
    /// When it was last seen, RFC 3339.
    last_seen: Option<String>,
    /// What people entered.
    owned: &'a BTreeMap<String, String>,
    /// What the sources say, as evidence has it.
    values: &'a BTreeMap<String, Json>,
}

impl<'a> From<&'a Item> for ListedItemOutput<'a> {
    fn from(it: &'a Item) -> Self {
        Self {
            identity: &it.identity,
            title: &it.title,
            status: it.status.word(),
            begins: it.begins.map(format_instant),
            ends: it.ends.map(format_instant),
            group: &it.group,
            successor: it.successor.as_deref(),
            missed: it.missed,
            last_seen: it.last_seen.map(format_instant),
            owned: &it.owned,
            values: &it.values,
        }
    }
}

/// What `exhibit certificates show` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ShownItemOutput<'a> {
    #[serde(flatten)]
    item: ListedItemOutput<'a>,
    /// Of each field, all values that were ever known, the one that counts first.
    history: BTreeMap<&'a str, Vec<KnownOutput<'a>>>,
    /// What people entered, the newest first.
    entries: Vec<EntryOutput<'a>>,
}

/// A value, and where it comes from.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct KnownOutput<'a> {
    value: &'a Json,
    source: &'a str,
    /// The digest of the evidence that first gave it.
    first_evidence: &'a str,
    /// When its source was asked, RFC 3339.
    first_seen: String,
    /// The latest evidence that gave it.
    last_evidence: &'a str,
    last_seen: String,
}

/// What a person entered.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
struct EntryOutput<'a> {
    field: &'a str,
    /// `None`: taken back.
    value: Option<&'a str>,
    by: &'a str,
    /// RFC 3339.
    at: String,
}

impl<'a> From<&'a Shown> for ShownItemOutput<'a> {
    fn from(it: &'a Shown) -> Self {
        let known = |it: &'a Known| KnownOutput {
            value: &it.value,
            source: &it.source,
            first_evidence: &it.first.evidence,
            first_seen: format_instant(it.first.at),
            last_evidence: &it.last.evidence,
            last_seen: format_instant(it.last.at),
        };
        let history = it.facts.iter().map(|(field, all)| (field.as_str(), all.iter().map(known).collect()));
        let entries = it.entries.iter().map(|it| EntryOutput {
            field: &it.field,
            value: it.value.as_deref(),
            by: &it.by,
            at: format_instant(it.at),
        });
        Self {
            item: ListedItemOutput::from(&it.item),
            history: history.collect(),
            entries: entries.collect(),
        }
    }
}

/// What `exhibit certificates errors` prints of each.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct GridErrorOutput<'a> {
    /// Its number, to resolve it by.
    number: Option<i64>,
    source: &'a str,
    /// Which record.
    subject: &'a str,
    /// Where it failed: collect, identify, merge.
    stage: &'a str,
    code: &'a str,
    message: &'a str,
    /// RFC 3339.
    first: String,
    last: String,
    /// In how many runs.
    count: u64,
    /// Whether a later run can succeed without a person.
    may_pass: bool,
    state: GridStateOutput<'a>,
}

/// How an error stands.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum GridStateOutput<'a> {
    /// The newest run that could show it does.
    Open,
    /// A later run merged the record, or had all records and not this error.
    Gone,
    /// A person closed it.
    Resolved { by: &'a str, note: &'a str, at: String },
}

impl<'a> From<&'a GridError> for GridErrorOutput<'a> {
    fn from(it: &'a GridError) -> Self {
        Self {
            number: it.id,
            source: &it.source,
            subject: &it.subject,
            stage: it.stage.word(),
            code: it.code.word(),
            message: &it.message,
            first: format_instant(it.first),
            last: format_instant(it.last),
            count: it.count,
            may_pass: it.code.may_pass_by_itself(),
            state: match &it.state {
                ErrorState::Open => GridStateOutput::Open,
                ErrorState::Gone => GridStateOutput::Gone,
                ErrorState::Resolved { by, word, at } => {
                    GridStateOutput::Resolved { by, note: word, at: format_instant(*at) }
                }
            },
        }
    }
}

/// What `exhibit certificates resolve` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ResolvedOutput<'a> {
    pub(crate) number: i64,
    pub(crate) by: &'a str,
}

/// What `exhibit certificates assign` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct AssignedOutput<'a> {
    /// The identities of those that are different by it.
    pub(crate) certificates: &'a [String],
    /// Who did it. `None` where it was only shown.
    pub(crate) by: Option<&'a str>,
    /// Whether it was done, or only shown.
    pub(crate) is_done: bool,
}

/// What `exhibit certificates group list` prints of each.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GroupOutput<'a> {
    pub(crate) group: &'a str,
    /// How many are in it.
    pub(crate) certificates: u64,
}

/// What `exhibit certificates group move` and `rename` print.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct MovedOutput<'a> {
    pub(crate) group: &'a str,
    /// How many were elsewhere.
    pub(crate) certificates: u64,
    /// Whether it was done, or only shown.
    pub(crate) is_done: bool,
}

/// What `exhibit certificates merge` and `sync` print.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct MergedOutput<'a> {
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) unchanged: u64,
    /// Those that `exhibit certificates errors` lists.
    pub(crate) unmerged: u64,
    /// How many of all stand how.
    pub(crate) statuses: &'a BTreeMap<&'static str, u64>,
}

/// What `exhibit certificates report` prints of each owner.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DueOutput<'a> {
    /// `None`: of those without an owner.
    pub(crate) owner: Option<&'a str>,
    /// Those that ended.
    pub(crate) expired: u64,
    /// Those that end within the time.
    pub(crate) ending: u64,
    pub(crate) renewal_under_way: u64,
    /// The one that ends first.
    pub(crate) first: Option<&'a str>,
    /// RFC 3339.
    pub(crate) first_ends: Option<String>,
}

/// What `exhibit certificates export` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ExportedItemsOutput {
    pub(crate) file: String,
    pub(crate) certificates: u64,
}

/// What `exhibit state show` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DatabaseOutput {
    /// Where it is, without a password.
    pub(crate) state: String,
    /// How many certificates it knows.
    pub(crate) certificates: u64,
    pub(crate) runs: Vec<RunOfInventoryOutput>,
}

/// Evidence that was merged.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct RunOfInventoryOutput {
    pub(crate) source: String,
    /// The digest of the evidence.
    pub(crate) evidence: String,
    /// Where it was when it was merged.
    pub(crate) place: String,
    /// When the source was asked, RFC 3339.
    pub(crate) at: String,
    /// Whether all of it was merged.
    pub(crate) is_finished: bool,
    /// Whether what it does not show is gone.
    pub(crate) proves_absence: bool,
    /// Whether it shows so few that a person has to confirm that the others are gone.
    pub(crate) is_doubted: bool,
    pub(crate) shown: u64,
}

/// What `exhibit state rebuild` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct RebuiltOutput<'a> {
    /// The names of the evidence that was merged.
    pub(crate) merged: &'a [String],
    /// The evidence that could not be merged, each with the reason.
    pub(crate) failed: &'a BTreeMap<String, String>,
}
