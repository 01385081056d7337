//! Where a secret is kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A scheme is a short name, such as `vault`: what is longer before a colon is something else.
const SCHEME_BYTES: usize = 32;

/// Where a secret is kept. Written as `env:NAME`, `file:PATH`, or `SCHEME:ADDRESS` for a backend that a platform
/// supplies; may be shown and kept.
///
/// A text that a person wrote is read by [`Backends::reference`](super::Backends::reference), which takes the schemes
/// of its backends only: `hunter2:x` has the form of a reference, and may be a password in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum SecretRef {
    /// An environment variable of this name.
    Env(String),
    /// A file, a line break at its end apart.
    File(PathBuf),
    /// In a backend that a platform supplies.
    Other {
        /// What the reference begins with, without the colon: a lower-case letter, then lower-case letters, digits and
        /// dashes; never `env` or `file`.
        scheme: String,
        /// Where it is there. Not empty, where the reference is to be written and read again.
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAReference {
    /// Has not the form of a reference.
    #[error(
        "a secret is named by where it is kept, as env:NAME or file:PATH, and this is neither (it is not \
         repeated here, in case it is the secret itself)"
    )]
    Unknown,
    /// Of a scheme that no backend reads.
    #[error(
        "no secret backend reads references of this scheme; known schemes: {known} (it is not repeated here, in case \
         it is the secret itself)"
    )]
    UnknownScheme {
        /// The schemes that backends are registered for, separated by commas.
        known: String,
    },
    /// `env:` and what is no name.
    #[error("after env: comes the name of a variable: letters, digits and _, and no digit first")]
    NoName,
    /// `file:` and nothing.
    #[error("after file: comes the path of a file")]
    NoPath,
    /// Another scheme and nothing.
    #[error("after the scheme and its colon comes where the secret is kept there")]
    NoAddress,
}

/// Takes every well-formed scheme, for references that a program wrote. For what a person wrote, see [`SecretRef`].
impl FromStr for SecretRef {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        match text.split_once(':') {
            Some(("env", name)) if is_variable(name) => Ok(Self::Env(name.to_owned())),
            Some(("env", _)) => Err(NotAReference::NoName),
            Some(("file", "")) => Err(NotAReference::NoPath),
            Some(("file", path)) => Ok(Self::File(PathBuf::from(path))),
            Some((scheme, "")) if is_scheme(scheme) => Err(NotAReference::NoAddress),
            Some((scheme, address)) if is_scheme(scheme) => {
                Ok(Self::Other { scheme: scheme.to_owned(), address: address.to_owned() })
            }
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

fn is_scheme(text: &str) -> bool {
    let is_part = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-';
    text.len() <= SCHEME_BYTES
        && text.starts_with(|it: char| it.is_ascii_lowercase())
        && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::backends::Backends;
    use super::*;

    #[test]
    fn reads_references_back() {
        for text in [
            "env:QUALITY_1",
            "env:_x",
            "file:/run/secrets/pass",
            "file:pass word.txt",
            "vault:secret/data/qualys#password",
            "aws-sm:arn:aws:secretsmanager:eu-west-1:1:secret:x",
        ] {
            assert_eq!(text.parse::<SecretRef>().map(|it| it.to_string()), Ok(text.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn every_reference_to_a_backend_is_read_back(
            scheme in "[a-z][a-z0-9-]{0,31}", address in any::<String>()
        ) {
            prop_assume!(!address.is_empty() && !matches!(scheme.as_str(), "env" | "file"));
            let reference = SecretRef::Other { scheme, address };
            prop_assert_eq!(reference.to_string().parse(), Ok(reference));
        }

        #[test]
        fn every_text_that_is_a_reference_is_its_own_text(text in ".{0,8}:?.{0,20}|[a-z-]{0,40}:.{0,9}") {
            if let Ok(reference) = text.parse::<SecretRef>() {
                prop_assert_eq!(reference.to_string(), text);
            }
        }
    }

    #[test]
    fn a_scheme_is_a_short_name_in_lower_case() {
        let long = format!("{}:x", "a".repeat(SCHEME_BYTES + 1));
        for text in ["", "hunter2", ":x", "1a:x", "-a:x", "a b:x", "A:x", "ENV:x", "ä:x", &long] {
            assert_eq!(text.parse::<SecretRef>(), Err(NotAReference::Unknown), "{text}");
        }
        assert_eq!("vault:".parse::<SecretRef>(), Err(NotAReference::NoAddress));
    }

    #[test]
    fn never_repeats_what_may_be_the_secret() {
        let backends = Backends::default();
        for text in [
            "hunter2",
            "",
            "env:",
            "env:hunter 2",
            "env:2hunter",
            "file:",
            "ENV:hunter2",
            "http:hunter2",
            "hunter2:",
            "hunter2:hunter2",
        ] {
            let error = backends.reference(text).expect_err("should be refused").to_string();
            assert!(!error.contains("hunter"), "{text}: {error}");
        }
    }

    #[tokio::test]
    async fn says_where_a_secret_is_missing() {
        let backends = Backends::default();
        let error =
            async |reference: SecretRef| backends.read(&reference).await.err().map(|it| it.to_string());
        assert_eq!(
            error(SecretRef::Env("EXHIBIT_TEST_NOT_SET".to_owned())).await,
            Some("environment variable EXHIBIT_TEST_NOT_SET is not set".to_owned())
        );
        assert_eq!(
            error(SecretRef::File(PathBuf::from("/does/not/exist"))).await,
            Some("/does/not/exist: No such file or directory (os error 2)".to_owned())
        );
    }
}
