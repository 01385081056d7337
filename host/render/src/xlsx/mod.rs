//! A workbook: a summary, the tests, what did not pass, and the rows in typed cells. Tables are written row by row, so
//! that they may be large.
//!
//! No cell is ever a formula: texts of a source are written as texts, which spreadsheets do not look into.

mod cell;
mod list;
mod sheet;
mod table;
#[cfg(test)]
mod tests;

use exhibit::evidence::parse_instant;
use exhibit::format::{self, count, counted};
use exhibit::testing::compared_in_words;
use exhibit_records::{Tested, Verdict};
use exhibit_rows::{Value, shown_fields};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

pub use self::list::list;

use self::cell::{CELL_UNITS, Styles, WIDE};
use self::sheet::{Full, Sheet};
use self::table::{Column, Table};
use super::about::Place;
use super::entries::{Entries, Entry, ROWS};
use super::error::RenderError;
use super::headline::Headline;
use super::order::{Order, Out};
use super::{Subject, about, marks, subject};

/// Why a row did not pass: the name of its column, and of a sheet.
const REASONS: &str = "What did not pass";
/// Where the whole is of what stands in `proof.json` and `run.json`.
const EVIDENCE: &str = "the evidence";

pub(super) fn write(
    subject: &Subject,
    order: &Order,
    entries: &mut Entries,
    out: &mut Out<'_>,
) -> Result<(), RenderError> {
    let mut book = Workbook::new();
    book.set_properties(&properties(subject));
    let styles = Styles::new();
    let mut sheets = Vec::new();
    if subject.run.is_some() {
        sheets.push(tests(&styles, subject).map_err(refuse)?);
    }
    sheets.extend(rows(&mut book, &styles, subject, entries)?);
    let cut = sheets.iter().map(|it| it.cut).sum();
    // The first sheet says what is true of those behind it.
    let summary = summary(&styles, subject, order, cut).map_err(refuse)?;
    for full in std::iter::once(summary).chain(sheets) {
        book.push_worksheet(full.sheet);
    }
    book.save_to_writer(out).map_err(refuse)
}

fn refuse(error: XlsxError) -> RenderError {
    RenderError::Write(std::io::Error::other(error))
}

/// With the time of the evidence: the time of the export would make each export differ.
fn properties(subject: &Subject) -> DocProperties {
    let proof = &subject.proof;
    let made = proof.last_answer.as_ref().unwrap_or(&proof.job.as_of);
    let seconds = parse_instant(made).unwrap_or_default() / 1000;
    let properties = DocProperties::new()
        .set_title(format::line(&proof.proof_type.label))
        .set_comment(format!("Evidence {}", subject.digest));
    let epoch = ExcelDateTime::from_timestamp(0);
    match ExcelDateTime::from_timestamp(seconds).or(epoch) {
        Ok(time) => properties.set_creation_datetime(&time),
        Err(_) => properties,
    }
}

/// `cut`: so many texts are cut in the sheets behind it.
fn summary(styles: &Styles, subject: &Subject, order: &Order, cut: u64) -> Result<Full, XlsxError> {
    let mut sheet = Sheet::small("Summary", styles, EVIDENCE)?;
    sheet.widths(&[22, WIDE])?;
    sheet.fit();
    sheet.title(&format::line(&subject.proof.proof_type.label))?;
    let headline = Headline::of(subject);
    sheet.verdict(&match headline.outcome {
        Verdict::NotApplicable => headline.text.clone(),
        it => format!("{} {}: {}", marks::mark(it), it.word(), headline.text),
    })?;
    if headline.tally.len() > 1 {
        sheet.fact("Tests", &headline.tally_in_words(), false)?;
    }
    if cut > 0 {
        let text = format!(
            "{} than the {} characters that a cell takes: the end of each says so, how long the text is, and which \
             file of the evidence has all of it",
            counted(cut, "text is longer", "texts are longer"),
            count(CELL_UNITS as u64)
        );
        sheet.fact("Cut texts", &text, true)?;
    }
    let facts = about::facts(subject, order);
    for (place, heading) in
        [(Place::Summary, None), (Place::Notes, Some("Notes")), (Place::Provenance, Some("Provenance"))]
    {
        let facts: Vec<_> = facts.iter().filter(|it| it.place == place).collect();
        if let Some(heading) = heading.filter(|_| !facts.is_empty()) {
            sheet.section(heading)?;
        }
        for fact in facts {
            sheet.fact(fact.term, &fact.text, fact.warns)?;
        }
    }
    sheet.finish()
}

fn run_tests(subject: &Subject) -> &[Tested] {
    subject.run.as_ref().map_or(&[], |it| &it.run.tests)
}

fn tests(styles: &Styles, subject: &Subject) -> Result<Full, XlsxError> {
    let mut sheet = Sheet::small("Tests", styles, EVIDENCE)?;
    sheet.widths(&[16, 40, 50, 12, 12, 12, 14, 14, 30, 40, 50, 26])?;
    sheet.fit();
    let headings = [
        "Outcome",
        "Test",
        "Result",
        "In scope",
        "Passed",
        "Failed",
        "Not judged",
        "Out of scope",
        "Since the last run",
        "Controls",
        "Why",
        "Name",
    ];
    sheet.headings(&headings.map(str::to_owned))?;
    for test in run_tests(subject) {
        sheet.result(marks::Result::of_test(test))?;
        sheet.lines(&format::line(&test.label))?;
        sheet.lines(&format::line(&test.message))?;
        for count in [test.counted, test.passed, test.failed, test.inconclusive, test.not_applicable] {
            sheet.count(count)?;
        }
        sheet.lines(&compared_in_words(test.since.as_ref()))?;
        sheet.lines(&test.controls.join(", "))?;
        sheet.lines(&format::line(&test.why))?;
        sheet.text(&test.name)?;
        sheet.end();
    }
    sheet.finish()
}

/// The sheets of what did not pass, where there is any, and those of all rows.
fn rows(
    book: &mut Workbook,
    styles: &Styles,
    subject: &Subject,
    entries: &mut Entries,
) -> Result<Vec<Full>, RenderError> {
    let tests = run_tests(subject);
    let mut fields: Vec<Column> = Vec::new();
    for field in subject.fields() {
        let kind = subject::kind(field)?;
        fields.push((format!("{}{}", format::line(&field.label), cell::unit(kind)), cell::width(kind)));
    }
    let faulty = tests.iter().any(|it| it.failed + it.inconclusive > 0);
    let mut reasons = match faulty {
        true => Some(Reasons::begin(book, styles, subject, &fields).map_err(refuse)?),
        false => None,
    };
    let mut columns = fields;
    // Verdicts are short, and a heading with a filter takes some more than its text.
    columns.extend(tests.iter().map(|it| (format!("Test: {}", format::line(&it.label)), 24)));
    columns.extend(faulty.then(|| (REASONS.to_owned(), 60)));
    let mut rows = Table::begin(book, "Rows", styles, ROWS, columns).map_err(refuse)?;
    for entry in entries {
        let entry = entry?;
        let row = rows.row(book).map_err(refuse)?;
        write_row(row, &entry, tests, faulty).map_err(refuse)?;
        if let Some(reasons) = &mut reasons {
            reasons.of(book, &entry, tests).map_err(refuse)?;
        }
    }
    let mut sheets = Vec::new();
    if let Some(reasons) = reasons {
        sheets = reasons.table.finish().map_err(refuse)?;
    }
    sheets.extend(rows.finish().map_err(refuse)?);
    Ok(sheets)
}

fn write_row(row: &mut Sheet<'_>, entry: &Entry, tests: &[Tested], faulty: bool) -> Result<(), XlsxError> {
    for value in &entry.values {
        row.value(value)?;
    }
    for (test, verdict) in tests.iter().zip(&entry.verdicts) {
        row.result(marks::Result::of(test, *verdict))?;
    }
    if faulty {
        let line = |it: &super::findings::Reason| {
            let label = tests.get(it.test).map_or("", |it| &it.label);
            format!("{}: {}", format::line(label), it.in_words())
        };
        row.lines(&entry.reasons.iter().map(line).collect::<Vec<_>>().join("\n"))?;
    }
    row.end();
    Ok(())
}

/// The table of what did not pass: a row for each field that a row of the evidence stumbled on.
struct Reasons<'a> {
    table: Table<'a>,
    /// The fields that name a row: what people call it by, and its key.
    naming: Vec<usize>,
}

impl<'a> Reasons<'a> {
    fn begin(
        book: &mut Workbook,
        styles: &'a Styles,
        subject: &Subject,
        fields: &[Column],
    ) -> Result<Self, XlsxError> {
        let known = subject.fields();
        let mut naming: Vec<usize> =
            shown_fields(known.iter().map(|it| it.shown)).into_iter().take(1).collect();
        for name in &subject.proof.proof_type.key {
            let place = known.iter().position(|it| it.name == *name);
            naming.extend(place.filter(|it| !naming.contains(it)));
        }
        let mut columns: Vec<Column> = naming.iter().filter_map(|it| fields.get(*it).cloned()).collect();
        let further = [("Test", 40), ("Result", 14), ("Field", 28), ("Seen", 28), ("Wanted", 60)];
        columns.extend(further.map(|(heading, width)| (heading.to_owned(), width)));
        let table = Table::begin(book, REASONS, styles, ROWS, columns)?.fit();
        Ok(Self { table, naming })
    }

    fn of(&mut self, book: &mut Workbook, entry: &Entry, tests: &[Tested]) -> Result<(), XlsxError> {
        for reason in &entry.reasons {
            for (at, found) in reason.found.iter().enumerate() {
                let row = self.table.row(book)?;
                for place in &self.naming {
                    row.value(entry.values.get(*place).unwrap_or(&Value::Absent))?;
                }
                let Some(test) = tests.get(reason.test) else { continue };
                row.lines(&format::line(&test.label))?;
                row.result(marks::Result::of(test, reason.verdict))?;
                row.text(&found.field)?;
                // An empty cell would read as if nothing was looked at.
                match &found.seen {
                    Value::Empty => row.text(format::EMPTY)?,
                    seen => row.value(seen)?,
                }
                row.lines(&reason.wanted(at))?;
                row.end();
            }
        }
        Ok(())
    }
}
