//! Plays kept answers to a plugin again, as a source would give them: a plugin and the
//! recorded answers give the rows again, to be compared with those that
//! were kept.

mod against;
mod error;
mod kept;
mod player;
mod recording;
mod tape;

pub use self::against::differing;
pub use self::against::{Against, Difference};
pub use self::error::ReplayError;
pub use self::kept::gives_the_kept_rows;
pub use self::player::{Manner, run};
pub use self::recording::Recording;
pub use self::tape::{Recorded, Tape};
