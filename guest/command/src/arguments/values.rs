//! Values of options.

use std::ffi::OsString;
use std::time::Duration;

use exhibit_plugin::types::Instant;
use lexopt::{Parser, ValueExt as _};

use crate::failure::Failure;
use crate::secrets::SecretRef;
use crate::settings;

/// A call, or `None` where help was asked for.
pub(super) type Read<T> = Result<Option<T>, Failure>;

/// A number of seconds.
pub(super) fn seconds(parser: &mut Parser) -> Result<Option<Duration>, Failure> {
    Ok(Some(Duration::from_secs(parser.value()?.parse()?)))
}

pub(super) fn pair(option: &str, value: OsString) -> Result<(String, String), Failure> {
    let text = value.string()?;
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err(Failure::call(format!("{option} must be NAME=VALUE"))),
    }
}

pub(super) fn secret(value: OsString) -> Result<(String, SecretRef), Failure> {
    // Nothing of the value is repeated: it may be the secret itself.
    let refused = || Failure::call("--secret must be NAME=env:VARIABLE or NAME=file:PATH");
    let text = value.into_string().map_err(|_| refused())?;
    let (name, reference) = text.split_once('=').ok_or_else(refused)?;
    let reference = reference.parse().map_err(|why| Failure::call(format!("--secret: {why}")))?;
    Ok((name.trim().to_owned(), reference))
}

pub(super) fn instant(option: &str, value: OsString) -> Result<Instant, Failure> {
    let text = value.string()?;
    settings::instant(&text).ok_or_else(|| {
        let what = format!("{option} cannot be `{text}`");
        Failure::call(what).next(
            "write a date as 2026-01-31, or a date and time as 2026-01-31T12:00:00Z or 2026-01-31T12:00:00+01:00; \
             without an offset it is UTC",
        )
    })
}
