//! Key files: the private key for its owner alone, the public one beside it.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use exhibit_rows::ShowPath as _;

use crate::disk::{at, invalid};
use crate::randomness::NoRandomness;

use super::key::SigningKey;
use super::public::{NotAPublicKey, PublicKey};
use super::timestamp::{Authorities, NotCertificates};

/// A public key in PEM has 113 bytes; people may write a few lines around it.
const PUBLIC_BYTES: u64 = 64 << 10;

/// A bundle of all roots that browsers trust has a quarter of it.
const CERTIFICATE_BYTES: u64 = 1 << 20;

/// A key that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MadeKey {
    /// Its public half.
    pub public: PublicKey,
    /// Where that is written.
    pub public_file: PathBuf,
}

/// Why no key was made. Nothing is left behind then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MakeKeyError {
    /// Something has this name.
    #[error("{} is there already, and no key is ever overwritten: name another file", .0.shown())]
    Occupied(PathBuf),
    /// A file cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// See [`NoRandomness`].
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// Makes a key: the private one in `file`, which only its owner may read, and the
/// public one in a file of that name with `.pub` after it.
///
/// # Errors
///
/// [`MakeKeyError::Occupied`] where one of the files is there already; otherwise where a file cannot be written or the
/// system has no randomness.
pub fn make(file: &Path) -> Result<MadeKey, MakeKeyError> {
    let mut name = OsString::from(file);
    name.push(".pub");
    let public_file = PathBuf::from(name);
    let (key, text) = SigningKey::generate()?;
    write(file, text.as_bytes(), 0o600)?;
    if let Err(error) = write(&public_file, key.public().to_pem().as_bytes(), 0o644) {
        // Half a pair would be in the way of the next try.
        let _ = fs::remove_file(file);
        return Err(error);
    }
    Ok(MadeKey { public: key.public(), public_file })
}

/// The public key in a file. The file may be a pipe: this returns once its other end was closed.
///
/// # Errors
///
/// The outer error where the file cannot be read, the inner one where it has no public key, or several.
pub fn read_public(file: &Path) -> io::Result<Result<PublicKey, NotAPublicKey>> {
    let text = text(file)?;
    Ok(text.as_deref().ok_or(NotAPublicKey::Other).and_then(PublicKey::from_pem))
}

/// All public keys in a file, one after the other. The file may be a pipe: this returns once its other end was closed.
///
/// # Errors
///
/// The outer error where the file cannot be read, the inner one where it has no public key, or one of another kind.
pub fn read_public_keys(file: &Path) -> io::Result<Result<Vec<PublicKey>, NotAPublicKey>> {
    let text = text(file)?;
    Ok(text.as_deref().ok_or(NotAPublicKey::Other).and_then(PublicKey::all_from_pem))
}

/// `None` where it is no text.
fn text(file: &Path) -> io::Result<Option<String>> {
    let failed = |error| at(file, error);
    let mut text = Vec::new();
    File::open(file).map_err(failed)?.take(PUBLIC_BYTES + 1).read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > PUBLIC_BYTES {
        // Keys would be left out.
        return Err(failed(invalid(format!(
            "it has more than {PUBLIC_BYTES} bytes, which is no file of keys"
        ))));
    }
    Ok(String::from_utf8(text).ok())
}

/// The certificates of time stamp authorities in a file.
///
/// # Errors
///
/// The outer error where the file cannot be read, the inner one where it has no certificates.
pub fn read_certificates(file: &Path) -> io::Result<Result<Authorities, NotCertificates>> {
    let failed = |error| at(file, error);
    let mut text = Vec::new();
    File::open(file).map_err(failed)?.take(CERTIFICATE_BYTES).read_to_end(&mut text).map_err(failed)?;
    Ok(Authorities::from_pem(&text))
}

/// A file that was not there, on the disk for good.
fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), MakeKeyError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => MakeKeyError::Occupied(path.to_owned()),
        _ => at(path, error).into(),
    })?;
    if let Err(error) = file.write_all(bytes).and_then(|()| file.sync_all()) {
        let _ = fs::remove_file(path);
        return Err(at(path, error).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use exhibit_secrets::{Backends, SecretRef};

    #[tokio::test]
    async fn a_key_is_for_its_owner_and_is_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("signing");
        let made = make(&file).expect("made");
        assert_eq!(made.public_file, folder.path().join("signing.pub"));
        assert_eq!(read_public(&made.public_file).expect("read"), Ok(made.public));
        let key = SigningKey::read(&SecretRef::File(file.clone()), &Backends::default()).await;
        let key = key.unwrap_or_else(|it| panic!("{it}"));
        assert_eq!(key.public(), made.public);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            assert_eq!(fs::metadata(&file).expect("there").mode() & 0o7777, 0o600);
        }
        let before = fs::read(&file).expect("read");
        assert!(matches!(make(&file), Err(MakeKeyError::Occupied(it)) if it == file));
        assert_eq!(fs::read(&file).expect("read"), before);
        let other = make(&folder.path().join("other")).expect("made");
        let both =
            [&made.public_file, &other.public_file].map(|it| fs::read_to_string(it).expect("read")).concat();
        fs::write(&file, both).expect("written");
        assert_eq!(read_public_keys(&file).expect("read"), Ok(vec![made.public, other.public]));
        assert_eq!(read_public(&file).expect("read"), Err(NotAPublicKey::Several(2)));
        fs::write(&file, "#".repeat(usize::try_from(PUBLIC_BYTES).expect("small") + 1)).expect("written");
        assert!(read_public_keys(&file).is_err());
    }

    #[test]
    fn nothing_is_left_of_half_a_pair() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("signing");
        let public = folder.path().join("signing.pub");
        fs::write(&public, "of another key").expect("written");
        assert!(matches!(make(&file), Err(MakeKeyError::Occupied(it)) if it == public));
        assert!(!file.exists());
        assert_eq!(fs::read_to_string(&public).expect("read"), "of another key");
        assert_eq!(read_public(&public).expect("read"), Err(NotAPublicKey::Other));
        let missing = make(&folder.path().join("missing/signing")).expect_err("no such folder");
        assert!(missing.to_string().contains("missing"), "{missing}");
    }
}
