//! The use cases: what a command, a server or a platform calls.
//!
//! Each takes typed options, tells what happens to [`Events`], and gives a typed outcome. Nothing here names an option
//! of a command, reads an environment variable, or writes to a terminal.

mod as_written;
mod bundle;
mod check;
mod collect;
mod collecting;
mod collection;
mod earlier_run;
mod events;
mod follow;
#[cfg(feature = "inventory")]
mod inventory;
mod ledger;
mod look_up;
mod mirrored;
mod operate;
mod parameters;
mod prune;
mod resume;
mod test;
mod verify;

pub use self::bundle::{BundleError, Bundled, bundle, bundle_name};
pub use self::check::{
    Access, AccessCheck, CheckEvent, CheckProblem, CheckedKind, NotTried, UnknownName, check,
};
pub use self::collect::collect;
pub use self::collection::{
    CollectFailure, CollectOptions, Collected, Destination, GOOD_FOR_DAYS, OperateFailure, Period, Progress,
    RESUME_WITHIN, Suspended,
};
pub use self::earlier_run::{EarlierEnd, EarlierRun, Ledger};
pub use self::events::{Event, Events, FailedAnswer, Silent};
#[cfg(feature = "inventory")]
pub use self::inventory::{InventoryType, MergeFailure, MergeOptions, MergedEvidence, NoInventory, merge};
pub use self::ledger::{INTERRUPTED_FOR, SAME_WITHIN, WAIT};
pub use self::look_up::{LookUpFailure, LookedUp, look_up};
pub use self::operate::{Proposal, as_text, operate, propose};
pub use self::parameters::{ParameterFault, parameter_faults};
pub use self::prune::{PruneFailure, prune};
pub use self::test::{TestFailure, TestOptions, Tested, test};
pub use self::verify::{Verified, Verifier, VerifyFailure};
