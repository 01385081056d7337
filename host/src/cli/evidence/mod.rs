//! `exhibit evidence`: stores, and what is in them.

mod coverage;
mod init;
mod list;
mod prune;
mod timeline;

use clap::Subcommand;

use crate::clock::{Clock as _, SystemClock};
use crate::signing::SigningKey;
use crate::store::{Store, StoreError};

use super::Done;
use super::failure::Failure;
use super::terminal::{Terminal, shown};

/// Keeps evidence in a store: what there is, which times are proven, what may go
#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    Init(init::Init),
    List(list::List),
    Coverage(coverage::Coverage),
    Prune(prune::Prune),
}

impl Evidence {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<Done, Failure> {
        match self {
            Self::Init(it) => it.run(terminal)?,
            Self::List(it) => it.run(terminal)?,
            Self::Coverage(it) => return it.run(terminal),
            Self::Prune(it) => it.run(terminal)?,
        }
        Ok(Done::Well)
    }
}

/// Finishes what killed processes left in a store, and says so.
pub(super) fn tend(store: &Store, key: &SigningKey, terminal: &Terminal) -> Result<(), Failure> {
    let tended = store.tend(key, SystemClock.now())?;
    for kept in &tended.entered {
        terminal.warn(&format!("{} had not been entered in the log, and is now", kept.evidence));
    }
    for folder in &tended.removed {
        terminal.warn(&format!("{} had been pruned, and is gone now", folder.display()));
    }
    for folder in &tended.strangers {
        terminal.warn(&format!(
            "{} is not in the log, and was not signed with this key: it is left alone",
            folder.display()
        ));
    }
    Ok(())
}

/// What people call a store or its evidence: what was given, harmless on a terminal.
fn named(store: &Store) -> String {
    shown(&store.folder().display().to_string())
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let failure = Self::call(&error);
        match error.remedy() {
            Some(remedy) => failure.next(remedy),
            None => failure,
        }
    }
}
