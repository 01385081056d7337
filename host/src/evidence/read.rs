//! Reads evidence back.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use serde_json::{Map, Value as Json};

use crate::plugin::contract::types::{Kind, Row, Value};

use super::instant;
use super::proof::{KINDS, Proof};

/// A longer line is no row: the host lets no plugin make one this large.
const LONGEST_LINE: u64 = 64 << 20;

/// The rows of a proof, in their order. Ends after the first error.
#[derive(Debug)]
pub struct Rows<R> {
    lines: R,
    fields: Vec<(String, Kind)>,
    line: Vec<u8>,
    count: u64,
    failed: bool,
}

/// `proof.json` of the evidence in this folder.
pub fn proof(folder: &Path) -> io::Result<Proof> {
    let json = std::fs::read(folder.join("proof.json"))?;
    Ok(serde_json::from_slice(&json)?)
}

/// The rows of the evidence in this folder, of the type that its `proof.json` describes.
pub fn rows(folder: &Path, proof: &Proof) -> io::Result<Rows<BufReader<File>>> {
    let field = |field: &super::Field| {
        let kind = kind(&field.kind).ok_or_else(|| invalid(format!("{} is no kind of value", field.kind)))?;
        Ok((field.name.clone(), kind))
    };
    let fields = proof.proof_type.fields.iter().map(field).collect::<io::Result<_>>()?;
    Ok(Rows::new(BufReader::new(File::open(folder.join("rows.ndjson"))?), fields))
}

impl<R: BufRead> Rows<R> {
    /// The rows in these lines. Each field by its name and kind, in the order of a row.
    pub fn new(lines: R, fields: Vec<(String, Kind)>) -> Self {
        Self { lines, fields, line: Vec::new(), count: 0, failed: false }
    }

    fn read(&mut self) -> io::Result<Option<Row>> {
        self.line.clear();
        self.lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(None);
        }
        self.count += 1;
        let parse = || {
            if self.line.last() != Some(&b'\n') {
                return Err("it has no end".to_owned());
            }
            let mut cells: Map<String, Json> =
                serde_json::from_slice(&self.line).map_err(|it| it.to_string())?;
            let mut cell = |(name, kind): &(String, Kind)| match cells.remove(name) {
                None => Ok(Value::Absent),
                Some(json) => value(*kind, json).ok_or_else(|| format!("{name} is no {}", kind.name())),
            };
            let row = self.fields.iter().map(&mut cell).collect::<Result<Row, _>>()?;
            match cells.keys().next() {
                None => Ok(row),
                Some(name) => Err(format!("it has a field {name:?} that its type has not")),
            }
        };
        parse().map(Some).map_err(|problem| invalid(format!("line {}: {problem}", self.count)))
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

fn value(kind: Kind, json: Json) -> Option<Value> {
    if json.is_null() {
        return Some(Value::Empty);
    }
    match (kind, json) {
        (Kind::Text, Json::String(it)) => Some(Value::Text(it)),
        (Kind::Integer, json) => json.as_i64().map(Value::Integer),
        (Kind::Number, json) => json.as_f64().map(Value::Number),
        (Kind::Boolean, json) => json.as_bool().map(Value::Boolean),
        (Kind::Instant, Json::String(it)) => instant::parse(&it).map(Value::Instant),
        (Kind::Duration, json) => json.as_u64().map(Value::Duration),
        (Kind::Texts, Json::Array(it)) => {
            let text = |json| if let Json::String(it) = json { Some(it) } else { None };
            it.into_iter().map(text).collect::<Option<_>>().map(Value::Texts)
        }
        _ => None,
    }
}

pub(super) fn kind(word: &str) -> Option<Kind> {
    KINDS.into_iter().find(|it| it.name() == word)
}

pub(super) fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::examples::field;
    use crate::evidence::ndjson::Encoder;

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
        KINDS.map(any_value).to_vec()
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
            let fields: Vec<_> = KINDS.iter().map(|kind| field(kind.name(), *kind)).collect();
            let encoder = Encoder::new(&fields);
            let mut lines = Vec::new();
            for row in &rows {
                encoder.row(row, &mut lines).expect("all of it can be written");
            }
            let fields = fields.into_iter().map(|it| (it.name, it.kind)).collect();
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
        [Value::Text("a"), Value::Integer(1)]
        [Value::Absent, Value::Empty]
        [Value::Absent, Value::Absent]

        line 1: score is no integer

        [Value::Absent, Value::Absent]
        line 2: it has a field "nome" that its type has not

        line 1: it has no end

        line 1: invalid type: sequence, expected a map at line 1 column 0
        "#);
    }
}
