//! What can go wrong with the state database.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use exhibit_rows::ShowPath as _;

/// Why the state database did not do what it was asked for. Nothing of the change was kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The file cannot be made.
    #[error("the state database {} cannot be made: {cause}", path.shown())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// No connection.
    #[error("the state database {location} cannot be opened: {cause}")]
    Connect {
        /// Where it is, without a password.
        location: String,
        /// Why.
        #[source]
        cause: sqlx::Error,
    },
    /// A later version of Exhibit has changed it so that this one cannot work with it.
    #[error(
        "the state database has schema {found}, which a later version of Exhibit wrote; this version works with \
         schemas up to {known}. Use that version"
    )]
    Newer {
        /// The oldest schema that a program must know to work with it.
        found: i64,
        /// The newest that this one knows.
        known: i64,
    },
    /// Others changed it all the time.
    #[error("the state database was busy with other changes for {} s", limit.as_secs())]
    Busy {
        /// How long it was waited for.
        limit: Duration,
        /// What the database says.
        #[source]
        cause: sqlx::Error,
    },
    /// A statement failed.
    #[error("the state database failed: {0}")]
    Database(#[source] sqlx::Error),
    /// It holds what this version never writes.
    #[error("the state database holds an unexpected value: {0}")]
    Unexpected(String),
}

impl StateError {
    /// Whether the same change can succeed later without anything being done about it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy { .. } => true,
            Self::Connect { cause, .. } | Self::Database(cause) => match cause {
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => true,
                // Class 57: the server shuts down or starts; 53: it has too little of something; 40: a conflict.
                sqlx::Error::Database(error) => {
                    error.code().is_some_and(|it| it.len() == 5 && ["57", "53", "40"].contains(&&it[..2]))
                }
                _ => false,
            },
            Self::File { .. } | Self::Newer { .. } | Self::Unexpected(_) => false,
        }
    }
}
