//! As which user a registry is asked, and how.

use ::http::header::HeaderValue;
use exhibit::http::{self, Egress, Origin};
use exhibit_secrets::{Backends, Secret, SecretRef};

use crate::error::RegistryError;

/// As which user a registry is asked, and how it is reached. The default asks without credentials, and
/// over HTTPS wherever the registry is on another machine.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// Where the user name and password are kept, if the registry wants any.
    pub credentials: Option<CredentialRefs>,
    /// A token server on another host that may have them, too.
    pub realm: Option<Origin>,
    /// Lets a registry on another machine be HTTP: anyone on the way can read the credentials.
    pub plain_http: bool,
    /// Which addresses requests may go to, to the registry and to where it points.
    pub egress: Egress,
}

/// Where a user's name and password at a registry are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRefs {
    /// The user name.
    pub username: SecretRef,
    /// The password, or an access token in its place.
    pub password: SecretRef,
}

/// A login, with its secrets at hand.
pub(crate) struct Account {
    /// None asks as anyone may.
    pub(crate) credentials: Option<Credentials>,
    /// A token server on another host that may have them.
    pub(crate) realm: Option<Origin>,
    pub(crate) egress: Egress,
}

/// A user's name and password at a registry.
pub(crate) struct Credentials {
    username: Secret,
    password: Secret,
}

impl Login {
    /// Gets the secrets from where they are kept, now.
    pub(crate) async fn account(&self, backends: &Backends) -> Result<Account, RegistryError> {
        let credentials = match &self.credentials {
            Some(references) => Some(references.read(backends).await?),
            None => None,
        };
        Ok(Account { credentials, realm: self.realm.clone(), egress: self.egress.clone() })
    }
}

impl CredentialRefs {
    async fn read(&self, backends: &Backends) -> Result<Credentials, RegistryError> {
        let username = backends.read(&self.username).await.map_err(RegistryError::Username)?;
        let password = backends.read(&self.password).await.map_err(RegistryError::Password)?;
        Ok(Credentials { username: username.into_secret(), password: password.into_secret() })
    }
}

impl Credentials {
    /// What a request is signed with.
    pub(crate) fn header(&self) -> Result<HeaderValue, RegistryError> {
        if self.username.reveal().contains(':') {
            return Err(RegistryError::ColonInUsername);
        }
        let mut value =
            http::basic(&self.username, &self.password).map_err(RegistryError::UnfitCredentials)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn a_user_name_does_not_end_early() {
        let of = |text: &str| Secret::from(text.to_owned());
        let it = Credentials { username: of("a:b"), password: of("canary") };
        assert!(it.header().is_err_and(|it| !it.to_string().contains("canary")));
    }

    #[tokio::test]
    async fn a_secret_that_is_not_there_is_named_by_what_it_is() {
        let missing = SecretRef::Env("EXHIBIT_TEST_NOT_SET".to_owned());
        let there = SecretRef::Env("PATH".to_owned());
        let refused = async |username: &SecretRef, password: &SecretRef| {
            let (username, password) = (username.clone(), password.clone());
            let login =
                Login { credentials: Some(CredentialRefs { username, password }), ..Login::default() };
            login.account(&Backends::default()).await.err()
        };
        let username = refused(&missing, &there).await.expect("refused");
        assert!(matches!(username, RegistryError::Username(_)) && username.source().is_some());
        assert!(matches!(refused(&there, &missing).await, Some(RegistryError::Password(_))));
        assert!(refused(&there, &there).await.is_none());
    }
}
