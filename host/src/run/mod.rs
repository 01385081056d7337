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
mod events;
mod follow;
mod look_up;
mod operate;
mod prune;
mod resume;
mod test;
mod verify;

pub use self::bundle::{BundleError, Bundled, bundle, bundle_name};
pub use self::check::{CheckEvent, CheckProblem, NotTried, TypeCheck, check};
pub use self::collect::collect;
pub use self::collection::{
    CollectFailure, CollectOptions, Collected, Destination, GOOD_FOR_DAYS, Period, Progress, RESUME_WITHIN,
    Suspended,
};
pub use self::events::{Event, Events, FailedAnswer, Silent};
pub use self::look_up::{LookUpFailure, LookedUp, look_up};
pub use self::operate::{Proposal, as_text, operate, propose};
pub use self::prune::{PruneFailure, prune};
pub use self::test::{TestFailure, TestOptions, Tested, test};
pub use self::verify::{Verified, Verifier, VerifyFailure};
