//! A search, page by page: its request, and how records become rows.

use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::types::{Instant, Window};
use exhibit_plugin::{Error, Page, instant};

use super::criteria::Criterion;
use crate::qualys::record::ALL_SELECTED;
use crate::qualys::record::{Column, Record};
use crate::qualys::rows::{EDGE_MILLIS, Mapping, WindowFilter};
use crate::qualys::settings::reserve;

pub use super::criteria::Operator;

/// Records a page: the most that the API gives. A call counts the same however much it brings.
const PAGE_SIZE: u64 = 1_000;

/// A search, and how its answer becomes rows. [`Search::new`] has what most need; its fields change it.
#[derive(Debug, Clone)]
pub struct Search {
    /// The path at the API server, such as `/qps/rest/3.0/search/was/wasscan`.
    pub path: &'static str,
    /// The element that becomes a row, such as `WasScan`. Each has an `id`, by which pages ascend.
    pub record: &'static str,
    /// The columns.
    pub columns: &'static [Column],
    /// Whether details are asked for, without which some elements of a record are left out.
    pub verbose: bool,
    /// Notes that a reader of the proof needs because of a record.
    pub remark: fn(&Record<'_>, &mut Page),
    /// Notes that a reader of the proof needs in any case.
    pub notes: Vec<String>,
    /// The window whose events it lists, where the order has none.
    pub chosen_window: Option<Window>,
    pub(super) criteria: Vec<Criterion>,
    pub(super) page_size: u64,
    /// Whether one record of the first page is all that is wanted.
    pub(super) is_probe: bool,
    pub(super) reserve: u32,
    window_filter: Option<WindowFilter>,
    as_of: Instant,
}

impl Search {
    /// A search for everything, or for a single record where the order is a probe.
    ///
    /// # Errors
    /// `invalid` where a setting makes no sense.
    pub fn new(
        order: &Order,
        path: &'static str,
        record: &'static str,
        columns: &'static [Column],
    ) -> Result<Self, Error> {
        Ok(Self {
            path,
            record,
            columns,
            verbose: false,
            remark: |_, _| {},
            notes: Vec::new(),
            chosen_window: None,
            criteria: Vec::new(),
            page_size: if order.probe { 1 } else { PAGE_SIZE },
            is_probe: order.probe,
            reserve: reserve(order)?,
            window_filter: None,
            as_of: order.as_of,
        })
    }

    /// Limits it to records whose `field` has this relation to a value.
    pub fn add(&mut self, field: &str, operator: Operator, value: impl Into<String>) {
        self.criteria.push(Criterion { field: field.to_owned(), operator, value: value.into() });
    }

    /// Limits it to records whose `field` is what a criterion says, or one of what it says.
    ///
    /// # Errors
    /// `invalid` where a value cannot be asked for: it is empty, has a character that XML does not allow, or is one of
    /// several and has a comma, which separates these.
    pub fn add_criterion(&mut self, order: &Order, criterion: &str, field: &str) -> Result<(), Error> {
        let one: Vec<&str> = order.criteria.text(criterion).into_iter().collect();
        let several: Vec<&str> = order.criteria.texts(criterion).iter().map(String::as_str).collect();
        let values = if several.is_empty() { one } else { several };
        for value in &values {
            let why = if value.is_empty() {
                "it is empty"
            } else if value.contains(|it: char| it.is_control() || matches!(it, '\u{FFFE}' | '\u{FFFF}')) {
                "it has a control character"
            } else if values.len() > 1 && value.contains(',') {
                "it has a comma, which separates several values"
            } else {
                continue;
            };
            let message = format!("the criterion {criterion:?} cannot be {value:?}: {why}");
            return Err(invalid(message).about(criterion));
        }
        match values.as_slice() {
            [] => {}
            [value] => self.add(field, Operator::Equals, *value),
            several => self.add(field, Operator::In, several.join(",")),
        }
        Ok(())
    }

    /// Limits it to records whose date is in the window: the source is asked for it, and the edges are checked here.
    pub fn add_window(&mut self, window: Window, field: &str, date_element: &'static str) {
        self.add(field, Operator::Greater, instant::write(window.start.saturating_sub(EDGE_MILLIS)));
        self.add(field, Operator::Lesser, instant::write(window.end.saturating_add(EDGE_MILLIS)));
        self.window_filter = Some(WindowFilter { window, date_element });
    }

    /// How its records become rows.
    pub(super) fn mapping(&self) -> Mapping {
        Mapping {
            record: self.record,
            columns: self.columns,
            identity: |record| record.get("id").filter(|it| !it.is_empty()),
            ascends: true,
            prefix: None,
            remark: self.remark,
            window_filter: self.window_filter,
            changes: None,
            selected: ALL_SELECTED,
            as_of: self.as_of,
        }
    }
}
