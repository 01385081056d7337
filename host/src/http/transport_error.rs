//! What went wrong on the way, in words and with what to check. None of it repeats an
//! address's query, which is the plugin's, or a proxy's credentials.

use std::error::Error;
use std::fmt;

use crate::certificate_fault::CertificateFileFault;
use crate::remedy::Remedy;
use crate::retry::{Retry, SOON};

/// Kinds of trouble that a person can do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No such name.
    Name,
    /// Nothing listens there, or no route leads there.
    Connection,
    /// Nothing came back in time.
    Silence,
    /// The other side is not proved to be who it should be: its certificate's authority is not trusted.
    Certificate,
    /// Its certificate, or one that it depends on, is not valid at this time.
    CertificateTime,
    /// Its certificate is for other names, or for none.
    CertificateName,
    /// Its certificate is not one for a server.
    CertificateUse,
    /// The other side speaks no TLS that could be agreed on.
    Tls,
    /// No roots to prove certificates with.
    NoRoots,
    /// The file of roots that the environment names cannot be used.
    RootsFile(CertificateFileFault),
    /// The proxy did not let it through, or was not reached.
    Proxy,
    /// The proxy's rules do not let it through.
    ProxyRefused,
    /// The proxy wants a login of a kind that is not supported.
    ProxyScheme,
    /// The proxy wants a user name and a password, or others.
    ProxyLogin,
    /// The answer broke off, or the handshake before it.
    BrokenOff,
    /// The body of the answer is encoded in a way that was not asked for.
    Coding,
}

/// A failed request or a broken answer: what kind, and in the words of the layer that noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportError {
    /// The kind.
    pub kind: TransportErrorKind,
    /// In words.
    pub why: String,
}

impl TransportErrorKind {
    /// Whether it passes by itself. Where it may be either, it may pass: a few attempts more cost little, and what
    /// waits for a person who has nothing to do is not collected.
    pub fn retry(self) -> Retry {
        match self {
            // What both sides support and trust is configuration: the same handshake ends the same way. So does a
            // login at a proxy, where attempts with a wrong password also lock the account.
            Self::Certificate
            | Self::CertificateTime
            | Self::CertificateName
            | Self::CertificateUse
            | Self::Tls
            | Self::NoRoots
            | Self::RootsFile(_)
            | Self::ProxyRefused
            | Self::ProxyScheme
            | Self::ProxyLogin
            | Self::Coding => Retry::NeedsPerson,
            // A proxy whose status is not known says no in the same way where its rules forbid the source and where the
            // source is down behind it.
            Self::Proxy | Self::Name | Self::Connection | Self::Silence | Self::BrokenOff => {
                Retry::After(SOON)
            }
        }
    }

    /// What to check.
    pub fn remedy(self) -> Remedy {
        match self {
            Self::Name => Remedy::CheckName,
            Self::Connection => Remedy::CheckConnection,
            Self::Silence => Remedy::CheckFirewall,
            Self::Certificate => Remedy::TrustCertificate,
            Self::CertificateTime => {
                "have the server's certificate renewed; if its dates are right, set this machine's clock".into()
            }
            Self::CertificateName => {
                "name the origin as its certificate does, or have the server given a certificate for that name (a subject alternative name)".into()
            }
            Self::CertificateUse => {
                "have the server given a certificate of its own, for servers, that the authority signs; to trust the one that it has does not help".into()
            }
            Self::RootsFile(fault) => Remedy::CorrectCertificateFile { fault },
            Self::ProxyRefused => Remedy::CheckProxy,
            Self::ProxyScheme => Remedy::CheckProxyScheme,
            Self::Tls => {
                "check the origin's scheme and port, and whether a proxy or firewall intercepts TLS".into()
            }
            Self::NoRoots => Remedy::InstallCertificates,
            Self::Proxy => Remedy::CheckProxy,
            Self::ProxyLogin => Remedy::CheckProxyLogin,
            Self::Coding => "let the source, and what lies between it and this machine, encode answers as gzip or not at all".into(),
            Self::BrokenOff => {
                "run it again; if it keeps breaking off, look at what lies between this machine and the source".into()
            }
        }
    }
}

impl Error for TransportError {}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}
