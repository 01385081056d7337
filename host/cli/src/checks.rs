//! Checks as they are made: a line each, and what is wrong below it.

use exhibit::checks::{Check, Report, Verdict};
use exhibit::format::counted;

use super::failure::Failure;
use super::output::{Checks, json};
use super::remedy;
use super::terminal::{Terminal, shown};

/// A check that was just made, for people; machines get all of them at the end.
pub(super) fn say(check: &Check, terminal: &Terminal) {
    if !terminal.json() {
        terminal.say(&line(check));
    }
}

/// The end of all checks, where some failed with an exit code of its own.
pub(super) fn end(report: &Report, terminal: &Terminal) -> Result<(), Failure> {
    let (failed, skipped, all) = (report.failed(), report.skipped(), report.checks.len());
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
    match failed {
        0 => Ok(()),
        _ => Err(Failure::not_passed(format!("{failed} of {all} checks failed"))),
    }
}

/// All checks of one thing on a line, and those that failed below it.
pub(super) fn summary(name: &str, report: &Report) -> String {
    let (failed, skipped, all) = (report.failed(), report.skipped(), report.checks.len());
    let mark = if failed > 0 { "✘ fail" } else { "✔ pass" };
    let mut text = format!("{mark}  {}: {} of {all} checks passed", shown(name), all - failed - skipped);
    if skipped > 0 {
        text.push_str(&format!(", {skipped} could not be made"));
    }
    for check in report.checks.iter().filter(|it| matches!(it.verdict, Verdict::Failed { .. })) {
        text.push_str(&format!("\n  {}", line(check).replace('\n', "\n  ")));
    }
    text
}

/// A check on a line, and what is wrong below it.
fn line(check: &Check) -> String {
    let about = check.about.as_ref().map(|it| format!(" ({})", shown(it))).unwrap_or_default();
    let asks = format!("{}: {}{about}", check.name, check.asks);
    match &check.verdict {
        Verdict::Passed { tried } => format!("✔ pass  {asks} [{}]", shown(tried)),
        Verdict::Skipped { why, next } => {
            format!("? skip  {asks}\n        {}", shown(&remedy::reason(why, next.as_ref())))
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
