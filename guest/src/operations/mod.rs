//! What can be done at Qualys: one file an operation, with its parameters and what it sends; and one line in [`ALL`].

mod activate_user;
mod add_user;
mod call;
mod cancel_scan;
mod clock;
mod control;
mod deactivate_user;
mod flow;
mod found;
mod launch;
mod launch_ec2_scan;
mod launch_vm_scan;
mod launch_was_scan;
mod mark;
mod operation;
mod parameters;
mod pause_scan;
mod relaunch_vm_scan;
mod rescan_was;
mod resume_scan;
mod rights;
mod scan;
mod steps;
mod targets;
#[cfg(test)]
mod tests;
mod user;
mod user_status;
mod was_names;
mod was_scan;
mod was_watch;

use exhibit_plugin::Assignment;
use exhibit_plugin::problem::invalid;

pub use operation::{Opened, Operation};

/// All operations, in the order in which people see them.
#[rustfmt::skip]
pub const ALL: &[Operation] = &[
    launch_vm_scan::OPERATION,
    launch_ec2_scan::OPERATION,
    relaunch_vm_scan::OPERATION,
    cancel_scan::OPERATION,
    pause_scan::OPERATION,
    resume_scan::OPERATION,
    launch_was_scan::OPERATION,
    rescan_was::OPERATION,
    add_user::OPERATION,
    deactivate_user::OPERATION,
    activate_user::OPERATION,
];

/// Begins an assignment's operation, or goes on with what was saved of it.
///
/// # Errors
/// `invalid` where the parameters make no sense.
pub fn open(assignment: &Assignment, saved: Option<&str>) -> Opened {
    let name = assignment.operation.name.as_str();
    match ALL.iter().find(|it| it.name == name) {
        Some(operation) => (operation.open)(assignment, saved),
        None => Err(invalid(format!("unknown operation {name:?}")).about(name)),
    }
}

/// Finds out by reads whether the account may carry out an assignment's operation.
///
/// # Errors
/// `invalid` where the settings make no sense.
pub fn probe(assignment: &Assignment) -> Opened {
    let name = assignment.operation.name.as_str();
    match ALL.iter().find(|it| it.name == name) {
        Some(operation) => rights::open(assignment, operation.right),
        None => Err(invalid(format!("unknown operation {name:?}")).about(name)),
    }
}
