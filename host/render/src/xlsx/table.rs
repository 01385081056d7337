//! A table that goes on in a further sheet where one is full.

use rust_xlsxwriter::{Workbook, XlsxError};

use super::cell::Styles;
use super::sheet::{Full, Sheet};

/// Rows below the headings of a sheet: Excel's limit of 1,048,576 lines.
const SHEET_ROWS: u32 = 1_048_575;

/// Headings, and what is below them so far.
pub(super) struct Table<'a> {
    name: &'static str,
    styles: &'a Styles,
    /// What has the whole of texts that are cut here.
    whole: &'static str,
    columns: Vec<Column>,
    /// Whether it is as wide as a page, in print.
    fits: bool,
    full: Vec<Full>,
    sheet: Sheet<'a>,
}

/// A column's heading, and how wide it is, in characters.
pub(super) type Column = (String, u16);

impl<'a> Table<'a> {
    pub(super) fn begin(
        book: &mut Workbook,
        name: &'static str,
        styles: &'a Styles,
        whole: &'static str,
        columns: Vec<Column>,
    ) -> Result<Self, XlsxError> {
        let sheet = begun(book, name, styles, whole, &columns)?;
        Ok(Self { name, styles, whole, columns, fits: false, full: vec![], sheet })
    }

    /// As wide as a page, in print.
    pub(super) fn fit(mut self) -> Self {
        self.fits = true;
        self.sheet.fit();
        self
    }

    /// Where the next row goes.
    pub(super) fn row(&mut self, book: &mut Workbook) -> Result<&mut Sheet<'a>, XlsxError> {
        if self.sheet.rows() == SHEET_ROWS {
            let name = format!("{} {}", self.name, self.full.len() + 2);
            let mut next = begun(book, &name, self.styles, self.whole, &self.columns)?;
            if self.fits {
                next.fit();
            }
            self.full.push(std::mem::replace(&mut self.sheet, next).finish()?);
        }
        Ok(&mut self.sheet)
    }

    /// All its sheets.
    pub(super) fn finish(mut self) -> Result<Vec<Full>, XlsxError> {
        self.full.push(self.sheet.finish()?);
        Ok(self.full)
    }
}

/// A sheet with these headings.
fn begun<'a>(
    book: &mut Workbook,
    name: &str,
    styles: &'a Styles,
    whole: &'static str,
    columns: &[Column],
) -> Result<Sheet<'a>, XlsxError> {
    let mut sheet = Sheet::large(book, name, styles, whole)?;
    let (headings, widths): (Vec<String>, Vec<u16>) = columns.iter().cloned().unzip();
    sheet.widths(&widths)?;
    sheet.headings(&headings)?;
    Ok(sheet)
}
