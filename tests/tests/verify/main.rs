//! `exhibit verify`, from end to end: the real binary, real files, altered in every way.

mod altered;
mod replayed;
mod signed;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
