//! A list of Qualys, page by page: its request, and how records become rows.

use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::types::{Instant, Window};
use exhibit_plugin::{Error, Page};

use super::paging::Parameters;
use crate::qualys::record::{Column, Record};
use crate::qualys::rows::Mapping;

pub use super::paging::Paging;
pub use crate::qualys::record::ALL_SELECTED;
pub use crate::qualys::rows::{ChangeDates, EDGE_MILLIS, WindowFilter};

/// The request for a list, and how its answer becomes rows.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The path at the API server.
    pub path: String,
    /// The parameters of the first page.
    pub parameters: Parameters,
    /// The root element of an answer.
    pub root: &'static str,
    /// The element that becomes a row.
    pub record: &'static str,
    /// An element outside the records that an answer without any must have, to count as
    /// an empty list. `None` where a list always has records.
    pub empty_marker: Option<&'static str>,
    /// How the list continues.
    pub paging: Paging,
    /// The columns.
    pub columns: &'static [Column],
    /// What a record is called, for people; `None` where the record lacks what identifies it.
    /// Where there are pages, it is the id or number that these go by.
    pub identity: for<'a> fn(&Record<'a>) -> Option<&'a str>,
    /// What identities begin with, where the list has one kind of records: one of another kind is rejected.
    pub prefix: Option<&'static str>,
    /// Notes that a reader of the proof needs because of this record.
    pub remark: fn(&Record<'_>, &mut Page),
    /// Notes that a reader of the proof needs in any case.
    pub notes: Vec<String>,
    /// The window that records must lie in.
    pub window_filter: Option<WindowFilter>,
    /// The dates of its changes, where the list can be asked for these.
    pub changes: Option<ChangeDates>,
    /// See [`Record::selected`].
    pub selected: u8,
    /// The window whose events it lists, where the order has none.
    pub chosen_window: Option<Window>,
    /// The instant that counts as now.
    pub as_of: Instant,
    /// API calls per hour that are reserved for other tools.
    pub reserve: u32,
}

impl Listing {
    /// How its records become rows.
    pub(super) fn mapping(&self) -> Mapping {
        Mapping {
            record: self.record,
            columns: self.columns,
            identity: self.identity,
            ascends: matches!(self.paging, Paging::IdMin | Paging::Truncation),
            prefix: self.prefix,
            remark: self.remark,
            window_filter: self.window_filter,
            changes: self.changes,
            selected: self.selected,
            as_of: self.as_of,
        }
    }

    /// Adds the texts of a criterion, as Qualys' parameter of another name, separated by commas.
    ///
    /// # Errors
    /// `invalid` where a text is empty or has a comma in it.
    pub fn add_criterion(&mut self, order: &Order, criterion: &str, parameter: &str) -> Result<(), Error> {
        let texts = order.criteria.texts(criterion);
        if let Some(text) = texts.iter().find(|it| it.is_empty() || it.contains(',')) {
            let message = format!(
                "the criterion {criterion:?} cannot be {text:?}: a value must not be empty or contain a comma"
            );
            return Err(invalid(message).about(criterion));
        }
        if !texts.is_empty() {
            self.parameters.push((parameter.to_owned(), texts.join(",")));
        }
        Ok(())
    }
}

/// A bit for each of these states that is among those chosen; all bits where none is chosen.
pub fn selected(states: &[&str], chosen: &[impl AsRef<str>]) -> u8 {
    if chosen.is_empty() {
        return ALL_SELECTED;
    }
    let is_chosen = |state: &str| chosen.iter().any(|it| it.as_ref() == state);
    states.iter().enumerate().filter(|(_, it)| is_chosen(it)).fold(0, |bits, (at, _)| bits | 1 << at)
}

/// Parameters, by name and value.
pub fn parameters<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Parameters {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
