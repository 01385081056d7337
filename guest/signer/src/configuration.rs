//! What the environment says to the signer. Read for each request: nothing is kept.

use std::env;

use exhibit_signing::{Origin, basic};

const ORIGIN: &str = "SIGNER_ORIGIN";
const USERNAME: &str = "SIGNER_USERNAME";
const PASSWORD: &str = "SIGNER_PASSWORD";

/// Where requests may go.
pub(crate) fn origin() -> Result<Origin, String> {
    Origin::parse(&variable(ORIGIN)?, false).map_err(|why| format!("{ORIGIN} cannot be used: {why}"))
}

/// The value of `authorization`.
pub(crate) fn authorization() -> Result<String, String> {
    basic(&variable(USERNAME)?, &variable(PASSWORD)?)
        .map_err(|why| format!("{USERNAME} and {PASSWORD} cannot be used to sign: {why}"))
}

fn variable(name: &str) -> Result<String, String> {
    match env::var(name) {
        Ok(value) if !value.is_empty() => Ok(value),
        Ok(_) => Err(format!("{name} is empty")),
        Err(_) => Err(format!("{name} is not set: pass it with --env {name}")),
    }
}
