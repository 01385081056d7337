//! Items that outlive a collection: an inventory that a team works from, merged from the rows of evidence.
//!
//! A [`Mapping`], which a plugin's manifest carries, says how rows become items: what tells them apart, which columns they
//! keep, what they are called and how long they are valid. Nothing here knows a source or what the items are.
//!
//! [`Inventory::merge`] takes the rows of one evidence, page by page. A known item is not imported again: a value that the
//! source gives counts, one that it does not give stays, and what persons own is not touched. The result does not depend on the
//! order in which evidence is merged, nor on how often or by how many at once: all that is kept of a value is when it was first
//! and last seen.
//!
//! What cannot be merged is in the error grid ([`Inventory::errors`]) and does not stop the rest.

mod derived;
mod error;
mod errors;
mod evidence;
mod facts;
mod gone;
mod grid;
mod groups;
mod identity;
mod inventory;
mod line;
mod linking;
mod links;
mod mapping;
mod merge;
mod observed;
mod page;
mod people;
mod query;
mod runs;
mod show;
mod status;
mod under_way;
mod unmerged;

pub use error::InventoryError;
pub use errors::{ErrorState, GridError};
pub use evidence::{EvidenceError, EvidenceOrder};
pub use groups::Group;
pub use identity::{Key, digest, serial};
pub use inventory::Inventory;
pub use mapping::{Identity, Mapping, MappingError, OWNED, OWNERS};
pub use merge::{Ending, Merge};
pub use observed::{Observed, Reading, RowReader};
pub use people::{By, Entry};
pub use query::{AsOf, Cursor, Filter, Item};
pub use runs::Run;
pub use show::{Entered, Known, Origin, Shown};
pub use status::Status;
pub use under_way::{Merged, RunOrder};
pub use unmerged::{Code, Stage, Unmerged};
