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

/// Why a plugin is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reason {
    /// It was used, and no one was asked: it was the first of its id and its place, or was known by another name.
    Used,
    /// A person was asked, and said yes.
    Agreed,
    /// The call named its digest.
    Named,
}

/// A plugin that was used or trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pin {
    /// How the plugin calls itself.
    pub(super) id: String,
    /// What named it: where it lay, without links; or its name and version in a registry.
    pub(super) file: PathBuf,
    /// What it is.
    pub(super) digest: Digest,
    /// Why it is remembered. `None` where an earlier version remembered it, which did not say: it may just have been used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<Reason>,
}

/// What is remembered, the last one that was used or trusted last.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Pins {
    plugins: Vec<Pin>,
}

/// How a plugin stands to those that are remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The last one of this name, and why it is remembered.
    Known(Option<Reason>),
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
            return if same { Standing::Known(last.why) } else { Standing::Changed(last.digest) };
        }
        if self.plugins.iter().any(|it| it.digest == new.digest) {
            return Standing::Moved;
        }
        let place = plugin_ref::place(&new.file);
        let before =
            self.plugins.iter().rev().find(|it| it.id == new.id || plugin_ref::place(&it.file) == place);
        before.map_or(Standing::First, |it| Standing::Changed(it.digest))
    }

    /// Those that a person said to be trusted, and that are still the last ones of their names.
    fn trusted(&self) -> impl Iterator<Item = &Pin> {
        let is_last = |at: usize| self.plugins[at + 1..].iter().all(|it| it.file != self.plugins[at].file);
        let pins = self.plugins.iter().enumerate();
        pins.filter(move |(at, it)| it.why.is_some_and(|it| it > Reason::Used) && is_last(*at)).map(|it| it.1)
    }

    /// Removes those of this id, this name or this digest. Gives them.
    fn forget(&mut self, meant: impl Fn(&Pin) -> bool) -> Vec<Pin> {
        let (forgotten, left) = std::mem::take(&mut self.plugins).into_iter().partition(meant);
        self.plugins = left;
        forgotten
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
        let is_same = |it: &Pin| (&it.id, &it.file, it.digest) == (&new.id, &new.file, new.digest);
        self.plugins.retain(|it| !is_same(it));
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

    /// All that are remembered.
    pub(super) fn all(&self) -> &[Pin] {
        &self.pins.plugins
    }

    /// Those that a person said to be trusted, and that are still the last ones of their names.
    pub(super) fn trusted(&self) -> impl Iterator<Item = &Pin> {
        self.pins.trusted()
    }

    /// Remembers a plugin, as the last one of its name.
    pub(super) fn keep(mut self, new: Pin) -> io::Result<()> {
        self.pins.add(new);
        self.write()
    }

    /// Forgets those that are meant. Gives them.
    pub(super) fn forget(mut self, meant: impl Fn(&Pin) -> bool) -> io::Result<Vec<Pin>> {
        let forgotten = self.pins.forget(meant);
        if !forgotten.is_empty() {
            self.write()?;
        }
        Ok(forgotten)
    }

    fn write(self) -> io::Result<()> {
        let _lock = self.lock?;
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
        Pin {
            id: id.to_owned(),
            file: PathBuf::from(file),
            digest: Digest::of(what),
            why: Some(Reason::Used),
        }
    }

    fn held(file: &Path) -> anyhow::Result<Memory<'_>> {
        Memory::hold(file).map_err(|it| anyhow::anyhow!("{}", it.what()))
    }

    #[test]
    fn another_one_in_the_place_of_a_known_one_is_noticed() {
        let changed = |what: &[u8]| Standing::Changed(Digest::of(what));
        let pins = Pins { plugins: vec![pin("acme", "/a.wasm", b"1"), pin("acme", "/a.wasm", b"2")] };
        assert_eq!(pins.standing(&pin("acme", "/a.wasm", b"2")), Standing::Known(Some(Reason::Used)));
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
        assert_eq!(pins.standing(&pin("acme", one, b"1")), Standing::Known(Some(Reason::Used)));
        assert_eq!(pins.standing(&pin("acme", two, b"2")), Standing::Known(Some(Reason::Used)));
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

    fn because(why: impl Into<Option<Reason>>, pin: Pin) -> Pin {
        Pin { why: why.into(), ..pin }
    }

    fn trusted(pins: &Pins) -> Vec<Digest> {
        pins.trusted().map(|it| it.digest).collect()
    }

    #[test]
    fn what_was_used_is_not_trusted_and_neither_is_what_was_replaced() {
        let one = || pin("acme", "/a.wasm", b"1");
        let mut pins = Pins { plugins: vec![one()] };
        assert_eq!(trusted(&pins), []);
        for why in [Reason::Agreed, Reason::Named] {
            pins.add(because(why, one()));
            assert_eq!(trusted(&pins), [Digest::of(b"1")]);
            assert_eq!(pins.plugins.len(), 1, "the same one, for another reason");
        }
        // Under a name of its own, another one of the same id replaces nothing.
        pins.add(because(Reason::Agreed, pin("acme", "/b.wasm", b"2")));
        assert_eq!(trusted(&pins), [Digest::of(b"1"), Digest::of(b"2")]);
        // Whatever came in its place, and for whatever reason.
        pins.add(pin("acme", "/a.wasm", b"3"));
        assert_eq!(trusted(&pins), [Digest::of(b"2")]);
        pins.add(because(Reason::Named, one()));
        assert_eq!(trusted(&pins), [Digest::of(b"2"), Digest::of(b"1")]);
    }

    #[test]
    fn what_an_earlier_version_remembered_was_used() -> anyhow::Result<()> {
        let digest = Digest::of(b"1");
        let text = format!(r#"{{"plugins":[{{"id":"acme","file":"/a.wasm","digest":"{digest}"}}]}}"#);
        let pins: Pins = serde_json::from_str(&text)?;
        assert_eq!(pins.standing(&pin("acme", "/a.wasm", b"1")), Standing::Known(None));
        assert_eq!(trusted(&pins), []);
        assert_eq!(serde_json::to_string(&pins)?, text);
        Ok(())
    }

    #[test]
    fn what_is_forgotten_is_new_again() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("plugins.json");
        held(&file)?.keep(because(Reason::Named, pin("acme", "/a.wasm", b"1")))?;
        held(&file)?.keep(because(Reason::Named, pin("other", "/b.wasm", b"2")))?;
        assert_eq!(held(&file)?.forget(|it| it.id == "nothing")?, []);
        let forgotten = held(&file)?.forget(|it| it.digest == Digest::of(b"1"))?;
        assert_eq!(forgotten, [because(Reason::Named, pin("acme", "/a.wasm", b"1"))]);
        let held = held(&file)?;
        assert_eq!(held.standing(&pin("acme", "/a.wasm", b"1")), Standing::First);
        assert_eq!(trusted(&held.pins), [Digest::of(b"2")]);
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
        assert_eq!(held(&file)?.standing(&pin("acme", "/a.wasm", b"1")), Standing::Known(Some(Reason::Used)));
        assert!(held(&file)?.keep(pin("acme", "/b.wasm", b"2")).is_err());
        Ok(())
    }
}
