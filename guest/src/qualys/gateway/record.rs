//! A record of an answer, and how its members are read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use exhibit_plugin::column::{Cell, Misread};
use exhibit_plugin::json::{Json, cell};
use exhibit_plugin::types::Instant;
use exhibit_plugin::{Value, instant};

/// So many texts of a list are kept, and so many of their bytes: a certificate of a load balancer or a default of a vendor
/// is on thousands of hosts, and a row has its bounds.
pub const LISTED: usize = 500;
const LISTED_BYTES: usize = 64 << 10;
/// So much of one of them.
const LISTED_CHARS: usize = 500;
/// An instant as text has digits alone where it is one in milliseconds: a date of eight digits is none.
const EPOCH_DIGITS: usize = 11;

/// A record of an answer, and what its cells may depend on beside it.
#[derive(Debug)]
pub struct Record<'a> {
    /// The record itself.
    pub json: &'a Json,
    /// The instant that counts as now.
    pub as_of: Instant,
}

exhibit_plugin::columns_of!(pub type Column, fn column(Record<'_>) -> Cell);

impl<'a> Record<'a> {
    /// The member at this path; `None` where one of the path is not there.
    pub fn at(&self, path: &[&str]) -> Option<&'a Json> {
        path.iter().try_fold(self.json, |json, name| json.get(name))
    }

    /// The text at this path, as Qualys means it.
    pub fn get(&self, path: &[&str]) -> Option<Cow<'a, str>> {
        clean(self.at(path)?)
    }

    /// The elements of the array at this path; none where there is no array.
    pub fn list(&self, path: &[&str]) -> &'a [Json] {
        self.at(path).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }
}

/// A text, as Qualys means it: names come padded with NUL characters. One within a name is shown, so that what it hides from
/// other programs is seen. `None` where it is no text, or nothing is in it.
pub fn clean(json: &Json) -> Option<Cow<'_, str>> {
    let text = json.as_str()?.trim_matches(|it: char| it == '\0' || it.is_whitespace());
    match text {
        "" => None,
        text if text.contains('\0') => Some(Cow::Owned(text.replace('\0', "\\0"))),
        text => Some(Cow::Borrowed(text)),
    }
}

/// Whether a text of it has a NUL character.
pub fn has_nul(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains('\0'),
        Json::Array(all) => all.iter().any(has_nul),
        Json::Object(all) => all.values().any(has_nul),
        _ => false,
    }
}

/// A text. A number is one where none of its digits is lost.
pub fn text(json: Option<&Json>) -> Cell {
    match json {
        Some(it @ Json::String(_)) => Ok(clean(it).map_or(Value::Empty, |it| Value::Text(it.into_owned()))),
        Some(Json::Number(it)) if it.is_f64() => Err(Misread),
        other => cell::text(other),
    }
}

/// A whole number, also in quotes.
pub fn integer(json: Option<&Json>) -> Cell {
    match json {
        Some(it @ Json::String(_)) => match clean(it) {
            None => Ok(Value::Empty),
            Some(text) => text.parse().map(Value::Integer).map_err(|_| Misread),
        },
        other => cell::integer(other),
    }
}

/// Yes or no.
pub fn boolean(json: Option<&Json>) -> Cell {
    cell::boolean(json)
}

/// A date, as text or in milliseconds since 1970.
fn date(json: &Json) -> Cell {
    let millis = |it: i64| Ok(Value::Instant(it));
    match json {
        Json::Null => Ok(Value::Empty),
        Json::Number(number) => number.as_i64().map_or(Err(Misread), millis),
        Json::String(_) => match clean(json) {
            None => Ok(Value::Empty),
            Some(text) if text.len() >= EPOCH_DIGITS && text.bytes().all(|it| it.is_ascii_digit()) => {
                text.parse().map_or(Err(Misread), millis)
            }
            Some(text) => instant::parse(&text).map(Value::Instant).ok_or(Misread),
        },
        _ => Err(Misread),
    }
}

/// The date that the first of these members has that is one: Qualys writes some dates in two forms.
pub fn date_of(record: &Record<'_>, names: &[&str]) -> Cell {
    let mut all = names.iter().filter_map(|it| record.at(&[it])).map(date);
    let mut best = Ok(Value::Absent);
    all.find(|it| match it {
        Ok(Value::Instant(_)) => true,
        Ok(other) => {
            if best == Ok(Value::Absent) {
                best = Ok(other.clone());
            }
            false
        }
        Err(Misread) => {
            best = Err(Misread);
            false
        }
    })
    .unwrap_or(best)
}

/// Texts of a list, each once, in their order. What is beyond the bounds is counted in a last one.
pub fn listed<'a>(texts: impl IntoIterator<Item = Cow<'a, str>>) -> Value {
    let (mut all, mut kept, mut bytes): (BTreeSet<Cow<'a, str>>, Vec<String>, usize) = Default::default();
    for text in texts {
        if all.contains(&text) {
            continue;
        }
        let short = shortened(&text);
        if kept.len() == all.len() && kept.len() < LISTED && bytes + short.len() <= LISTED_BYTES {
            bytes += short.len();
            kept.push(short);
        }
        all.insert(text);
    }
    let more = all.len() - kept.len();
    if more > 0 {
        kept.push(format!("and {more} more"));
    }
    exhibit_plugin::cell::texts(kept)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LISTED_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        text.parse().expect("JSON")
    }

    #[test]
    fn nul_at_the_ends_is_padding_and_within_a_name_it_is_shown() {
        let read = |it: &str| text(Some(&json(it)));
        let value = |it: &str| Ok(Value::Text(it.to_owned()));
        assert_eq!(read(r#""a.example\u0000\u0000""#), value("a.example"));
        assert_eq!(read(r#""\u0000 a \u0000 ""#), value("a"));
        assert_eq!(read(r#""trusted\u0000.evil""#), value("trusted\\0.evil"));
        assert_eq!(read(r#""\u0000""#), Ok(Value::Empty));
        assert!(has_nul(&json(r#"{"a":[{"b":"x\u0000"}]}"#)));
        assert!(!has_nul(&json(r#"{"a":[{"b":"x"}]}"#)));
    }

    #[test]
    fn a_number_of_more_digits_than_are_kept_is_no_text() {
        assert_eq!(text(Some(&json("17"))), Ok(Value::Text("17".to_owned())));
        assert_eq!(text(Some(&json("45781090970669344851050903153492539723019237522"))), Err(Misread));
        assert_eq!(integer(Some(&json("\"2048\""))), Ok(Value::Integer(2048)));
    }

    #[test]
    fn both_forms_of_a_date_are_the_same_instant() {
        let read = |it: &str| {
            let json = json(it);
            date_of(&Record { json: &json, as_of: 0 }, &["d", "e"])
        };
        let at = |it: i64| Ok(Value::Instant(it));
        assert_eq!(read(r#"{"d":"1970-01-01T02:00:01.000+02:00"}"#), at(1_000));
        assert_eq!(read(r#"{"e":1000}"#), at(1_000));
        assert_eq!(read(r#"{"d":"1705320000000"}"#), at(1_705_320_000_000));
        assert_eq!(read(r#"{"d":"soon","e":1000}"#), at(1_000), "the other one can be read");
        assert_eq!(read(r#"{"d":null,"e":1000}"#), at(1_000));
        assert_eq!(read(r#"{"d":null}"#), Ok(Value::Empty));
        assert_eq!(read(r#"{"d":"soon","e":null}"#), Err(Misread));
        assert_eq!(read("{}"), Ok(Value::Absent));
        assert_eq!(read(r#"{"d":"9999-12-31T23:59:59.000+00:00"}"#), at(253_402_300_799_000));
    }

    #[test]
    fn a_list_is_cut_and_says_so() {
        let names = |count: usize| (0..count).map(|it| Cow::Owned(format!("host-{it}")));
        let Value::Texts(all) = listed(names(2_000).chain(names(10))) else { panic!("texts") };
        assert_eq!((all.len(), all.last().map(String::as_str)), (LISTED + 1, Some("and 1500 more")));
        let long = (0..1_000).map(|it| Cow::Owned(format!("{it}{}", "ä".repeat(10_000))));
        let Value::Texts(all) = listed(long) else { panic!("texts") };
        assert!(all.iter().map(String::len).sum::<usize>() <= LISTED_BYTES + 20, "{}", all.len());
        assert_eq!(listed(names(0)), Value::Empty);
    }
}
