//! What a command is at, for what is said where it is stopped.

use exhibit::collect::spool::WriteState;

/// What would be broken off.
#[derive(Debug, Clone, Default)]
pub(super) enum UnderWay {
    /// Nothing of which anything is kept.
    #[default]
    Nothing,
    /// A collection, of which so many pages are kept whatever happens.
    Collection(u64),
    /// An operation.
    Operation {
        /// What it is done to, such as a scan of a title, for people.
        subject: String,
        /// What is known of what it has sent.
        write: WriteState,
        /// Where its evidence is to be, for people.
        place: String,
    },
}
