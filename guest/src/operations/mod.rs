//! What can be done at Qualys: one file an operation, with its parameters and what it sends; and one line in [`ALL`].

mod activate_user;
mod add_user;
mod cancel_scan;
mod control;
mod deactivate_user;
mod flow;
mod launch;
mod launch_ec2_scan;
mod launch_vm_scan;
mod names;
mod parameters;
mod pause_scan;
mod relaunch_vm_scan;
mod resume_scan;
mod scan;
mod targets;
#[cfg(test)]
mod tests;
mod user;
mod user_status;

use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Assignment, Error, Procedure, catalog};

/// An operation: what it is, and what carries it out.
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// How it is described to people and to hosts.
    pub describe: fn() -> catalog::Operation,
    /// What carries out such an assignment, or goes on with what was saved.
    pub open: fn(&Assignment, Option<&str>) -> Opened,
}

/// What carries an assignment out, or why nothing does.
pub type Opened = Result<Box<dyn Procedure>, Error>;

/// All operations, in the order in which people see them.
#[rustfmt::skip]
pub const ALL: &[Operation] = &[
    launch_vm_scan::OPERATION,
    launch_ec2_scan::OPERATION,
    relaunch_vm_scan::OPERATION,
    cancel_scan::OPERATION,
    pause_scan::OPERATION,
    resume_scan::OPERATION,
    add_user::OPERATION,
    deactivate_user::OPERATION,
    activate_user::OPERATION,
];

/// Begins an assignment's operation, or goes on with what was saved of it.
///
/// # Errors
/// `invalid` where the parameters make no sense.
pub fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    let name = assignment.operation.name.as_str();
    match ALL.iter().find(|it| it.name == name) {
        Some(operation) => (operation.open)(assignment, saved),
        None => Err(invalid(format!("unknown operation {name:?}")).about(name)),
    }
}
