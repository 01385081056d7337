//! What an operation is, to the plugin and to people.

use exhibit_plugin::{Assignment, Error, Procedure, catalog};

use super::rights::Right;

/// An operation: what it is, and what carries it out.
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// How it is described to people and to hosts.
    pub describe: fn() -> catalog::Operation,
    /// The right that an account needs for it.
    pub(super) right: Right,
    /// What carries out such an assignment, or goes on with what was saved.
    pub open: fn(&Assignment, Option<&str>) -> Opened,
}

/// What carries an assignment out, or why nothing does.
pub type Opened = Result<Box<dyn Procedure>, Error>;
