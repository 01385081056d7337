//! Secrets, as references to where they are kept, resolved when they are used.
//!
//! They pass through the memory that the plugin is in. Where they must not, the signing
//! component keeps them, and this one has none.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

use exhibit_plugin::catalog::Manifest;
use exhibit_rows::ShowPath as _;

use crate::failure::Failure;
use crate::files;

/// A private key has a few KiB.
const SECRET_BYTES: usize = 64 << 10;

/// Where a secret is kept. Written as `env:NAME` or `file:PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SecretRef {
    Env(String),
    File(PathBuf),
}

/// The secrets of a connection, by name.
pub(crate) type Secrets = BTreeMap<String, SecretRef>;

impl FromStr for SecretRef {
    type Err = &'static str;

    /// No message repeats the text: it may be the secret itself.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("env", name)) if is_name(name) => Ok(Self::Env(name.to_owned())),
            Some(("env", _)) => Err(
                "env: must be followed by the name of a variable: letters, digits and _, not beginning with a digit",
            ),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            Some(("file", _)) => Err("file: must be followed by the path of a file"),
            _ => Err(
                "a secret is given by the place where it is stored, env:NAME or file:PATH (the text is not \
                      repeated here, because it may be the secret itself)",
            ),
        }
    }
}

impl SecretRef {
    /// The place, as it is given on the command line.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Env(name) => format!("env:{name}"),
            Self::File(path) => format!("file:{}", path.to_string_lossy()),
        }
    }

    /// Reads the secret of this name from where it is stored, now.
    pub(crate) fn resolve(&self, name: &str) -> Result<String, Failure> {
        match self {
            Self::Env(variable) => match std::env::var(variable) {
                Ok(secret) if secret.is_empty() => {
                    Err(unread(name, &format!("environment variable {variable} is empty")))
                }
                Ok(secret) => Ok(secret),
                Err(std::env::VarError::NotPresent) => {
                    Err(unread(name, &format!("environment variable {variable} is not set")).next(format!(
                        "pass it with --env {variable} before the component's name, or name another place: \
                         --secret {name}=env:VARIABLE or --secret {name}=file:PATH"
                    )))
                }
                Err(_) => Err(unread(name, &format!("environment variable {variable} is not UTF-8"))),
            },
            Self::File(path) => {
                let failed = |why: &str| unread(name, &format!("{}: {why}", path.shown()));
                let bytes = files::read(path, SECRET_BYTES).map_err(|error| {
                    failed(&error.to_string())
                        .next("give access to the folder: --dir FOLDER before the component's name")
                })?;
                let text =
                    String::from_utf8(bytes).map_err(|_| failed("it is not text: save it as UTF-8"))?;
                let line = text.strip_suffix('\n').unwrap_or(&text);
                match line.strip_suffix('\r').unwrap_or(line) {
                    "" => Err(failed("it is empty")),
                    secret => Ok(secret.to_owned()),
                }
            }
        }
    }
}

fn unread(name: &str, why: &str) -> Failure {
    Failure::call(format!("the secret `{name}`: {why}"))
}

/// Where each secret of the manifest is stored: where the command line says, or else in the variable
/// named after the plugin and the secret, such as `QUALYS_PASSWORD`.
pub(crate) fn places(manifest: &Manifest, given: &[(String, SecretRef)]) -> Result<Secrets, Failure> {
    let usual = |name: &str| format!("{}_{name}", manifest.id).to_uppercase().replace('-', "_");
    let mut secrets: Secrets =
        manifest.secrets.iter().map(|it| (it.name.clone(), SecretRef::Env(usual(&it.name)))).collect();
    for (name, reference) in given {
        let Some(place) = secrets.get_mut(name) else {
            let known: Vec<&str> = manifest.secrets.iter().map(|it| it.name.as_str()).collect();
            return Err(Failure::call(format!("unknown secret `{name}`: choose from {}", known.join(", "))));
        };
        *place = reference.clone();
    }
    Ok(secrets)
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
        && text.bytes().next().is_some_and(|it| !it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_repeats_what_may_be_the_secret() {
        for text in ["hunter2", "", "env:", "env:hunter 2", "file:", "ENV:hunter2", "http:hunter2"] {
            let error = text.parse::<SecretRef>().expect_err("should be refused");
            assert!(!error.contains("hunter"), "{text}: {error}");
        }
    }

    #[test]
    fn says_where_a_secret_is_missing() {
        let missing =
            SecretRef::Env("EXHIBIT_TEST_NOT_SET".to_owned()).resolve("password").expect_err("none");
        insta::assert_snapshot!(missing, @"
        error: the secret `password`: environment variable EXHIBIT_TEST_NOT_SET is not set
        next: pass it with --env EXHIBIT_TEST_NOT_SET before the component's name, or name another place: --secret password=env:VARIABLE or --secret password=file:PATH
        ");
    }
}
