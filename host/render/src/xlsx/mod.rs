//! A workbook: a summary, the tests, and the rows in typed cells. Row by row, so that it may be large.
//!
//! No cell is ever a formula: texts of a source are written as texts, which spreadsheets do not look into.

mod cell;
mod sheet;

use exhibit::evidence::parse_instant;
use exhibit::format;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use self::cell::{Styles, WIDE};
use self::sheet::Sheet;
use super::entries::Entries;
use super::error::RenderError;
use super::order::{Order, Out};
use super::{Subject, about, subject};

/// Rows below the headings of a sheet: Excel's limit of 1,048,576 lines.
const SHEET_ROWS: u32 = 1_048_575;

pub(super) fn write(
    subject: &Subject,
    order: &Order,
    entries: &mut Entries,
    out: &mut Out<'_>,
) -> Result<(), RenderError> {
    let mut book = Workbook::new();
    book.set_properties(&properties(subject));
    let styles = Styles::new();
    summary(&mut book, &styles, subject, order).map_err(refuse)?;
    if subject.run.is_some() {
        tests(&mut book, &styles, subject).map_err(refuse)?;
    }
    rows(&mut book, &styles, subject, entries)?;
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

fn summary(book: &mut Workbook, styles: &Styles, subject: &Subject, order: &Order) -> Result<(), XlsxError> {
    let mut sheet = Sheet::add(book, "Summary", styles)?;
    sheet.widths(&[22, WIDE])?;
    sheet.fit();
    sheet.title(&format::line(&subject.proof.proof_type.label))?;
    for fact in about::facts(subject, order) {
        sheet.fact(fact.term, &fact.text, fact.warns)?;
    }
    Ok(())
}

fn tests(book: &mut Workbook, styles: &Styles, subject: &Subject) -> Result<(), XlsxError> {
    let all = subject.run.iter().flat_map(|it| &it.run.tests);
    let mut sheet = Sheet::add(book, "Tests", styles)?;
    sheet.widths(&[26, 14, 44, 12, 12, 12, 14, 14, 50, 40, 60])?;
    sheet.fit();
    sheet.headings(&[
        "Test",
        "Outcome",
        "Passes when",
        "In scope",
        "Passed",
        "Failed",
        "Not judged",
        "Out of scope",
        "Result",
        "Controls",
        "Why",
    ])?;
    for test in all {
        sheet.text(&test.name)?;
        sheet.text(test.outcome.word())?;
        sheet.text(&test.label)?;
        for count in [test.counted, test.passed, test.failed, test.inconclusive, test.not_applicable] {
            sheet.count(count)?;
        }
        sheet.text(&test.message)?;
        sheet.text(&test.controls.join(", "))?;
        sheet.text(&test.why)?;
        sheet.end();
    }
    sheet.filters()
}

fn rows(
    book: &mut Workbook,
    styles: &Styles,
    subject: &Subject,
    entries: &mut Entries,
) -> Result<(), RenderError> {
    let mut headings = Vec::new();
    for field in subject.fields() {
        let unit = cell::unit(subject::kind(field)?);
        headings.push(format!("{}{unit}", format::line(&field.label)));
    }
    let tests = subject.run.iter().flat_map(|it| &it.run.tests);
    headings.extend(tests.map(|it| format!("Test: {}", format::line(&it.name))));
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();

    for number in 1_u32.. {
        let name = if number == 1 { "Rows".to_owned() } else { format!("Rows {number}") };
        let mut sheet = Sheet::add(book, &name, styles).map_err(refuse)?;
        for (column, field) in (0..).zip(subject.fields()) {
            sheet.width(column, cell::width(subject::kind(field)?)).map_err(refuse)?;
        }
        sheet.headings(&headings).map_err(refuse)?;
        let mut full = false;
        while !full {
            let Some(entry) = entries.next() else { break };
            let entry = entry?;
            for value in &entry.values {
                sheet.value(value).map_err(refuse)?;
            }
            for verdict in &entry.verdicts {
                sheet.text(verdict.word()).map_err(refuse)?;
            }
            sheet.end();
            full = sheet.rows() == SHEET_ROWS;
        }
        sheet.filters().map_err(refuse)?;
        if !full {
            break;
        }
    }
    Ok(())
}
