//! Files and folders where something is kept for good: written aside, synced, put in place as a whole; opened only
//! where they are regular files, and read no further than their bound.
//!
//! On the ground: it imports nothing of this crate.

mod append;
pub(crate) mod desktop;
mod error;
mod files;
mod folders;
mod frames;
mod lock;
mod lock_wait;
mod locked;
mod newest;
mod output;
mod private;
mod scratch;
mod staged;
pub(crate) mod staging;

pub(crate) use self::append::{AppendFile, Extent, Reached};
pub use self::error::KeepError;
pub(crate) use self::files::{at, invalid, is_dir, is_file, is_link, is_there, open_regular_file, readable};
pub use self::files::{is_of_this_machine, read_at_most, read_bounded, regular_file};
pub(crate) use self::folders::{bytes_below, create_all, names, names_if_any, sync};
pub(crate) use self::frames::{LEVEL, ReachedFrames, ZstdFrameWriter};
pub use self::lock::{FileLock, Sharing};
pub use self::lock_wait::{LockHolder, LockWait, OnWait, on_lock_wait};
pub use self::newest::{Room, keep_newest, used_now};
pub use self::output::OutputFile;
pub(crate) use self::private::private;
#[cfg(feature = "store")]
pub(crate) use self::private::private_again;
#[cfg(feature = "store")]
pub(crate) use self::private::private_or_there;
pub use self::private::{private_all, private_file, result_file, write_private};
#[cfg(feature = "store")]
pub(crate) use self::scratch::clean_up_markers;
pub use self::scratch::{Scratch, clean_up_scratch};
pub(crate) use self::staged::StagedDir;
#[cfg(feature = "store")]
pub(crate) use self::staging::resumable_folder;
