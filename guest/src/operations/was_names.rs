//! Names of web applications, and of what their scans are launched with.

use exhibit_plugin::xml::Element;
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply};
use super::names::{What, choose};
use crate::qualys::qps::whole::{Operator, Query};
use crate::qualys::reading::{Stop, short};

#[derive(Serialize, Deserialize)]
pub(super) struct Name {
    pub(super) wanted: String,
    pub(super) found: Option<Found>,
    /// Whether only what is called exactly so is asked for: there are more than one page has.
    pub(super) exactly: bool,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) name: String,
    /// The address of a web application.
    pub(super) url: String,
}

fn named(element: &Element<'_>) -> Option<Found> {
    let text = |name| element.get(name).filter(|it| !it.is_empty());
    Some(Found {
        id: short(text("id")?),
        name: text("name")?.to_owned(),
        url: text("url").unwrap_or_default().to_owned(),
    })
}

pub(super) fn appliance(element: &Element<'_>) -> Option<Found> {
    let text = |name| element.get(name).filter(|it| !it.is_empty());
    Some(Found { id: short(text("ID")?), name: text("NAME")?.to_owned(), url: String::new() })
}

impl Name {
    /// Searches for it. Whether a search by a part of a name minds the case is not documented, so all are listed.
    pub(super) fn search(&self, all: Query) -> Call {
        Call::Search(if self.exactly {
            all.with("name", Operator::Equals, self.wanted.as_str())
        } else {
            all
        })
    }

    /// Takes the answer to that.
    pub(super) fn learn(&mut self, what: What, reply: &Reply<'_>) -> Result<(), Stop> {
        let found = reply.records(named)?;
        // What is on other pages may have the same name.
        if found.is_cut && !self.exactly {
            self.exactly = true;
            return Ok(());
        }
        let shown = |it: &Found| format!("{} (id {})", it.name, it.id);
        self.found = Some(choose(what, &self.wanted, &found.records, |it| &it.name, shown)?.clone());
        Ok(())
    }
}
