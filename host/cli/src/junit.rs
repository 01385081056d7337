//! What tests and checks came to, as JUnit XML: what build servers read.

use std::io::{self, Write as _};
use std::path::Path;

use exhibit::checks::{Check, Report as Checks, Verdict as CheckVerdict};
use exhibit::disk::result_file;
use exhibit::evidence;
use exhibit::format::alternative;
use exhibit::testing::{Example, TestRun};
use exhibit_records::{Tested, Verdict};
use exhibit_rows::ShowPath as _;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::failure::Failure;
use super::{places, remedy};

/// Rows of each test that are named.
const ROWS: usize = 20;

/// Refuses a report that would be in the evidence's folder, whether that is there yet or not: it
/// could replace a file of it, and is not part of it. The same for any other evidence, and for stores.
pub(super) fn check(report: Option<&Path>, evidence: &Path) -> Result<(), Failure> {
    let Some(report) = report else { return Ok(()) };
    if places::is_within(report, evidence) {
        let report = report.shown();
        return Err(Failure::call(format!(
            "the report {report} would be inside the evidence, which must not change"
        ))
        .next("name a file elsewhere with --junit"));
    }
    places::outside(report, "the report", "--junit")
}

/// Writes the report. Replaces a file of this name, since each run writes a new report.
pub(super) fn write(path: &Path, held: &TestRun) -> Result<(), Failure> {
    write_text(path, &report(held).map_err(Failure::call)?)
}

fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> io::Result<()> { result_file(path)?.write_all(text.as_bytes()) };
    write().map_err(|error| {
        Failure::call(format!("the report {} cannot be written: {error}", path.shown()))
            .next("name another file with --junit")
    })
}

/// Writes what a verifier checked. What was required and could not be checked is an error there.
pub(super) fn write_checks(path: &Path, evidence: &str, checks: &Checks) -> Result<(), Failure> {
    let text = report_of_checks(evidence, checks).map_err(Failure::call)?;
    write_text(path, &text)
}

fn report_of_checks(evidence: &str, checks: &Checks) -> Result<String, String> {
    let mut suite = TestSuite::new("exhibit verify");
    suite.add_property(("evidence", evidence));
    for warning in &checks.warnings {
        suite.add_property(("warning", warning.as_str()));
    }
    for check in &checks.checks {
        let name = match &check.about {
            Some(about) => format!("{} ({about}): {}", check.name, check.asks),
            None => format!("{}: {}", check.name, check.asks),
        };
        let mut case = TestCase::new(name, status_of_check(check));
        case.set_classname("verify");
        suite.add_test_case(case);
    }
    if !checks.warnings.is_empty() {
        suite.set_system_out(checks.warnings.join("\n"));
    }
    let mut report = Report::new("exhibit");
    report.add_test_suite(suite);
    report.to_string().map_err(|error| format!("the report cannot be written: {error}"))
}

fn status_of_check(check: &Check) -> TestCaseStatus {
    match &check.verdict {
        CheckVerdict::Passed { .. } => TestCaseStatus::success(),
        CheckVerdict::Failed { faults, .. } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let said: Vec<&str> = faults.iter().map(|it| it.what.as_str()).collect();
            status.set_message(said.join("; "));
            status
        }
        CheckVerdict::Skipped { why, next } if check.required => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(remedy::reason(why, next.as_ref()));
            status
        }
        CheckVerdict::Skipped { why, .. } => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why.as_str());
            status
        }
    }
}

fn report(held: &TestRun) -> Result<String, String> {
    let mut suite = TestSuite::new(held.run.proof_type.as_str());
    suite.add_property(("as-of", held.run.as_of.as_str()));
    suite.add_property(("plugin", held.run.plugin.digest.to_string().as_str()));
    for (test, examples) in held.run.tests.iter().zip(&held.examples) {
        let mut case = TestCase::new(test.label.as_str(), status(test, examples));
        case.set_classname(format!("{}.{}", held.run.proof_type, test.name));
        if !test.controls.is_empty() {
            case.add_property(("controls", test.controls.join(" ").as_str()));
        }
        suite.add_test_case(case);
    }
    let mut report = Report::new("exhibit");
    report.add_test_suite(suite);
    report.to_string().map_err(|error| format!("the report cannot be written: {error}"))
}

/// A test that could not be judged is an error there, which JUnit tells from a failure.
fn status(test: &Tested, examples: &[Example]) -> TestCaseStatus {
    let kind = match test.outcome {
        Verdict::Pass | Verdict::NotApplicable => return TestCaseStatus::success(),
        Verdict::Fail => NonSuccessKind::Failure,
        Verdict::Inconclusive => NonSuccessKind::Error,
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(test.outcome.word());
    status.set_message(test.message.as_str());
    status.set_description(described(test, examples));
    status
}

fn described(test: &Tested, examples: &[Example]) -> String {
    let mut lines = Vec::new();
    for example in examples.iter().take(ROWS) {
        for (at, found) in example.found.iter().enumerate() {
            let (seen, either) = (evidence::json(&found.seen), alternative(at, example.found.len()));
            let said = format!("{} is {seen}, wanted: {}", found.field, found.wanted);
            lines.push(format!("{}: {either}{said}", example.row));
        }
    }
    let left = (test.failed + test.inconclusive).saturating_sub(examples.len().min(ROWS) as u64);
    if left > 0 {
        lines.push(format!("… and {left} more"));
    }
    lines.join("\n")
}
