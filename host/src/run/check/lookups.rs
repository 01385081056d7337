//! The lists that operations look names up in: whether the account may read them.

use std::collections::BTreeMap;

use exhibit_rows::Shown;

use super::found::{Access, AccessCheck};
use super::problem::CheckProblem;
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

/// Takes what was found of a list into what is known of an operation that may be carried out otherwise.
pub(super) fn apply(check: &mut AccessCheck, lookup: &str, parameter: &str, required: bool, listed: &Listed) {
    match listed {
        Listed::Read => {}
        Listed::Refused(what, next) if required => {
            check.result = Err(CheckProblem::LookupRefused {
                lookup: lookup.to_owned(),
                parameter: parameter.to_owned(),
                what: what.clone(),
                next: next.clone(),
            });
        }
        Listed::Refused(what, _) => check.remarks.push(format!(
            "`{}` cannot be given: the account may not read the list `{}`: {what}",
            Shown::line(parameter),
            Shown::line(lookup)
        )),
        Listed::Unknown(why) => {
            if required && check.result.is_ok() {
                check.result = Ok(Access::Undecided);
            }
            check.remarks.push(format!("the list `{}` could not be read: {why}", Shown::line(lookup)));
        }
    }
}
