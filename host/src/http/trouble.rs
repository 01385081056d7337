//! What went wrong on the way, in words and with what to check. None of it repeats an
//! address's query, which is the plugin's, or a proxy's credentials.

use std::error::Error;
use std::{fmt, io};

use exhibit_rows::Shown;

use crate::retry::{Retry, SOON};

use super::egress::NotThere;

/// Kinds of trouble that a person can do something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No such name.
    Name,
    /// Nothing listens there, or no route leads there.
    Connection,
    /// Nothing came back in time.
    Silence,
    /// The other side is not proved to be who it should be.
    Certificate,
    /// The other side speaks no TLS that could be agreed on.
    Tls,
    /// No roots to prove certificates with.
    NoRoots,
    /// The proxy did not let it through.
    Proxy,
    /// The address is one that is not talked to.
    Address,
    /// The answer broke off.
    BrokenOff,
}

/// A failed request or a broken answer: what kind, and in the words of the layer that noticed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The kind.
    pub trouble: Trouble,
    /// In words.
    pub why: String,
}

impl Trouble {
    /// Whether it passes by itself.
    pub fn retry(self) -> Retry {
        match self {
            Self::Certificate | Self::Tls | Self::NoRoots | Self::Proxy | Self::Address => Retry::NeedsPerson,
            Self::Name | Self::Connection | Self::Silence | Self::BrokenOff => Retry::After(SOON),
        }
    }

    /// What to check, in a sentence that can follow an error.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Name => {
                "check how the origin is spelled, and whether this machine resolves names (or needs a proxy: HTTPS_PROXY)"
            }
            Self::Connection => {
                "check the origin's host and port, and whether a firewall or a missing proxy (HTTPS_PROXY) refuses the connection"
            }
            Self::Silence => {
                "check for a firewall that drops packets, or a missing proxy (HTTPS_PROXY); otherwise the source is slow: try again later"
            }
            Self::Certificate => {
                "if a proxy or a private authority signs certificates here, name its certificate in SSL_CERT_FILE"
            }
            Self::Tls => "check the origin's scheme and port, and whether a proxy or firewall intercepts TLS",
            Self::NoRoots => {
                "install ca-certificates, or name a file of trusted certificates in SSL_CERT_FILE"
            }
            Self::Proxy => "check HTTPS_PROXY and NO_PROXY, and what the proxy allows",
            Self::Address => "check what the origin's name resolves to here",
            Self::BrokenOff => {
                "run it again; if it keeps breaking off, look at what lies between this machine and the source"
            }
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// Finds out what a request failed of.
pub fn diagnose(error: &reqwest::Error) -> Diagnosis {
    let chain = || chain(error);
    // The innermost error is the one that knows.
    let inner = chain().last().map(inmost_text).unwrap_or_default();
    let why = Shown::line(&inner).to_string();
    if let Some(there) = chain().find_map(|it| it.downcast_ref::<NotThere>()) {
        return Diagnosis { trouble: Trouble::Address, why: there.to_string() };
    }
    if let Some(tls) = chain().find_map(tls_error) {
        let certificate = matches!(tls, rustls::Error::InvalidCertificate(_));
        let trouble = if certificate { Trouble::Certificate } else { Trouble::Tls };
        return Diagnosis { trouble, why: Shown::line(&tls.to_string()).to_string() };
    }
    let trouble = if error.is_timeout() {
        Trouble::Silence
    } else if error.is_dns() {
        Trouble::Name
    } else if chain().any(|it| it.to_string().contains("tunnel")) {
        Trouble::Proxy
    } else if error.is_connect() {
        Trouble::Connection
    } else {
        Trouble::BrokenOff
    };
    Diagnosis { trouble, why }
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |it| (*it).source())
}

fn inmost_text(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => inner.to_string(),
        None => error.to_string(),
    }
}

/// An error of TLS travels inside one of input and output, which hides it from the chain.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(error);
    }
    let inner: &(dyn Error + 'static) = error.downcast_ref::<io::Error>()?.get_ref()?;
    tls_error(inner)
}
