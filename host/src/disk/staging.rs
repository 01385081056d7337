//! A folder in the making: locked for as long as a process writes in it, and removed by the next
//! process where none does any more.
//!
//! ```text
//! .NAME.partial-PID-N/lock      held by the process that writes
//! .NAME.partial-PID-N/written   what it writes
//! .NAME.partial-PID-N/moving    the same, once it is whole and on its way into a folder that was there
//! .NAME.partial-PID-N/resume    what it takes to resume the writing: with that it is not removed, but for its owner
//! .NAME.partial-PID-N/beginning the same, before all is in it that it takes at least
//! ```
//!
//! Anyone can put such a folder into what they hand on. So what it says of itself counts for nothing: only what is where a
//! process itself is about to write is removed, and what was on its way is moved by its own process alone.

mod form;
mod leftovers;
mod staging_dir;
mod state;

pub(crate) use self::form::{ATTEMPTS, WITHIN, is_plain, owner_of};
pub(crate) use self::leftovers::{
    clean_up_all, clean_up_stale, clean_up_within, has_only_staged, move_all, unmoved,
};
pub(crate) use self::staging_dir::StagingDir;
#[cfg(feature = "store")]
pub(crate) use self::staging_dir::resumable_folder;
pub(crate) use self::state::{State, found};

#[cfg(test)]
mod tests;
