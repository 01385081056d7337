//! The files of a run that grow with the rows: every row's verdicts, and why rows did not
//! pass.

use std::io;
use std::path::Path;

use exhibit_records::{PartRecord, Verdict};
use exhibit_rows::Cell;

use crate::contract::testing::{Finding, Observation, Outcome, Test};
use crate::contract::types::{Row, Value};
use crate::disk::{AppendFile, ZstdFrameWriter};
use crate::evidence::{ndjson, spreadsheet};

/// Every row's verdicts: one JSON object a line.
pub const VERDICTS: &str = "verdicts.ndjson.zst";
/// Why rows did not pass: one JSON object for each row and test.
pub const FINDINGS: &str = "findings.ndjson.zst";
/// The same for a spreadsheet: a line for each field that a row stumbled on.
pub const TABLE: &str = "findings.csv";

/// Writes them.
#[derive(Debug)]
pub(super) struct Files {
    /// Each test's name, as JSON.
    tests: Vec<Vec<u8>>,
    names: Vec<String>,
    verdicts: ZstdFrameWriter,
    findings: ZstdFrameWriter,
    table: AppendFile,
}

/// What names a row: the values of its type's key, and what people call it.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) key: Row,
    /// The key as the records have it: a JSON array; what is absent is `null`.
    pub(super) json: String,
    pub(super) label: String,
}

/// Why one row did not pass one test.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault<'a> {
    pub row: usize,
    pub(super) test: usize,
    pub(super) verdict: Verdict,
    pub(super) findings: &'a [&'a Finding],
}

/// Why rows of a batch did not pass, in the order of rows and then tests.
#[derive(Debug)]
pub(super) struct Faults<'a> {
    seen: &'a Observation,
    tests: usize,
    sorted: Vec<&'a Finding>,
}

impl<'a> Faults<'a> {
    /// Of what was observed in some rows by so many tests.
    pub(super) fn of(seen: &'a Observation, tests: usize) -> Self {
        let mut sorted: Vec<&Finding> = seen.findings.iter().collect();
        sorted.sort_by_key(|it| (it.row, it.test));
        Self { seen, tests, sorted }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Fault<'_>> {
        let same = |a: &&Finding, b: &&Finding| (a.row, a.test) == (b.row, b.test);
        self.sorted.chunk_by(same).filter_map(|findings| {
            let first = findings.first()?;
            // They were held against the rows and the tests before.
            let (row, test) = (first.row as usize, first.test as usize);
            let verdict = (*self.seen.outcomes.get(row * self.tests + test)?).into();
            Some(Fault { row, test, verdict, findings })
        })
    }
}

impl Files {
    /// In this folder. `key`: the names of the fields that a row's key is made of.
    pub(super) fn create(folder: &Path, tests: &[Test], key: &[String]) -> io::Result<Self> {
        let mut table = AppendFile::create(folder.join(TABLE))?;
        let header = ["test", "row"].into_iter().chain(key.iter().map(String::as_str));
        let header = header.chain(["verdict", "field", "seen", "wanted"]);
        table.append(|out| spreadsheet::header(header, out))?;
        let quoted = |test: &Test| {
            let mut name = Vec::new();
            ndjson::text(&test.name, &mut name);
            name
        };
        Ok(Self {
            tests: tests.iter().map(quoted).collect(),
            names: tests.iter().map(|it| it.name.clone()).collect(),
            verdicts: ZstdFrameWriter::create(folder.join(VERDICTS))?,
            findings: ZstdFrameWriter::create(folder.join(FINDINGS))?,
            table,
        })
    }

    /// What was observed in these rows.
    pub(super) fn observed(
        &mut self,
        rows: &[Name],
        seen: &Observation,
        faults: &Faults<'_>,
    ) -> io::Result<()> {
        let (tests, names) = (&self.tests, &self.names);
        self.verdicts.append(|out| {
            // Without a test there is no outcome, and no row is looked at.
            for (row, outcomes) in rows.iter().zip(seen.outcomes.chunks(tests.len().max(1))) {
                verdicts(row, tests, outcomes, out);
            }
            Ok(())
        })?;
        self.findings.append(|out| {
            faults.iter().try_for_each(|it| finding(&rows[it.row], &tests[it.test], &it, out))
        })?;
        self.table.append(|out| {
            let mut lines = spreadsheet::Lines::new(out);
            for fault in faults.iter() {
                for finding in fault.findings {
                    line(&rows[fault.row], &names[fault.test], &fault, finding, &mut lines)?;
                }
            }
            lines.flush()
        })
    }

    /// On the disk for good.
    pub(crate) fn finish(self) -> io::Result<Vec<PartRecord>> {
        Ok(vec![
            self.verdicts.finish()?.record(VERDICTS),
            self.findings.finish()?.record(FINDINGS),
            PartRecord::new(TABLE, self.table.finish()?),
        ])
    }
}

/// A line of [`VERDICTS`].
fn verdicts(row: &Name, tests: &[Vec<u8>], outcomes: &[Outcome], out: &mut Vec<u8>) {
    out.push(b'{');
    row.write(out);
    out.extend_from_slice(b",\"verdicts\":");
    let mut separator = b'{';
    for (test, outcome) in tests.iter().zip(outcomes) {
        out.push(separator);
        out.extend_from_slice(test);
        out.extend_from_slice(b":\"");
        out.extend_from_slice(Verdict::from(*outcome).word().as_bytes());
        out.push(b'"');
        separator = b',';
    }
    out.extend_from_slice(b"}}\n");
}

/// A line of [`FINDINGS`].
fn finding(row: &Name, test: &[u8], fault: &Fault<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(b"{\"test\":");
    out.extend_from_slice(test);
    out.push(b',');
    row.write(out);
    out.extend_from_slice(b",\"verdict\":\"");
    out.extend_from_slice(fault.verdict.word().as_bytes());
    out.extend_from_slice(b"\",\"found\":");
    let mut separator = b'[';
    for finding in fault.findings {
        out.push(separator);
        found(finding, out)?;
        separator = b',';
    }
    out.extend_from_slice(b"]}\n");
    Ok(())
}

/// A line of [`TABLE`].
fn line(
    row: &Name,
    test: &str,
    fault: &Fault<'_>,
    finding: &Finding,
    lines: &mut spreadsheet::Lines<'_>,
) -> io::Result<()> {
    lines.cell(Cell::Text(test))?;
    lines.cell(Cell::Text(&row.label))?;
    row.key.iter().try_for_each(|it| lines.cell(it.cell()))?;
    lines.cell(Cell::Text(fault.verdict.word()))?;
    lines.cell(Cell::Text(&finding.field))?;
    lines.cell(finding.seen.cell())?;
    lines.cell(Cell::Text(&finding.wanted))?;
    lines.end()
}

impl Name {
    pub(crate) fn new(key: Row, label: String) -> io::Result<Self> {
        let mut json = vec![b'['];
        for (at, value) in key.iter().enumerate() {
            if at > 0 {
                json.push(b',');
            }
            ndjson::value(value, &mut json)?;
        }
        json.push(b']');
        let json = String::from_utf8(json).map_err(io::Error::other)?;
        Ok(Self { key, json, label })
    }

    /// `"key":["4711"],"row":"web-01"`.
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\"key\":");
        out.extend_from_slice(self.json.as_bytes());
        out.extend_from_slice(b",\"row\":");
        ndjson::text(&self.label, out);
    }
}

/// What is absent has no `seen`, as it has no key in a row.
fn found(finding: &Finding, out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(b"{\"field\":");
    ndjson::text(&finding.field, out);
    if !matches!(finding.seen, Value::Absent) {
        out.extend_from_slice(b",\"seen\":");
        ndjson::value(&finding.seen, out)?;
    }
    out.extend_from_slice(b",\"wanted\":");
    ndjson::text(&finding.wanted, out);
    out.push(b'}');
    Ok(())
}
