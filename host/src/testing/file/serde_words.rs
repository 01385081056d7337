//! What serde says of a file, in words for who wrote it. Its words are no interface: what is
//! not known here is passed on as it is.

use exhibit_rows::Shown;

use crate::nearest::nearest;

use super::operator::Operator;

/// A word of the file, as far as it is worth repeating.
const WORD_CHARS: usize = 60;

/// What is wrong, and what to do: from serde's message, and the text that it is about.
pub(super) fn explain(message: &str, about: &str) -> (String, Option<String>) {
    let known = unknown(message).or_else(|| missing(message)).or_else(|| unfit(message, about));
    known.unwrap_or_else(|| (message.to_owned(), None))
}

/// ``unknown field `x`, expected one of `a`, `b` ``, and the same of variants.
fn unknown(message: &str) -> Option<(String, Option<String>)> {
    let (is_key, rest) = match message.strip_prefix("unknown field `") {
        Some(rest) => (true, rest),
        None => (false, message.strip_prefix("unknown variant `")?),
    };
    let (word, expected) = rest.rsplit_once("`, expected ")?;
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let word_shown = short(word);
    let what = if is_key {
        format!("there is no key `{word_shown}` here")
    } else if known.first().is_some_and(|it| *it == Operator::ALL[0].name()) {
        format!("there is no operator `{word_shown}`")
    } else {
        format!("`{word_shown}` is not one of the choices here")
    };
    let remedy = match nearest(word, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("use one of: {}", known.join(", ")),
    };
    Some((what, Some(remedy)))
}

/// ``missing field `x` ``
fn missing(message: &str) -> Option<(String, Option<String>)> {
    let key = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    let remedy = match key {
        "case" => {
            "say what a row must be to pass: [[test.case]], and below it all = [{ field = …, operator = … }]"
                .to_owned()
        }
        "all" => "add all = [{ field = …, operator = … }]".to_owned(),
        key => format!("add {key} = \"…\""),
    };
    Some((format!("the key `{key}` is missing here"), Some(remedy)))
}

/// `invalid type: integer 5, expected a string`, and the same of values.
fn unfit(message: &str, about: &str) -> Option<(String, Option<String>)> {
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    let (is, expected) = rest.rsplit_once(", expected ")?;
    let single = about.starts_with('[') && !about.starts_with("[[") && is == "map";
    if single && expected == "a sequence" {
        let what = "there may be several of these, so their heading has two brackets".to_owned();
        let heading: String = about.trim_matches(['[', ']', ' ']).chars().take(WORD_CHARS).collect();
        return Some((what, Some(format!("write [[{heading}]]"))));
    }
    let (wanted, remedy) = match expected {
        "a string" => ("a text", Some("texts are in quotes, as in \"Active\"")),
        "a sequence" => ("an array", Some("arrays are in brackets, as in [\"one\", \"two\"]")),
        "u32" => ("a whole number of 0 or more", Some("it is written as in days = 30")),
        "a table" => {
            ("a table", Some("tables are in braces, as in { field = \"status\", operator = \"is-empty\" }"))
        }
        other => (other, None),
    };
    Some((format!("here should be {wanted}"), remedy.map(str::to_owned)))
}

pub(super) fn short(text: &str) -> String {
    let shown = Shown::line(text).to_string();
    match shown.char_indices().nth(WORD_CHARS) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}
