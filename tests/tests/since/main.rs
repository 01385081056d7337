//! `--since last`: what changed, day by day, joined, is the list of that day.

mod days;
mod program;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
