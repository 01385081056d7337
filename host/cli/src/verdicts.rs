//! What tests came to, as people and machines read it.

use exhibit::format::{alternative, count, counted};
use exhibit::testing::{Changes, Example, State, TestRun, compared_in_words};
use exhibit_records::{Proof, Tested, Verdict};

use super::cells::cell;
use super::table::{self, Column};
use super::terminal::{Terminal, shown};
use super::wrap::wrap;

/// Hundredths of a percent.
const ALL: u128 = 10_000;
/// So many of the rows that are all right again are named.
const NAMED: usize = 5;

/// For people: a line a test, then, for each that did not pass, the first so many rows.
pub(super) fn text(held: &TestRun, proof: &Proof, rows: usize, terminal: &Terminal) -> String {
    let tests = &held.run.tests;
    let columns = [
        Column::new("Tests"),
        Column::new(""),
        Column::new("Passed").numeric(true),
        Column::new("Share").numeric(true),
        Column::new("Since the last run"),
    ];
    let line = |it: &Tested| {
        let passed = format!("{} of {}", count(it.passed), count(it.counted));
        vec![mark(it.outcome), shown(&it.label), passed, share(it), compared_in_words(it.since.as_ref())]
    };
    let summary = table::render(&columns, tests.iter().map(line).collect(), terminal.width());
    let mut parts = vec![summary];
    parts.extend(compared(tests));
    for ((test, examples), changes) in tests.iter().zip(&held.examples).zip(&held.changes) {
        parts.extend(details(test, examples, changes, proof, rows, terminal));
    }
    wrap(&parts.join("\n\n"), terminal.width())
}

/// One test: why it did not pass, and what became of rows that had failed.
fn details(
    test: &Tested,
    examples: &[Example],
    changes: &Changes,
    proof: &Proof,
    rows: usize,
    terminal: &Terminal,
) -> Option<String> {
    let settled = settled(test, changes);
    if test.outcome == Verdict::Pass && examples.is_empty() && settled.is_empty() {
        return None;
    }
    let controls = match test.controls.as_slice() {
        [] => String::new(),
        controls => format!(" ({})", shown(&controls.join(", "))),
    };
    let head = format!("{} {}{controls}", mark(test.outcome), shown(&test.name));
    let mut lines = vec![head, shown(&test.message)];
    if let Some(why) = Some(&test.why).filter(|it| test.outcome == Verdict::Fail && !it.is_empty()) {
        lines.push(shown(why));
    }
    if !examples.is_empty() && rows > 0 {
        lines.push(faulted(test, examples, changes, proof, rows, terminal.width()));
    }
    lines.extend(settled);
    Some(lines.join("\n"))
}

fn faulted(
    test: &Tested,
    examples: &[Example],
    changes: &Changes,
    proof: &Proof,
    rows: usize,
    width: Option<u16>,
) -> String {
    let mut columns = ["Row", "Field", "Seen", "Wanted"].map(Column::new).to_vec();
    let compared = test.since.is_some();
    if compared {
        columns.push(Column::new("Since the last run"));
    }
    let mut lines = Vec::new();
    for example in examples.iter().take(rows) {
        let state = changes.states.get(&example.key).map_or("", |it| it.in_words());
        for (at, found) in example.found.iter().enumerate() {
            let first = |text: &str| if at == 0 { shown(text) } else { String::new() };
            let mut line = vec![
                first(&example.row),
                label(proof, &found.field),
                cell(&found.seen),
                format!("{}{}", alternative(at, example.found.len()), shown(&found.wanted)),
            ];
            if compared {
                line.push(first(state));
            }
            lines.push(line);
        }
    }
    let mut text = table::glance(&columns, lines, width);
    let all = test.failed + test.inconclusive;
    let left = all.saturating_sub(examples.len().min(rows) as u64);
    if left > 0 {
        text.push_str(&format!("\n… and {}", counted(left, "more row", "more rows")));
    }
    text
}

/// A line for each thing that became of rows which had failed.
fn settled(test: &Tested, changes: &Changes) -> Vec<String> {
    let Some(since) = &test.since else { return vec![] };
    let said = |(state, number, what): (State, u64, &str)| {
        if number == 0 {
            return None;
        }
        let named = changes.shown.iter().filter(|it| it.state == state).take(NAMED);
        let named: Vec<String> = named.map(|it| shown(&it.row)).collect();
        let more = match number.saturating_sub(named.len() as u64) {
            0 => String::new(),
            more => format!(" and {} more", count(more)),
        };
        Some(format!("{what}: {}{more}", named.join(", ")))
    };
    let all = [
        (State::Fixed, since.fixed, "Fixed"),
        (State::Unclear, since.unclear, "Failed, and can no longer be judged"),
        (State::OutOfScope, since.out_of_scope, "Failed, and no longer in scope"),
        (State::Gone, since.gone, "Failed, and no longer in the proof"),
    ];
    all.into_iter().filter_map(said).collect()
}

/// What the runs were compared with, one sentence for each.
fn compared(tests: &[Tested]) -> Option<String> {
    let mut sentences: Vec<String> = Vec::new();
    for it in tests.iter().filter_map(|it| it.since.as_ref()) {
        let with = match it.evidence.as_str() {
            "" => format!("run {} of this evidence", it.run),
            name => format!("run {} of {}", it.run, shown(name)),
        };
        let sentence = format!("Compared with {with}, as of {}.", shown(&it.as_of));
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    let edited = |it: &&Tested| it.since.as_ref().is_some_and(|it| it.edited);
    let edited: Vec<&str> = tests.iter().filter(edited).map(|it| it.name.as_str()).collect();
    if !edited.is_empty() {
        sentences.push(format!("Edited since then: {}.", shown(&edited.join(", "))));
    }
    (!sentences.is_empty()).then(|| sentences.join("\n"))
}

/// The sign is never alone: the word says the same.
fn mark(outcome: Verdict) -> String {
    let sign = match outcome {
        Verdict::Pass => '✔',
        Verdict::Fail => '✘',
        Verdict::Inconclusive => '?',
        Verdict::NotApplicable => '–',
    };
    format!("{sign} {}", outcome.word())
}

/// Cut rather than rounded: what is not all must not read so.
fn share(test: &Tested) -> String {
    if test.counted == 0 {
        return "–".to_owned();
    }
    let hundredths = u128::from(test.passed) * ALL / u128::from(test.counted);
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => format!("{whole} %"),
        (whole, part) => format!("{whole}.{part:02} %"),
    }
}

fn label(proof: &Proof, field: &str) -> String {
    let known = proof.proof_type.fields.iter().find(|it| it.name == field);
    shown(known.map_or(field, |it| &it.label))
}
