//! Runs the suggested tests over rows that were collected before.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;

use exhibit_plugin::catalog::{Manifest, ProofType};
use exhibit_plugin::tester::Tester;
use exhibit_plugin::testing::{Finding, Outcome};
use exhibit_plugin::types::{Row, Value};
use exhibit_rows::ShowPath as _;
use exhibit_rows::Shown;
use exhibit_rows::read::Rows;

use crate::arguments::{self, Test};
use crate::clock;
use crate::exit;
use crate::failure::{Failure, written};
use crate::files;
use crate::table;

/// Rows that are tested at a time.
const BATCH: usize = 1_000;
/// The number of rows that did not pass that are shown for each test; all of them are counted.
const SHOWN_FINDINGS: usize = 10;

/// Runs the tests. Returns the exit code.
pub(crate) fn run(manifest: &Manifest, order: &Test, out: &mut dyn Write) -> Result<u8, Failure> {
    let proof_type = arguments::proof_type(manifest, &order.proof_type)?;
    if proof_type.suggested.is_empty() {
        return Err(Failure::call(format!("the plugin suggests no tests for `{}`", proof_type.name)));
    }
    let lines: Box<dyn BufRead> = if order.file == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file = files::open(&order.file).map_err(|error| {
            Failure::call(format!("{}: {error}", order.file.shown()))
                .next("give access to the folder, such as --dir . before the component's name; or use - and pipe the file in")
        })?;
        Box::new(BufReader::new(file))
    };
    let as_of = order.as_of.unwrap_or_else(|| clock::this_second(&clock::System));
    let tester = Tester::open(proof_type, &proof_type.suggested, as_of)?;
    let mut run = TestRun::new(proof_type, tester);
    let fields = proof_type.fields.iter().map(|it| (it.name.clone(), table::kind(it.kind))).collect();
    let mut batch: Vec<Row> = Vec::with_capacity(BATCH);
    for row in Rows::new(lines, fields) {
        let row = row.map_err(|error| {
            Failure::call(format!("{}: {error}", order.file.shown()))
                .next(format!("use the output of `collect {}`, without --csv", proof_type.name))
        })?;
        batch.push(row.into_iter().map(table::value).collect());
        if batch.len() == BATCH {
            run.observe(&std::mem::take(&mut batch))?;
        }
    }
    run.observe(&batch)?;
    let (text, passed) = run.finish();
    written(out.write_all(text.as_bytes()))?;
    Ok(if passed { exit::OK } else { exit::TEST_FAILED })
}

/// A run of the suggested tests.
struct TestRun<'a> {
    proof_type: &'a ProofType,
    tester: Tester,
    /// The positions in a row of the columns that the tests look at.
    columns: Vec<usize>,
    /// The positions of the key fields.
    key: Vec<usize>,
    /// For each test, lines about rows that did not pass.
    findings: Vec<Vec<String>>,
}

impl<'a> TestRun<'a> {
    fn new(proof_type: &'a ProofType, tester: Tester) -> Self {
        let place = |name: &String| proof_type.fields.iter().position(|it| it.name == *name);
        let columns = tester.fields().iter().filter_map(place).collect();
        let key = proof_type.key.iter().filter_map(place).collect();
        let findings = vec![Vec::new(); proof_type.suggested.len()];
        Self { proof_type, tester, columns, key, findings }
    }

    fn observe(&mut self, rows: &[Row]) -> Result<(), Failure> {
        let narrow = |row: &Row| self.columns.iter().map(|at| row[*at].clone()).collect();
        let observation = self.tester.observe(&rows.iter().map(narrow).collect::<Vec<Row>>())?;
        for findings in observation.findings.chunk_by(|a, b| (a.row, a.test) == (b.row, b.test)) {
            self.record(findings, rows);
        }
        Ok(())
    }

    /// Why one row did not pass one test: several findings are of its alternatives.
    fn record(&mut self, findings: &[Finding], rows: &[Row]) {
        let Some(first) = findings.first() else { return };
        let at = |number: u32| usize::try_from(number).ok();
        let row = at(first.row).and_then(|it| rows.get(it));
        let lines = at(first.test).and_then(|it| self.findings.get_mut(it));
        let (Some(row), Some(lines)) = (row, lines) else { return };
        if lines.len() >= SHOWN_FINDINGS {
            return;
        }
        let key: Vec<String> = self.key.iter().map(|at| display(&row[*at])).collect();
        for (at, finding) in findings.iter().enumerate() {
            let either = match (at, findings.len()) {
                (_, 1) => "",
                (0, _) => "any of: ",
                _ => "or: ",
            };
            let said = format!("{} is {}, wanted: {}", finding.field, display(&finding.seen), finding.wanted);
            lines.push(format!("{}: {either}{said}", key.join(" ")));
        }
    }

    fn finish(&self) -> (String, bool) {
        let mut text = String::new();
        let mut passed = true;
        for ((report, test), lines) in
            self.tester.finish().iter().zip(&self.proof_type.suggested).zip(&self.findings)
        {
            passed &= report.outcome == Outcome::Pass;
            let verdict = match report.outcome {
                Outcome::Pass => "passed",
                Outcome::Fail => "FAILED",
                Outcome::Inconclusive | Outcome::NotApplicable => "inconclusive",
            };
            text.push_str(&format!("{verdict}  {}: {}\n  {}\n", report.test, test.label, report.message));
            for line in lines {
                text.push_str(&format!("    {}\n", Shown::line(line)));
            }
        }
        (text, passed)
    }
}

fn display(value: &Value) -> String {
    match value {
        Value::Absent => "(absent)".to_owned(),
        Value::Empty => "(empty)".to_owned(),
        value => table::shown(value).unwrap_or_else(|error| error.to_string()),
    }
}
