//! Collects compliance evidence through sandboxed plugins, and keeps it so that it
//! can be checked.
//!
//! A plugin knows its source and nothing else; this library has the network, the
//! secrets, the clock and the disk, and knows no source. The two meet in the
//! contract in `wit/`.
//!
//! Begin at [`run`], the use cases: it collects, tests, verifies, checks, bundles and prunes. The way of a proof below
//! it: [`plugin`] loads a component and runs its sessions in a sandbox, [`http`] makes the requests that they ask for,
//! [`collect`] drives the two, [`evidence`] keeps the result, [`testing`] tests it, a [`store`] keeps it with a signed
//! [`log`], and [`verify`] checks all of it, with [`replay`], which plays kept answers to a plugin again.

mod certificate_fault;
pub mod checks;
pub mod clock;
pub mod collect;
pub mod contract;
pub mod disk;
pub mod evidence;
pub mod format;
#[doc(hidden)]
pub mod fuzzing;
pub mod http;
pub mod log;
pub mod nearest;
pub mod plugin;
pub mod randomness;
mod remedy;
pub mod replay;
mod retry;
pub mod run;

pub use self::remedy::Remedy;
pub use self::retry::Retry;
pub use exhibit_records as records;
pub use exhibit_rows::Shown;
pub use exhibit_secrets as secrets;

pub mod signing;
pub mod store;
pub mod testing;
pub mod verify;
