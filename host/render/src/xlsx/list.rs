//! A list that is no proof, as a workbook of one sheet.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::cell::Styles;
use super::sheet::Sheet;
use crate::error::RenderError;

/// Texts of a list are short; a column is so many characters wide at most.
const WIDEST: usize = 50;
/// What has the whole of a text that is cut.
const WHOLE: &str = "JSON";

/// A workbook with these rows under their headings: texts, none of which is a formula.
///
/// # Errors
/// Where there are more rows or columns than a sheet has.
pub fn list(name: &str, headings: &[String], rows: Vec<Vec<String>>) -> Result<Vec<u8>, RenderError> {
    write(name, headings, &rows).map_err(|error| RenderError::Write(std::io::Error::other(error)))
}

fn write(name: &str, headings: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let styles = Styles::new();
    let mut sheet = Sheet::small(name, &styles, WHOLE)?;
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).chain(headings.get(at));
        let widest = cells.map(|it| it.chars().count()).max().unwrap_or_default();
        u16::try_from(widest.min(WIDEST) + 2).unwrap_or_default()
    };
    sheet.widths(&(0..headings.len()).map(width).collect::<Vec<_>>())?;
    sheet.fit();
    sheet.headings(headings)?;
    for row in rows {
        for cell in row {
            sheet.text(cell)?;
        }
        sheet.end();
    }
    book.push_worksheet(sheet.finish()?.sheet);
    book.save_to_buffer()
}
