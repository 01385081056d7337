//! Secrets in environment variables.

use std::env;

use super::backend::{Lease, Reading, SecretBackend};
use super::error::SecretError;
use super::reference::SecretRef;
use super::secret::Secret;

/// Secrets in environment variables: each is read when it is used.
#[derive(Debug)]
pub(super) struct Env;

impl SecretBackend for Env {
    fn scheme(&self) -> &'static str {
        "env"
    }

    fn read<'a>(&'a self, reference: &'a SecretRef) -> Reading<'a> {
        Box::pin(async move {
            match reference {
                SecretRef::Env(name) => read(name).map(Lease::once),
                other => Err(SecretError::not_of_backend(other)),
            }
        })
    }
}

fn read(name: &str) -> Result<Secret, SecretError> {
    match env::var(name) {
        // An orchestrator's variable has the file's line break in it that it was made from.
        Ok(text) => Ok(Secret::kept_as(&text)),
        Err(env::VarError::NotPresent) => Err(SecretError::NotSet(name.to_owned())),
        Err(env::VarError::NotUnicode(_)) => Err(SecretError::NotText(SecretRef::Env(name.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::backends::Backends;
    use super::*;

    const NAME: &str = "EXHIBIT_TEST_SECRET";
    const EXPECTED: &str = "EXHIBIT_TEST_EXPECTED";

    /// Reads the variable in a process of its own, as a process's environment is not changed while it runs.
    fn reads_as(content: &str, expected: &str) -> anyhow::Result<bool> {
        let output = Command::new(env::current_exe()?)
            .args(["--exact", "env::tests::is_trimmed_as_a_file_is"])
            .envs([(NAME, content), (EXPECTED, expected)])
            .output()?;
        Ok(output.status.success())
    }

    #[tokio::test]
    async fn is_trimmed_as_a_file_is() -> anyhow::Result<()> {
        if let Ok(expected) = env::var(EXPECTED) {
            let read = Backends::default().read(&SecretRef::Env(NAME.to_owned())).await;
            let read = read.map_or_else(|error| error.to_string(), |it| it.into_secret().reveal().to_owned());
            assert_eq!(read, expected);
            return Ok(());
        }
        for (content, expected) in [
            ("acme_ab1", "acme_ab1"),
            ("acme_ab1\n", "acme_ab1"),
            ("acme_ab1\r\n", "acme_ab1"),
            ("\u{feff}acme_ab1", "acme_ab1"),
            (" acme_ab1 \n\n", " acme_ab1 \n"),
            ("\n", "env:EXHIBIT_TEST_SECRET is empty"),
        ] {
            assert!(reads_as(content, expected)?, "{content:?}");
        }
        assert!(!reads_as("acme_ab1", "another")?, "the test in the other process can fail");
        Ok(())
    }
}
