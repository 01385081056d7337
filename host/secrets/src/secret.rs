//! The secret itself.

use secrecy::{ExposeSecret, SecretString};

/// A private key has a few KiB.
pub(super) const SECRET_BYTES: usize = 64 << 10;

/// A password, a token, a user name. It has no `Debug`, and its memory is cleared when
/// it is dropped.
pub struct Secret(SecretString);

impl Secret {
    /// The secret itself. For signing, and for nothing that is kept or shown.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
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
