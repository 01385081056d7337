//! The lines of the contract that this host runs, and which of them a component is run by.
//!
//! The rest of the host sees the newest line's values alone. `README.md` beside this file says how a
//! line is added.

mod adapt;
mod calls;
mod newest;
#[cfg(test)]
pub(super) mod tests;
mod v0_1;

use exhibit_rows::Shown;

use super::load_error::LoadError;
use super::version::{self, CONTRACT};

use self::newest::Newest;
use self::v0_1::V0_1;

pub(crate) use self::calls::{Instance, Line, OtherTypes, Prepared};

/// All of them, the newest first: a component that exports several is run by the newest.
pub(crate) const LINES: &[&dyn Line] = &[&Newest, &V0_1];

/// The package of the contract, of any line.
const PACKAGE: &str = "exhibit:plugin";

/// The line that a component with these exports is run by.
pub(crate) fn choose(
    exports: &[String],
    lines: &[&'static dyn Line],
) -> Result<&'static dyn Line, LoadError> {
    let has = |line: &dyn Line, interface: &str| {
        versions(exports, interface).any(|it| version::is_of_line(it, line.version()))
    };
    if let Some(line) = lines.iter().find(|line| line.interfaces().iter().all(|it| has(**line, it))) {
        return Ok(*line);
    }
    for interface in Newest.interfaces() {
        let Some(found) = version::newest(versions(exports, interface)) else {
            return Err(missing(format!("{PACKAGE}/{interface}")));
        };
        if !lines.iter().any(|line| has(*line, interface)) {
            return Err(other(found, lines));
        }
    }
    // Each interface is of a line that runs here, and they are of several.
    let of_line = |interface: &&str| format!("{PACKAGE}/{interface}@{CONTRACT}");
    Err(missing(Newest.interfaces().iter().find(|it| !has(&Newest, it)).map_or_else(String::new, of_line)))
}

/// The versions in which a component with these exports has an interface of the contract.
fn versions<'a>(exports: &'a [String], interface: &str) -> impl Iterator<Item = &'a str> {
    let versioned = format!("{PACKAGE}/{interface}@");
    exports.iter().filter_map(move |it| it.strip_prefix(versioned.as_str()))
}

fn missing(interface: String) -> LoadError {
    LoadError::NoContract { interface, speaks: CONTRACT }
}

/// The error for a plugin that was built against this version, whose line is not run.
fn other(found: &str, lines: &[&'static dyn Line]) -> LoadError {
    let line = Shown::line(&version::line_of(found)).to_string();
    let names: Vec<String> = lines.iter().rev().map(|it| version::line_of(it.version())).collect();
    let runs = match names.as_slice() {
        [one] => one.clone(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
        [] => String::new(),
    };
    let too_new = lines.iter().all(|it| version::is_newer(found, it.version()));
    let found = Shown::line(found).to_string();
    if too_new { LoadError::TooNew { found, line, runs } } else { LoadError::TooOld { found, line, runs } }
}
