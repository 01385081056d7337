//! A column of a group of rows: values, and where there are none.

use ::parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::writer::SerializedColumnWriter;
use ::parquet::schema::types::Type;
use exhibit_rows::{Kind, Value};

/// How far a value is there: levels of definition, as Parquet has it. A list that is there may have nothing
/// in it.
const NULL: i16 = 0;
const VALUE: i16 = 1;
const ELEMENT: i16 = 2;
/// Levels of repetition: the first element of a row, and the others.
const FIRST: i16 = 0;
const FURTHER: i16 = 1;

pub(super) struct Column {
    kind: Kind,
    values: Values,
    levels: Vec<i16>,
    /// Of lists alone.
    repeats: Vec<i16>,
}

enum Values {
    Bytes(Vec<ByteArray>),
    Longs(Vec<i64>),
    Doubles(Vec<f64>),
    Booleans(Vec<bool>),
}

impl Column {
    pub(super) fn of(kind: Kind) -> Self {
        let values = match kind {
            Kind::Text | Kind::Texts => Values::Bytes(vec![]),
            Kind::Integer | Kind::Instant | Kind::Duration => Values::Longs(vec![]),
            Kind::Number => Values::Doubles(vec![]),
            Kind::Boolean => Values::Booleans(vec![]),
        };
        Self { kind, values, levels: vec![], repeats: vec![] }
    }

    pub(super) fn schema(&self, name: &str) -> Result<Type, ParquetError> {
        let (physical, logical) = match self.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Integer => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
            Kind::Boolean => (Physical::BOOLEAN, None),
            Kind::Instant => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
            Kind::Duration => (Physical::INT64, Some(LogicalType::integer(64, false))),
            Kind::Texts => return list(name),
        };
        let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        column.with_logical_type(logical).build()
    }

    /// Adds a row's value. Gives about how many bytes it has.
    pub(super) fn add(&mut self, value: &Value) -> Result<usize, ParquetError> {
        let before = self.levels.len();
        let bytes = match (&mut self.values, value) {
            (_, Value::Absent | Value::Empty) => {
                self.levels.push(NULL);
                0
            }
            (Values::Bytes(all), Value::Texts(texts)) => {
                // A list with nothing in it is there all the same.
                self.levels
                    .resize(before + texts.len().max(1), if texts.is_empty() { VALUE } else { ELEMENT });
                all.extend(texts.iter().map(|it| ByteArray::from(it.as_bytes().to_vec())));
                texts.iter().map(String::len).sum()
            }
            (values, value) => {
                self.levels.push(VALUE);
                values.push(value)?
            }
        };
        if self.kind == Kind::Texts {
            self.repeats.push(FIRST);
            self.repeats.resize(self.levels.len(), FURTHER);
        }
        Ok(bytes + size_of::<ByteArray>())
    }

    /// Writes all of it, and starts with an empty buffer.
    pub(super) fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let (levels, repeats) = (Some(&self.levels[..]), Some(&self.repeats[..]));
        let repeats = repeats.filter(|_| self.kind == Kind::Texts);
        match &mut self.values {
            Values::Bytes(all) => {
                writer.typed::<ByteArrayType>().write_batch(all, levels, repeats)?;
                all.clear();
            }
            Values::Longs(all) => {
                writer.typed::<Int64Type>().write_batch(all, levels, repeats)?;
                all.clear();
            }
            Values::Doubles(all) => {
                writer.typed::<DoubleType>().write_batch(all, levels, repeats)?;
                all.clear();
            }
            Values::Booleans(all) => {
                writer.typed::<BoolType>().write_batch(all, levels, repeats)?;
                all.clear();
            }
        }
        self.levels.clear();
        self.repeats.clear();
        Ok(())
    }
}

impl Values {
    /// Adds a value that is of the column's kind, as all that was read is. Gives its bytes.
    fn push(&mut self, value: &Value) -> Result<usize, ParquetError> {
        match (&mut *self, value) {
            (Self::Longs(all), Value::Integer(it) | Value::Instant(it)) => all.push(*it),
            // The same bits: the column says that it is unsigned.
            (Self::Longs(all), Value::Duration(it)) => all.push(it.cast_signed()),
            (Self::Doubles(all), Value::Number(it)) => all.push(*it),
            (Self::Booleans(all), Value::Boolean(it)) => all.push(*it),
            (Self::Bytes(all), Value::Text(it)) => {
                all.push(ByteArray::from(it.as_bytes().to_vec()));
                return Ok(it.len());
            }
            _ => return Err(ParquetError::General("a value is of another kind than its column".to_owned())),
        }
        Ok(size_of::<u64>())
    }
}

/// A list of texts, as the format's specification has it.
fn list(name: &str) -> Result<Type, ParquetError> {
    let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::String))
        .build()?;
    let repeated = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![element.into()])
        .build()?;
    Type::group_type_builder(name)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![repeated.into()])
        .build()
}
