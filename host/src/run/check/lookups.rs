//! The lists that operations look names up in: whether the account may read them.

use std::collections::BTreeMap;

use exhibit_rows::Shown;

use super::found::{Access, AccessCheck};
use crate::contract::catalog::{Lookup, Operation};
use crate::contract::manifest::Manifest;
use crate::remedy::Remedy;

/// What was found of a list.
#[derive(Debug, Clone)]
pub(super) enum Listed {
    /// It can be read.
    Read,
    /// The account may not read it, for this reason, and what to do next.
    Refused(String, Option<Remedy>),
    /// It is not known whether it may: why.
    Unknown(String),
}

/// What was found so far, by the names of the lists.
pub(super) type Known = BTreeMap<String, Listed>;

/// The lists that an operation looks its parameters up in, each with the parameter, and whether that must be given.
pub(super) fn needed<'a>(
    manifest: &'a Manifest,
    operation: &'a Operation,
) -> Vec<(&'a Lookup, &'a str, bool)> {
    let of = |lookup: &'a Lookup| {
        let parameter = operation.parameters.iter().find(|it| lookup.parameters.contains(&it.name))?;
        Some((lookup, parameter.name.as_str(), parameter.required))
    };
    manifest.lookups.iter().filter_map(of).collect()
}

/// Takes what was found of a list into what is known of an operation that may be carried out otherwise. A list that cannot be
/// read does not say that the operation is refused: some only check names in it.
pub(super) fn apply(check: &mut AccessCheck, lookup: &str, parameter: &str, required: bool, listed: &Listed) {
    let why = match listed {
        Listed::Read => return,
        Listed::Refused(what, None) => format!("the account may not read it: {what}"),
        Listed::Refused(what, Some(next)) => format!("the account may not read it: {what}; {next}"),
        Listed::Unknown(why) => format!("it could not be read: {why}"),
    };
    if required {
        check.result = Ok(Access::Undecided);
    }
    check.remarks.push(format!(
        "`{}` is looked up in the list `{}`, and {why}",
        Shown::line(parameter),
        Shown::line(lookup)
    ));
}
