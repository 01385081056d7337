//! What one row says of one item.

use std::collections::BTreeMap;

use exhibit_rows::{Kind, Value, instant};
use serde_json::Value as Json;

use super::identity::{self, Key};
use super::mapping::{Identity, Mapping};
use super::unmerged::{Code, Unmerged, subject};

/// What all values of an item take at most, as they are kept. An item has a few KiB.
const BYTES: usize = 512 << 10;

/// Reads rows of one type: knows in which column each field is.
#[derive(Debug, Clone)]
pub struct RowReader {
    mapping: Mapping,
    /// The column of each field of the mapping. `None` where the rows do not have it, as those of earlier plugins.
    columns: Vec<Option<usize>>,
}

/// What one row says of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Which item.
    pub key: Key,
    /// The values of its fields, as they are written in evidence, without those that are empty or absent.
    pub values: BTreeMap<String, Json>,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// It says something of an item.
    Observed(Observed),
    /// It cannot be merged. The subject is what tells it from others, as far as anything does.
    Unmerged {
        /// Which record.
        subject: String,
        /// The item that it is of, where that is known: it was seen.
        identity: Option<String>,
        /// Why.
        why: Unmerged,
    },
}

impl RowReader {
    /// For rows with these columns.
    pub fn new<'a>(mapping: &Mapping, columns: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = columns.collect();
        let place = |field: &(String, Kind)| names.iter().position(|it| *it == field.0);
        Self { columns: mapping.fields.iter().map(place).collect(), mapping: mapping.clone() }
    }

    /// Reads one row.
    pub fn read(&self, row: &[Value]) -> Reading {
        let texts = |field: &str| self.text(row, field);
        let date = |field: &Option<String>| match field.as_deref().and_then(|it| self.get(row, it)) {
            Some(Value::Instant(at)) => instant::format(*at),
            _ => "-".to_owned(),
        };
        let validity = format!("{}/{}", date(&self.mapping.begins), date(&self.mapping.ends));
        let key = match identity::key(&self.mapping, &texts, &validity) {
            Ok(key) => key,
            Err(why) => return Reading::Unmerged { subject: self.subject(row), identity: None, why },
        };
        match self.values(row) {
            Ok(values) => Reading::Observed(Observed { key, values }),
            Err(why) => {
                Reading::Unmerged { subject: subject(&key.identity), identity: Some(key.identity), why }
            }
        }
    }

    fn get<'a>(&self, row: &'a [Value], field: &str) -> Option<&'a Value> {
        let place = self.mapping.fields.iter().position(|it| it.0 == field)?;
        self.at(row, place)
    }

    fn at<'a>(&self, row: &'a [Value], place: usize) -> Option<&'a Value> {
        row.get((*self.columns.get(place)?)?)
    }

    fn text<'a>(&self, row: &'a [Value], field: &str) -> Option<&'a str> {
        match self.get(row, field)? {
            Value::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    /// What tells the row from others although it cannot be used: all that its identity would be made of, and its title.
    fn subject(&self, row: &[Value]) -> String {
        let fields = self.mapping.identity.iter().flat_map(|it| match it {
            Identity::Digest(field) => vec![field],
            Identity::Number { issuer, number } => issuer.iter().chain([number]).collect(),
        });
        let part = |field: &String| Some(format!("{field}={}", self.text(row, field)?.trim()));
        let parts: Vec<String> = fields.chain([&self.mapping.title]).filter_map(part).collect();
        if parts.is_empty() { "a record without identity".to_owned() } else { subject(&parts.join(" ")) }
    }

    fn values(&self, row: &[Value]) -> Result<BTreeMap<String, Json>, Unmerged> {
        let mut values = BTreeMap::new();
        let mut bytes = 0;
        for (place, (name, kind)) in self.mapping.fields.iter().enumerate() {
            let Some(value) = self.at(row, place) else { continue };
            let Some(json) = json(name, *kind, value)? else { continue };
            bytes += name.len() + size(&json);
            if bytes > BYTES {
                let message = format!("its values take more than {} KiB", BYTES >> 10);
                return Err(Unmerged::new(Code::TooLarge, message));
            }
            values.insert(name.clone(), json);
        }
        Ok(values)
    }
}

/// As in evidence. `None` where the source gives nothing: what was known stays.
fn json(name: &str, kind: Kind, value: &Value) -> Result<Option<Json>, Unmerged> {
    let json = match (kind, value) {
        (_, Value::Absent | Value::Empty) => None,
        (Kind::Text, Value::Text(it)) => (!it.is_empty()).then(|| it.as_str().into()),
        (Kind::Texts, Value::Texts(it)) => (!it.is_empty()).then(|| it.as_slice().into()),
        (Kind::Integer, Value::Integer(it)) => Some((*it).into()),
        (Kind::Duration, Value::Duration(it)) => Some((*it).into()),
        (Kind::Boolean, Value::Boolean(it)) => Some((*it).into()),
        (Kind::Number, Value::Number(it)) => match serde_json::Number::from_f64(*it) {
            Some(number) => Some(Json::Number(number)),
            None => {
                return Err(Unmerged::new(Code::NotANumber, format!("`{name}` is {it}, which is no number")));
            }
        },
        (Kind::Instant, Value::Instant(it)) => {
            let mut text = Vec::with_capacity(24);
            instant::write(*it, &mut text)
                .map_err(|error| Unmerged::new(Code::DateOutOfRange, format!("`{name}`: {error}")))?;
            Some(String::from_utf8_lossy(&text).into_owned().into())
        }
        _ => {
            let message = format!("`{name}` should be of kind {}", kind.name());
            return Err(Unmerged::new(Code::WrongKind, message));
        }
    };
    Ok(json)
}

/// About as many bytes as it takes when it is written.
fn size(json: &Json) -> usize {
    match json {
        Json::String(it) => it.len() + 2,
        Json::Array(all) => all.iter().map(|it| size(it) + 1).sum::<usize>() + 2,
        _ => 8,
    }
}
