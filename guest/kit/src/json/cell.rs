//! Cells out of what a record holds: `None` where it has no such member, which is `absent`, and
//! `null`, which is `empty`, as the empty text is.

use serde_json::Value as Json;

use crate::cell::{instant as written_instant, text as written_text};
use crate::column::{Cell, Misread};
use crate::contract::types::Value;

fn read(held: Option<&Json>, read: impl FnOnce(&Json) -> Option<Value>) -> Cell {
    match held {
        None => Ok(Value::Absent),
        Some(Json::Null) => Ok(Value::Empty),
        Some(Json::String(text)) if text.is_empty() => Ok(Value::Empty),
        Some(json) => read(json).ok_or(Misread),
    }
}

/// A text. Numbers are texts, too: many sources write their ids so.
pub fn text(held: Option<&Json>) -> Cell {
    read(held, |json| match json {
        Json::String(text) => Some(written_text(Some(text.trim()))),
        Json::Number(number) => Some(Value::Text(number.to_string())),
        _ => None,
    })
}

/// A whole number.
pub fn integer(held: Option<&Json>) -> Cell {
    read(held, |json| json.as_i64().map(Value::Integer))
}

/// A number.
pub fn number(held: Option<&Json>) -> Cell {
    read(held, |json| json.as_f64().map(Value::Number))
}

/// Yes or no.
pub fn boolean(held: Option<&Json>) -> Cell {
    read(held, |json| json.as_bool().map(Value::Boolean))
}

/// A date, or a date and a time; see [`crate::instant::parse`].
pub fn instant(held: Option<&Json>) -> Cell {
    match read(held, |json| json.as_str().map(|it| Value::Text(it.trim().to_owned())))? {
        Value::Text(text) => written_instant(Some(&text)),
        other => Ok(other),
    }
}

/// Whole seconds.
pub fn seconds(held: Option<&Json>) -> Cell {
    read(held, |json| json.as_u64().map(Value::Duration))
}

/// Several texts; an empty list is `empty`.
pub fn texts(held: Option<&Json>) -> Cell {
    read(held, |json| {
        let texts = json.as_array()?.iter().map(|it| it.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<_>>>().map(crate::cell::texts)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_there_is_absent_and_null_is_empty() {
        for cell in [text, integer, number, boolean, instant, seconds, texts] {
            assert_eq!(cell(None), Ok(Value::Absent));
            assert_eq!(cell(Some(&Json::Null)), Ok(Value::Empty));
            assert_eq!(cell(Some(&json!(""))), Ok(Value::Empty));
            assert_eq!(cell(Some(&json!({}))), Err(Misread));
        }
    }

    #[test]
    fn each_kind_is_read() {
        assert_eq!(text(Some(&json!(" a "))), Ok(Value::Text("a".to_owned())));
        assert_eq!(text(Some(&json!(7))), Ok(Value::Text("7".to_owned())));
        assert_eq!(integer(Some(&json!(-7))), Ok(Value::Integer(-7)));
        assert_eq!(integer(Some(&json!(7.5))), Err(Misread));
        assert_eq!(number(Some(&json!(7.5))), Ok(Value::Number(7.5)));
        assert_eq!(boolean(Some(&json!(true))), Ok(Value::Boolean(true)));
        assert_eq!(instant(Some(&json!("1970-01-01T00:00:01Z"))), Ok(Value::Instant(1000)));
        assert_eq!(instant(Some(&json!("soon"))), Err(Misread));
        assert_eq!(seconds(Some(&json!(60))), Ok(Value::Duration(60)));
        assert_eq!(texts(Some(&json!(["a", "b"]))), Ok(Value::Texts(vec!["a".to_owned(), "b".to_owned()])));
        assert_eq!(texts(Some(&json!([]))), Ok(Value::Empty));
        assert_eq!(texts(Some(&json!([1]))), Err(Misread));
    }
}
