//! Resume a VM scan: see [`control`].

use exhibit_plugin::{Assignment, Error, Procedure, catalog};

use super::control::{self, Action};
use super::operation::Operation;
use super::rights::Right;

pub(super) const OPERATION: Operation =
    Operation { name: "resume-scan", describe, right: Right::VmScans, open };

fn describe() -> catalog::Operation {
    control::describe(OPERATION.name, "Resume a VM scan", "Resumes a scan that is paused.")
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    control::open(assignment, saved, Action::Resume)
}
