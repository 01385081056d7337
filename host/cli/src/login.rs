//! The options that a registry is asked with, and what its errors have to do with them.

use std::path::Path;

use clap::Args;
use exhibit::collect::Fault;
use exhibit::http::{Origin, OriginSource};
use exhibit_registry::{CredentialRefs, Login, Reference, ReferenceError, Registry, RegistryError};
use exhibit_secrets::{Backends, SecretRef};

use super::failure::Failure;
use super::terminal::shown;

/// Where the registry's credentials are kept, if it wants any, and how it is talked to.
#[derive(Debug, Default, Args)]
pub(crate) struct LoginArgs {
    /// Where the registry's user name is kept: env:VARIABLE or file:PATH
    // Both read by hand: clap would repeat what it cannot parse, and that may be the secret.
    #[arg(long, value_name = "REFERENCE", requires = "password")]
    username: Option<String>,
    /// Where its password or token is kept: env:VARIABLE or file:PATH, never the password itself
    #[arg(long, value_name = "REFERENCE", requires = "username")]
    password: Option<String>,
    /// Where else these may be sent, for a registry that has another server give its tokens: https://HOST
    #[arg(long, value_name = "URL", requires = "password")]
    realm: Option<String>,
    /// Lets a registry on another machine be http: whoever is on the way reads along
    #[arg(long)]
    plain_http: bool,
}

impl LoginArgs {
    /// The place that this reference names. What is pulled is kept in `cache`, where there is one.
    pub(super) async fn registry(
        &self,
        reference: &str,
        backends: &Backends,
        cache: Option<&Path>,
    ) -> Result<Registry, Failure> {
        let reference: Reference = reference.parse()?;
        let login = self.login(backends)?;
        Ok(Registry::new(reference, &login, backends, cache.map(Path::to_owned)).await?)
    }

    fn login(&self, backends: &Backends) -> Result<Login, Failure> {
        let credentials = match (&self.username, &self.password) {
            (Some(username), Some(password)) => Some(CredentialRefs {
                username: secret("--username", username, backends)?,
                password: secret("--password", password, backends)?,
            }),
            _ => None,
        };
        let given = OriginSource::ByOperator { plain_http: self.plain_http };
        let realm = self.realm.as_ref().map(|it| Origin::parse(it, given)).transpose();
        let realm = realm.map_err(|error| Failure::call(format!("--realm: {error}")))?;
        Ok(Login { credentials, realm, plain_http: self.plain_http, ..Login::default() })
    }
}

fn secret(option: &str, kept: &str, backends: &Backends) -> Result<SecretRef, Failure> {
    backends.reference(kept).map_err(|error| {
        Failure::call(format!("{option}: {error}")).next("write it as env:VARIABLE or file:PATH")
    })
}

/// The failure to get an artifact from there.
pub(super) fn pulling(registry: &Registry, error: RegistryError) -> Failure {
    Failure::from(error).during(format!("pulling from {}", shown(&registry.reference().to_string())))
}

/// The failure to put an artifact there.
pub(super) fn pushing(registry: &Registry, error: RegistryError) -> Failure {
    match error {
        // Found before anything was under way.
        RegistryError::PushByDigest => error.into(),
        error => {
            Failure::from(error).during(format!("pushing to {}", shown(&registry.reference().to_string())))
        }
    }
}

impl From<ReferenceError> for Failure {
    fn from(error: ReferenceError) -> Self {
        RegistryError::from(error).into()
    }
}

/// With the options that say it, where something is to be given.
impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let what = match &error {
            RegistryError::Username(error) => format!("--username: {error}"),
            RegistryError::Password(error) => format!("--password: {error}"),
            error => error.to_string(),
        };
        let failure = match error.fault() {
            Fault::Call => Self::call(what),
            Fault::Source => Self::source(what),
        };
        failure.with(error.remedy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(username: &str, password: &str) -> LoginArgs {
        let (username, password) = (Some(username.to_owned()), Some(password.to_owned()));
        LoginArgs { username, password, ..LoginArgs::default() }
    }

    #[test]
    fn a_password_in_the_wrong_place_is_not_repeated() {
        let Err(failure) = of("env:PATH", "hunter2").login(&Backends::default()) else {
            panic!("not refused")
        };
        assert!(failure.what().starts_with("--password"), "{}", failure.what());
        assert!(!failure.what().contains("hunter2"), "{}", failure.what());
    }

    #[test]
    fn a_realm_is_an_origin_that_is_encrypted() {
        let refused = |realm: &str| {
            let login = LoginArgs { realm: Some(realm.to_owned()), ..LoginArgs::default() };
            login.login(&Backends::default()).err().map(|it| it.what().to_owned())
        };
        assert_eq!(refused("https://auth.example"), None);
        for realm in ["auth.example", "http://auth.example", "https://auth.example/token", "https://a:b@c"] {
            assert!(refused(realm).is_some_and(|it| it.starts_with("--realm: ")), "{realm}");
        }
    }

    #[tokio::test]
    async fn what_is_to_be_given_is_named_by_its_option() {
        let said = |error: RegistryError| {
            let failure = Failure::from(error);
            format!("{} | {}", failure.what(), failure.remedy().unwrap_or("-"))
        };
        let missing = async |username: &str, password: &str| {
            let backends = Backends::default();
            let failure = of(username, password).registry("ghcr.io/acme/x", &backends, None).await.err();
            failure.map_or_else(|| "not refused".to_owned(), |it| it.what().to_owned())
        };
        let (registry, realm) = ("https://a.example".to_owned(), "https://b.example".to_owned());
        let all = [
            missing("env:EXHIBIT_TEST_NOT_SET", "env:PATH").await,
            missing("env:PATH", "env:EXHIBIT_TEST_NOT_SET").await,
            said(RegistryError::LoginNeeded { said: Some("log in first".to_owned()) }),
            said(RegistryError::OtherRealm { registry, realm }),
            said(RegistryError::PushByDigest),
            said(RegistryError::ColonInUsername),
        ];
        insta::assert_snapshot!(all.join("\n"), @"
        --username: environment variable EXHIBIT_TEST_NOT_SET is not set
        --password: environment variable EXHIBIT_TEST_NOT_SET is not set
        the registry does not allow it to everybody: log in first | say where the registry's credentials are kept, with --username and --password
        https://a.example wants its user name and password sent to https://b.example, which is another server | if that is right, say so with --realm https://b.example
        a digest cannot be chosen when an artifact is pushed | name a tag instead, such as :1.0.0
        the registry's credentials cannot be used: a user name has no colon in it | -
        ");
    }
}
