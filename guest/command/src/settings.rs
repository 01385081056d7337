//! What people give on the command line, as the plugin's parameters take it.

use exhibit_plugin::catalog::Parameter;
use exhibit_plugin::types::{Instant, Kind, Setting, Value};

use crate::failure::Failure;

/// Reads names and values. Several texts may be given at once, separated by commas, or one by
/// one. What is missing or unknown the plugin itself refuses.
pub(crate) fn read(parameters: &[Parameter], given: &[(String, String)]) -> Result<Vec<Setting>, Failure> {
    let mut settings: Vec<Setting> = Vec::with_capacity(given.len());
    for (name, text) in given {
        let kind = parameters.iter().find(|it| it.name == *name).map_or(Kind::Text, |it| it.kind);
        let value = value(kind, text).ok_or_else(|| {
            Failure::call(format!("`{name}` cannot be `{text}`: it must be {}", kind.in_words()))
        })?;
        match (settings.iter_mut().find(|it| it.name == *name).map(|it| &mut it.value), value) {
            (Some(Value::Texts(earlier)), Value::Texts(more)) => earlier.extend(more),
            (_, value) => settings.push(Setting { name: name.clone(), value }),
        }
    }
    Ok(settings)
}

fn value(kind: Kind, text: &str) -> Option<Value> {
    match kind {
        Kind::Text => Some(Value::Text(text.to_owned())),
        Kind::Integer => text.parse().ok().map(Value::Integer),
        Kind::Number => text.parse().ok().filter(|it: &f64| it.is_finite()).map(Value::Number),
        Kind::Boolean => match text {
            "true" | "yes" => Some(Value::Boolean(true)),
            "false" | "no" => Some(Value::Boolean(false)),
            _ => None,
        },
        Kind::Instant => instant(text).map(Value::Instant),
        Kind::Duration => text.parse().ok().map(Value::Duration),
        Kind::Texts => {
            let texts = text.split(',').map(|it| it.trim().to_owned());
            Some(Value::Texts(texts.filter(|it| !it.is_empty()).collect()))
        }
    }
}

/// A point in time as people write it: see [`exhibit_rows::instant::typed`].
pub(crate) fn instant(text: &str) -> Option<Instant> {
    exhibit_rows::instant::typed(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn values_are_read_as_their_parameter_says() {
        let parameters = [
            Parameter::integer("page-size", "", ""),
            Parameter::texts("tags", "", ""),
            Parameter::new("since", Kind::Instant, "", ""),
        ];
        let read = read(
            &parameters,
            &given(&[
                ("tags", "a, b"),
                ("page-size", "5"),
                ("tags", "c"),
                ("since", "1970-01-02"),
                ("x", "1"),
            ]),
        );
        let set = |name: &str, value| Setting { name: name.to_owned(), value };
        let texts = |all: &[&str]| Value::Texts(all.iter().map(|it| (*it).to_owned()).collect());
        assert_eq!(
            read,
            Ok(vec![
                set("tags", texts(&["a", "b", "c"])),
                set("page-size", Value::Integer(5)),
                set("since", Value::Instant(86_400_000)),
                set("x", Value::Text("1".to_owned())),
            ])
        );
    }

    #[test]
    fn says_what_is_wrong() {
        let parameters = [Parameter::integer("page-size", "", "")];
        let refused = read(&parameters, &given(&[("page-size", "many")])).expect_err("refused");
        assert_eq!(refused.to_string(), "error: `page-size` cannot be `many`: it must be a whole number");
    }
}
