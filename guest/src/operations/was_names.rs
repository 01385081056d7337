//! Names of web applications, and of what their scans are launched with.

use exhibit_plugin::xml::Element;
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply};
use super::found::Found;
use crate::names::What;
use crate::qualys::qps::whole::{Operator, Query};
use crate::qualys::reading::{Stop, short};

#[derive(Serialize, Deserialize)]
pub(super) struct Name {
    pub(super) wanted: String,
    pub(super) found: Option<Found>,
    /// Whether only what has exactly this name or id is asked for: there are more than one page has.
    exactly: Option<Exactly>,
}

/// What is asked for where not all can be listed.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Exactly {
    Name,
    Id,
}

/// Reads an object of the module. What tells two of one name apart is the address of a web application.
fn read(element: &Element<'_>) -> Option<Found> {
    Found::read(element, short(element.get("url").unwrap_or_default()))
}

impl Name {
    /// As a person gave it.
    pub(super) fn of(wanted: &str) -> Self {
        Self { wanted: wanted.to_owned(), found: None, exactly: None }
    }

    /// Searches for it. Whether a search by a part of a name minds the case is not documented, so all are listed.
    pub(super) fn search(&self, all: Query) -> Call {
        Call::Search(match self.exactly {
            None => all,
            Some(Exactly::Name) => all.with("name", Operator::Equals, self.wanted.as_str()),
            Some(Exactly::Id) => all.with("id", Operator::Equals, self.wanted.as_str()),
        })
    }

    /// Takes the answer to that.
    pub(super) fn learn(&mut self, what: What, reply: &Reply<'_>) -> Result<(), Stop> {
        let found = reply.records(read)?;
        let is_id = !self.wanted.is_empty() && self.wanted.bytes().all(|it| it.is_ascii_digit());
        match self.exactly {
            // What is on other pages may have the same name.
            None if found.is_cut => {
                self.exactly = Some(Exactly::Name);
                return Ok(());
            }
            Some(Exactly::Name) if found.records.is_empty() && is_id => {
                self.exactly = Some(Exactly::Id);
                return Ok(());
            }
            _ => {}
        }
        self.found = Some(Found::choose(what, &self.wanted, &found.records)?);
        Ok(())
    }
}
