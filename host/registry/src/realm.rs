//! Where a registry says that tokens are given, and whether its credentials may go there.
//!
//! A registry says so itself, in its answer, and a bad one would name another server to have that
//! server get the password. Clients have sent it to any server named so; those that mended it take
//! realms of the registry's own domain. Which part of a name is an owner's domain, only a list of all
//! suffixes says, and the domains of clouds are shared. So credentials go to the registry's own host, as
//! for ghcr.io, to the realm of Docker Hub, which is the one large registry that has it elsewhere, and
//! to an origin that the caller names.

use exhibit::http::{Origin, OriginError, OriginSource};
use exhibit_rows::Shown;
use url::Url;

/// Docker Hub, by the names that it answers to, and its realm.
const HUB: ([&str; 2], &str) =
    (["https://registry-1.docker.io", "https://index.docker.io"], "https://auth.docker.io");

/// A place that gives tokens.
#[derive(Debug)]
pub(crate) struct Realm {
    pub(crate) origin: Origin,
    /// With whatever query the registry wants there.
    pub(crate) url: Url,
}

/// Why tokens are not asked for where the registry says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RealmError {
    /// The registry names something else than a URL.
    #[error("that is no URL")]
    NotAUrl(#[source] url::ParseError),
    /// A user name or a password in the URL.
    #[error("its URL has credentials in it")]
    Credentials,
    /// A server that requests do not go to.
    #[error("{}", shown(.0))]
    Origin(#[source] OriginError),
}

impl Realm {
    /// The realm that this registry names. `named` is the one that the caller names.
    pub(crate) fn of(text: &str, registry: &Origin, named: Option<&Origin>) -> Result<Self, RealmError> {
        let mut url = Url::parse(text).map_err(RealmError::NotAUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RealmError::Credentials);
        }
        url.set_fragment(None);
        let text = url.origin().ascii_serialization();
        let known = std::iter::once(registry).chain(named).find(|it| it.as_str() == text);
        let origin = match known {
            Some(origin) => origin.clone(),
            None => Origin::parse(&text, given(registry)).map_err(RealmError::Origin)?,
        };
        Ok(Self { origin, url })
    }

    /// Whether name and password of this registry may be sent there.
    pub(crate) fn may_have_credentials(&self, registry: &Origin, named: Option<&Origin>) -> bool {
        let same = |other: &Origin| other.as_str() == self.origin.as_str();
        // Encrypted, another port is the host's by its certificate; unencrypted, it may be anyone's.
        let of_its_host = self.origin.is_encrypted() && self.origin.url().host() == registry.url().host();
        let of_hub = HUB.0.contains(&registry.as_str()) && self.origin.as_str() == HUB.1;
        same(registry) || named.is_some_and(same) || of_its_host || of_hub
    }
}

fn shown(error: &OriginError) -> String {
    Shown::line(&error.to_string()).to_string()
}

/// What a registry may send its clients to: `https`, and what is on this machine where it is itself.
pub(crate) fn given(registry: &Origin) -> OriginSource {
    if registry.is_local() { OriginSource::ByOperator { plain_http: false } } else { OriginSource::ByPlugin }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::parse(text, OriginSource::ByOperator { plain_http: true }).expect("an origin")
    }

    /// Whether credentials go there; `None` where nothing does.
    fn may(registry: &str, realm: &str, named: Option<&str>) -> Option<bool> {
        let (registry, named) = (origin(registry), named.map(origin));
        let realm = Realm::of(realm, &registry, named.as_ref()).ok()?;
        Some(realm.may_have_credentials(&registry, named.as_ref()))
    }

    #[test]
    fn credentials_go_to_the_registrys_own_realm() {
        for (registry, realm) in [
            ("https://ghcr.io", "https://ghcr.io/token"),
            ("https://registry.example:5000", "https://registry.example:5000/token?a=b"),
            ("https://registry.example:5000", "https://REGISTRY.example/token"),
            ("https://registry-1.docker.io", "https://auth.docker.io/token"),
            ("https://index.docker.io", "https://auth.docker.io/token"),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000/token"),
            ("http://registry.example", "http://registry.example/token"),
            ("http://registry.example", "https://registry.example/token"),
        ] {
            assert_eq!(may(registry, realm, None), Some(true), "{registry} {realm}");
        }
    }

    #[test]
    fn and_to_no_other_that_is_not_named() {
        for (registry, realm) in [
            ("https://ghcr.io", "https://auth.docker.io/token"),
            ("https://registry.example", "https://evil.example/token"),
            ("https://registry.example", "https://registry.example.evil/token"),
            ("https://a.azurecr.io", "https://b.azurecr.io/token"),
            ("https://registry-1.docker.io", "https://auth.docker.io.evil/token"),
            ("https://registry-1.docker.io", "https://auth.docker.io:8443/token"),
            ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token"),
        ] {
            assert_eq!(may(registry, realm, None), Some(false), "{registry} {realm}");
            let named = Url::parse(realm).expect("a URL").origin().ascii_serialization();
            assert_eq!(may(registry, realm, Some(&named)), Some(true), "{registry} {realm}");
        }
    }

    #[test]
    fn nothing_goes_to_where_requests_do_not_go() {
        for realm in [
            "http://registry.example/token",
            "http://auth.example/token",
            "https://127.0.0.1/token",
            "https://localhost/token",
            "https://169.254.169.254/token",
            "https://ada:secret@registry.example/token",
            "ftp://registry.example/token",
            "file:///etc/passwd",
            "token",
            "",
        ] {
            assert_eq!(may("https://registry.example", realm, None), None, "{realm}");
        }
    }
}
