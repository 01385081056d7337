//! Evidence as a package, from end to end: whole or not there, on any disk, and noticed where it was altered.

mod bundled;
mod bytes;
mod despite;
mod dice;
mod killed;
#[cfg(unix)]
mod private;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
#[path = "../collect/tree.rs"]
mod tree;

/// So many rounds of a test: as its environment variable says, or else few enough for every day.
fn rounds(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|it| it.parse().ok()).unwrap_or(usual)
}
