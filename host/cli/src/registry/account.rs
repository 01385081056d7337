//! Who asks a registry.

use clap::Args;
use exhibit::http::{self, Given, Origin};
use exhibit_secrets::{Secret, SecretRef};
use reqwest::header::HeaderValue;

use crate::failure::Failure;

/// Where the registry's credentials are kept, if it wants any, and how it is talked to.
#[derive(Debug, Default, Args)]
pub(crate) struct Login {
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
    pub(super) plain_http: bool,
}

/// Who asks, and where that may be said.
pub(super) struct Account {
    /// Nobody in particular, without.
    pub(super) credentials: Option<Credentials>,
    /// A realm elsewhere that may have them.
    pub(super) realm: Option<Origin>,
}

/// A user's name and password at a registry.
pub(super) struct Credentials {
    username: Secret,
    password: Secret,
}

impl Login {
    pub(super) fn account(&self) -> Result<Account, Failure> {
        let credentials = match (&self.username, &self.password) {
            (Some(username), Some(password)) => Some(Credentials {
                username: secret("--username", username)?,
                password: secret("--password", password)?,
            }),
            _ => None,
        };
        let given = Given::ByOperator { plain_http: self.plain_http };
        let realm = self.realm.as_ref().map(|it| Origin::parse(it, given)).transpose();
        let realm = realm.map_err(|error| Failure::call(format!("--realm: {error}")))?;
        Ok(Account { credentials, realm })
    }
}

impl Credentials {
    /// What a request is signed with.
    pub(super) fn header(&self) -> Result<HeaderValue, Failure> {
        let unfit = |why: &str| Failure::call(format!("the registry's credentials cannot be used: {why}"));
        if self.username.reveal().contains(':') {
            return Err(unfit("a user name has no colon in it"));
        }
        let mut value =
            http::basic(&self.username, &self.password).map_err(|_| unfit("they fit into no header"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

fn secret(option: &str, kept: &str) -> Result<Secret, Failure> {
    let reference: SecretRef = kept.parse().map_err(|error| {
        Failure::call(format!("{option}: {error}")).next("write it as env:VARIABLE or file:PATH")
    })?;
    reference.resolve().map_err(|error| Failure::call(format!("{option}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_wrong_place_is_not_repeated() {
        let login = Login {
            username: Some("env:PATH".to_owned()),
            password: Some("hunter2".to_owned()),
            ..Login::default()
        };
        let Err(failure) = login.account() else { panic!("not refused") };
        assert!(failure.what().starts_with("--password"), "{}", failure.what());
        assert!(!failure.what().contains("hunter2"), "{}", failure.what());
    }

    #[test]
    fn a_realm_is_an_origin_that_is_encrypted() {
        let refused = |realm: &str| {
            let login = Login { realm: Some(realm.to_owned()), ..Login::default() };
            login.account().err().map(|it| it.what().to_owned())
        };
        assert_eq!(refused("https://auth.example"), None);
        for realm in ["auth.example", "http://auth.example", "https://auth.example/token", "https://a:b@c"] {
            assert!(refused(realm).is_some_and(|it| it.starts_with("--realm: ")), "{realm}");
        }
    }

    #[test]
    fn a_user_name_does_not_end_early() {
        let of = |text: &str| Secret::from(text.to_owned());
        let it = Credentials { username: of("a:b"), password: of("canary") };
        assert!(it.header().is_err_and(|it| !it.what().contains("canary")));
    }
}
