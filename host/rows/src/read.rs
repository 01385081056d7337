//! Reads rows back.

use std::io::{self, BufRead, Read as _};

use crate::Kind;

mod cells;
mod column;

use self::column::Column;

pub use self::column::Row;

/// A longer line is no row: one has at most 4 MiB of text, and JSON may write a byte of it as six.
const LONGEST_LINE: u64 = 32 << 20;
/// A longer one may have more texts than a row has: three bytes of a list of them take fifty in memory.
const LONG_LINE: usize = 4 << 20;
/// Texts of one row: ten lists with as many as the host lets a plugin give in one.
const TEXTS: usize = 1_000_000;

/// The rows of a proof, in their order. Ends after the first error.
#[derive(Debug)]
pub struct Rows<R> {
    lines: R,
    fields: Vec<Column>,
    width: usize,
    line: Vec<u8>,
    count: u64,
    failed: bool,
}

impl<R: BufRead> Rows<R> {
    /// The rows in these lines. Each field by its name and kind, in the order of a row.
    pub fn new(lines: R, fields: Vec<(String, Kind)>) -> Self {
        let width = fields.len();
        let numbered = fields.into_iter().enumerate();
        let fields = numbered.map(|(slot, (name, kind))| Column { name, kind, slot: Some(slot) }).collect();
        Self { lines, fields, width, line: Vec::new(), count: 0, failed: false }
    }

    /// The same, of these of its fields alone, in this order. What the others hold is not looked at.
    pub fn only(mut self, names: &[&str]) -> Self {
        for field in &mut self.fields {
            field.slot = names.iter().position(|it| *it == field.name);
        }
        self.width = names.len();
        self
    }

    /// How many bytes the row has that was read last, as it is written.
    pub fn last_bytes(&self) -> usize {
        self.line.len()
    }

    /// What they were read from.
    pub fn into_lines(self) -> R {
        self.lines
    }

    fn read(&mut self) -> io::Result<Option<Row>> {
        self.line.clear();
        self.lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(None);
        }
        self.count += 1;
        let is_heavy = || self.line.iter().filter(|it| **it == b'"').count() / 2 > TEXTS;
        let row = if self.line.len() > LONG_LINE && is_heavy() {
            Err(format!("it has more than {TEXTS} texts"))
        } else if self.line.last() == Some(&b'\n') {
            cells::parse(&self.line, &self.fields, self.width)
        } else {
            Err("it has no end".to_owned())
        };
        row.map(Some).map_err(|problem| invalid(format!("line {}: {problem}", self.count)))
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let row = self.read().transpose();
        self.failed = matches!(row, Some(Err(_)));
        row
    }
}

fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Value;
    use crate::ndjson::Encoder;

    /// What RFC 3339 can say, in milliseconds: the years 0000 to 9999.
    const INSTANTS: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

    fn any_value(kind: Kind) -> BoxedStrategy<Value> {
        let held = match kind {
            Kind::Text => any::<String>().prop_map(Value::Text).boxed(),
            Kind::Integer => any::<i64>().prop_map(Value::Integer).boxed(),
            Kind::Number => {
                any::<f64>().prop_filter("finite", |it| it.is_finite()).prop_map(Value::Number).boxed()
            }
            Kind::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
            Kind::Instant => INSTANTS.prop_map(Value::Instant).boxed(),
            Kind::Duration => any::<u64>().prop_map(Value::Duration).boxed(),
            Kind::Texts => prop::collection::vec(any::<String>(), 0..4).prop_map(Value::Texts).boxed(),
        };
        prop_oneof![1 => Just(Value::Absent), 1 => Just(Value::Empty), 8 => held].boxed()
    }

    fn any_row() -> impl Strategy<Value = Row> {
        Kind::ALL.map(any_value).to_vec()
    }

    #[test]
    fn a_row_of_millions_of_texts_is_none() {
        let row = |texts: usize| format!("{{\"tags\":[{}\"\"]}}\n", "\"\",".repeat(texts));
        let read = |line: String| {
            Rows::new(line.as_bytes(), vec![("tags".to_owned(), Kind::Texts)])
                .next()
                .expect("a row")
                .map(drop)
        };
        assert!(read(row(900_000)).is_ok());
        let refused = read(row(2_000_000)).expect_err("too many").to_string();
        assert_eq!(refused, "line 1: it has more than 1000000 texts");
        assert!(read(row(12_000_000)).is_err(), "longer than any row");
    }

    fn read(lines: &str) -> Vec<String> {
        let fields = vec![("name".to_owned(), Kind::Text), ("score".to_owned(), Kind::Integer)];
        let said =
            |row: io::Result<Row>| row.map_or_else(|error| error.to_string(), |row| format!("{row:?}"));
        Rows::new(lines.as_bytes(), fields).map(said).collect()
    }

    proptest! {
        #[test]
        fn rows_read_back_as_they_were_written(rows in prop::collection::vec(any_row(), 0..4)) {
            let encoder = Encoder::new(Kind::ALL.map(Kind::name));
            let mut lines = Vec::new();
            for row in &rows {
                encoder.row(row.iter().map(Value::cell), &mut lines).expect("all of it can be written");
            }
            let fields = Kind::ALL.iter().map(|it| (it.name().to_owned(), *it)).collect();
            let back: Vec<Row> = Rows::new(&*lines, fields).collect::<io::Result<_>>().expect("all of it can be read");
            prop_assert_eq!(back, rows);
        }
    }

    #[test]
    fn says_which_line_is_wrong_and_how() {
        let lines = [
            "{\"name\":\"a\",\"score\":1}\n{\"score\":null}\n{}\n",
            "{\"name\":\"a\",\"score\":\"1\"}\n",
            "{}\n{\"nome\":\"a\"}\n",
            "{\"name\":\"a\"",
            "[]\n",
        ];
        let said: Vec<String> = lines.iter().map(|it| read(it).join("\n")).collect();
        insta::assert_snapshot!(said.join("\n\n"), @r#"
        [Text("a"), Integer(1)]
        [Absent, Empty]
        [Absent, Absent]

        line 1: score is no integer

        [Absent, Absent]
        line 2: it has a field "nome" that its type has not

        line 1: it has no end

        line 1: invalid type: sequence, expected an object of cells
        "#);
    }
}
