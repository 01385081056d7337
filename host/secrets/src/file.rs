//! Secrets in files, such as those that Docker, Kubernetes and systemd mount.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use exhibit_rows::ShowPath as _;
use secrecy::zeroize::{Zeroize, Zeroizing};

use super::backend::{Lease, Reading, SecretBackend};
use super::error::SecretError;
use super::reference::SecretRef;
use super::secret::{SECRET_BYTES, Secret};

/// Secrets in files: each is read when it is used.
#[derive(Debug)]
pub(super) struct InFile;

impl SecretBackend for InFile {
    fn scheme(&self) -> &'static str {
        "file"
    }

    fn read<'a>(&'a self, reference: &'a SecretRef) -> Reading<'a> {
        Box::pin(async move {
            let SecretRef::File(path) = reference else { return Err(SecretError::not_of_backend(reference)) };
            let file = path.clone();
            // On a thread of its own: a network drive that hangs must not hang the sessions of this thread, too.
            let read = tokio::task::spawn_blocking(move || read(&file)).await;
            let ended = |error| SecretError::File { path: path.clone(), error: io::Error::other(error) };
            read.map_err(ended)?.map(Lease::once)
        })
    }
}

fn read(path: &Path) -> Result<Secret, SecretError> {
    let reference = || SecretRef::File(path.to_owned());
    let failed = |error| SecretError::File { path: path.to_owned(), error };
    // Before it is opened: to open a pipe is to wait for somebody to write to it.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(SecretError::NotAFile(reference()));
    }
    let (bytes, others_read) = bytes(path).map_err(failed)?;
    // What is named by mistake in place of the private half is for everyone, and is refused where it is used.
    if others_read && !is_public(&bytes) {
        tracing::warn!(file = %path.shown(), "everyone on this machine can read this secret: chmod o-r it");
    }
    if bytes.len() > SECRET_BYTES {
        return Err(SecretError::TooLong(reference()));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| SecretError::NotText(reference()))?;
    Ok(Secret::kept_as(text))
}

/// A public key or a certificate in PEM, and nothing private with it.
fn is_public(bytes: &[u8]) -> bool {
    let has = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
    (has("-----BEGIN PUBLIC KEY-----") || has("-----BEGIN CERTIFICATE-----")) && !has("PRIVATE")
}

/// At most one byte more than a secret has, and whether everyone on this machine can read them.
fn bytes(path: &Path) -> io::Result<(Zeroizing<Vec<u8>>, bool)> {
    let file = File::open(path)?;
    let others_read = do_others_read(&file)?;
    // Room for all of it from the start: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES + 1));
    if let Err(error) = file.take(SECRET_BYTES as u64 + 1).read_to_end(&mut bytes) {
        bytes.zeroize();
        return Err(error);
    }
    Ok((bytes, others_read))
}

#[cfg(unix)]
fn do_others_read(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    Ok(file.metadata()?.mode() & 0o004 != 0)
}

#[cfg(not(unix))]
fn do_others_read(_: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::backends::Backends;
    use super::*;

    async fn with(content: &[u8]) -> anyhow::Result<Result<String, String>> {
        let mut file = tempfile::NamedTempFile::new()?;
        file.write_all(content)?;
        let read = Backends::default().read(&SecretRef::File(file.path().to_owned())).await;
        let path = file.path().display().to_string();
        let revealed = read.map(|it| it.into_secret().reveal().to_owned());
        Ok(revealed.map_err(|it| it.to_string().replace(&path, "PATH")))
    }

    #[tokio::test]
    async fn trims_a_byte_order_mark_and_one_line_break_and_nothing_else() -> anyhow::Result<()> {
        for (content, secret) in [
            ("pass", "pass"),
            ("pass\n", "pass"),
            ("pass\r\n", "pass"),
            (" pass \n\n", " pass \n"),
            ("\u{feff}pass\r\n", "pass"),
            ("\u{feff}\u{feff}pass\u{feff}", "\u{feff}pass\u{feff}"),
        ] {
            assert_eq!(with(content.as_bytes()).await?, Ok(secret.to_owned()), "{content:?}");
        }
        Ok(())
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn refuses_what_can_be_read_once_only() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket)?;
        for path in [Path::new("/dev/null"), folder.path(), &socket] {
            let read = Backends::default().read(&SecretRef::File(path.to_owned())).await;
            let error = read.err().map(|it| it.to_string());
            assert_eq!(
                error,
                Some(format!(
                    "file:{} is not a regular file, and a secret is read again for each request: save it in a \
                     file, or name a variable with env:NAME",
                    path.display()
                ))
            );
        }
        Ok(())
    }

    #[test]
    fn a_public_key_is_no_secret_and_a_private_one_beside_it_is() {
        let public = "# key 00\n-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n";
        assert!(is_public(public.as_bytes()));
        let private = public.replace("PUBLIC", "PRIVATE");
        assert!(!is_public(private.as_bytes()) && !is_public(format!("{public}{private}").as_bytes()));
        assert!(!is_public(b"hunter2") && !is_public(b""));
    }

    #[tokio::test]
    async fn refuses_what_is_no_secret() -> anyhow::Result<()> {
        for nothing in [&b"\n"[..], b"\xef\xbb\xbf\r\n"] {
            assert_eq!(with(nothing).await?, Err("file:PATH is empty".to_owned()));
        }
        assert_eq!(with(b"\xff\xfe").await?, Err("file:PATH is no text: save it as UTF-8".to_owned()));
        assert_eq!(
            with(&vec![b'a'; SECRET_BYTES + 1]).await?,
            Err("file:PATH has more than 65536 bytes, which is no secret".to_owned())
        );
        Ok(())
    }
}
