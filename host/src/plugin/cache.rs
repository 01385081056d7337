//! Compiled plugins on disk, so that only the first run of a plugin waits for the compiler.
//!
//! A cached file is machine code that this process will run. It is taken only from a
//! directory that nobody else can write to.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use wasmtime::component::Component;

use crate::digest::Digest;

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
        tracing::warn!(directory = %directory.display(), %error, "plugins are compiled anew each time");
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
        tracing::warn!(file = %file.display(), "not our own compiled plugin: compiling anew");
        return None;
    }
    // SAFETY: the file was written by this user, in `write`, from what this engine's
    // compiler gave, into a directory that no one else may change (`prepare`). It is
    // never changed in place: a new one is renamed over it, so the mapping stays as it was.
    match unsafe { Component::deserialize_file(engine, file) } {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::debug!(file = %file.display(), %error, "of another engine: compiling anew");
            None
        }
    }
}

fn write(directory: &Path, file: &Path, compiled: &[u8]) -> io::Result<()> {
    let aside = aside(directory, file);
    let written = fs::write(&aside, compiled).and_then(|()| fs::rename(&aside, file));
    if written.is_err() {
        // Nothing to add where even that fails.
        drop(fs::remove_file(&aside));
    }
    written
}

/// Two processes that compile the same plugin at once must not write into one file.
fn aside(directory: &Path, file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    directory.join(format!(".{name}.{}", std::process::id()))
}

#[cfg(unix)]
fn prepare(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    if !directory.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let metadata = fs::metadata(directory)?;
    if !metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is no directory"));
    }
    check_owner(&metadata)
}

/// This user's, and nobody else's to write to.
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
    fn trusts_no_directory_that_others_write_to() -> anyhow::Result<()> {
        let (engine, place) = (wasmtime::Engine::default(), directory("open", 0o777)?);
        compile(&engine, EMPTY, &Digest::of(EMPTY), Some(place.path()))?;
        assert!(files(place.path())?.is_empty());
        Ok(())
    }
}
