//! Rows as canonical JSON: one object a line, the fields in their type's order.
//!
//! | value | JSON |
//! |---|---|
//! | absent | the key is left out |
//! | empty | `null` |
//! | text, boolean | as they are |
//! | integer | a number without a fraction |
//! | number | the shortest that reads back the same, always with a fraction or an exponent |
//! | instant | RFC 3339 in UTC, `2026-11-01T00:00:00Z`, milliseconds only where not zero |
//! | duration | seconds |
//! | texts | an array |
//!
//! No blanks between tokens, each line ends with a line feed, and texts are escaped only
//! where JSON asks for it.

use std::io;

use crate::{Cell, instant};

/// Writes rows of one proof type.
#[derive(Debug)]
pub struct Encoder {
    /// Each field's name as it is written: quoted, escaped, with its colon.
    keys: Vec<Vec<u8>>,
}

impl Encoder {
    /// For fields of these names, in the order of every row's cells.
    pub fn new<'a>(fields: impl IntoIterator<Item = &'a str>) -> Self {
        let key = |field| {
            let mut key = Vec::new();
            text(field, &mut key);
            key.push(b':');
            key
        };
        Self { keys: fields.into_iter().map(key).collect() }
    }

    /// Appends one line. Refuses what JSON cannot say, and a row of another width.
    pub fn row<'a>(&self, row: impl ExactSizeIterator<Item = Cell<'a>>, out: &mut Vec<u8>) -> io::Result<()> {
        if row.len() != self.keys.len() {
            let problem = format!("a row has {} values for {} fields", row.len(), self.keys.len());
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        let mut separator = b'{';
        for (key, cell) in self.keys.iter().zip(row) {
            if !matches!(cell, Cell::Absent) {
                out.push(separator);
                out.extend_from_slice(key);
                value(cell, out)?;
                separator = b',';
            }
        }
        out.extend_from_slice(if separator == b'{' { b"{}\n" } else { b"}\n" });
        Ok(())
    }
}

/// Appends one value; an absent one, which has no JSON of its own, as `null`.
pub fn value(cell: Cell<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    match cell {
        Cell::Absent | Cell::Empty => out.extend_from_slice(b"null"),
        Cell::Text(it) => text(it, out),
        Cell::Integer(it) => serde_json::to_writer(out, &it)?,
        Cell::Number(it) if it.is_finite() => serde_json::to_writer(out, &it)?,
        Cell::Number(it) => {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{it} is no number that JSON can say"),
            ));
        }
        Cell::Boolean(it) => out.extend_from_slice(if it { b"true" } else { b"false" }),
        Cell::Instant(it) => {
            out.push(b'"');
            instant::write(it, out).map_err(|refused| io::Error::new(io::ErrorKind::InvalidData, refused))?;
            out.push(b'"');
        }
        Cell::Duration(it) => serde_json::to_writer(out, &it)?,
        Cell::Texts(texts) => {
            out.push(b'[');
            for (index, it) in texts.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                text(it, out);
            }
            out.push(b']');
        }
    }
    Ok(())
}

/// Appends a text.
pub fn text(text: &str, out: &mut Vec<u8>) {
    if is_plain(text) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    // Writing to memory cannot fail, and neither can a text.
    let written = serde_json::to_writer(out, text);
    debug_assert!(written.is_ok(), "a text is always JSON");
}

/// Whether nothing in it is escaped, as in nearly all texts. All of it is looked at in any case, since
/// compilers make that many bytes at a time.
fn is_plain(text: &str) -> bool {
    !text.bytes().fold(false, |any, it| any | (it < b' ') | (it == b'"') | (it == b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    proptest::proptest! {
        #[test]
        fn a_text_is_written_as_json_has_it(written in "[a-c\"\\\\\n\u{0}\u{1f} \u{7f}ü漢]{0,40}") {
            let mut out = Vec::new();
            text(&written, &mut out);
            proptest::prop_assert_eq!(out, serde_json::to_vec(&written).expect("a text"));
        }
    }

    fn json(cell: &Value) -> String {
        let mut out = Vec::new();
        match value(cell.cell(), &mut out) {
            Ok(()) => String::from_utf8_lossy(&out).into_owned(),
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn each_kind_has_one_form() {
        let values = [
            Value::Empty,
            Value::Text(String::new()),
            Value::Text("N/A".into()),
            Value::Text("a \"b\" \\ / \n \u{1} ü 漢 \u{2028}".into()),
            Value::Integer(i64::MIN),
            Value::Number(5.0),
            Value::Number(-0.0),
            Value::Number(0.1),
            Value::Number(1e300),
            Value::Number(f64::NAN),
            Value::Boolean(true),
            Value::Instant(1_793_491_200_000),
            Value::Instant(1_793_491_200_050),
            Value::Instant(i64::MAX),
            Value::Duration(u64::MAX),
            Value::Texts(vec![]),
            Value::Texts(vec!["a".into(), String::new(), "\"".into()]),
        ];
        let lines: Vec<String> = values.iter().map(|it| format!("{it:?} => {}", json(it))).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        Empty => null
        Text("") => ""
        Text("N/A") => "N/A"
        Text("a \"b\" \\ / \n \u{1} ü 漢 \u{2028}") => "a \"b\" \\ / \n \u0001 ü 漢  "
        Integer(-9223372036854775808) => -9223372036854775808
        Number(5.0) => 5.0
        Number(-0.0) => -0.0
        Number(0.1) => 0.1
        Number(1e300) => 1e+300
        Number(NaN) => error: NaN is no number that JSON can say
        Boolean(true) => true
        Instant(1793491200000) => "2026-11-01T00:00:00Z"
        Instant(1793491200050) => "2026-11-01T00:00:00.050Z"
        Instant(9223372036854775807) => error: the instant 9223372036854775807 ms lies outside the years 0000 to 9999
        Duration(18446744073709551615) => 18446744073709551615
        Texts([]) => []
        Texts(["a", "", "\""]) => ["a","","\""]
        "#);
    }

    #[test]
    fn absent_is_left_out_and_empty_is_null() {
        let encoder = Encoder::new(["a", "b", "c"]);
        let mut out = Vec::new();
        for row in [
            vec![Value::Absent, Value::Empty, Value::Text("x".into())],
            vec![Value::Absent, Value::Absent, Value::Absent],
            vec![Value::Text("x".into()), Value::Absent, Value::Empty],
        ] {
            encoder.row(row.iter().map(Value::cell), &mut out).expect("a row");
        }
        insta::assert_snapshot!(String::from_utf8_lossy(&out), @r#"
        {"b":null,"c":"x"}
        {}
        {"a":"x","c":null}
        "#);
    }

    #[test]
    fn a_row_of_another_width_is_refused() {
        let encoder = Encoder::new(["a"]);
        let error = encoder.row([].into_iter(), &mut Vec::new()).expect_err("too narrow");
        assert_eq!(error.to_string(), "a row has 0 values for 1 fields");
    }
}
