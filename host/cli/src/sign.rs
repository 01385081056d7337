//! The key that signs, which several commands take.

use clap::Args;
use exhibit::Remedy;
use exhibit::signing::SigningKey;
use exhibit_secrets::Backends;

use super::failure::Failure;

/// What signs.
#[derive(Debug, Args)]
pub(super) struct SignArgs {
    /// Where the private key is that signs: file:PATH or env:VARIABLE; `exhibit keys new` makes one
    // Read by hand: clap would repeat what it cannot parse, and that may be the key.
    #[arg(long, value_name = "REFERENCE")]
    sign: Option<String>,
}

impl SignArgs {
    /// Whether a key is named.
    pub(super) fn is_given(&self) -> bool {
        self.sign.is_some()
    }

    /// The key, where one is named.
    pub(super) async fn key(&self, backends: &Backends) -> Result<Option<SigningKey>, Failure> {
        let Some(reference) = &self.sign else { return Ok(None) };
        let reference = backends.reference(reference).map_err(|error| {
            Failure::call(format!("--sign: {error}")).next("write it as file:PATH or env:VARIABLE")
        })?;
        Ok(Some(SigningKey::read(&reference, backends).await?))
    }

    /// The key, without which a store takes nothing.
    pub(super) async fn key_of_store(&self, backends: &Backends) -> Result<SigningKey, Failure> {
        self.key(backends).await?.ok_or_else(Self::missing)
    }

    /// No key is named, and a store takes nothing without one.
    pub(super) fn missing() -> Failure {
        Failure::call("changes of a store are signed, and no key is named").with(Remedy::GiveStoreKey)
    }
}
