//! What a registry, or the way there, refuses, in words.

use std::error::Error as _;

use oci_client::errors::OciDistributionError;

use crate::cli::failure::Failure;
use crate::cli::terminal::shown;
use crate::http::diagnose;

/// Of what a registry says in an error; some answer with whole pages.
const ERROR_CHARS: usize = 500;
/// Where it wants to know who asks.
pub(in crate::cli) const LOGIN: &str =
    "say where the registry's credentials are kept, with --username and --password";
/// Where there is nothing.
pub(super) const OTHER_PLACE: &str = "look for the right name and tag at the registry";

/// The failure that the client met.
pub(super) fn of(error: &OciDistributionError) -> Failure {
    let failure = Failure::source(said(error));
    match error {
        OciDistributionError::UnauthorizedError { .. } | OciDistributionError::AuthenticationFailure(_) => {
            failure.next(LOGIN)
        }
        OciDistributionError::ImageManifestNotFoundError(_) => failure.next(OTHER_PLACE),
        OciDistributionError::RequestError(error) => failure.next(diagnose(error).trouble.remedy()),
        _ => failure,
    }
}

/// The error and what it comes from, as far as it does not say that itself.
pub(super) fn said(error: &OciDistributionError) -> String {
    let mut whole = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let said = error.to_string();
        if !whole.contains(&said) {
            whole = format!("{whole}: {said}");
        }
        source = error.source();
    }
    shown(&short(&whole))
}

/// As much of it as anybody reads.
pub(super) fn short(text: &str) -> String {
    text.chars().take(ERROR_CHARS).collect()
}
