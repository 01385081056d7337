//! What Qualys lists, and what a person named it by.

use exhibit_plugin::Error;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::xml::Element;
use serde::{Deserialize, Serialize};

use crate::names::{Named, What, choose, given_as, with_facts};
use crate::qualys::reading::short;

/// What was found for a name or an id.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) name: String,
    /// Empty where Qualys lists none.
    pub(super) id: String,
    /// What else a person should see of it, such as its owner.
    pub(super) remark: String,
    /// What a person gave, where that is not its name.
    given: String,
    /// Whether only its id tells it from another one.
    pub(super) has_namesake: bool,
}

impl Found {
    pub(super) fn new(name: &str, id: &str, remark: String) -> Self {
        Self { name: name.to_owned(), id: short(id), remark, ..Self::default() }
    }

    /// Reads an object of the portal; `None` where it has no name or no id.
    pub(super) fn read(element: &Element<'_>, remark: String) -> Option<Self> {
        let text = |name| element.get(name).filter(|it| !it.is_empty());
        Some(Self::new(text("name")?, text("id")?, remark))
    }

    /// The one that is meant.
    ///
    /// # Errors
    /// `invalid`, with the candidates, where the name fits none or several.
    pub(super) fn choose(what: What, wanted: &str, all: &[Self]) -> Result<Self, Error> {
        let choice = choose(what, wanted, all)?;
        Ok(choice.one.clone().named_by(wanted, choice.has_namesake))
    }

    /// The same, named by what a person gave.
    #[must_use]
    pub(super) fn named_by(self, wanted: &str, has_namesake: bool) -> Self {
        Self { given: given_as(wanted, &self.name), has_namesake, ..self }
    }

    /// For a dry run: its name, its id, what else is known, and what it was named by.
    pub(super) fn shown(&self) -> String {
        with_facts(&self.name, [self.identified().as_str(), &self.remark, &self.given])
    }

    fn identified(&self) -> String {
        if self.id.is_empty() { String::new() } else { format!("id {}", self.id) }
    }
}

impl Named for Found {
    fn name(&self) -> &str {
        &self.name
    }

    fn keys(&self) -> Vec<&str> {
        vec![&self.id]
    }

    fn in_words(&self) -> String {
        with_facts(&self.name, [self.identified().as_str(), &self.remark])
    }
}

/// Refuses what Qualys takes by its name alone where another one has that name, too: it is not known which one it would take.
///
/// # Errors
/// `invalid` where there is another one.
pub(super) fn check_name_is_enough(what: What, found: &Found, all: &[Found]) -> Result<(), Error> {
    let same = all.iter().filter(|it| it.name == found.name).count();
    if same < 2 {
        return Ok(());
    }
    Err(invalid(format!(
        "{same} {}s are called {:?}, and Qualys takes a {} by its name alone",
        what.one, found.name, what.one
    ))
    .remedy("give it a name of its own in the console")
    .about(what.parameter))
}
