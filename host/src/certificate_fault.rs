//! What can be wrong with a file of trusted certificates, and what to do about it.

use serde::{Deserialize, Serialize};

/// What is wrong with a file of trusted certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CertificateFileFault {
    /// It is named by an empty text.
    Unnamed,
    /// It is not there, or cannot be read.
    Unreadable,
    /// There is nothing in it.
    Empty,
    /// It is binary: DER, or a PKCS file.
    Der,
    /// It is text in UTF-16, as some editors and shells save it.
    Utf16,
    /// A byte order mark hides its first certificate.
    ByteOrderMark,
    /// It has certificates in the form that OpenSSL adds its own settings to.
    Trusted,
    /// There is other text in it, or keys.
    NoCertificate,
    /// One of its certificates is damaged.
    Damaged,
}

impl CertificateFileFault {
    /// What to do.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::Unnamed | Self::Unreadable => {
                "name a file of certificates that this program can read, or none"
            }
            Self::Empty | Self::NoCertificate => {
                "name a file that has the authority's certificate as PEM, which begins with -----BEGIN CERTIFICATE-----"
            }
            Self::Der => "convert it to PEM, which begins with -----BEGIN CERTIFICATE-----",
            Self::Utf16 => "save it as ASCII or UTF-8 without a byte order mark",
            Self::ByteOrderMark => "save it without a byte order mark",
            Self::Trusted => "convert it to plain PEM, which begins with -----BEGIN CERTIFICATE-----",
            Self::Damaged => "get the authority's certificate again, and put it there whole",
        }
    }
}
