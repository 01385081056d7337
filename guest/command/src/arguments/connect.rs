//! What a connection to the source is made with.

use lexopt::{Parser, ValueExt as _};

use super::values::{pair, secret};
use crate::failure::Failure;
use crate::secrets::SecretRef;

/// What a connection to the source is made with.
#[derive(Debug, Default)]
pub(crate) struct Connect {
    pub(crate) set: Vec<(String, String)>,
    pub(crate) origins: Vec<(String, String)>,
    pub(crate) plain_http: Vec<String>,
    pub(crate) secrets: Vec<(String, SecretRef)>,
    pub(crate) signer: bool,
}

impl Connect {
    /// Takes the option of this name, if it is one of these. Returns whether it is.
    pub(super) fn take(&mut self, option: &str, parser: &mut Parser) -> Result<bool, Failure> {
        match option {
            "set" => self.set.push(pair("--set", parser.value()?)?),
            "origin" => self.origins.push(pair("--origin", parser.value()?)?),
            "plain-http" => self.plain_http.push(parser.value()?.string()?),
            "secret" => self.secrets.push(secret(parser.value()?)?),
            "signer" => self.signer = true,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Refuses what excludes each other.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.signer && !self.secrets.is_empty() {
            return Err(Failure::call(
                "--signer and --secret exclude each other: with --signer, another component has the secrets",
            ));
        }
        Ok(())
    }

    /// Whether any of it was given.
    pub(super) fn is_given(&self) -> bool {
        let Self { set, origins, plain_http, secrets, signer } = self;
        *signer || !(set.is_empty() && origins.is_empty() && plain_http.is_empty() && secrets.is_empty())
    }
}

/// That there is no such option.
pub(super) fn unknown(option: &str) -> Failure {
    lexopt::Error::UnexpectedOption(format!("--{option}")).into()
}
