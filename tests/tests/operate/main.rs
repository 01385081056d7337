//! Operations as a whole: shown first, sent once, found out about where the answer is lost, and kept as evidence.

#[path = "../collect/stage.rs"]
mod stage;

mod calls;
mod lost;
