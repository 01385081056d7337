//! A sheet that grows cell by cell.

use exhibit_rows::spreadsheet::ABSENT;
use exhibit_rows::{Value, instant};
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::cell::{self, Styles};

/// A sheet, and where its next cell is.
pub(super) struct Sheet<'a> {
    sheet: &'a mut Worksheet,
    styles: &'a Styles,
    row: u32,
    column: u16,
    columns: u16,
}

impl<'a> Sheet<'a> {
    pub(super) fn add(book: &'a mut Workbook, name: &str, styles: &'a Styles) -> Result<Self, XlsxError> {
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        sheet.set_landscape();
        Ok(Self { sheet, styles, row: 0, column: 0, columns: 0 })
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
    pub(super) fn width(&mut self, column: u16, characters: u16) -> Result<(), XlsxError> {
        self.sheet.set_column_width(column, characters).map(|_| ())
    }

    pub(super) fn widths(&mut self, all: &[u16]) -> Result<(), XlsxError> {
        (0..).zip(all).try_for_each(|(column, width)| self.width(column, *width))
    }

    pub(super) fn title(&mut self, text: &str) -> Result<(), XlsxError> {
        let text = cell::text(text);
        self.sheet.write_string_with_format(self.row, 0, text, &self.styles.title)?;
        self.row += 2;
        Ok(())
    }

    pub(super) fn fact(&mut self, term: &str, text: &str, warns: bool) -> Result<(), XlsxError> {
        let style = if warns { &self.styles.warning } else { &self.styles.fact };
        // Before its cells: a row that is written is not changed any more.
        self.sheet.set_row_height(self.row, cell::height(text))?;
        self.sheet.write_string_with_format(self.row, 0, term, &self.styles.term)?;
        self.sheet.write_string_with_format(self.row, 1, cell::text(text), style)?;
        self.row += 1;
        Ok(())
    }

    /// The first row, which stays in sight and on top of each printed page.
    pub(super) fn headings(&mut self, all: &[&str]) -> Result<(), XlsxError> {
        for heading in all {
            let text = cell::text(heading);
            self.sheet.write_string_with_format(self.row, self.column, text, &self.styles.heading)?;
            self.column += 1;
        }
        self.columns = self.column;
        self.end();
        self.sheet.set_freeze_panes(self.row, 0)?;
        self.sheet.set_repeat_rows(0, 0)?;
        Ok(())
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string(self.row, self.column, cell::text(text))?;
        self.column += 1;
        Ok(())
    }

    pub(super) fn count(&mut self, count: u64) -> Result<(), XlsxError> {
        self.value(&i64::try_from(count).map_or_else(|_| Value::Text(count.to_string()), Value::Integer))
    }

    pub(super) fn value(&mut self, value: &Value) -> Result<(), XlsxError> {
        let (sheet, styles, row, column) = (&mut *self.sheet, self.styles, self.row, self.column);
        match value {
            Value::Absent => {
                sheet.write_string_with_format(row, column, ABSENT, &styles.absent)?;
            }
            Value::Empty => {}
            Value::Text(it) => {
                sheet.write_string(row, column, cell::text(it))?;
            }
            Value::Texts(it) => {
                sheet.write_string(row, column, cell::text(&it.join("; ")))?;
            }
            Value::Boolean(it) => {
                sheet.write_boolean(row, column, *it)?;
            }
            Value::Number(it) => {
                sheet.write_number(row, column, *it)?;
            }
            Value::Integer(it) => {
                match cell::exact(*it) {
                    Some(number) => sheet.write_number(row, column, number)?,
                    None => sheet.write_string(row, column, it.to_string())?,
                };
            }
            Value::Instant(it) => {
                match cell::day(*it) {
                    Some(day) => sheet.write_number_with_format(row, column, day, &styles.instant)?,
                    None => sheet.write_string(row, column, instant::format(*it))?,
                };
            }
            Value::Duration(it) => {
                match cell::days(*it) {
                    Some(days) => sheet.write_number_with_format(row, column, days, &styles.duration)?,
                    None => sheet.write_string(row, column, format!("{it} seconds"))?,
                };
            }
        }
        self.column += 1;
        Ok(())
    }

    /// The row ends.
    pub(super) fn end(&mut self) {
        self.row += 1;
        self.column = 0;
    }

    /// Every column can be filtered by, from the headings to the last row.
    pub(super) fn filters(&mut self) -> Result<(), XlsxError> {
        if self.columns > 0 {
            self.sheet.autofilter(0, 0, self.row.saturating_sub(1), self.columns - 1)?;
        }
        Ok(())
    }
}
