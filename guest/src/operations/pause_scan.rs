//! Pause a VM scan: see [`control`].

use exhibit_plugin::{Assignment, Error, Procedure, catalog};

use super::control::{self, Action};
use super::operation::Operation;
use super::rights::Right;

pub(super) const OPERATION: Operation =
    Operation { name: "pause-scan", describe, right: Right::VmScans, open };

fn describe() -> catalog::Operation {
    control::describe(
        OPERATION.name,
        "Pause a VM scan",
        "Pauses a scan. Results so far are processed, and the scan can be resumed.",
    )
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    control::open(assignment, saved, Action::Pause)
}
