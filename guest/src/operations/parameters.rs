//! Parameters that several operations have.

use exhibit_plugin::catalog::Parameter;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Arguments, Error, Value};

const WAIT: &str = "wait";
const WAIT_HOURS: &str = "wait-hours";
/// A day: scans that take longer are rare.
const DEFAULT_WAIT_HOURS: i64 = 24;
/// Two weeks. What waits longer was forgotten.
const MAX_WAIT_HOURS: i64 = 336;

/// Whether the operation waits for the end of a scan.
pub(super) fn wait() -> [Parameter; 2] {
    [
        Parameter::new(
            WAIT,
            exhibit_plugin::Kind::Boolean,
            "Wait",
            "Whether to wait until the scan has ended, and to report how.",
        )
        .default(Value::Boolean(false)),
        Parameter::integer(WAIT_HOURS, "Hours to wait", "The longest wait, in hours, from 1 to 336.")
            .default(Value::Integer(DEFAULT_WAIT_HOURS)),
    ]
}

/// The seconds that it waits; `None` where it does not.
///
/// # Errors
/// `invalid` where the hours are not from 1 to 336.
pub(super) fn wait_seconds(parameters: &Arguments) -> Result<Option<u64>, Error> {
    let hours = parameters.integer(WAIT_HOURS).unwrap_or(DEFAULT_WAIT_HOURS);
    if !(1..=MAX_WAIT_HOURS).contains(&hours) {
        let message = format!("the parameter {WAIT_HOURS:?} must be from 1 to {MAX_WAIT_HOURS}");
        return Err(invalid(message).about(WAIT_HOURS));
    }
    let waits = parameters.boolean(WAIT).unwrap_or(false);
    Ok(waits.then_some(hours.unsigned_abs() * 3_600))
}

/// A text that must say something, in one line.
///
/// # Errors
/// `invalid` where it is empty, too long, or has control characters.
pub(super) fn text<'a>(parameters: &'a Arguments, name: &str) -> Result<Option<&'a str>, Error> {
    parameters.text(name).map(|it| checked(name, it)).transpose()
}

/// A text that must be set.
///
/// # Errors
/// `invalid` where it is not, or makes no sense.
pub(super) fn required<'a>(parameters: &'a Arguments, name: &str) -> Result<&'a str, Error> {
    let missing = || invalid(format!("the parameter {name:?} is missing")).about(name);
    text(parameters, name)?.ok_or_else(missing)
}

/// Texts that Qualys takes as one, separated by commas.
///
/// # Errors
/// `invalid` where one is empty, too long, or has a comma or control characters.
pub(super) fn texts(parameters: &Arguments, name: &str) -> Result<Vec<String>, Error> {
    let texts = names(parameters, name)?;
    match texts.iter().find(|it| it.contains(',')) {
        Some(it) => {
            Err(invalid(format!("the parameter {name:?} cannot be {it:?}: give each value by itself"))
                .about(name))
        }
        None => Ok(texts),
    }
}

/// Names that are looked up.
///
/// # Errors
/// `invalid` where one is empty, too long, or has control characters.
pub(super) fn names(parameters: &Arguments, name: &str) -> Result<Vec<String>, Error> {
    parameters.texts(name).iter().map(|it| Ok(checked(name, it)?.to_owned())).collect()
}

/// The most characters of a text. The longest field that is documented has 256.
const MAX_CHARS: usize = 256;

fn checked<'a>(name: &str, text: &'a str) -> Result<&'a str, Error> {
    let text = text.trim();
    let wrong = if text.is_empty() {
        "must not be empty".to_owned()
    } else if text.chars().any(char::is_control) {
        "must not have control characters".to_owned()
    } else if text.chars().count() > MAX_CHARS {
        format!("must have at most {MAX_CHARS} characters")
    } else {
        return Ok(text);
    };
    Err(invalid(format!("the parameter {name:?} {wrong}")).about(name))
}
