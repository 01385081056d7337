//! Plays kept answers to a plugin again, as a source would give them: a plugin and the
//! recorded answers give the rows again, to be compared with those that
//! were kept.

mod answer_source;
mod comparison;
mod due;
mod error;
mod kept;
mod options;
mod recording;
mod replayer;

pub use self::answer_source::{AnswerSource, Recorded};
pub use self::comparison::differing;
pub use self::comparison::{Comparison, Difference};
pub use self::error::ReplayError;
pub use self::kept::gives_the_kept_rows;
pub use self::options::ReplayOptions;
pub use self::recording::Recording;
pub use self::replayer::run;
