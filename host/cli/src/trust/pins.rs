//! What is remembered of plugins: a file that one process at a time changes.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use exhibit::Remedy;
use exhibit::disk::{self, FileLock, Sharing, private_all};
use exhibit_records::Digest;
use exhibit_rows::ShowPath as _;
use serde::{Deserialize, Serialize};

use crate::bounded::{self, ReadError};
use crate::failure::Failure;
use crate::plugin_ref;

/// Older ones are forgotten, those first of whose id later ones are remembered.
const PINS: usize = 1_000;
/// A pin has some hundred bytes.
const FILE_BYTES: usize = 4 << 20;

/// A plugin that was used or trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pin {
    /// How the plugin calls itself.
    pub(super) id: String,
    /// What named it: where it lay, without links; or its name and version in a registry.
    pub(super) file: PathBuf,
    /// What it is.
    pub(super) digest: Digest,
}

/// What is remembered, the last one that was used or trusted last.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Pins {
    plugins: Vec<Pin>,
}

/// How a plugin stands to those that are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The last one of this name.
    Known,
    /// Used or trusted before, and this name was never seen.
    Moved,
    /// Neither it, nor its id, nor its place was seen before.
    First,
    /// In the place of this one.
    Changed(Digest),
}

/// What is remembered, for as long as nobody else changes it.
#[derive(Debug)]
pub(super) struct Memory<'a> {
    pins: Pins,
    file: &'a Path,
    /// Why nothing can be written, where that is so. There is no lock where the system has none.
    lock: io::Result<Option<FileLock>>,
}

impl Pins {
    fn standing(&self, new: &Pin) -> Standing {
        // Whatever a name stood for earlier: one that goes back to that has changed, too.
        if let Some(last) = self.plugins.iter().rev().find(|it| it.file == new.file) {
            let same = last.digest == new.digest;
            return if same { Standing::Known } else { Standing::Changed(last.digest) };
        }
        if self.plugins.iter().any(|it| it.digest == new.digest) {
            return Standing::Moved;
        }
        let place = plugin_ref::place(&new.file);
        let before =
            self.plugins.iter().rev().find(|it| it.id == new.id || plugin_ref::place(&it.file) == place);
        before.map_or(Standing::First, |it| Standing::Changed(it.digest))
    }

    fn read(file: &Path) -> Result<Self, Failure> {
        let refuse = |what: String| {
            Failure::call(what)
                .during(format!("reading which plugins are trusted, in {}", file.shown()))
                .next("mend the file, or remove it: all plugins are then new again")
        };
        match bounded::read(file, FILE_BYTES) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| refuse(error.to_string())),
            Err(ReadError::Io(error))
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                Ok(Self::default())
            }
            // Trust that cannot be read is not to be thrown away.
            Err(ReadError::Io(error)) if disk::is_of_this_machine(&error) => {
                Err(refuse(error.to_string()).with(Remedy::CheckMachine))
            }
            Err(error) => Err(refuse(error.to_string())),
        }
    }

    fn add(&mut self, new: Pin) {
        self.plugins.retain(|it| *it != new);
        self.plugins.push(new);
        while self.plugins.len() > PINS {
            // The last one of an id stays: another one in its place would be used as the first of all.
            let is_old = |at: &usize| self.plugins[at + 1..].iter().any(|it| it.id == self.plugins[*at].id);
            let oldest = (0..self.plugins.len()).find(is_old).unwrap_or(0);
            self.plugins.remove(oldest);
        }
    }
}

impl<'a> Memory<'a> {
    /// Waits until nobody else changes this file, and reads it. Where it cannot be written, it can be
    /// read nevertheless: whoever sets a machine up may have written it.
    pub(super) fn hold(file: &'a Path) -> Result<Self, Failure> {
        let lock = lock(file);
        Ok(Self { pins: Pins::read(file)?, file, lock })
    }

    pub(super) fn standing(&self, new: &Pin) -> Standing {
        self.pins.standing(new)
    }

    /// The components that are remembered.
    pub(super) fn digests(&self) -> impl Iterator<Item = Digest> {
        self.pins.plugins.iter().map(|it| it.digest)
    }

    /// Remembers a plugin, as the last one of its name.
    pub(super) fn keep(mut self, new: Pin) -> io::Result<()> {
        let _lock = self.lock?;
        self.pins.add(new);
        let mut aside = tempfile::NamedTempFile::new_in(folder(self.file))?;
        serde_json::to_writer_pretty(&mut aside, &self.pins)?;
        aside.write_all(b"\n")?;
        aside.as_file().sync_all()?;
        aside.persist(self.file).map(drop).map_err(|error| error.error)
    }
}

fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new("."))
}

/// The lock is a file of its own: the other one is another file after each change.
fn lock(file: &Path) -> io::Result<Option<FileLock>> {
    private_all(folder(file))?;
    let path = file.with_extension("lock");
    match FileLock::take(&path, Sharing::Alone) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
        lock => lock.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn pin(id: &str, file: &str, what: &[u8]) -> Pin {
        Pin { id: id.to_owned(), file: PathBuf::from(file), digest: Digest::of(what) }
    }

    fn held(file: &Path) -> anyhow::Result<Memory<'_>> {
        Memory::hold(file).map_err(|it| anyhow::anyhow!("{}", it.what()))
    }

    #[test]
    fn another_one_in_the_place_of_a_known_one_is_noticed() {
        let changed = |what: &[u8]| Standing::Changed(Digest::of(what));
        let pins = Pins { plugins: vec![pin("acme", "/a.wasm", b"1"), pin("acme", "/a.wasm", b"2")] };
        assert_eq!(pins.standing(&pin("acme", "/a.wasm", b"2")), Standing::Known);
        assert_eq!(pins.standing(&pin("acme", "/b.wasm", b"1")), Standing::Moved);
        assert_eq!(pins.standing(&pin("other", "/b.wasm", b"3")), Standing::First);
        // By its id, or by its file under whatever id.
        assert_eq!(pins.standing(&pin("acme", "/b.wasm", b"3")), changed(b"2"));
        assert_eq!(pins.standing(&pin("other", "/a.wasm", b"3")), changed(b"2"));
        // To go back is a change.
        assert_eq!(pins.standing(&pin("acme", "/a.wasm", b"1")), changed(b"2"));
    }

    #[test]
    fn a_tag_stands_for_one_and_a_repository_for_all_of_it() {
        let changed = |what: &[u8]| Standing::Changed(Digest::of(what));
        let (one, two) = ("oci:ghcr.io:443/acme/x:1", "oci:ghcr.io:443/acme/x:2");
        let mut pins = Pins { plugins: vec![pin("acme", one, b"1")] };
        assert_eq!(pins.standing(&pin("other", two, b"2")), changed(b"1"));
        assert_eq!(pins.standing(&pin("other", "oci:ghcr.io:443/acme/y:1", b"2")), Standing::First);
        pins.add(pin("acme", two, b"2"));
        // Whoever uses both in turn is not asked each time.
        assert_eq!(pins.standing(&pin("acme", one, b"1")), Standing::Known);
        assert_eq!(pins.standing(&pin("acme", two, b"2")), Standing::Known);
        assert_eq!(pins.standing(&pin("acme", one, b"2")), changed(b"1"));
        // Without a tag, as it was remembered before.
        let pins = Pins { plugins: vec![pin("acme", "oci:ghcr.io:443/acme/x", b"1")] };
        assert_eq!(pins.standing(&pin("acme", one, b"1")), Standing::Moved);
        assert_eq!(pins.standing(&pin("other", one, b"2")), changed(b"1"));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_read_back() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("state/plugins.json");
        let mut memory = held(&file)?;
        memory.pins.plugins = (0..PINS).map(|it| pin("old", "/old.wasm", &it.to_le_bytes())).collect();
        memory.pins.plugins[0] = pin("seldom", "/seldom.wasm", b"1");
        memory.keep(pin("acme", "/a.wasm", b"1"))?;
        let read = held(&file)?;
        // However often others were used meanwhile.
        assert_eq!(read.standing(&pin("seldom", "/seldom.wasm", b"2")), Standing::Changed(Digest::of(b"1")));
        assert_eq!(read.pins.plugins.len(), PINS);
        assert_eq!(read.pins.plugins.last(), Some(&pin("acme", "/a.wasm", b"1")));
        assert_eq!(
            read.standing(&pin("old", "/x.wasm", &0_usize.to_le_bytes())),
            Standing::Changed(Digest::of(&(PINS - 1).to_le_bytes()))
        );
        Ok(())
    }

    #[test]
    fn nobody_overwrites_what_others_remember_meanwhile() -> anyhow::Result<()> {
        const WRITERS: usize = 8;
        const EACH: usize = 20;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("state/plugins.json");
        std::thread::scope(|scope| {
            let write = |writer: usize| {
                let file = &file;
                scope.spawn(move || {
                    for it in 0..EACH {
                        held(file)?.keep(pin("acme", &format!("/{writer}/{it}"), b"1"))?;
                    }
                    anyhow::Ok(())
                })
            };
            let writers: Vec<_> = (0..WRITERS).map(write).collect();
            writers.into_iter().try_for_each(|it| it.join().expect("no panic"))
        })?;
        assert_eq!(held(&file)?.pins.plugins.len(), WRITERS * EACH);
        Ok(())
    }

    #[test]
    fn a_memory_that_makes_no_sense_trusts_nobody() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("plugins.json");
        fs::write(&file, "{}")?;
        assert!(Pins::read(&file).is_err());
        assert!(Pins::read(folder.path()).is_err());
        assert!(Pins::read(&folder.path().join("none")).is_ok_and(|it| it.plugins.is_empty()));
        Ok(())
    }

    #[test]
    fn what_cannot_be_written_is_read_nevertheless() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("plugins.json");
        held(&file)?.keep(pin("acme", "/a.wasm", b"1"))?;
        fs::remove_file(file.with_extension("lock"))?;
        fs::create_dir(file.with_extension("lock"))?;
        assert_eq!(held(&file)?.standing(&pin("acme", "/a.wasm", b"1")), Standing::Known);
        assert!(held(&file)?.keep(pin("acme", "/b.wasm", b"2")).is_err());
        Ok(())
    }
}
