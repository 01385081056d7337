//! The proof as a spreadsheet reads it: RFC 4180, the shown fields under their labels.
//!
//! A byte order mark comes first, without which Excel takes UTF-8 for something else.
//! An empty value is an empty cell, an absent one reads [`ABSENT`]; several texts are
//! joined by `; `, durations are seconds.
//!
//! # Formulas
//!
//! Anyone who can name a host can write `=HYPERLINK(…)` into a proof. So a text gets an
//! apostrophe before it where it begins with `=`, `+`, `-` or `@`, or with one of their
//! full-width or small forms; blanks, quotes and invisible characters before them are
//! looked through. The same holds after a line end, tab or semicolon inside a text,
//! where a spreadsheet with other separators would begin another cell, and a text that
//! begins with a tab or a line end always gets one. Numbers, instants, durations and
//! booleans are typed by the plugin and written as they are.

use std::borrow::Cow;
use std::io;

use crate::{Cell, Kind, instant, ndjson, shown_fields, text};

/// What stands for a value that the source did not give.
pub const ABSENT: &str = "(absent)";

const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// A field, as far as a table shows it.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// The heading.
    pub label: &'a str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a table shows it.
    pub shown: bool,
}

/// Writes rows of one proof type.
#[derive(Debug)]
pub struct Encoder {
    header: Vec<String>,
    /// The shown fields' places in a row.
    columns: Vec<usize>,
}

impl Encoder {
    /// For these fields, in the order of every row's cells.
    pub fn new(fields: &[Column<'_>]) -> Self {
        let columns = shown_fields(fields.iter().map(|it| it.shown));
        let label = |&column: &usize| match fields[column].kind {
            Kind::Duration => format!("{} (seconds)", fields[column].label),
            _ => fields[column].label.to_owned(),
        };
        Self { header: columns.iter().map(label).collect(), columns }
    }

    /// Appends what comes before the first row.
    pub fn header(&self, out: &mut Vec<u8>) -> io::Result<()> {
        header(self.header.iter().map(String::as_str), out)
    }

    /// Appends rows; `cell` sees a cell in what a row is made of.
    pub fn rows<T>(
        &self,
        rows: &[Vec<T>],
        cell: impl Fn(&T) -> Cell<'_>,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let mut lines = Lines::new(out);
        for row in rows {
            for &column in &self.columns {
                lines.cell(row.get(column).map_or(Cell::Absent, &cell))?;
            }
            lines.end()?;
        }
        lines.flush()
    }
}

/// Appends what comes before the first line: a byte order mark, and headings.
pub fn header<'a>(headings: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) -> io::Result<()> {
    out.extend_from_slice(BYTE_ORDER_MARK);
    let mut lines = Lines::new(out);
    for heading in headings {
        lines.cell(Cell::Text(heading))?;
    }
    lines.end()?;
    lines.flush()
}

/// Appends lines, cell by cell. Has a buffer of its own: one for many lines is faster, and
/// what is not flushed may be lost.
#[derive(Debug)]
pub struct Lines<'a> {
    csv: csv::Writer<&'a mut Vec<u8>>,
    /// Numbers and the like on their way.
    cell: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// Appends to `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        let csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
        Self { csv, cell: Vec::new() }
    }

    /// The next cell of the line. Refuses what RFC 3339 or JSON cannot say.
    pub fn cell(&mut self, cell: Cell<'_>) -> io::Result<()> {
        match cell {
            Cell::Absent => Ok(self.csv.write_field(ABSENT)?),
            Cell::Empty => Ok(self.csv.write_field("")?),
            Cell::Text(it) => Ok(self.csv.write_field(&*guarded(it))?),
            Cell::Texts(it) => Ok(self.csv.write_field(&*guarded(&it.join("; ")))?),
            Cell::Instant(it) => {
                self.cell.clear();
                instant::write(it, &mut self.cell).map_err(io::Error::other)?;
                Ok(self.csv.write_field(&self.cell)?)
            }
            Cell::Integer(_) | Cell::Number(_) | Cell::Boolean(_) | Cell::Duration(_) => {
                self.cell.clear();
                ndjson::value(cell, &mut self.cell)?;
                Ok(self.csv.write_field(&self.cell)?)
            }
        }
    }

    /// The line ends.
    pub fn end(&mut self) -> io::Result<()> {
        Ok(self.csv.write_record(None::<&[u8]>)?)
    }

    /// All lines are written.
    pub fn flush(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}

/// The text with an apostrophe wherever a spreadsheet might begin to read a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let Some(first) = next_formula(text, 0) else { return Cow::Borrowed(text) };
    let mut guarded = String::with_capacity(text.len() + 8);
    let mut copied = 0;
    let mut next = Some(first);
    while let Some((start, resume)) = next {
        guarded.push_str(&text[copied..start]);
        guarded.push('\'');
        copied = start;
        next = next_formula(text, resume);
    }
    guarded.push_str(&text[copied..]);
    Cow::Owned(guarded)
}

/// Whether it begins as no formula does and is one cell, as nearly all texts are: that is quickly seen,
/// since compilers look at many bytes at a time where all are looked at.
fn is_plain(text: &str) -> bool {
    text.as_bytes().first().is_none_or(u8::is_ascii_alphanumeric)
        && !text
            .bytes()
            .fold(false, |any, it| any | (it == b';') | (it == b'\t') | (it == b'\r') | (it == b'\n'))
}

/// Where the next cell begins that could be a formula, and where to look on from.
fn next_formula(text: &str, from: usize) -> Option<(usize, usize)> {
    // Going on in the middle, the cell at hand has been dealt with.
    let mut cell = (from == 0).then_some(0);
    for (at, char) in text[from..].char_indices().map(|(at, char)| (from + at, char)) {
        let after = at + char.len_utf8();
        if at == 0 && matches!(char, '\t' | '\r' | '\n') {
            return Some((0, after));
        }
        if let Some(start) = cell
            && begins_formula(char)
        {
            return Some((start, after));
        }
        if matches!(char, ';' | '\t' | '\r' | '\n') {
            cell = Some(after);
        } else if cell.is_some() && !is_looked_through(char) {
            cell = None;
        }
    }
    None
}

fn is_looked_through(char: char) -> bool {
    char.is_whitespace() || char == '"' || text::is_invisible(char)
}

fn begins_formula(char: char) -> bool {
    matches!(char, '=' | '+' | '-' | '@')
        || matches!(char, '＝' | '＋' | '－' | '＠' | '\u{FE66}' | '\u{FE62}' | '\u{FE63}' | '\u{FE6B}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn field(label: &str, kind: Kind) -> Column<'_> {
        Column { label, kind, shown: true }
    }

    #[test]
    fn formulas_are_disarmed_and_the_rest_is_left_alone() {
        let texts = [
            "",
            "web-01.example.com",
            "a=b",
            "user@example.com",
            "1-2",
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "   =1",
            "\u{a0}\u{200b}=1",
            "\t=1",
            "\tplain",
            "\rplain",
            "\"=1\"",
            "＝1",
            "＋1",
            "－1",
            "＠1",
            "\u{FE66}1",
            "\u{FEFF}=1",
            "two\n=lines",
            "two\nlines",
            "other;=separator",
            "other; \"=separator\"; @again; fine",
            "'=1",
        ];
        let lines: Vec<String> = texts.iter().map(|it| format!("{it:?} => {:?}", guarded(it))).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        "" => ""
        "web-01.example.com" => "web-01.example.com"
        "a=b" => "a=b"
        "user@example.com" => "user@example.com"
        "1-2" => "1-2"
        "=1+1" => "'=1+1"
        "+1" => "'+1"
        "-1" => "'-1"
        "@SUM(A1)" => "'@SUM(A1)"
        "   =1" => "'   =1"
        "\u{a0}\u{200b}=1" => "'\u{a0}\u{200b}=1"
        "\t=1" => "'\t=1"
        "\tplain" => "'\tplain"
        "\rplain" => "'\rplain"
        "\"=1\"" => "'\"=1\""
        "＝1" => "'＝1"
        "＋1" => "'＋1"
        "－1" => "'－1"
        "＠1" => "'＠1"
        "﹦1" => "'﹦1"
        "\u{feff}=1" => "'\u{feff}=1"
        "two\n=lines" => "two\n'=lines"
        "two\nlines" => "two\nlines"
        "other;=separator" => "other;'=separator"
        "other; \"=separator\"; @again; fine" => "other;' \"=separator\";' @again; fine"
        "'=1" => "'=1"
        "#);
    }

    proptest::proptest! {
        #[test]
        fn what_is_quickly_seen_to_be_none_is_no_formula(text in "[a0 ;=+\\-@\t\n\"ü＝]{0,8}") {
            proptest::prop_assert!(!is_plain(&text) || next_formula(&text, 0).is_none(), "{text:?}");
        }
    }

    #[test]
    fn each_kind_reads_well_in_a_cell() {
        let kinds = [
            ("host", Kind::Text),
            ("score", Kind::Integer),
            ("share", Kind::Number),
            ("active", Kind::Boolean),
            ("seen", Kind::Instant),
            ("took", Kind::Duration),
            ("tags", Kind::Texts),
        ];
        let fields: Vec<_> = kinds.iter().map(|(name, kind)| field(name, *kind)).collect();
        let encoder = Encoder::new(&fields);
        let mut out = Vec::new();
        encoder.header(&mut out).expect("a header");
        let full = vec![
            Value::Text("=a,\"b\"".into()),
            Value::Integer(-5),
            Value::Number(-0.5),
            Value::Boolean(false),
            Value::Instant(1_793_491_200_000),
            Value::Duration(90),
            Value::Texts(vec!["prod".into(), "=1".into()]),
        ];
        encoder
            .rows(&[full, vec![Value::Absent; 7], vec![Value::Empty; 7]], Value::cell, &mut out)
            .expect("rows");
        let text =
            String::from_utf8(out).expect("UTF-8").replace("\r\n", "␍␊\n").replace('\u{FEFF}', "(BOM)");
        insta::assert_snapshot!(text, @r#"
        (BOM)host,score,share,active,seen,took (seconds),tags␍␊
        "'=a,""b""",-5,-0.5,false,2026-11-01T00:00:00Z,90,prod;' =1␍␊
        (absent),(absent),(absent),(absent),(absent),(absent),(absent)␍␊
        ,,,,,,␍␊
        "#);
    }

    #[test]
    fn what_is_not_shown_stays_in_the_data() {
        let mut hidden = field("id", Kind::Integer);
        hidden.shown = false;
        let encoder = Encoder::new(&[hidden, field("name", Kind::Text)]);
        let mut out = Vec::new();
        encoder
            .rows(&[vec![Value::Integer(7), Value::Text("x".into())]], Value::cell, &mut out)
            .expect("rows");
        assert_eq!(out, b"x\r\n");
    }
}
