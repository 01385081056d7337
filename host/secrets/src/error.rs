//! Why a secret cannot be had.

use std::path::PathBuf;
use std::time::Duration;

use exhibit_rows::ShowPath as _;

use super::reference::SecretRef;
use super::secret::SECRET_BYTES;

/// Why a secret cannot be had. Says where it should be, never what it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// No such variable.
    #[error("{}", not_set(.0))]
    NotSet(String),
    /// The file cannot be read.
    #[error("{}: {error}", path.shown())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// A pipe, a device, a directory.
    #[error(
        "{0} is not a regular file, and a secret is read again for each request: save it in a file, or name a \
         variable with env:NAME"
    )]
    NotAFile(SecretRef),
    /// No backend reads references of this scheme. The scheme is not repeated: where a secret was written in place of
    /// its reference, it is the beginning of the secret.
    #[error("no secret backend reads references of this scheme; known schemes: {known}")]
    NoBackend {
        /// The schemes that backends are registered for, separated by commas.
        known: String,
    },
    /// The backend did not answer in time.
    #[error("{reference}: not read within {}s", limit.as_secs())]
    TimedOut {
        /// Which secret.
        reference: SecretRef,
        /// How long it was waited for.
        limit: Duration,
    },
    /// A backend cannot give it.
    #[error("{reference}: {why}")]
    Backend {
        /// Which secret.
        reference: SecretRef,
        /// What the backend says, without the secret.
        why: String,
        /// What it is said about.
        #[source]
        cause: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Nothing in it.
    #[error("{0} is empty")]
    Empty(SecretRef),
    /// More than a secret has.
    #[error("{0} has more than {limit} bytes, which is no secret", limit = SECRET_BYTES)]
    TooLong(SecretRef),
    /// Not UTF-8.
    #[error("{0} is no text: save it as UTF-8")]
    NotText(SecretRef),
}

impl SecretError {
    /// A backend was given a reference of another one.
    pub(super) fn not_of_backend(reference: &SecretRef) -> Self {
        let why = "the backend of this scheme does not read such references".to_owned();
        Self::Backend { reference: reference.clone(), why, cause: None }
    }
}

/// `env:$PASSWORD` is `env:` and the password by the time that it is read here: what does not look like a variable's
/// name is not repeated.
fn not_set(name: &str) -> String {
    if name.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_') {
        return format!("environment variable {name} is not set");
    }
    "the environment variable after env: is not set (its name has small letters and is not repeated here, in case it is \
     the secret itself: write env:NAME, without $)"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_password_is_no_name_to_repeat() {
        let said = |name: &str| SecretError::NotSet(name.to_owned()).to_string();
        assert_eq!(said("API_PASSWORD_2"), "environment variable API_PASSWORD_2 is not set");
        assert!(!said("hunter2").contains("hunter2"), "{}", said("hunter2"));
    }
}
