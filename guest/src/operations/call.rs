//! What operations ask Qualys, whichever API family answers.

use exhibit_plugin::WholeAnswer;
use exhibit_plugin::collection::{Pause, Request};
use exhibit_plugin::xml::Element;

use crate::qualys::fo::listing::parameters;
use crate::qualys::fo::whole::{self, List};
use crate::qualys::qps::whole::{self as searches, Query};
use crate::qualys::reading::{Records, Stop, Written};
use crate::qualys::spare;

/// The request for a list.
#[derive(Debug, Clone)]
pub(super) enum Call {
    List { path: String, parameters: Vec<(String, String)>, list: List },
    Search(Query),
}

impl Call {
    /// The list at this path, with these parameters.
    pub(super) fn new<'a>(
        path: impl Into<String>,
        list: List,
        given: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        Self::List { path: path.into(), parameters: parameters(given), list }
    }

    /// The same with one more parameter, where it is a list.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Self::List { parameters, .. } = &mut self {
            parameters.push((name.to_owned(), value.into()));
        }
        self
    }

    /// The request.
    pub(super) fn request(&self) -> Request {
        match self {
            Self::List { path, parameters, .. } => whole::read(path.as_str(), parameters.clone()),
            Self::Search(query) => query.request(),
        }
    }

    /// What reads the answer to it; `attempt` counts the pauses in a row before it.
    pub(super) fn reply<'a>(&'a self, answer: &'a WholeAnswer<'a>, attempt: u32) -> Reply<'a> {
        Reply { answer, call: self, attempt }
    }
}

/// The answer to a [`Call`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Reply<'a> {
    answer: &'a WholeAnswer<'a>,
    call: &'a Call,
    attempt: u32,
}

impl Reply<'_> {
    /// The records, as `read` reads each; `None` leaves one out.
    ///
    /// # Errors
    /// Where it is not the list.
    pub(super) fn records<T>(&self, read: impl FnMut(&Element<'_>) -> Option<T>) -> Result<Records<T>, Stop> {
        match self.call {
            Call::List { list, .. } => whole::records(*list, self.answer, self.attempt, read),
            Call::Search(query) => query.records(self.answer, self.attempt, read),
        }
    }

    /// The pause that leaves `reserve` calls to other tools, where one is needed.
    pub(super) fn pause_for_others(&self, reserve: u32) -> Option<Pause> {
        spare(self.answer.head, reserve)
    }
}

/// A write.
pub(super) struct Write {
    pub(super) request: Request,
    /// Reads the answer to it.
    pub(super) read: fn(&WholeAnswer<'_>) -> Written,
}

impl Write {
    /// A write of the family that takes forms.
    pub(super) fn form(
        path: &str,
        form: Vec<(String, String)>,
        change: exhibit_plugin::collection::Change,
    ) -> Self {
        Self { request: whole::write(path, form, change), read: whole::written }
    }

    /// A write of the portal's family, about a web application scan.
    pub(super) fn was_scan(
        path: &str,
        data: &searches::Data,
        change: exhibit_plugin::collection::Change,
    ) -> Self {
        Self {
            request: searches::write(path, data, change),
            read: |answer| searches::written(answer, "WasScan"),
        }
    }
}
