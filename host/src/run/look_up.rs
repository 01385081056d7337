//! Listing what can be chosen at a source. No evidence is made of it.

use std::collections::BTreeMap;
use std::io;

use exhibit_rows::Shown;

use crate::clock::Clock;
use crate::collect::sink::{Answer, Sink};
use crate::collect::spool::Spool;
use crate::collect::{self, CollectError, Connection, Limits, Order};
use crate::contract::catalog::Lookup;
use crate::contract::collection::{Rejection, Task};
use crate::contract::types::{Row, Setting};

use super::collect::this_second;
use super::events::{Collecting, Events};

/// A person looks through them, and narrows a longer list down.
const MAX_ROWS: usize = 10_000;

/// What can be chosen.
#[derive(Debug)]
#[non_exhaustive]
pub struct LookedUp<'a> {
    /// What was listed.
    pub lookup: &'a Lookup,
    /// Its rows, in the lookup's columns. They are the source's words: escape them for where they go.
    pub rows: Vec<Row>,
    /// What could not be listed, and why.
    pub rejected: Vec<Rejection>,
    /// Whether there are more than these.
    pub is_cut: bool,
    /// What a reader must know.
    pub notes: Vec<String>,
}

/// Why nothing was listed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookUpFailure {
    /// The plugin has no such lookup.
    #[error("unknown lookup `{}`; the plugin has: {}", Shown::line(name), if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
    NoLookup {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The source could not be asked.
    #[error(transparent)]
    Collection(#[from] CollectError),
}

/// Lists the lookup of this name.
///
/// # Errors
/// Where there is no such lookup, or the source cannot be asked: see [`LookUpFailure`].
pub async fn look_up<'a>(
    connection: &'a Connection,
    name: &str,
    criteria: Vec<Setting>,
    limits: &Limits,
    clock: &dyn Clock,
    events: &dyn Events,
) -> Result<LookedUp<'a>, LookUpFailure> {
    let manifest = connection.plugin().manifest();
    let lookup = manifest.lookup(name).ok_or_else(|| LookUpFailure::NoLookup {
        name: name.to_owned(),
        known: manifest.lookups.iter().map(|it| it.name.clone()).collect(),
    })?;
    let task = Task::LookUp(lookup.name.clone());
    let order = Order { task, criteria, window: None, since: None, as_of: this_second(clock), id: None };
    let mut listed = Listed::default();
    let outcome = collect::run(connection, &order, &mut listed, &Collecting::new(events), limits).await?;
    let Listed { rows, rejected, is_cut, .. } = listed;
    Ok(LookedUp { lookup, rows, rejected, is_cut, notes: outcome.summary.notes })
}

/// Rows of whole answers.
#[derive(Default)]
struct Listed {
    rows: Vec<Row>,
    rejected: Vec<Rejection>,
    is_cut: bool,
    /// How many there were when the answer began.
    before: (usize, usize),
}

impl Sink for Listed {
    fn begin(&mut self, _: &Answer<'_>) -> io::Result<()> {
        self.before = (self.rows.len(), self.rejected.len());
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn rows(&mut self, rows: Vec<Row>, rejected: Vec<Rejection>) -> io::Result<()> {
        self.is_cut |=
            self.rows.len() + rows.len() > MAX_ROWS || self.rejected.len() + rejected.len() > MAX_ROWS;
        let room = MAX_ROWS - self.rows.len();
        self.rows.extend(rows.into_iter().take(room));
        let room = MAX_ROWS - self.rejected.len();
        self.rejected.extend(rejected.into_iter().take(room));
        Ok(())
    }

    fn redacted(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn blanked(&mut self, _: &BTreeMap<String, u64>) -> io::Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn abandon(&mut self, _: &str) -> io::Result<()> {
        let (rows, rejected) = self.before;
        self.rows.truncate(rows);
        self.rejected.truncate(rejected);
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.abandon("")
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        None
    }
}
