//! Deactivates a user: see [`user_status`].

use exhibit_plugin::{Assignment, Error, Procedure, catalog};

use super::operation::Operation;
use super::rights::Right;
use super::user_status;

pub(super) const OPERATION: Operation =
    Operation { name: "deactivate-user", describe, right: Right::Users, open };

fn describe() -> catalog::Operation {
    user_status::describe(
        OPERATION.name,
        "Deactivate a user",
        "Deactivates an active user, who can no longer sign in.",
    )
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    user_status::open(assignment, saved, false)
}
