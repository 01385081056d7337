//! What people give on the command line, as the plugin's parameters take it.

use std::str::FromStr;

use exhibit::contract::catalog::Parameter;
use exhibit::contract::settings::{self, SettingError, SettingErrors};
use exhibit::contract::types::{Instant, Kind, Setting, Window};
use exhibit::http::{Network, NotANetwork};

/// `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) name: String,
    pub(super) value: String,
}

impl FromStr for Assignment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok(Self { name: name.trim().to_owned(), value: value.to_owned() })
            }
            _ => Err("write it as NAME=VALUE"),
        }
    }
}

/// The settings that were given, defaults added. Several texts may be given at once,
/// separated by commas, or one by one.
pub(super) fn settings(parameters: &[Parameter], given: &[Assignment]) -> Result<Vec<Setting>, SettingError> {
    let merged = merged(parameters, given);
    settings::read(parameters, merged.iter().map(|it| (it.name.as_str(), it.value.as_str())))
}

/// The same. Says all that is wrong.
pub(super) fn all_settings(
    parameters: &[Parameter],
    given: &[Assignment],
) -> Result<Vec<Setting>, SettingErrors> {
    let merged = merged(parameters, given);
    settings::read_all(parameters, merged.iter().map(|it| (it.name.as_str(), it.value.as_str())))
}

fn merged(parameters: &[Parameter], given: &[Assignment]) -> Vec<Assignment> {
    let takes_texts = |name: &str| parameters.iter().any(|it| it.name == name && it.kind == Kind::Texts);
    let mut merged: Vec<Assignment> = Vec::with_capacity(given.len());
    for it in given {
        match merged.iter_mut().find(|other| other.name == it.name && takes_texts(&it.name)) {
            Some(earlier) => {
                earlier.value.push(',');
                earlier.value.push_str(&it.value);
            }
            None => merged.push(it.clone()),
        }
    }
    merged
}

/// A point in time: RFC 3339, or a date, which is its first instant in UTC.
pub(super) fn instant(text: &str) -> Result<Instant, &'static str> {
    settings::instant(text).ok_or(
        "write a date as 2026-01-31, or a date and time as 2026-01-31T12:00:00Z or 2026-01-31T12:00:00+01:00; \
         without an offset it is UTC",
    )
}

/// Evidence is kept for years, and not for longer than a century: a larger number is a slip.
const MAX_DAYS: u32 = 36_500;

/// A number of days.
pub(super) fn days(text: &str) -> Result<u32, String> {
    let days = whole(text, "days", &[("d", 1), ("w", 7)])?;
    if days > MAX_DAYS {
        return Err(format!("write at most {MAX_DAYS} days, which are a hundred years"));
    }
    Ok(days)
}

/// The same, which may have its unit: `30` or `30d`.
pub(super) fn days_or_unit(text: &str) -> Result<u32, String> {
    days(text.strip_suffix('d').filter(|it| it.bytes().all(|it| it.is_ascii_digit())).unwrap_or(text))
}

/// A number of seconds.
pub(super) fn seconds(text: &str) -> Result<u64, String> {
    whole(text, "seconds", &[("s", 1), ("m", 60), ("min", 60), ("h", 3600)])
}

/// A whole number of this unit, without the unit. One that is written with a unit is named as it should be written.
fn whole<T: FromStr>(text: &str, unit: &str, units: &[(&str, u64)]) -> Result<T, String> {
    let meant = || {
        let number = text.trim_end_matches(|it: char| it.is_ascii_alphabetic() || it == ' ');
        let (_, times) = units.iter().find(|(name, _)| *name == text[number.len()..].trim())?;
        number.trim().parse::<u64>().ok()?.checked_mul(*times)
    };
    text.parse().map_err(|_| match meant() {
        Some(meant) => format!("write the number of {unit} alone: {meant}"),
        None => format!("write a whole number of {unit}, as in 30"),
    })
}

/// A network, such as `10.20.0.0/16`.
pub(super) fn network(text: &str) -> Result<Network, String> {
    text.parse().map_err(|error| match error {
        NotANetwork::HostBits(network) => {
            let address = text.split_once('/').map_or(text, |it| it.0);
            format!("write {network} for the whole network, or {address} for that address alone")
        }
        error => error.to_string(),
    })
}

/// Where an origin is: `NAME=URL`.
pub(super) fn origin(text: &str) -> Result<Assignment, String> {
    let is_url = text.split_once('=').is_none_or(|(name, _)| name.contains("://"));
    if is_url && text.contains("://") {
        return Err("name the origin, as in NAME=URL; `exhibit plugin show` lists their names".to_owned());
    }
    text.parse().map_err(|_: &str| {
        "write it as NAME=URL, as in api=https://host; `exhibit plugin show` lists the names".to_owned()
    })
}

/// The window between the two, where either is given. One that is open at its end
/// reaches to `as_of`.
pub(super) fn window(
    from: Option<Instant>,
    to: Option<Instant>,
    as_of: Instant,
) -> Result<Option<Window>, &'static str> {
    match (from, to) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err("--to is given without --from: say where the window begins, too"),
        (Some(start), to) => match to.unwrap_or(as_of) {
            end if start < end => Ok(Some(Window { start, end })),
            _ => Err(
                "the window is empty: --from must lie before --to, and before --as-of where --to is not given",
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;
    use exhibit::contract::catalog::Choice;
    use exhibit::evidence;

    fn parameters() -> Vec<Parameter> {
        let parameter = |name: &str, kind, choices: &[&str]| Parameter {
            name: name.to_owned(),
            label: String::new(),
            help: format!("What {name} does."),
            kind,
            choices: choices
                .iter()
                .map(|it| Choice { value: (*it).to_owned(), label: String::new() })
                .collect(),
            required: false,
            default: None,
        };
        vec![
            parameter("platform", Kind::Text, &["US1", "US2", "EU1"]),
            parameter("page-size", Kind::Integer, &[]),
            parameter("tags", Kind::Texts, &[]),
            parameter("scanned-since", Kind::Instant, &[]),
            parameter("active", Kind::Boolean, &[]),
        ]
    }

    fn said(settings: &[Setting]) -> String {
        let said: Vec<String> = settings.iter().map(|it| format!("{}={:?}", it.name, it.value)).collect();
        said.join(" ")
    }

    fn read(given: &[&str]) -> String {
        let given: Result<Vec<Assignment>, _> = given.iter().map(|it| it.parse()).collect();
        match given.map(|given| settings(&parameters(), &given)) {
            Err(error) => error.to_owned(),
            Ok(Ok(settings)) => said(&settings),
            Ok(Err(error)) => {
                let failure = Failure::from(error);
                format!("{} | {}", failure.what(), failure.remedy().unwrap_or("-"))
            }
        }
    }

    #[test]
    fn values_are_read_as_their_parameter_says() {
        let given = [
            read(&["platform=US2", "page-size=500", "active=yes"]),
            read(&["tags=a,b", "tags=c"]),
            read(&["scanned-since=2026-01-31"]),
            read(&["scanned-since=2026-01-31T12:00:00+01:00"]),
            read(&["platform"]),
            read(&["=US2"]),
            read(&["plattform=US2"]),
            read(&["colour=red"]),
            read(&["platform=US9"]),
            read(&["platform=US1", "platform=US2"]),
            read(&["page-size=many"]),
            read(&["scanned-since=yesterday"]),
        ];
        insta::assert_snapshot!(given.join("\n"), @r#"
        platform=Value::Text("US2") page-size=Value::Integer(500) active=Value::Boolean(true)
        tags=Value::Texts(["a", "b", "c"])
        scanned-since=Value::Instant(1769817600000)
        scanned-since=Value::Instant(1769857200000)
        write it as NAME=VALUE
        write it as NAME=VALUE
        unknown parameter `plattform`; known: platform, page-size, tags, scanned-since, active | did you mean `platform`?
        unknown parameter `colour`; known: platform, page-size, tags, scanned-since, active | -
        unknown platform `US9`; did you mean `US2`? It takes one of US1, US2, EU1 | -
        `platform` is set twice: give it once | -
        `page-size` cannot be `many`: it takes a whole number | -
        `scanned-since` cannot be `yesterday`: it takes a date, or date and time as in 2026-01-31T12:00:00Z | -
        "#);
    }

    #[test]
    fn numbers_that_are_written_with_a_unit_say_how_to_write_them() {
        assert_eq!((days("30"), seconds("3900")), (Ok(30), Ok(3900)));
        let said = [
            days("30d"),
            days("30 d"),
            days("2w"),
            days("1y"),
            days("-1"),
            days("thirty"),
            seconds("5m").map(|it| it as u32),
            seconds("1 h").map(|it| it as u32),
        ];
        let said: Vec<String> =
            said.into_iter().map(|it| it.err().unwrap_or_else(|| "taken".to_owned())).collect();
        insta::assert_snapshot!(said.join("\n"), @"
        write the number of days alone: 30
        write the number of days alone: 30
        write the number of days alone: 14
        write a whole number of days, as in 30
        write a whole number of days, as in 30
        write a whole number of days, as in 30
        write the number of seconds alone: 300
        write the number of seconds alone: 3600
        ");
    }

    #[test]
    fn a_network_with_bits_of_an_address_says_both_ways_to_write_it() {
        assert_eq!(network("10.20.0.0/16").map(|it| it.to_string()).as_deref(), Ok("10.20.0.0/16"));
        let refused = network("10.20.1.1/16").expect_err("bits after the prefix");
        assert_eq!(refused, "write 10.20.0.0/16 for the whole network, or 10.20.1.1 for that address alone");
        assert!(network("api.example").expect_err("a name").starts_with("write a network as"));
    }

    #[test]
    fn an_origin_has_a_name() {
        let taken = origin("api=https://host?a=b").expect("has one");
        assert_eq!((taken.name.as_str(), taken.value.as_str()), ("api", "https://host?a=b"));
        for text in ["http://host", "https://host?a=b", "host", "=https://host"] {
            let refused = origin(text).expect_err(text);
            assert!(refused.contains("NAME=URL") && refused.contains("plugin show"), "{text}: {refused}");
        }
    }

    #[test]
    fn windows_are_half_open_and_in_utc() {
        let day = |text: &str| Some(instant(text).expect("a date"));
        let said = |from, to| match window(from, to, 1_793_491_200_000) {
            Ok(Some(it)) => {
                format!("[{}, {})", evidence::format_instant(it.start), evidence::format_instant(it.end))
            }
            Ok(None) => "none".to_owned(),
            Err(error) => error.to_owned(),
        };
        let windows = [
            said(None, None),
            said(day("2026-07-01"), day("2026-10-01")),
            said(day("2026-07-01"), None),
            said(None, day("2026-10-01")),
            said(day("2026-10-01"), day("2026-10-01")),
            said(day("2027-01-01"), None),
        ];
        insta::assert_snapshot!(windows.join("\n"), @"
        none
        [2026-07-01T00:00:00Z, 2026-10-01T00:00:00Z)
        [2026-07-01T00:00:00Z, 2026-11-01T00:00:00Z)
        --to is given without --from: say where the window begins, too
        the window is empty: --from must lie before --to, and before --as-of where --to is not given
        the window is empty: --from must lie before --to, and before --as-of where --to is not given
        ");
        assert!(instant("01.10.2026").is_err());
    }
}
