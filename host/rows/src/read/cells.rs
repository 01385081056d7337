//! One line of rows, read straight into values: no tree is built, and fields that are
//! not wanted are skipped.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{Kind, Value, instant};

use super::column::{Column, Row};

/// The row in this line, so wide. Says what is wrong with it, for people.
pub(super) fn parse(line: &[u8], fields: &[Column], width: usize) -> Result<Row, String> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    let row = reader.deserialize_map(Cells { fields, width }).map_err(|error| said(&error))?;
    reader.end().map_err(|error| said(&error))?;
    Ok(row)
}

/// The line is one line, so its number and that of its place in it say nothing more.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line 1 column ") {
        Some(end) if !error.is_syntax() && !error.is_eof() => text[..end].to_owned(),
        _ => text,
    }
}

struct Cells<'a> {
    fields: &'a [Column],
    width: usize,
}

impl<'de> Visitor<'de> for Cells<'_> {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of cells")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut cells: A) -> Result<Row, A::Error> {
        let mut row = vec![Value::Absent; self.width];
        let mut next = 0;
        while let Some(at) = cells.next_key_seed(Name { fields: self.fields, next })? {
            let Column { name, kind, slot } = &self.fields[at];
            // Rows have their fields in their type's order, so none comes twice.
            if at < next {
                return Err(A::Error::custom(format!("{name} is not where it should be")));
            }
            next = at + 1;
            match slot {
                Some(slot) => row[*slot] = cells.next_value_seed(Cell { name, kind: *kind })?,
                None => drop(cells.next_value::<IgnoredAny>()?),
            }
        }
        Ok(row)
    }
}

/// Which field a key names. Most often the next one, or one soon after.
struct Name<'a> {
    fields: &'a [Column],
    next: usize,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<usize, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        let (before, after) = self.fields.split_at(self.next);
        let named = |it: &Column| it.name == name;
        let at =
            after.iter().position(named).map(|at| self.next + at).or_else(|| before.iter().position(named));
        at.ok_or_else(|| E::custom(format!("it has a field {name:?} that its type has not")))
    }
}

/// The value of a field.
struct Cell<'a> {
    name: &'a str,
    kind: Kind,
}

impl Cell<'_> {
    fn unfit<E: Error>(&self) -> E {
        E::custom(format!("{} is no {}", self.name, self.kind.name()))
    }
}

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {}", self.name, self.kind.name())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Empty)
    }

    fn visit_bool<E: Error>(self, it: bool) -> Result<Value, E> {
        if self.kind == Kind::Boolean { Ok(Value::Boolean(it)) } else { Err(self.unfit()) }
    }

    fn visit_i64<E: Error>(self, it: i64) -> Result<Value, E> {
        match self.kind {
            Kind::Integer => Ok(Value::Integer(it)),
            _ => Err(self.unfit()),
        }
    }

    fn visit_u64<E: Error>(self, it: u64) -> Result<Value, E> {
        match (self.kind, i64::try_from(it)) {
            (Kind::Integer, Ok(it)) => Ok(Value::Integer(it)),
            (Kind::Duration, _) => Ok(Value::Duration(it)),
            _ => Err(self.unfit()),
        }
    }

    fn visit_f64<E: Error>(self, it: f64) -> Result<Value, E> {
        if self.kind == Kind::Number { Ok(Value::Number(it)) } else { Err(self.unfit()) }
    }

    fn visit_str<E: Error>(self, it: &str) -> Result<Value, E> {
        match self.kind {
            Kind::Text => Ok(Value::Text(it.to_owned())),
            Kind::Instant => instant::parse(it).map(Value::Instant).ok_or_else(|| self.unfit()),
            _ => Err(self.unfit()),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut texts: A) -> Result<Value, A::Error> {
        if self.kind != Kind::Texts {
            return Err(self.unfit());
        }
        let mut all = Vec::new();
        while let Some(text) = texts.next_element::<String>()? {
            all.push(text);
        }
        Ok(Value::Texts(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(self.unfit())
    }
}
