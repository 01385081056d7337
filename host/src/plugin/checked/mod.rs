//! What a plugin gives back, held against the contract before anyone uses it.

mod session;
mod testing;

pub(crate) use self::session::{PointRule, WindowRule, batch, checkpoint, kinds, step};
pub(crate) use self::testing::{Tally, looked_at, observation, reports};

/// What is wrong, for a person.
type Checked = Result<(), String>;

fn bounded(what: &str, has: usize, limit: usize) -> Checked {
    if has > limit { Err(format!("{what} has the size {has}; at most {limit} is allowed")) } else { Ok(()) }
}
