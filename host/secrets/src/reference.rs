//! Where a secret is kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where a secret is kept. Written as `env:NAME` or `file:PATH`; may be shown and kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum SecretRef {
    /// An environment variable of this name.
    Env(String),
    /// A file, a line break at its end apart.
    File(PathBuf),
    /// In a backend that a platform supplies.
    Other {
        /// What the reference begins with, without the colon.
        scheme: String,
        /// Where it is there.
        address: String,
    },
}

impl SecretRef {
    /// What it begins with, without the colon.
    pub fn scheme(&self) -> &str {
        match self {
            Self::Env(_) => "env",
            Self::File(_) => "file",
            Self::Other { scheme, .. } => scheme,
        }
    }
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

impl FromStr for SecretRef {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        match text.split_once(':') {
            Some(("env", name)) if is_variable(name) => Ok(Self::Env(name.to_owned())),
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
            Self::Other { scheme, address } => write!(f, "{scheme}:{address}"),
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

/// What a shell takes as a variable's name.
fn is_variable(text: &str) -> bool {
    let begins_well = text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    begins_well && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
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
            Some("environment variable EXHIBIT_TEST_NOT_SET is not set".to_owned())
        );
        assert_eq!(
            error(SecretRef::File(PathBuf::from("/does/not/exist"))),
            Some("/does/not/exist: No such file or directory (os error 2)".to_owned())
        );
    }
}
