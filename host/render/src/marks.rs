//! Verdicts as people read them.

use exhibit_records::{Tested, Verdict};

/// What a verdict is marked with. Never alone: not everybody sees it.
pub(super) fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Pass => '✔',
        Verdict::Fail => '✘',
        Verdict::Inconclusive => '?',
        Verdict::NotApplicable => '–',
    }
}

/// The worst of what tests made of a row, and why: `fail: managers-are-few`.
pub(super) fn verdict(tests: &[Tested], verdicts: &[Verdict]) -> (Verdict, String) {
    let named = |wanted: Verdict| {
        let names: Vec<&str> = tests
            .iter()
            .zip(verdicts)
            .filter(|(_, it)| **it == wanted)
            .map(|(it, _)| it.name.as_str())
            .collect();
        names.join(", ")
    };
    let mut reasons = Vec::new();
    for wanted in [Verdict::Fail, Verdict::Inconclusive] {
        if verdicts.contains(&wanted) {
            reasons.push(format!("{}: {}", wanted.word(), named(wanted)));
        }
    }
    let worst = [Verdict::Fail, Verdict::Inconclusive, Verdict::Pass];
    let worst = worst.into_iter().find(|it| verdicts.contains(it)).unwrap_or(Verdict::NotApplicable);
    (worst, if reasons.is_empty() { worst.word().to_owned() } else { reasons.join("; ") })
}
