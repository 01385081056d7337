//! A sheet that grows cell by cell.

use exhibit_rows::spreadsheet::ABSENT;
use exhibit_rows::{Value, instant};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::cell::{self, Styles, Text};
use crate::marks;

/// A sheet, and where its next cell is.
pub(super) struct Sheet<'a> {
    sheet: Worksheet,
    styles: &'a Styles,
    /// What has the whole of texts that are cut here.
    whole: &'static str,
    row: u32,
    column: u16,
    columns: u16,
    /// Texts that are cut.
    cut: u64,
}

/// A sheet with all its cells.
pub(super) struct Full {
    pub(super) sheet: Worksheet,
    /// Texts in it that are cut.
    pub(super) cut: u64,
}

impl<'a> Sheet<'a> {
    /// One that is kept in memory. Only its rows may have heights: the writer of large ones writes a last row with a
    /// height twice (rust_xlsxwriter 0.102).
    pub(super) fn small(name: &str, styles: &'a Styles, whole: &'static str) -> Result<Self, XlsxError> {
        Self::new(Worksheet::new(), name, styles, whole)
    }

    /// One that is written to a temporary file row by row.
    pub(super) fn large(
        book: &mut Workbook,
        name: &str,
        styles: &'a Styles,
        whole: &'static str,
    ) -> Result<Self, XlsxError> {
        Self::new(book.new_worksheet_with_constant_memory()?, name, styles, whole)
    }

    fn new(
        mut sheet: Worksheet,
        name: &str,
        styles: &'a Styles,
        whole: &'static str,
    ) -> Result<Self, XlsxError> {
        sheet.set_name(name)?;
        sheet.set_landscape();
        Ok(Self { sheet, styles, whole, row: 0, column: 0, columns: 0, cut: 0 })
    }

    /// As wide as a page, in print.
    pub(super) fn fit(&mut self) {
        self.sheet.set_print_fit_to_pages(1, 0);
    }

    /// How many rows there are below the headings.
    pub(super) fn rows(&self) -> u32 {
        self.row.saturating_sub(1)
    }

    /// In characters.
    pub(super) fn widths(&mut self, all: &[u16]) -> Result<(), XlsxError> {
        for (column, width) in (0..).zip(all) {
            self.sheet.set_column_width(column, *width)?;
        }
        Ok(())
    }

    pub(super) fn title(&mut self, text: &str) -> Result<(), XlsxError> {
        self.string(0, text, Some(&self.styles.title))?;
        self.row += 2;
        Ok(())
    }

    /// The line above all facts, of a small sheet.
    pub(super) fn verdict(&mut self, text: &str) -> Result<(), XlsxError> {
        self.sheet.set_row_height(self.row, cell::height(text) + cell::height(""))?;
        self.string(0, "Verdict", Some(&self.styles.term))?;
        self.string(1, text, Some(&self.styles.verdict))?;
        self.row += 1;
        Ok(())
    }

    /// A heading between facts.
    pub(super) fn section(&mut self, text: &str) -> Result<(), XlsxError> {
        self.row += 1;
        self.string(0, text, Some(&self.styles.heading))?;
        self.row += 1;
        Ok(())
    }

    /// Of a small sheet.
    pub(super) fn fact(&mut self, term: &str, text: &str, warns: bool) -> Result<(), XlsxError> {
        let style = if warns { &self.styles.warning } else { &self.styles.fact };
        self.sheet.set_row_height(self.row, cell::height(text))?;
        self.string(0, term, Some(&self.styles.term))?;
        self.string(1, text, Some(style))?;
        self.row += 1;
        Ok(())
    }

    /// The first row, which stays in sight and on top of each printed page.
    pub(super) fn headings(&mut self, all: &[String]) -> Result<(), XlsxError> {
        for heading in all {
            self.string(self.column, heading, Some(&self.styles.heading))?;
            self.column += 1;
        }
        self.columns = self.column;
        self.end();
        self.sheet.set_freeze_panes(self.row, 0)?;
        self.sheet.set_repeat_rows(0, 0)?;
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), XlsxError> {
        self.string(self.column, text, None)?;
        self.column += 1;
        Ok(())
    }

    /// What came of a test, or of a row: with its mark and in its colour.
    pub(super) fn result(&mut self, it: marks::Result) -> Result<(), XlsxError> {
        let text = format!("{} {}", it.mark(), it.word());
        self.string(self.column, &text, Some(self.styles.result(it)))?;
        self.column += 1;
        Ok(())
    }

    /// A text on several lines, in the width of its column. No cell where there is none.
    pub(super) fn lines(&mut self, text: &str) -> Result<(), XlsxError> {
        if !text.is_empty() {
            self.string(self.column, text, Some(&self.styles.fact))?;
        }
        self.column += 1;
        Ok(())
    }

    pub(super) fn count(&mut self, count: u64) -> Result<(), XlsxError> {
        self.value(&i64::try_from(count).map_or_else(|_| Value::Text(count.to_string()), Value::Integer))
    }

    pub(super) fn value(&mut self, value: &Value) -> Result<(), XlsxError> {
        let (styles, row, column) = (self.styles, self.row, self.column);
        match value {
            Value::Absent => self.string(column, ABSENT, Some(&styles.absent))?,
            Value::Empty => {}
            Value::Text(it) => self.string(column, it, None)?,
            Value::Texts(it) => self.string(column, &it.join("; "), None)?,
            Value::Boolean(it) => {
                self.sheet.write_boolean(row, column, *it)?;
            }
            Value::Number(it) => {
                self.sheet.write_number(row, column, *it)?;
            }
            Value::Integer(it) => self.number(cell::exact(*it), None, || it.to_string())?,
            Value::Instant(it) => {
                self.number(cell::day(*it), Some(&styles.instant), || instant::format(*it))?;
            }
            Value::Duration(it) => {
                self.number(cell::days(*it), Some(&styles.duration), || format!("{it} seconds"))?;
            }
        }
        self.column += 1;
        Ok(())
    }

    /// A number, or what is said where spreadsheets do not have it.
    fn number(
        &mut self,
        number: Option<f64>,
        style: Option<&Format>,
        text: impl FnOnce() -> String,
    ) -> Result<(), XlsxError> {
        match (number, style) {
            (Some(it), Some(style)) => {
                self.sheet.write_number_with_format(self.row, self.column, it, style)?;
            }
            (Some(it), None) => {
                self.sheet.write_number(self.row, self.column, it)?;
            }
            (None, _) => self.string(self.column, &text(), None)?,
        }
        Ok(())
    }

    fn string(&mut self, column: u16, text: &str, style: Option<&Format>) -> Result<(), XlsxError> {
        let Text { text, cut } = cell::text(text, self.whole);
        self.cut += u64::from(cut);
        match style {
            Some(style) => self.sheet.write_string_with_format(self.row, column, text, style)?,
            None => self.sheet.write_string(self.row, column, text)?,
        };
        Ok(())
    }

    /// The row ends.
    pub(super) fn end(&mut self) {
        self.row += 1;
        self.column = 0;
    }

    /// The sheet ends. Where it has headings, every column can be filtered by, from these to the last row.
    pub(super) fn finish(mut self) -> Result<Full, XlsxError> {
        if self.columns > 0 {
            self.sheet.autofilter(0, 0, self.row.saturating_sub(1), self.columns - 1)?;
        }
        Ok(Full { sheet: self.sheet, cut: self.cut })
    }
}
