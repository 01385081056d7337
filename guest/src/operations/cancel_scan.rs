//! Cancel a VM scan: see [`control`].

use exhibit_plugin::{Assignment, Error, Procedure, catalog};

use super::control::{self, Action};
use super::operation::Operation;
use super::rights::Right;

pub(super) const OPERATION: Operation =
    Operation { name: "cancel-scan", describe, right: Right::VmScans, open };

fn describe() -> catalog::Operation {
    control::describe(
        OPERATION.name,
        "Cancel a VM scan",
        "Cancels a scan that has not ended. It cannot be resumed; results so far may be kept.",
    )
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    control::open(assignment, saved, Action::Cancel)
}
