//! A list that Qualys gives, page by page: what is asked, and what a row is made of.

use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::types::{Instant, Window};
use exhibit_plugin::{Error, Page};

use super::paging::Parameters;
use super::record::{Column, Record};

pub use super::paging::Paging;

/// Whether Qualys counts an edge of a window in is not documented: so a second more is
/// asked for at either, and what lies outside is left out here.
pub const EDGE_MILLIS: i64 = 1_000;

/// What is asked, and what is made of the answer.
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
    pub proof_of_empty: Option<&'static str>,
    /// How it continues.
    pub paging: Paging,
    /// The columns.
    pub columns: &'static [Column],
    /// What a record is called, for people; `None` where the record lacks what identifies it.
    /// Where there are pages, it is the id or number that these go by.
    pub identity: for<'a> fn(&Record<'a>) -> Option<&'a str>,
    /// Notes that a reader of the proof needs because of this record.
    pub remark: fn(&Record<'_>, &mut Page),
    /// Notes that a reader of the proof needs in any case.
    pub notes: Vec<String>,
    /// The time asked for, and where a record says when it was.
    pub within: Option<Within>,
    /// The instant that counts as now.
    pub as_of: Instant,
    /// Calls an hour that are left to others.
    pub reserve: u32,
}

/// A window, and the date of a record that must lie in it. The source is asked for the window, too;
/// this makes sure of its edges.
#[derive(Debug, Clone, Copy)]
pub struct Within {
    /// The window.
    pub window: Window,
    /// The element of a record that says when.
    pub when: &'static str,
}

impl Listing {
    /// Adds the texts of a criterion, as Qualys' parameter of another name, separated by commas.
    ///
    /// # Errors
    /// `invalid` where a text is empty or has a comma in it.
    pub fn narrow(&mut self, order: &Order, criterion: &str, parameter: &str) -> Result<(), Error> {
        let texts = order.criteria.texts(criterion);
        if let Some(text) = texts.iter().find(|it| it.is_empty() || it.contains(',')) {
            let message = format!(
                "the criterion {criterion:?} cannot be {text:?}: Qualys takes no empty one, and commas divide them"
            );
            return Err(invalid(message).about(criterion));
        }
        if !texts.is_empty() {
            self.parameters.push((parameter.to_owned(), texts.join(",")));
        }
        Ok(())
    }
}

/// Parameters, by name and value.
pub fn parameters<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Parameters {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
