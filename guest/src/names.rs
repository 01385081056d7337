//! The one that a person means by a name, or by an id.

mod nearest;
#[cfg(test)]
mod tests;

use exhibit_plugin::Error;
use exhibit_plugin::problem::invalid;

pub(crate) use self::nearest::nearest;
use crate::qualys::reading::short;

/// Names that an error offers: more are not read.
const MAX_CANDIDATES: usize = 10;

/// What is chosen, for messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct What {
    /// Such as `option profile`.
    pub(crate) one: &'static str,
    /// The parameter that names it.
    pub(crate) parameter: &'static str,
}

/// What can be chosen by its name.
pub(crate) trait Named {
    /// What people call it.
    fn name(&self) -> &str;

    /// What identifies it beside its name, such as its id. An empty text is none.
    fn keys(&self) -> Vec<&str> {
        Vec::new()
    }

    /// Its name, what identifies it, and what tells it from another one of that name, such as its owner.
    fn in_words(&self) -> String {
        self.name().to_owned()
    }
}

impl Named for String {
    fn name(&self) -> &str {
        self
    }
}

impl Named for &str {
    fn name(&self) -> &str {
        self
    }
}

/// What was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Choice<'a, T> {
    pub(crate) one: &'a T,
    /// Whether another one has the same name, in whichever case: then only its id tells Qualys which is meant.
    pub(crate) has_namesake: bool,
}

/// The one of `all` that is meant: whose name is written so, which is identified by it, or whose name is the same but for the
/// case.
///
/// # Errors
/// `invalid`, with the candidates, where it fits none or several.
pub(crate) fn choose<'a, T: Named>(what: What, wanted: &str, all: &'a [T]) -> Result<Choice<'a, T>, Error> {
    let lower = wanted.to_lowercase();
    let is_similar = |it: &T| it.name().to_lowercase() == lower;
    let is_key = |it: &T| it.keys().iter().any(|key| !key.is_empty() && key.eq_ignore_ascii_case(wanted));
    let ways: [&dyn Fn(&T) -> bool; 3] = [&|it| it.name() == wanted, &is_key, &is_similar];
    let fitting = ways.iter().map(|fits| all.iter().filter(|it| fits(it)).collect::<Vec<_>>());
    match fitting.into_iter().find(|it| !it.is_empty()).unwrap_or_default().as_slice() {
        [one] => {
            let name = one.name().to_lowercase();
            let has_namesake = all.iter().filter(|it| it.name().to_lowercase() == name).count() > 1;
            Ok(Choice { one, has_namesake })
        }
        [] => Err(none(what, wanted, all)),
        several => Err(too_many(what, wanted, several)),
    }
}

/// What was found for what was given, in the words of a dry run: so that a person sees which one was taken.
pub(crate) fn given_as(given: &str, name: &str) -> String {
    if given == name { String::new() } else { format!("given as {given:?}") }
}

fn too_many<T: Named>(what: What, wanted: &str, several: &[&T]) -> Error {
    let has_keys = several.iter().all(|it| it.keys().iter().any(|key| !key.is_empty()));
    let first = several.first().map(|it| it.name());
    let how = match (several.iter().all(|it| Some(it.name()) == first), has_keys) {
        (true, true) => "name one of them by its id",
        (false, true) => "write one of them as it is written here, or give its id",
        (_, false) => "write one of them as it is written here",
    };
    let listed = listed(several.iter().map(|it| it.in_words()));
    invalid(format!("more than one {} is meant: {} are called {wanted:?}", what.one, several.len()))
        .remedy(format!("{how}: {listed}"))
        .about(what.parameter)
}

fn none<T: Named>(what: What, wanted: &str, all: &[T]) -> Error {
    let error = invalid(format!("no {} is called {wanted:?}", what.one)).about(what.parameter);
    if all.is_empty() {
        error.remedy(format!("Qualys lists no {} for this account: check its permissions", what.one))
    } else {
        let names = nearest(wanted, all, T::name);
        error.remedy(format!(
            "choose one, the nearest first: {}",
            listed(names.iter().map(|it| it.in_words()))
        ))
    }
}

/// So many of them, in one line.
pub(crate) fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let count = names.len();
    let shown: Vec<String> = names.take(MAX_CANDIDATES).map(|it| short(&it)).collect();
    let more = count.saturating_sub(shown.len());
    let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{rest}", shown.join(", "))
}

/// A name with what else is known of it in parentheses: parts that are empty are left out.
pub(crate) fn with_facts<'a>(name: &str, facts: impl IntoIterator<Item = &'a str>) -> String {
    let facts: Vec<&str> = facts.into_iter().filter(|it| !it.is_empty()).collect();
    if facts.is_empty() { name.to_owned() } else { format!("{name} ({})", facts.join(", ")) }
}
