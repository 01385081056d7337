//! Compiled plugins on disk, so that only the first run of a plugin waits for the compiler.
//!
//! A cached file is machine code that this process will run. It is taken only from a
//! directory that no other user can write to, and only if it is whole: it ends with the
//! SHA-256 of what comes before.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use exhibit_records::Digest;
use exhibit_rows::ShowPath as _;
use wasmtime::component::Component;

use crate::disk::{Room, keep_newest, used_now};
#[cfg(unix)]
use crate::disk::{private_all, private_file};

/// A SHA-256, as it is.
const SUM_BYTES: usize = 32;
/// Names to try for a file that is being written: each one taken is another process at
/// it, or the rest of one that was killed.
const NAMES: u32 = 100;

/// Compiled code of all plugins that were used here: the built-in one has 4 MB, one with the interpreter of Python 35.
const ROOM: Room = Room::new(64, 1 << 30);
/// What the names of compiled plugins end with.
const END: &str = ".cwasm";

/// Where the compiled code of one component is kept for one engine.
#[derive(Debug)]
pub(super) struct CacheFile {
    directory: PathBuf,
    file: PathBuf,
}

impl CacheFile {
    /// Its place in a directory. `None` where that cannot be trusted or written to, which costs time and nothing else.
    pub(super) fn of(engine: &wasmtime::Engine, digest: &Digest, directory: &Path) -> Option<Self> {
        match prepare(directory) {
            Ok(()) => {
                let file = directory.join(file_name(engine, digest));
                Some(Self { directory: directory.to_owned(), file })
            }
            Err(error) => {
                tracing::warn!(directory = %directory.shown(), %error, "the cache cannot be used: plugins are compiled each time");
                None
            }
        }
    }

    /// What an earlier run compiled.
    pub(super) fn read(&self, engine: &wasmtime::Engine) -> Option<Component> {
        let component = read(engine, &self.file)?;
        used_now(&self.file);
        Some(component)
    }

    /// Keeps the code for later runs, in place of what was used least recently.
    pub(super) fn write(&self, code: &[u8]) {
        let written = write(&self.directory, &self.file, code)
            .and_then(|()| keep_newest(&self.directory, END, ROOM, &self.file));
        match written {
            Ok(()) => tracing::debug!(file = %self.file.shown(), "kept the compiled plugin"),
            Err(error) => {
                tracing::warn!(file = %self.file.shown(), %error, "cannot keep the compiled plugin");
            }
        }
    }
}

/// Machine code as a component, where it is such for this engine. It must be what [`Compiler`](super::compiler::Compiler)
/// gave just now.
pub(super) fn of_compiler(engine: &wasmtime::Engine, code: &[u8]) -> wasmtime::Result<Component> {
    deserialize(engine, code)
}

/// Changes with the plugin, the engine's version and settings, and what the processor can do.
fn file_name(engine: &wasmtime::Engine, digest: &Digest) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("{}-{:016x}{END}", digest.hex(), hasher.finish())
}

fn read(engine: &wasmtime::Engine, file: &Path) -> Option<Component> {
    let metadata = fs::symlink_metadata(file).ok()?;
    if !metadata.is_file() || check_owner(&metadata).is_err() {
        tracing::warn!(file = %file.shown(), "the cached plugin belongs to another user or is not a file: compiling again");
        return None;
    }
    let Some(code) = fs::read(file).ok().and_then(whole) else {
        tracing::debug!(file = %file.shown(), "the cached plugin is incomplete: compiling again");
        return None;
    };
    match deserialize(engine, &code) {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::debug!(file = %file.shown(), %error, "the cached plugin was compiled by another engine: compiling again");
            None
        }
    }
}

/// Only for what a compiler of this program gave: in this process, in one that it began just now (`of_compiler`), or in
/// one of an earlier run (`read`).
fn deserialize(engine: &wasmtime::Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: these are the bytes that this engine's compiler gave. They came from it directly, in this process or
    // through a pipe from this same program (`compiler::parent`), whole by their length; or `write` put them into
    // a directory that no other user may change (`prepare`), in a file of this user's
    // (`check_owner`), and their checksum says that they are all there. They are in this
    // process's memory: whatever becomes of the file, they stay as they were checked.
    unsafe { Component::deserialize(engine, code) }
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
        match private_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return Ok((created?, path)),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many temporary files of other or killed processes"))
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

    fn compiled(engine: &wasmtime::Engine) -> anyhow::Result<Vec<u8>> {
        Ok(engine.precompile_component(EMPTY)?)
    }

    fn place(engine: &wasmtime::Engine, directory: &Path) -> Option<CacheFile> {
        CacheFile::of(engine, &Digest::of(EMPTY), directory)
    }

    #[test]
    fn keeps_what_it_compiled() -> anyhow::Result<()> {
        let (engine, folder) = (wasmtime::Engine::default(), directory("kept", 0o700)?);
        let cached = place(&engine, folder.path()).expect("a place");
        assert!(cached.read(&engine).is_none());
        cached.write(&compiled(&engine)?);
        assert_eq!(files(folder.path())?, std::slice::from_ref(&cached.file));
        assert!(cached.read(&engine).is_some());
        Ok(())
    }

    #[test]
    fn takes_nothing_that_is_torn() -> anyhow::Result<()> {
        let (engine, folder) = (wasmtime::Engine::default(), directory("torn", 0o700)?);
        let cached = place(&engine, folder.path()).expect("a place");
        let code = compiled(&engine)?;
        cached.write(&code);
        let kept = fs::read(&cached.file)?;
        let mut flipped = kept.clone();
        flipped[kept.len() / 2] ^= 1;
        for torn in [&kept[..kept.len() / 2], &kept[..SUM_BYTES - 1], &[], &flipped, b"garbled"] {
            fs::write(&cached.file, torn)?;
            assert!(cached.read(&engine).is_none(), "{} bytes", torn.len());
        }
        cached.write(&code);
        assert!(cached.read(&engine).is_some());
        Ok(())
    }

    #[test]
    fn it_does_not_grow_for_ever() -> anyhow::Result<()> {
        let (engine, folder) = (wasmtime::Engine::default(), directory("many", 0o700)?);
        let code = compiled(&engine)?;
        let one = |number: usize| {
            CacheFile::of(&engine, &Digest::of(&number.to_le_bytes()), folder.path()).expect("a place")
        };
        for number in 0..ROOM.files + 8 {
            one(number).write(&code);
            assert!(one(0).read(&engine).is_some(), "the one that is used each time, after {number} others");
        }
        assert_eq!(files(folder.path())?.len(), ROOM.files);
        assert!(one(ROOM.files + 7).read(&engine).is_some());
        assert!(one(1).read(&engine).is_none());
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
        let (engine, open) = (wasmtime::Engine::default(), directory("open", 0o777)?);
        assert!(place(&engine, open.path()).is_none());
        assert!(files(open.path())?.is_empty());
        Ok(())
    }
}
