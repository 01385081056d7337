//! Why no answer came, and whether it can come later.

use exhibit_rows::Shown;

use crate::remedy::Remedy;
use crate::retry::Retry;

use super::egress::BlockedAddress;
use super::origin::Origin;
use super::transport_error::{TransportError, TransportErrorKind};

/// Why no answer came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The source was not reached, so nothing was sent.
    #[error("cannot reach {origin}: {diagnosis}")]
    Unreachable {
        /// The origin's URL.
        origin: String,
        /// What is in the way.
        diagnosis: TransportError,
    },
    /// Requests do not go to the source's address, so nothing was sent.
    #[error("cannot reach {origin}: {blocked}")]
    Blocked {
        /// The origin's URL.
        origin: String,
        /// The address, which rule refuses it, and what the operator can do.
        #[source]
        blocked: BlockedAddress,
    },
    /// The request was sent, and no answer came.
    #[error("{origin} gave no answer: {diagnosis}")]
    NoAnswer {
        /// The origin's URL.
        origin: String,
        /// What happened instead.
        diagnosis: TransportError,
    },
    /// The answer points to where requests do not go.
    #[error("{origin} redirected to {to}, and that was not followed: {why}")]
    Redirected {
        /// The origin's URL.
        origin: String,
        /// Where it pointed, as far as it can be shown.
        to: String,
        /// Why it was not followed.
        why: &'static str,
    },
}

impl SendError {
    /// `location` is what the answer says.
    pub fn redirected(origin: &Origin, location: &str, why: &'static str) -> Self {
        Self::Redirected { origin: origin.to_string(), to: without_query(location), why }
    }

    /// What to check.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Unreachable { diagnosis, .. } | Self::NoAnswer { diagnosis, .. } => diagnosis.kind.remedy(),
            Self::Blocked { blocked, .. } => blocked.advice(),
            Self::Redirected { .. } => {
                "check the origin; if the account signs in through SSO, use an account with its own password"
                    .into()
            }
        }
    }

    /// Whether the same request can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            // Where a name and a redirect lead is set up by someone, as are the rules about it.
            Self::Redirected { .. } | Self::Blocked { .. } => Retry::NeedsPerson,
            Self::Unreachable { diagnosis, .. } | Self::NoAnswer { diagnosis, .. } => diagnosis.kind.retry(),
        }
    }

    /// Whether a proxy refuses the login that it was given.
    pub(crate) fn is_of_a_proxy_login(&self) -> bool {
        let (Self::Unreachable { diagnosis, .. } | Self::NoAnswer { diagnosis, .. }) = self else {
            return false;
        };
        diagnosis.kind == TransportErrorKind::ProxyLogin
    }

    /// Whether the source may have received the request.
    pub fn may_have_arrived(&self) -> bool {
        !matches!(self, Self::Unreachable { .. } | Self::Blocked { .. })
    }

    /// Whether it is worth while to make the same request again at once, without a person: see [`Self::retry`]. Not where
    /// all the time went by that a source may think: another attempt would only take as long.
    pub fn is_passing(&self) -> bool {
        let is_silence = matches!(
            self,
            Self::NoAnswer { diagnosis: TransportError { kind: TransportErrorKind::Silence, .. }, .. }
        );
        !is_silence && matches!(self.retry(), Retry::After(_) | Retry::At(_))
    }
}

/// A sign-in page's query may have secrets.
fn without_query(location: &str) -> String {
    let end = location.find(['?', '#']).unwrap_or(location.len());
    Shown::line(&location[..end]).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::egress::Egress;
    use super::*;
    use crate::retry::SOON;

    #[test]
    fn shows_where_a_redirect_pointed_without_its_query() {
        assert_eq!(without_query("https://sso.example/login?token=1#2"), "https://sso.example/login");
        assert_eq!(without_query("/a\u{1b}[2J"), r"/a\u{1b}[2J");
    }

    #[test]
    fn whether_a_later_request_can_succeed() {
        let origin = || "https://api.example".to_owned();
        let failed = |trouble| {
            let diagnosis = TransportError { kind: trouble, why: String::new() };
            [
                SendError::Unreachable { origin: origin(), diagnosis: diagnosis.clone() },
                SendError::NoAnswer { origin: origin(), diagnosis },
            ]
        };
        let person = [
            TransportErrorKind::Certificate,
            TransportErrorKind::Tls,
            TransportErrorKind::NoRoots,
            TransportErrorKind::ProxyLogin,
            TransportErrorKind::ProxyScheme,
            TransportErrorKind::ProxyRefused,
        ];
        for error in person.into_iter().flat_map(failed) {
            assert_eq!((error.retry(), error.is_passing()), (Retry::NeedsPerson, false), "{error:?}");
        }
        let passing = [
            TransportErrorKind::Name,
            TransportErrorKind::Connection,
            TransportErrorKind::Proxy,
            TransportErrorKind::BrokenOff,
        ];
        for error in passing.into_iter().flat_map(failed) {
            assert_eq!((error.retry(), error.is_passing()), (Retry::After(SOON), true), "{error:?}");
        }
        let [connecting, answering] = failed(TransportErrorKind::Silence);
        assert_eq!((connecting.retry(), connecting.is_passing()), (Retry::After(SOON), true));
        assert_eq!((answering.retry(), answering.is_passing()), (Retry::After(SOON), false));
        let blocked =
            Egress::default().check("api.example", [169, 254, 169, 254].into()).expect_err("refused");
        let redirected = SendError::Redirected { origin: origin(), to: String::new(), why: "" };
        for error in [SendError::Blocked { origin: origin(), blocked }, redirected] {
            assert_eq!((error.retry(), error.is_passing()), (Retry::NeedsPerson, false), "{error:?}");
        }
    }
}
