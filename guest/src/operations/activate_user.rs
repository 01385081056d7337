//! Activates a user: see [`user_status`].

use exhibit_plugin::{Assignment, Error, Procedure, catalog};

use super::operation::Operation;
use super::rights::Right;
use super::user_status;

pub(super) const OPERATION: Operation =
    Operation { name: "activate-user", describe, right: Right::Users, open };

fn describe() -> catalog::Operation {
    user_status::describe(
        OPERATION.name,
        "Activate a user",
        "Activates a user that is inactive, who can sign in again.",
    )
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    user_status::open(assignment, saved, true)
}
