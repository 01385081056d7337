//! `exhibit verify`, from end to end: the real binary, real files, altered in every way.

mod altered;
mod bounds;
mod chain;
#[cfg(target_os = "linux")]
#[path = "../collect/high_water.rs"]
mod high_water;
mod lying;
mod replayed;
mod signed;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
mod tampered;
#[path = "../collect/tree.rs"]
mod tree;
mod trusted;

/// The text with `…` for each digest.
fn without_digests(text: &str) -> String {
    let mut pieces = text.split("sha256:");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + "…" + piece.get(64..).unwrap_or_default())
}

/// Without the day of the test.
fn without_the_day(text: &str) -> String {
    const ASKED: &str = "the source was asked on ";
    let line = |it: &str| match it.split_once(ASKED) {
        Some((before, _)) => format!("{before}{ASKED}…"),
        None => it.to_owned(),
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}
