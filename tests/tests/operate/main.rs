//! Operations as a whole: shown first, sent once, found out about where the answer is lost, and kept as evidence.

mod again;
mod blanked;
mod calls;
mod lost;
#[cfg(target_os = "linux")]
#[path = "../collect/memories.rs"]
mod memories;
mod people;
mod rights;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
