//! The secret itself.

use secrecy::{ExposeSecret, SecretString};

/// A private key has a few KiB.
pub(super) const SECRET_BYTES: usize = 64 << 10;

/// What a text may begin with to say that it is UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A password, a token, a user name. It has no `Debug`, and its memory is cleared when
/// it is dropped.
pub struct Secret(SecretString);

impl Secret {
    /// The secret itself. For signing, and for nothing that is kept or shown.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// The secret of a text as editors, shells and orchestrators keep it: without the byte order mark that some put before
    /// it, and without the one line break that most put behind it.
    pub(super) fn kept_as(text: &str) -> Self {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        let line = text.strip_suffix('\n').unwrap_or(text);
        Self::from(line.strip_suffix('\r').unwrap_or(line).to_owned())
    }

    /// This one, a separator, and another.
    pub fn joined(&self, separator: &str, other: &Self) -> Self {
        Self::from([self.reveal(), separator, other.reveal()].concat())
    }

    /// Adds text at the end.
    pub fn append(&mut self, text: &str) {
        *self = Self::from([self.reveal(), text].concat());
    }

    /// Without white space at either end.
    pub fn trimmed(&self) -> Self {
        Self::from(self.reveal().trim().to_owned())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(SecretString::from(text))
    }
}
