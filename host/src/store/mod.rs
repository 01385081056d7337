//! A store: many proofs in one place, and a log from which none of them goes missing unnoticed.
//!
//! ```text
//! store.json                   what the store is called, and whose keys sign its log
//! evidence/TYPE-AS_OF-DIGEST/  a proof each, as `crate::evidence` keeps it
//! plugins/DIGEST.wasm.zst      the plugins that made them, each once
//! begun/                       what is about to be entered in the log, and gone once it is
//! log/                         the log, as `crate::log` keeps it
//! ```
//!
//! The log has an entry for whatever happens in the store: evidence came, tests were run over it,
//! evidence was pruned. Nothing is overwritten. An auditor who kept one of the log's checkpoints can check
//! the store against it.

mod adding;
pub(crate) mod attempt;
mod begun;
mod catalog;
mod check;
#[cfg(test)]
mod continued;
mod coverage;
mod dates;
mod error;
mod folder;
mod identity;
mod intent;
mod joined;
mod location;
mod names;
#[cfg(feature = "store")]
mod objects;
mod open;
mod open_error;
mod package;
mod prune;
mod recover;
#[cfg(feature = "store")]
mod remote;
pub mod runs;
pub(crate) mod stated;
mod strays;
mod supersession;

pub use crate::evidence::in_store::store_of;
pub use catalog::Catalog;
pub(crate) use catalog::is_name;
pub use check::{StoreCheck, check};
pub use coverage::{Coverage, Interval, NoTime};
pub use error::StoreError;
pub use folder::{Store, StoredEvidence};
pub use identity::Identity;
pub use joined::{Joined, JoinedRow};
pub use location::Location;
#[cfg(feature = "store")]
pub use objects::{Objects, ObjectsError};
pub use open::{OpenEvidence, OpenStore};
pub use open_error::{ObjectStoreOptions, OpenError};
pub use package::{Package, State};
pub use prune::{Policy, PrunePlan, Pruned};
pub use recover::Recovered;
