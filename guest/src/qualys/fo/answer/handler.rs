//! The elements of an answer, one after the other.

use exhibit_plugin::problem::malformed;
use exhibit_plugin::xml::{Element, Handler};
use exhibit_plugin::{Error, Page, instant};

use super::super::error;
use super::super::paging::{self, Cursor, Paging};
use super::state::{Kind, ListState, OK, contradicts};

/// How much of an element's name an error shows.
const NAME_CHARS: usize = 60;

/// What a comment of an answer says where the subscription is a trial.
const EVALUATION: &str = "generated with an evaluation version";

/// Handles the elements of the document: updates the state, and adds rows to the page.
pub(super) struct ListHandler<'a> {
    pub(super) state: &'a mut ListState,
    pub(super) page: &'a mut Page,
}

impl Handler for ListHandler<'_> {
    fn root(&mut self, name: &str) -> Result<bool, Error> {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        let kind = if is(self.state.listing.root) {
            Kind::List
        } else if is("SIMPLE_RETURN") {
            Kind::SimpleReturn
        } else if is("GENERIC_RETURN") {
            Kind::GenericReturn
        } else if is("html") {
            Kind::Html
        } else {
            let name: String = name.chars().take(NAME_CHARS).collect();
            return Err(malformed(format!(
                "Qualys sent a {name:?} where a {} was expected",
                self.state.listing.root
            )));
        };
        self.state.kind = kind;
        Ok(kind != Kind::Html)
    }

    fn wants(&self, name: &str) -> bool {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        let listing = &self.state.listing;
        match self.state.kind {
            Kind::List => {
                self.state.inner.as_ref().map_or_else(|| is(listing.record), |it| it.wants(name))
                    || listing.empty_marker.is_some_and(is)
                    || ["WARNING", "TRUNCATION", "ERROR", "ID_SET", "REQUEST"].into_iter().any(is)
            }
            Kind::SimpleReturn => is("RESPONSE"),
            Kind::GenericReturn => is("RETURN"),
            Kind::Unknown | Kind::Html => false,
        }
    }

    fn comment(&mut self, text: &str) {
        if text.contains(EVALUATION) {
            self.page.note("Qualys says that an evaluation version made this report.");
        }
    }

    fn opened(&mut self, name: &str) -> Result<(), Error> {
        if let Some(inner) = self.state.inner.as_mut().filter(|_| self.state.status == OK) {
            inner.opened(name);
        }
        Ok(())
    }

    fn closed(&mut self) -> Result<(), Error> {
        let Some(inner) = self.state.inner.as_mut().filter(|_| self.state.status == OK) else {
            return Ok(());
        };
        let read = inner.closed(self.page);
        self.state.element_refused = read.is_err();
        read
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        let read = self.read(element);
        self.state.element_refused = read.is_err();
        read
    }
}

impl ListHandler<'_> {
    fn read(&mut self, element: &Element<'_>) -> Result<(), Error> {
        let state = &mut *self.state;
        if state.status == OK
            && let Some(inner) = &mut state.inner
            && inner.element(element, self.page)?
        {
            return Ok(());
        }
        if element.is("RESPONSE") {
            state.refusal = Some(error::simple_return(element));
        } else if element.is("RETURN") || element.is("ERROR") {
            state.refusal = Some(error::msp(element));
        } else if state.status != OK {
            // The body of a refusal is not the list.
        } else if element.is(state.listing.record) {
            state.record(element, self.page)?;
        } else if element.is("ID_SET") {
            state.has_only_ids = true;
        } else if element.is("WARNING") {
            state.warning(element, self.page)?;
        } else if element.is("TRUNCATION") {
            let last = element.attribute("last").unwrap_or_default();
            match state.listing.paging {
                Paging::Truncation => {
                    let greatest = Some(state.last).filter(|_| state.records > 0 && !state.has_numberless);
                    state.next = Some(paging::after_truncation(state.cursor, &last, greatest)?);
                }
                Paging::FirstPage => {}
                Paging::Whole | Paging::IdMin => {
                    return Err(malformed("Qualys truncated the list, and this API has no further pages"));
                }
            }
        } else if (element.is("REQUEST") || element.is("HEADER"))
            && let Some(login) = element.get("USER_LOGIN").filter(|it| !it.is_empty())
        {
            self.page
                .note(format!("Collected with the account {login:.100}: items that this account cannot see are not included."));
        }
        if state.cursor.is_none_or(Cursor::is_first)
            && let Some(at) = dated(element).and_then(instant::parse)
        {
            self.page.note(format!("Qualys dated its first answer {}.", instant::write(at)));
        }
        if state.listing.empty_marker.is_some_and(|it| element.is(it)) {
            state.has_empty_marker = true;
        }
        // A record was rejected for it. What else is read says how the list continues, or why there is no list.
        match element.contradiction().filter(|_| !element.is(state.listing.record) && state.status == OK) {
            Some(name) => Err(malformed(format!(
                "the answer contradicts itself: in {:.60}, {}",
                element.name(),
                contradicts(name)
            ))),
            None => Ok(()),
        }
    }
}

/// When an answer says that it was made: in an element of its own, or in the head of the older API.
fn dated<'a>(element: &'a Element<'_>) -> Option<&'a str> {
    if element.is("HEADER") {
        element.get("DATETIME")
    } else {
        Some(element.text()).filter(|_| element.is("DATETIME"))
    }
}
