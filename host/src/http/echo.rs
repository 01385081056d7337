//! Secrets that a source repeats: found in what it answers, and replaced before anything else sees it.
//!
//! A source may print a password in an error text, or return the `Authorization` header in a field of a record. It is
//! found character by character, each as XML, HTML, JSON and URLs may write it, in any mixture and with escapes that are
//! escaped again; and in base64, alone or within a longer text. All of these are found in UTF-8, UTF-16 and Windows-1252.
//! A source that means to hide a secret can write it in ways that are not looked for.

mod charset;
mod filter;
mod names;
mod needles;
mod reading;

use std::fmt;

use exhibit_secrets::Secret;

pub(crate) use self::filter::EchoFilter;
pub use self::needles::MARK;
use self::needles::Needles;

/// The secrets that signed a request. Cloning it copies none of them, and their memory is cleared with the last clone.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Echo(Needles);

impl Echo {
    /// Of these secrets.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        Self(Needles::of(secrets.into_iter().map(Secret::reveal), None))
    }

    /// Of a password, and of the value of HTTP Basic that it makes with this user name.
    pub fn of_basic(username: &Secret, password: &Secret) -> Self {
        let pair = username.joined(":", password);
        Self(Needles::of([password.reveal()], Some(pair.reveal())))
    }

    /// Whether there is nothing to replace.
    pub(super) fn is_empty(&self) -> bool {
        self.0.all().is_empty()
    }

    /// Replaces these secrets in a body.
    pub(super) fn filter(&self) -> EchoFilter {
        EchoFilter::new(self.0.clone())
    }

    /// Whether one of these secrets is in this text, in any of the forms that are replaced in a body.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        filter::is_in(&self.0, text)
    }

    /// This text without the secrets, and how many times one was replaced.
    pub fn redact(&self, text: &str) -> (String, u64) {
        let mut filter = self.filter();
        let mut out = bytes::BytesMut::with_capacity(text.len());
        filter.pass(text.as_bytes(), &mut out);
        filter.end(&mut out);
        (String::from_utf8_lossy(&out).into_owned(), filter.found())
    }
}

/// Shows nothing.
impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Echo").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
