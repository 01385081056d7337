//! Secrets, as references to where they are kept, resolved when they are used.

mod env;
mod file;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

/// A password, a token, a user name. It has no `Debug`, and its memory is cleared when
/// it is dropped.
pub struct Secret(SecretString);

/// Where a secret is kept. Written as `env:NAME` or `file:PATH`; may be shown and kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum SecretRef {
    /// An environment variable of this name.
    Env(String),
    /// A file, a line break at its end apart.
    File(PathBuf),
}

/// A text that says not where a secret is kept. It may be the secret itself, so no
/// part of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAReference {
    /// Begins with no kind of reference.
    #[error(
        "a secret is named by where it is kept, as env:NAME or file:PATH, and this is neither (it is not \
         repeated here, in case it is the secret itself)"
    )]
    Unknown,
    /// `env:` and what is no name.
    #[error("after env: comes the name of a variable: letters, digits and _, and no digit first")]
    NoName,
    /// `file:` and nothing.
    #[error("after file: comes the path of a file")]
    NoPath,
}

/// Why a secret cannot be had. Says where it should be, never what it is.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No such variable.
    #[error("the environment variable {0} is not set")]
    NotSet(String),
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A pipe, a device, a directory.
    #[error(
        "{0} is no regular file, and a secret is read anew for each request: save it in a file, or name a \
         variable with env:NAME"
    )]
    NotAFile(SecretRef),
    /// Nothing in it.
    #[error("{0} is empty")]
    Empty(SecretRef),
    /// More than a secret has.
    #[error("{0} has more than {limit} bytes, which is no secret", limit = file::SECRET_BYTES)]
    TooLong(SecretRef),
    /// Not UTF-8.
    #[error("{0} is no text: save it as UTF-8")]
    NotText(SecretRef),
}

impl SecretRef {
    /// Gets the secret from where it is kept, now.
    pub fn resolve(&self) -> Result<Secret, SecretError> {
        let secret = match self {
            Self::Env(name) => env::read(name)?,
            Self::File(path) => file::read(path)?,
        };
        if secret.reveal().is_empty() {
            return Err(SecretError::Empty(self.clone()));
        }
        Ok(secret)
    }
}

impl FromStr for SecretRef {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        match text.split_once(':') {
            Some(("env", name)) if env::is_name(name) => Ok(Self::Env(name.to_owned())),
            Some(("env", _)) => Err(NotAReference::NoName),
            Some(("file", "")) => Err(NotAReference::NoPath),
            Some(("file", path)) => Ok(Self::File(PathBuf::from(path))),
            _ => Err(NotAReference::Unknown),
        }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl From<SecretRef> for String {
    fn from(reference: SecretRef) -> Self {
        reference.to_string()
    }
}

impl TryFrom<String> for SecretRef {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Self, NotAReference> {
        text.parse()
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_references_back() {
        for text in ["env:QUALITY_1", "env:_x", "file:/run/secrets/pass", "file:pass word.txt"] {
            assert_eq!(text.parse::<SecretRef>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn never_repeats_what_may_be_the_secret() {
        for text in
            ["hunter2", "", "env:", "env:hunter 2", "env:2hunter", "file:", "ENV:hunter2", "http:hunter2"]
        {
            let error = text.parse::<SecretRef>().expect_err("should be refused").to_string();
            assert!(!error.contains("hunter"), "{text}: {error}");
        }
    }

    #[test]
    fn says_where_a_secret_is_missing() {
        let error = |reference| SecretRef::resolve(&reference).err().map(|it| it.to_string());
        assert_eq!(
            error(SecretRef::Env("EXHIBIT_TEST_NOT_SET".to_owned())),
            Some("the environment variable EXHIBIT_TEST_NOT_SET is not set".to_owned())
        );
        assert_eq!(
            error(SecretRef::File(PathBuf::from("/does/not/exist"))),
            Some("/does/not/exist: No such file or directory (os error 2)".to_owned())
        );
    }
}
