//! What went wrong on the way, in words and with what to check. None of it repeats an
//! address's query, which is the plugin's, or a proxy's credentials.

use std::error::Error;
use std::{fmt, io};

use exhibit_rows::Shown;

use crate::remedy::Remedy;
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

    /// What to check.
    pub fn remedy(self) -> Remedy {
        match self {
            Self::Name => Remedy::CheckName,
            Self::Connection => Remedy::CheckConnection,
            Self::Silence => Remedy::CheckFirewall,
            Self::Certificate => Remedy::TrustCertificate,
            Self::Tls => {
                "check the origin's scheme and port, and whether a proxy or firewall intercepts TLS".into()
            }
            Self::NoRoots => Remedy::InstallCertificates,
            Self::Proxy => Remedy::CheckProxy,
            Self::Address => "check what the origin's name resolves to here".into(),
            Self::BrokenOff => {
                "run it again; if it keeps breaking off, look at what lies between this machine and the source".into()
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
