//! Checks as they are made: a line each, and what is wrong below it.

use exhibit::checks::{Check, Report, Verdict};
use exhibit::format::counted;

use super::failure::Failure;
use super::output::{Checks, json};
use super::remedy;
use super::terminal::{Terminal, shown};
use super::wrap::wrap;

/// A check that was just made, for people; machines get all of them at the end.
pub(super) fn say(check: &Check, terminal: &Terminal) {
    if !terminal.json() {
        terminal.say(&wrap(&line(check), terminal.width()));
    }
}

/// The end of all checks, where some failed with an exit code of its own.
pub(super) fn end(report: &Report, terminal: &Terminal) -> Result<(), Failure> {
    let (failed, skipped, all) = (report.failed(), report.skipped(), report.count());
    if terminal.json() {
        terminal.say(&json(&Checks::from(report))?);
    } else if failed == 0 {
        let passed = all - skipped;
        terminal.say(&match skipped {
            0 => format!("\nAll {} passed.", counted(passed as u64, "check", "checks")),
            _ => format!(
                "\n{} passed; {skipped} could not be made.",
                counted(passed as u64, "check", "checks")
            ),
        });
    }
    ended(report)
}

/// Where not all that matters passed: an error with an exit code of its own.
pub(super) fn ended(report: &Report) -> Result<(), Failure> {
    let (failed, missing, all) = (report.failed(), report.missing(), report.count());
    match (failed, missing) {
        (0, 0) => Ok(()),
        (0, _) => {
            let checks = counted(missing as u64, "required check", "required checks");
            Err(Failure::not_passed(format!("{checks} could not be made")))
        }
        _ => Err(Failure::not_passed(format!("{failed} of {all} checks failed"))),
    }
}

/// What the verdict must not hide: something that many would expect was not checked, as it is not required.
struct LeftOut {
    is_so: fn(&Check) -> bool,
    said: &'static str,
}

const LEFT_OUT: [LeftOut; 4] = [
    LeftOut { is_so: |it| is_left_out(it, "replay"), said: "the rows were not made again of the answers" },
    LeftOut {
        is_so: |it| is_left_out(it, "signature") && can_be_given(it),
        said: "its signature was not checked: anyone with write access could have replaced all of it",
    },
    LeftOut {
        is_so: |it| is_left_out(it, "signature") && !can_be_given(it),
        said: "not signed: anyone with write access could have replaced all of it",
    },
    LeftOut { is_so: |it| is_left_out(it, "log"), said: "the log of its store was not checked" },
];

fn is_left_out(it: &Check, name: &str) -> bool {
    it.name == name && !it.required && matches!(it.verdict, Verdict::Skipped { .. })
}

/// Whether it was not made for want of something that the caller can give.
fn can_be_given(it: &Check) -> bool {
    matches!(it.verdict, Verdict::Skipped { next: Some(_), .. })
}

/// The verdict of a verifier, in a line.
pub(super) fn verdict(report: &Report) -> String {
    let (failed, missing, skipped, all) =
        (report.failed(), report.missing(), report.skipped(), report.count());
    let passed = counted((all - failed - skipped) as u64, "check", "checks");
    let names = |wanted: &dyn Fn(&Check) -> bool| {
        let mut names: Vec<&str> = Vec::new();
        for check in report.checks.iter().filter(|it| wanted(it)) {
            if !names.contains(&check.name) {
                names.push(check.name);
            }
        }
        names.join(", ")
    };
    let is_failed = |it: &Check| matches!(it.verdict, Verdict::Failed { .. });
    if failed > 0 {
        return format!("✘ not verified: {failed} of {all} checks failed ({})", names(&is_failed));
    }
    if missing > 0 {
        return format!(
            "? not verified: what is required could not be checked ({}); {passed} passed",
            names(&Check::is_missing)
        );
    }
    let but: Vec<&str> =
        LEFT_OUT.iter().filter(|it| report.checks.iter().any(it.is_so)).map(|it| it.said).collect();
    let but = if but.is_empty() { String::new() } else { format!(", but {}", but.join("; and ")) };
    let also = match report.warnings.len() {
        0 => "",
        1 => "; with a warning",
        _ => "; with warnings",
    };
    format!("✔ verified{but}; {passed} passed{also}")
}

/// All checks of one thing on a line, and those that failed below it.
pub(super) fn summary(name: &str, report: &Report) -> String {
    let (failed, skipped, all) = (report.failed(), report.skipped(), report.count());
    let mark = match (failed, report.missing()) {
        (0, 0) => "✔ pass",
        (0, _) => "? skip",
        _ => "✘ fail",
    };
    let mut text = format!("{mark}  {}: {} of {all} checks passed", shown(name), all - failed - skipped);
    if skipped > 0 {
        text.push_str(&format!(", {skipped} could not be made"));
    }
    let counts = |it: &&Check| it.is_missing() || matches!(it.verdict, Verdict::Failed { .. });
    for check in report.checks.iter().filter(counts) {
        text.push_str(&format!("\n  {}", line(check).replace('\n', "\n  ")));
    }
    text
}

/// A check on a line, and what is wrong below it.
pub(super) fn line(check: &Check) -> String {
    let about = check.about.as_ref().map(|it| format!(" ({})", shown(it))).unwrap_or_default();
    let asks = format!("{}: {}{about}", check.name, check.asks);
    match &check.verdict {
        Verdict::Passed { tried } => format!("✔ pass  {asks} [{}]", shown(tried)),
        Verdict::Skipped { why, next } => {
            let required = if check.required { " (required)" } else { "" };
            format!("? skip  {asks}{required}\n        {}", shown(&remedy::reason(why, next.as_ref())))
        }
        Verdict::Failed { count, faults } => {
            let mut text = format!("✘ fail  {asks}");
            for fault in faults {
                text.push_str(&format!(
                    "\n        {}\n        next: {}",
                    shown(&fault.what),
                    shown(&remedy::sentence(&fault.next))
                ));
            }
            if *count > faults.len() {
                text.push_str(&format!("\n        and {} more like it", count - faults.len()));
            }
            text
        }
    }
}
