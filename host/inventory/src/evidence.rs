//! Merges evidence: what its record says of the run, and its rows in pages.

use std::io;

use exhibit_records::{Argument, Digest, Proof};
use exhibit_rows::{Value, instant};

use super::error::InventoryError;
use super::inventory::Inventory;
use super::merge::Ending;
use super::observed::RowReader;
use super::under_way::{Merged, RunOrder};

/// Rows that are merged in one transaction: enough that the disk's wait for each weighs little, and few enough that others
/// wait for a second at most.
const PAGE: usize = 500;

/// Which evidence is merged.
#[derive(Debug, Clone)]
pub struct EvidenceOrder<'a> {
    /// Its record.
    pub proof: &'a Proof,
    /// The digest of the record: it has those of the rows and of the answers in it.
    pub digest: Digest,
    /// Where it is kept, for persons.
    pub place: &'a str,
    /// What each criterion of the proof type is where none is given, as records have it: other criteria narrow a proof down.
    pub defaults: &'a [Argument],
    /// The group of items that are new.
    pub group: &'a str,
    /// Now, in milliseconds.
    pub now: i64,
}

/// Why evidence is not merged, or not all of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// The record says of no instant when the source was asked.
    #[error("the evidence does not say when its source was asked")]
    NoInstant,
    /// It is an operation's report.
    #[error("the evidence is the report of an operation, and lists no items")]
    Operation,
    /// The rows cannot be read. What was read of them until then is merged.
    #[error("the rows of the evidence cannot be read: {0}")]
    Rows(#[source] io::Error),
    /// The inventory failed.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
}

impl EvidenceError {
    /// Whether the same call can succeed later without anything being done about it.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Inventory(error) if error.is_transient())
    }
}

impl Inventory {
    /// Merges evidence, with its rows: each with the cells of all fields of the record, in their order. Merged before, it changes
    /// nothing.
    ///
    /// # Errors
    /// Where the record is of no collection, the rows cannot be read, or the database fails. It can be merged again.
    pub async fn merge_evidence(
        &self,
        order: &EvidenceOrder<'_>,
        rows: impl Iterator<Item = io::Result<Vec<Value>>>,
    ) -> Result<Merged, EvidenceError> {
        let proof = order.proof;
        if proof.proof_type.operation {
            return Err(EvidenceError::Operation);
        }
        let at = proof.asked().or(Some(&proof.job.as_of)).and_then(|it| instant::parse(it));
        let run = RunOrder {
            source: source(proof),
            evidence: order.digest.to_string(),
            place: order.place.to_owned(),
            at: at.ok_or(EvidenceError::NoInstant)?,
            group: order.group.to_owned(),
            now: order.now,
        };
        let reader =
            RowReader::new(self.mapping(), proof.proof_type.fields.iter().map(|it| it.name.as_str()));
        let mut merge = self.merge(run).await?;
        let mut page = Vec::with_capacity(PAGE);
        for row in rows {
            page.push(reader.read(&row.map_err(EvidenceError::Rows)?));
            if page.len() == PAGE {
                merge.page(&page).await?;
                page.clear();
            }
        }
        if !page.is_empty() {
            merge.page(&page).await?;
        }
        let listed = &proof.rejections.first;
        if !listed.is_empty() {
            merge.rejected(listed.iter().map(|it| (it.subject.as_str(), it.reason.as_str()))).await?;
        }
        merge.unplaced(proof.rejections.count.saturating_sub(listed.len() as u64));
        let ending = Ending { is_whole: is_whole(proof, order.defaults), shown: proof.completeness.received };
        Ok(merge.finish(ending).await?)
    }
}

/// Runs of one account that show the same things: the plugin, the account, and where it was asked.
fn source(proof: &Proof) -> String {
    let account = proof.account.clone().unwrap_or_else(|| {
        let urls: Vec<&str> = proof.origins.iter().map(|it| it.url.as_str()).collect();
        urls.join(" ")
    });
    let name = format!("{} {account} {}", proof.plugin.id, proof.proof_type.name);
    // A name is bounded; what makes the difference of long ones is kept by their digest.
    match name.chars().count() {
        ..=160 => name.trim().to_owned(),
        _ => format!("{} {}", proof.plugin.id, Digest::of(name.as_bytes()).hex()),
    }
}

/// Whether it shows all that its source has: nothing was left out by a criterion, a window or an earlier proof, and as many records came as the
/// source says that there are, where it says so.
fn is_whole(proof: &Proof, defaults: &[Argument]) -> bool {
    let is_default = |given: &Argument| {
        given.value.is_null() || defaults.iter().any(|it| it.name == given.name && it.value == given.value)
    };
    proof.job.criteria.iter().all(is_default)
        && proof.job.since.is_none()
        && proof.predecessor.is_none()
        && proof.window.is_none()
        && proof.job.window.is_none()
        && proof.completeness.complete != Some(false)
        && proof.completeness.outside_window == 0
}
