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

/// What a report says that was not written to its end.
const UNFINISHED: &str = "the command did not come to its end: what it said last says why";
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

/// Before the work begins: until there is a report, the file has an error, and never what an earlier run wrote. What is no
/// regular file keeps nothing, and is written to once.
pub(super) fn begin(path: Option<&Path>, suite: &str, evidence: &str) -> Result<(), Failure> {
    let Some(path) = path.filter(|it| it.is_file()) else { return Ok(()) };
    write_text(path, &report_of_error(suite, evidence, UNFINISHED).map_err(Failure::call)?)
}

/// There is nothing to report but this.
pub(super) fn write_failure(
    path: &Path,
    suite: &str,
    evidence: &str,
    failure: &Failure,
) -> Result<(), Failure> {
    write_text(path, &report_of_error(suite, evidence, failure.what()).map_err(Failure::call)?)
}

fn report_of_error(suite: &str, evidence: &str, what: &str) -> Result<String, String> {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(what);
    let mut case = TestCase::new("the command came to its end", status);
    case.set_classname(suite);
    let mut suite = TestSuite::new(suite);
    suite.add_property(("evidence", evidence));
    suite.add_test_case(case);
    let mut report = Report::new("exhibit");
    report.add_test_suite(suite);
    report.to_string().map_err(|error| format!("the report cannot be written: {error}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_run_wrote_is_gone_before_the_work_begins() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        let path = place.path().join("junit.xml");
        std::fs::write(&path, "<testsuites tests=\"9\" failures=\"0\" errors=\"0\"/>")?;
        let text = |failure: Option<Failure>| -> io::Result<String> {
            let written = match failure {
                None => begin(Some(&path), "exhibit verify", "users.exhibit.tar"),
                Some(failure) => write_failure(&path, "exhibit verify", "users.exhibit.tar", &failure),
            };
            written.map_err(|it| io::Error::other(it.what().to_owned()))?;
            std::fs::read_to_string(&path)
        };
        let begun = text(None)?;
        assert!(begun.contains("errors=\"1\"") && begun.contains(UNFINISHED), "{begun}");
        let failed = text(Some(Failure::call("there is no users.exhibit.tar")))?;
        assert!(
            failed.contains("errors=\"1\"") && failed.contains("there is no users.exhibit.tar"),
            "{failed}"
        );
        Ok(())
    }
}
