//! An append-only log, so that what was in it once cannot go missing or change unnoticed.
//!
//! The entries are the leaves of a Merkle tree as in RFC 6962. A signed *checkpoint* says how
//! many there are and what the tree's root is; an *inclusion proof* shows that an entry is
//! among them, a *consistency proof* that a later checkpoint has all that an earlier one had.
//! An auditor who kept a checkpoint or a proof can check the log against it.
//!
//! The folder of a log is what C2SP's tlog-tiles has a web server serve:
//!
//! ```text
//! checkpoint                 how many entries, the root, the signature
//! tile/0/x001/234            256 hashes each, of entries; tile/1/… of full tiles, and so on
//! tile/0/x001/235.p/17       the last one of a level, while it has fewer than 256
//! tile/entries/x001/234      the entries themselves, in bundles of 256
//! lock                       empty: the writer holds a lock on it
//! ```
//!
//! - <https://c2sp.org/tlog-tiles>, <https://c2sp.org/tlog-checkpoint>, <https://c2sp.org/signed-note>
//! - <https://c2sp.org/tlog-proof>

mod audit;
mod checkpoint;
mod folder;
mod frontier;
pub(crate) mod fuzzing;
mod hash;
mod lock;
mod nodes;
mod note;
mod origin;
mod proof;
mod tile;
mod view;

#[cfg(test)]
mod tests;

pub use audit::Audit;
pub use checkpoint::{Checkpoint, CheckpointError};
#[cfg(feature = "store")]
pub(crate) use folder::CHECKPOINT;
pub use folder::{Appended, Log, LogError};
pub use frontier::ENTRY_BYTES;
pub use hash::Hash;
pub use note::NoteError;
pub(crate) use note::not_checked;
pub use origin::{NotAnOrigin, Origin};
pub use proof::{Consistency, Inclusion, ProofError};
pub(crate) use view::Entries;
pub use view::View;

/// Files in a log's folder that are of this machine alone, and no part of the log.
#[cfg(feature = "store")]
pub(crate) const OF_THIS_MACHINE: [&str; 2] = [lock::LOCK, folder::ASIDE];
