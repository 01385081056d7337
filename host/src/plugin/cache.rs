//! Compiled plugins on disk, so that only the first run of a plugin waits for the compiler.
//!
//! A cached file is machine code that this process will run. It is taken only from a
//! directory that no other user can write to, and only if it is whole: it ends with the
//! SHA-256 of what comes before.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use exhibit_records::Digest;
use wasmtime::component::Component;

#[cfg(unix)]
use crate::disk::private_all;

/// A SHA-256, as it is.
const SUM_BYTES: usize = 32;
/// Names to try for a file that is being written: each one taken is another process at
/// it, or the rest of one that was killed.
const NAMES: u32 = 100;

/// Compiles the component, or takes what an earlier run compiled. A directory that
/// cannot be trusted or written to costs time and nothing else.
pub(crate) fn compile(
    engine: &wasmtime::Engine,
    component: &[u8],
    digest: &Digest,
    directory: Option<&Path>,
) -> wasmtime::Result<Component> {
    let Some(directory) = directory else { return Component::new(engine, component) };
    if let Err(error) = prepare(directory) {
        tracing::warn!(directory = %directory.display(), %error, "the cache cannot be used: plugins are compiled each time");
        return Component::new(engine, component);
    }
    let file = directory.join(file_name(engine, digest));
    if let Some(compiled) = read(engine, &file) {
        return Ok(compiled);
    }
    let compiled = Component::new(engine, component)?;
    match write(directory, &file, &compiled.serialize()?) {
        Ok(()) => tracing::debug!(file = %file.display(), "kept the compiled plugin"),
        Err(error) => tracing::warn!(file = %file.display(), %error, "cannot keep the compiled plugin"),
    }
    Ok(compiled)
}

/// Changes with the plugin, the engine's version and settings, and what the processor can do.
fn file_name(engine: &wasmtime::Engine, digest: &Digest) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{}-{:016x}.cwasm", digest.hex(), hasher.finish())
}

fn read(engine: &wasmtime::Engine, file: &Path) -> Option<Component> {
    let metadata = fs::symlink_metadata(file).ok()?;
    if !metadata.is_file() || check_owner(&metadata).is_err() {
        tracing::warn!(file = %file.display(), "the cached plugin belongs to another user or is not a file: compiling again");
        return None;
    }
    let Some(code) = fs::read(file).ok().and_then(whole) else {
        tracing::debug!(file = %file.display(), "the cached plugin is incomplete: compiling again");
        return None;
    };
    // SAFETY: these are the bytes that this engine's compiler gave. `write` put them into
    // a directory that no other user may change (`prepare`), in a file of this user's
    // (`check_owner`), and their checksum says that they are all there. They are in this
    // process's memory: whatever becomes of the file, they stay as they were checked.
    match unsafe { Component::deserialize(engine, &code) } {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::debug!(file = %file.display(), %error, "the cached plugin was compiled by another engine: compiling again");
            None
        }
    }
}

/// What was written, if all of it is there.
fn whole(mut file: Vec<u8>) -> Option<Vec<u8>> {
    let (code, sum) = file.split_last_chunk::<SUM_BYTES>()?;
    let end = code.len();
    (Digest::of(code).as_bytes() == sum).then(|| {
        file.truncate(end);
        file
    })
}

fn write(directory: &Path, file: &Path, code: &[u8]) -> io::Result<()> {
    let (mut aside, path) = aside(directory, file)?;
    let written = fill(&mut aside, code).and_then(|()| fs::rename(&path, file));
    if written.is_err() {
        // Nothing to add where even that fails.
        drop(fs::remove_file(&path));
    }
    written
}

fn fill(file: &mut File, code: &[u8]) -> io::Result<()> {
    file.write_all(code)?;
    file.write_all(Digest::of(code).as_bytes())?;
    file.sync_all()
}

/// A new file, which no other process writes to: several processes may compile the same plugin
/// at once, and those in containers may even share their number.
fn aside(directory: &Path, file: &Path) -> io::Result<(File, PathBuf)> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let process = std::process::id();
    for number in 0..NAMES {
        let path = directory.join(format!(".{name}.{process}-{number}"));
        match create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return Ok((created?, path)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many temporary files of other or killed processes"))
}

/// Readable and writable for this user alone, whatever the umask grants to others.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn prepare(directory: &Path) -> io::Result<()> {
    if !directory.exists() {
        private_all(directory)?;
    }
    let metadata = fs::metadata(directory)?;
    if !metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is no directory"));
    }
    check_owner(&metadata)
}

/// Owned by this user, and writable by no other.
#[cfg(unix)]
fn check_owner(metadata: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    let refuse = |why| Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return refuse("it belongs to another user");
    }
    if metadata.mode() & 0o022 != 0 {
        return refuse("others may write to it (chmod go-w would change that)");
    }
    Ok(())
}

/// Who may write is only checked on Unix, so nothing is trusted elsewhere.
#[cfg(not(unix))]
fn prepare(_: &Path) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "compiled plugins are kept on Unix only"))
}

#[cfg(not(unix))]
fn check_owner(_: &fs::Metadata) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::thread;

    use super::*;

    /// The smallest component: a header.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    fn directory(name: &str, mode: u32) -> io::Result<tempfile::TempDir> {
        let directory = tempfile::Builder::new().prefix(name).tempdir()?;
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(mode))?;
        Ok(directory)
    }

    fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(directory)?.map(|it| it.map(|it| it.path())).collect()
    }

    #[test]
    fn keeps_what_it_compiled() -> anyhow::Result<()> {
        let (engine, place) = (wasmtime::Engine::default(), directory("kept", 0o700)?);
        let digest = Digest::of(EMPTY);
        compile(&engine, EMPTY, &digest, Some(place.path()))?;
        let file = files(place.path())?;
        assert_eq!(file.len(), 1);
        assert!(read(&engine, &file[0]).is_some());
        Ok(())
    }

    #[test]
    fn compiles_anew_what_it_cannot_read() -> anyhow::Result<()> {
        let (engine, place) = (wasmtime::Engine::default(), directory("garbled", 0o700)?);
        let digest = Digest::of(EMPTY);
        let file = place.path().join(file_name(&engine, &digest));
        fs::write(&file, "garbled")?;
        compile(&engine, EMPTY, &digest, Some(place.path()))?;
        assert_ne!(fs::read(&file)?, b"garbled");
        Ok(())
    }

    #[test]
    fn takes_nothing_that_is_torn() -> anyhow::Result<()> {
        let (engine, place) = (wasmtime::Engine::default(), directory("torn", 0o700)?);
        compile(&engine, EMPTY, &Digest::of(EMPTY), Some(place.path()))?;
        let file = files(place.path())?.remove(0);
        let kept = fs::read(&file)?;
        let mut flipped = kept.clone();
        flipped[kept.len() / 2] ^= 1;
        for torn in [&kept[..kept.len() / 2], &kept[..SUM_BYTES - 1], &[], &flipped] {
            fs::write(&file, torn)?;
            assert!(read(&engine, &file).is_none(), "{} bytes", torn.len());
        }
        compile(&engine, EMPTY, &Digest::of(EMPTY), Some(place.path()))?;
        assert!(read(&engine, &file).is_some());
        Ok(())
    }

    #[test]
    fn many_may_compile_at_once() -> anyhow::Result<()> {
        let place = directory("raced", 0o700)?;
        let file = place.path().join("plugin");
        let codes: Vec<_> = (0..8_u8).map(|it| vec![it; 1 << 20]).collect();
        thread::scope(|scope| {
            let writers: Vec<_> =
                codes.iter().map(|code| scope.spawn(|| write(place.path(), &file, code))).collect();
            writers.into_iter().try_for_each(|it| it.join().expect("no panic"))
        })?;
        let kept = whole(fs::read(&file)?).expect("whole");
        assert!(codes.contains(&kept));
        assert_eq!(files(place.path())?, [file]);
        Ok(())
    }

    #[test]
    fn what_it_keeps_is_its_own_under_any_umask() -> anyhow::Result<()> {
        let place = directory("mode", 0o700)?;
        let (file, path) = aside(place.path(), Path::new("plugin"))?;
        assert_eq!(file.metadata()?.permissions().mode() & 0o777, 0o600);
        let (_, other) = aside(place.path(), Path::new("plugin"))?;
        assert_ne!(path, other);
        Ok(())
    }

    #[test]
    fn trusts_no_directory_that_others_write_to() -> anyhow::Result<()> {
        let (engine, place) = (wasmtime::Engine::default(), directory("open", 0o777)?);
        compile(&engine, EMPTY, &Digest::of(EMPTY), Some(place.path()))?;
        assert!(files(place.path())?.is_empty());
        Ok(())
    }
}
