//! Merging kept evidence into an inventory of what its rows are about.

use std::io;
use std::path::Path;
use std::time::Duration;

use exhibit_inventory::{EvidenceError, EvidenceOrder, Identity, Inventory, InventoryError, Mapping, Merged};
use exhibit_records::{Argument, Digest, PROOF_FILE, Proof};

use crate::clock::Clock;
use crate::contract::Manifest;
use crate::contract::catalog::{self, ItemIdentity, ProofType};
use crate::contract::types::Setting;
use crate::disk;
use crate::evidence::{MaxUnpacked, TooMuch, check_parts, read};
use crate::retry::Retry;

/// A database that is busy or restarts is at hand again after this.
const AGAIN: Duration = Duration::from_secs(10);

/// What a plugin says of an inventory, and of the proof type whose rows it is made of.
#[derive(Debug, Clone, Copy)]
pub struct InventoryType<'a> {
    inventory: &'a catalog::Inventory,
    proof_type: &'a ProofType,
}

/// Why there is no such inventory.
#[derive(Debug, thiserror::Error)]
#[error("the plugin {plugin} makes no inventory `{name}`; it makes: {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
pub struct NoInventory {
    name: String,
    plugin: String,
    known: Vec<String>,
}

/// Why evidence was not merged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MergeFailure {
    /// It cannot be read, or it is not evidence.
    #[error("{0}")]
    Evidence(#[source] io::Error),
    /// It is of another proof type.
    #[error("the evidence is of the proof type {found}; the inventory {inventory} is made of {wanted}")]
    OtherType {
        /// The inventory.
        inventory: String,
        /// What it is made of.
        wanted: String,
        /// What the evidence is of.
        found: String,
    },
    /// It has more than is read of evidence.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// The inventory failed, or the evidence cannot be merged.
    #[error(transparent)]
    Merge(#[from] EvidenceError),
}

impl MergeFailure {
    /// Whether the same call can succeed later. Merging again changes nothing that is merged already.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Merge(error) if error.is_transient() => Retry::After(AGAIN),
            _ => Retry::NeedsPerson,
        }
    }

    /// Whether the evidence is at fault, and not the database or this machine: other evidence can be merged.
    pub fn is_of_evidence(&self) -> bool {
        match self {
            Self::Evidence(error) | Self::Merge(EvidenceError::Rows(error)) => {
                !disk::is_of_this_machine(error)
            }
            Self::Merge(EvidenceError::Inventory(_)) => false,
            _ => true,
        }
    }
}

/// What is merged, and how.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct MergeOptions<'a> {
    /// The group of items that are new. `None`: the one that the plugin names.
    pub group: Option<&'a str>,
    /// How much the rows may have, unpacked.
    pub unpacked: MaxUnpacked,
}

/// Evidence that was merged.
#[derive(Debug)]
#[non_exhaustive]
pub struct MergedEvidence {
    /// Its record.
    pub proof: Proof,
    /// What came of its rows.
    pub merged: Merged,
}

impl<'a> InventoryType<'a> {
    /// The inventory of this name.
    ///
    /// # Errors
    /// Where the plugin has none of this name.
    pub fn find(manifest: &'a Manifest, name: &str) -> Result<Self, NoInventory> {
        let inventory = manifest.inventories.iter().find(|it| it.name == name);
        let found = inventory.and_then(|it| Some((it, manifest.proof_type(&it.proof_type)?)));
        let (inventory, proof_type) = found.ok_or_else(|| NoInventory {
            name: name.to_owned(),
            plugin: manifest.id.clone(),
            known: manifest.inventories.iter().map(|it| it.name.clone()).collect(),
        })?;
        Ok(Self { inventory, proof_type })
    }

    /// The proof type whose rows it is made of.
    pub fn proof_type(&self) -> &'a ProofType {
        self.proof_type
    }

    /// How rows become items.
    pub fn mapping(&self) -> Mapping {
        let it = self.inventory;
        let kind = |name: &String| {
            let field = self.proof_type.fields.iter().find(|field| field.name == *name)?;
            Some((name.clone(), field.kind.into()))
        };
        let identity = |it: &ItemIdentity| match it {
            ItemIdentity::Digest(field) => Identity::Digest(field.clone()),
            ItemIdentity::Number(it) => {
                Identity::Number { issuer: it.issuer.clone(), number: it.number.clone() }
            }
        };
        Mapping {
            kind: it.name.clone(),
            identity: it.identity.iter().map(identity).collect(),
            // The manifest was checked when the plugin was loaded: each of them is a field of the proof type.
            fields: it.fields.iter().filter_map(kind).collect(),
            title: it.title.clone(),
            begins: it.begins.clone(),
            ends: it.ends.clone(),
            names: it.names.clone(),
            places: it.places.clone(),
        }
    }

    /// Criteria as they are where none is given: with others, evidence does not show all that there is.
    fn defaults(&self) -> Vec<Argument> {
        let default = |it: &catalog::Parameter| {
            let value = it.default.clone()?;
            Some(Argument::from(&Setting { name: it.name.clone(), value }))
        };
        self.proof_type.criteria.iter().filter_map(default).collect()
    }
}

/// Merges the evidence in this folder into the inventory. Merged before, it changes nothing. `place` is where it is kept, for people.
///
/// Rows are read as they are kept: that they are what was collected, verifying the evidence shows.
///
/// # Errors
/// See [`MergeFailure`]. What was merged until then stays, and merging the same evidence again completes it.
pub async fn merge(
    inventory: &Inventory,
    of: InventoryType<'_>,
    folder: &Path,
    place: &str,
    options: MergeOptions<'_>,
    clock: &dyn Clock,
) -> Result<MergedEvidence, MergeFailure> {
    let path = folder.join(PROOF_FILE);
    let json = disk::read_bounded(&path).map_err(MergeFailure::Evidence)?;
    let proof = read::parsed(&path, &json).map_err(MergeFailure::Evidence)?;
    if proof.proof_type.name != of.inventory.proof_type {
        return Err(MergeFailure::OtherType {
            inventory: of.inventory.name.clone(),
            wanted: of.inventory.proof_type.clone(),
            found: proof.proof_type.name,
        });
    }
    check_parts(&proof.parts, options.unpacked)?;
    let rows = read::plain_rows(folder, &proof).map_err(MergeFailure::Evidence)?;
    let order = EvidenceOrder {
        proof: &proof,
        digest: Digest::of(&json),
        place,
        defaults: &of.defaults(),
        group: options.group.unwrap_or(&of.inventory.group),
        now: clock.now(),
    };
    let merged = inventory.merge_evidence(&order, rows).await?;
    Ok(MergedEvidence { proof, merged })
}

impl From<InventoryError> for MergeFailure {
    fn from(error: InventoryError) -> Self {
        Self::Merge(EvidenceError::Inventory(error))
    }
}
