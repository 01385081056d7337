//! Why an artifact is not pushed or pulled, and what to do about it.

use ::http::StatusCode;
use ::http::header::InvalidHeaderValue;
use exhibit::collect::Fault;
use exhibit::http::{ClientError, OriginError, SendError, TransportError};
use exhibit::{Remedy, Retry};
use exhibit_records::Digest;
use exhibit_secrets::SecretError;

use crate::artifact::ArtifactError;
use crate::realm::RealmError;
use crate::reference::ReferenceError;

/// What to do where the registry does not let this user in.
const RIGHTS: &str = "check the user name and password, and what they may do at the registry";
/// Where there is nothing.
const OTHER_PLACE: &str = "look for the right name and tag at the registry";
/// Where it has enough to do.
const LATER: &str = "try again later; most registries allow more requests with a login";
/// Where only the registry's operator can do something.
const OPERATOR: &str = "ask the registry's operator";

/// Why an artifact is not pushed or pulled. No message repeats a secret, or the query of a URL; texts
/// of the registry are escaped and cut.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The text names no artifact.
    #[error("{0}")]
    Reference(#[from] ReferenceError),
    /// The registry's host is not one that requests go to.
    #[error("{0}")]
    Origin(#[from] OriginError),
    /// The user name is not where it should be.
    #[error("the registry's user name: {0}")]
    Username(#[source] SecretError),
    /// The password is not where it should be.
    #[error("the registry's password: {0}")]
    Password(#[source] SecretError),
    /// HTTP Basic would take the rest of the user name for the password.
    #[error("the registry's credentials cannot be used: a user name has no colon in it")]
    ColonInUsername,
    /// They contain what no header may.
    #[error("the registry's credentials cannot be used: they fit into no header")]
    UnfitCredentials(#[source] InvalidHeaderValue),
    /// A digest follows from what is pushed.
    #[error("a digest cannot be chosen when an artifact is pushed")]
    PushByDigest,
    /// This machine cannot send requests.
    #[error("{0}")]
    Client(#[from] ClientError),
    /// No answer came, or one that points to where requests do not go.
    #[error("{0}")]
    Send(#[from] SendError),
    /// An answer ended early.
    #[error("the registry's answer broke off: {0}")]
    BrokenOff(#[source] TransportError),
    /// An answer has more bytes than what was asked for.
    #[error("the registry's answer has more than {limit} bytes, and {what} has not")]
    TooLarge {
        /// In bytes.
        limit: usize,
        /// What it should be.
        what: &'static str,
    },
    /// There is no such artifact.
    #[error("the registry has nothing there{}", after_colon(said))]
    Missing {
        /// What the registry says about it, escaped.
        said: Option<String>,
    },
    /// The registry was given credentials, and does not let this user do it.
    #[error("the registry does not allow it{}", after_colon(said))]
    Forbidden {
        /// What the registry says about it, escaped.
        said: Option<String>,
    },
    /// The registry was given no credentials, and wants some.
    #[error("the registry does not allow it to everybody{}", after_colon(said))]
    LoginNeeded {
        /// What the registry says about it, escaped.
        said: Option<String>,
    },
    /// The registry limits how often it is asked.
    #[error("the registry has had too many requests{}", after_colon(said))]
    TooManyRequests {
        /// What the registry says about it, escaped.
        said: Option<String>,
    },
    /// The registry failed.
    #[error("the registry failed with {status}{}", after_colon(said))]
    Failed {
        /// Above 499.
        status: StatusCode,
        /// What the registry says about it, escaped.
        said: Option<String>,
    },
    /// An answer that this protocol has no use for.
    #[error("the registry answered {status}{}", after_colon(said))]
    Answered {
        /// No success.
        status: StatusCode,
        /// What the registry says about it, escaped.
        said: Option<String>,
    },
    /// The token server that the registry names is not one that requests go to.
    #[error("the registry's token server address is not allowed: {0}")]
    Realm(#[from] RealmError),
    /// The token server is another host, and the login does not name it.
    #[error("{registry} wants its user name and password sent to {realm}, which is another server")]
    OtherRealm {
        /// The registry's origin.
        registry: String,
        /// The token server's, as [`Login::realm`](crate::Login::realm) would name it.
        realm: String,
    },
    /// The token server answered, and not with a token. What the parser says is left out: it may repeat one.
    #[error("{realm} sent an unusable token")]
    NotAToken {
        /// The token server's origin.
        realm: String,
    },
    /// Another artifact than the one that the reference pins.
    #[error("the registry gave another artifact than the one with this digest")]
    OtherArtifact,
    /// An artifact of something else than one component.
    #[error("{0}")]
    Artifact(#[from] ArtifactError),
    /// Not as long as the artifact says.
    #[error("the component's size differs from the one in the artifact")]
    OtherSize,
    /// Not the component that the artifact names.
    #[error("the component is {given}, and the artifact names {wanted}: part of it is missing or changed")]
    OtherComponent {
        /// What came.
        given: Digest,
        /// What the artifact names.
        wanted: Digest,
    },
}

impl RegistryError {
    /// Whose fault it is: the caller's and this machine's, or the registry's.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Reference(_)
            | Self::Origin(_)
            | Self::Username(_)
            | Self::Password(_)
            | Self::ColonInUsername
            | Self::UnfitCredentials(_)
            | Self::PushByDigest
            | Self::Client(_) => Fault::Call,
            _ => Fault::Source,
        }
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            Self::Reference(_) => {
                "write it as ghcr.io/acme/plugin:1.0.0, or with a digest in place of the tag".into()
            }
            Self::PushByDigest => "name a tag instead, such as :1.0.0".into(),
            Self::Send(SendError::Redirected { .. }) | Self::Realm(_) => OPERATOR.into(),
            Self::Origin(error) => error.remedy()?.into(),
            Self::Send(error) => error.remedy(),
            Self::BrokenOff(diagnosis) => diagnosis.kind.remedy(),
            Self::Missing { .. } | Self::Answered { .. } => OTHER_PLACE.into(),
            Self::Forbidden { .. } => RIGHTS.into(),
            Self::LoginNeeded { .. } => Remedy::GiveLogin,
            Self::TooManyRequests { .. } | Self::Failed { .. } => LATER.into(),
            Self::OtherRealm { realm, .. } => Remedy::AllowRealm { realm: realm.clone() },
            _ => return None,
        })
    }

    /// Whether the same call may succeed a little later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Send(error) => matches!(error.retry(), Retry::After(_) | Retry::At(_)),
            Self::BrokenOff(_) | Self::TooManyRequests { .. } | Self::Failed { .. } => true,
            _ => false,
        }
    }
}

fn after_colon(said: &Option<String>) -> String {
    said.as_ref().map(|it| format!(": {it}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use exhibit::http::{Origin, OriginSource};

    use super::*;

    #[test]
    fn a_redirect_is_for_the_operator_and_does_not_pass() {
        let origin = Origin::parse("https://ghcr.io", OriginSource::ByPlugin).expect("an origin");
        let error = RegistryError::from(SendError::redirected(&origin, "https://a/b?c=d", "why not"));
        assert_eq!(error.remedy(), Some(OPERATOR.into()));
        assert_eq!((error.fault(), error.is_passing()), (Fault::Source, false));
        assert!(!error.to_string().contains("c=d"), "{error}");
        assert!(error.source().is_some_and(|it| it.is::<SendError>()));
    }

    #[test]
    fn what_passes_belongs_to_the_registry() {
        let later = [
            RegistryError::TooManyRequests { said: None },
            RegistryError::Failed { status: StatusCode::BAD_GATEWAY, said: None },
        ];
        for error in later {
            assert_eq!((error.fault(), error.is_passing()), (Fault::Source, true), "{error}");
        }
        for error in [RegistryError::PushByDigest, RegistryError::ColonInUsername] {
            assert_eq!((error.fault(), error.is_passing()), (Fault::Call, false), "{error}");
        }
    }
}
