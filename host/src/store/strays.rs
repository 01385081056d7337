//! What is in a store's folder and belongs to no store.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::path::Path;

use exhibit_records::{Digest, STORE_FILE};
use exhibit_rows::Shown;

use crate::checks::Fault;
use crate::disk::{self, Extent, desktop, names, staging};
use crate::evidence::in_store::{EVIDENCE, PLUGINS};
use crate::plugin::COMPONENT_BYTES;
use crate::remedy::Remedy;

use super::begun::{self, BEGUN};
use super::catalog::Catalog;
use super::folder::{LOG, Store};
use super::identity::UNFINISHED;
use super::recover::{LOCK, REMOVED, is_plugin_file, plugins_needed};

/// What a store's folder has.
pub(super) const OWN: [&str; 6] = [STORE_FILE, EVIDENCE, PLUGINS, BEGUN, LOG, LOCK];

/// What is there beside what a store has.
#[derive(Debug, Default)]
pub(super) struct Strays {
    /// What no process of ours writes.
    pub(super) faults: Vec<Fault>,
    /// What processes leave that are killed: it means nothing, and a later one takes it away.
    pub(super) left: Vec<String>,
}

impl Strays {
    /// In the folder of a store, and in its folders of evidence, plugins, and what was begun. Evidence itself, its runs and the
    /// log are looked through elsewhere.
    pub(super) fn of(store: &Store, catalog: &Catalog) -> io::Result<Self> {
        let mut strays = Self::default();
        strays.root(store.folder())?;
        strays.begun(&store.folder().join(BEGUN))?;
        strays.plugins(store, catalog)?;
        strays.hidden_evidence(&store.evidence(), catalog)?;
        Ok(strays)
    }

    fn root(&mut self, folder: &Path) -> io::Result<()> {
        for name in sorted(folder)? {
            match name.to_str() {
                Some(it) if OWN.contains(&it) => {}
                Some(UNFINISHED) => self.left(UNFINISHED, "the next command that writes there removes it"),
                _ => self.stray("", &name, "is no part of a store"),
            }
        }
        Ok(())
    }

    fn begun(&mut self, folder: &Path) -> io::Result<()> {
        for name in sorted(folder)? {
            if !name.to_str().is_some_and(begun::is_file) {
                self.stray(BEGUN, &name, "is no part of a store");
            }
        }
        Ok(())
    }

    fn plugins(&mut self, store: &Store, catalog: &Catalog) -> io::Result<()> {
        let folder = store.folder().join(PLUGINS);
        let needed = plugins_needed(store, catalog);
        for name in sorted(&folder)? {
            let path = folder.join(&name);
            if needed.contains(&path) {
                continue;
            }
            let is_plugin = match is_plugin_file(&name) {
                Some(digest) => has_digest(&path, digest)?,
                None => false,
            };
            if is_plugin {
                let path = format!("{PLUGINS}/{}", name.to_string_lossy());
                self.left(&path, "no evidence needs it, and the next pruning removes it");
            } else {
                self.stray(PLUGINS, &name, "is no plugin of the evidence here");
            }
        }
        Ok(())
    }

    /// What begins with a dot: the other names are those of evidence, and looked up in the log.
    fn hidden_evidence(&mut self, folder: &Path, catalog: &Catalog) -> io::Result<()> {
        // What is said of these elsewhere.
        let in_the_making = staging::found(folder)?;
        for name in sorted(folder)? {
            let text = name.to_string_lossy();
            let Some(rest) = text.strip_prefix('.') else { continue };
            if in_the_making.iter().any(|it| it.0 == text) {
                continue;
            }
            let pruned = rest.strip_suffix(REMOVED).and_then(|it| catalog.find(it));
            if pruned.is_some_and(|it| it.pruned.is_some()) && disk::is_dir(&folder.join(&name))? {
                let path = format!("{EVIDENCE}/{text}");
                self.left(
                    &path,
                    "it was being removed, and the next command that writes to the store ends that",
                );
            } else {
                self.stray(EVIDENCE, &name, "is no evidence");
            }
        }
        Ok(())
    }

    fn left(&mut self, path: &str, then: &str) {
        self.left.push(format!("{} was left by a process that was killed: {then}", Shown::line(path)));
    }

    fn stray(&mut self, within: &str, name: &OsString, what: &str) {
        let name = name.to_string_lossy();
        let path = if within.is_empty() { name.into_owned() } else { format!("{within}/{name}") };
        self.faults.push(match desktop::leaves(&path) {
            Some(program) => Fault::left(&path, program),
            None => Fault::new(
                format!("{} {what}", Shown::line(&path)),
                Remedy::from("find out who put it there, and move it elsewhere"),
            ),
        });
    }
}

/// The names in a folder. None where it is not there: a copy may have no empty ones.
fn sorted(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut found = match names(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        found => found?,
    };
    found.sort();
    Ok(found)
}

fn has_digest(path: &Path, hex: &str) -> io::Result<bool> {
    // Compressed it is not larger than this: one that is was made larger.
    let most = 2 * COMPONENT_BYTES as u64;
    let read = disk::open_regular_file(path).and_then(|it| Extent::read(it.take(most)));
    Ok(disk::readable(read)?.is_some_and(|it| Digest::hex(&it.finish().1) == hex))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use exhibit_records::{Entry, EvidenceAdded};
    use exhibit_secrets::{Backends, SecretRef};

    use super::super::catalog::tests::{catalog, kept, pruned};
    use super::*;
    use crate::signing::{SigningKey, make};

    async fn store(place: &Path) -> Store {
        let file = place.join("key");
        make(&file).expect("a key");
        let key = SigningKey::read(&SecretRef::File(file), &Backends::default()).await.expect("a key");
        Store::create(&place.join("store"), &"example.com/store".parse().expect("a name"), &key)
            .expect("a store")
    }

    fn said(strays: &Strays) -> Vec<&str> {
        strays
            .faults
            .iter()
            .map(|it| it.what.as_str())
            .chain(strays.left.iter().map(String::as_str))
            .collect()
    }

    #[tokio::test]
    async fn each_thing_that_is_no_part_of_a_store_is_named() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let store = store(place.path()).await;
        let needed = Digest::of(b"needed");
        let of_a = EvidenceAdded { plugin: Some(needed), ..kept("a", 1) };
        let catalog = catalog(&[Entry::from(of_a), kept("b", 2).into(), pruned("b")]).expect("a log");
        let file = |digest: Digest| format!("plugins/{}.wasm.zst", digest.hex());
        fs::write(store.folder().join(file(needed)), "needed")?;
        fs::write(store.folder().join("lock"), "")?;
        fs::create_dir(store.folder().join(BEGUN))?;
        fs::write(store.folder().join(format!("begun/{}.json", needed.hex())), "")?;
        assert_eq!(said(&Strays::of(&store, &catalog)?), [""; 0], "all of this is a store's");
        for name in [
            "audit-2025",
            ".hidden",
            "evidence\u{1b}[2J",
            ".DS_Store",
            "plugins/users.wasm",
            "plugins/.hidden",
            "begun/notes.txt",
            "evidence/.hidden",
            "evidence/.c.pruned",
        ] {
            fs::create_dir_all(store.folder().join(name))?;
        }
        fs::write(store.folder().join(file(Digest::of(b"unneeded"))), "unneeded")?;
        fs::write(store.folder().join(file(Digest::of(b"other"))), "altered")?;
        fs::create_dir(store.folder().join("evidence/.b.pruned"))?;
        fs::write(store.folder().join(UNFINISHED), "half")?;
        insta::assert_snapshot!(said(&Strays::of(&store, &catalog)?).join("\n"), @r"
        .DS_Store was added: macOS leaves such files in folders that it shows or packs
        .hidden is no part of a store
        audit-2025 is no part of a store
        evidence\u{1b}[2J is no part of a store
        begun/notes.txt is no part of a store
        plugins/.hidden is no plugin of the evidence here
        plugins/d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa.wasm.zst is no plugin of the evidence here
        plugins/users.wasm is no plugin of the evidence here
        evidence/.c.pruned is no evidence
        evidence/.hidden is no evidence
        .store.json was left by a process that was killed: the next command that writes there removes it
        plugins/a19602c62ba3985800f26f256591bc91c4af1478cd019fa1305601a449205068.wasm.zst was left by a process that was killed: no evidence needs it, and the next pruning removes it
        evidence/.b.pruned was left by a process that was killed: it was being removed, and the next command that writes to the store ends that
        ");
        Ok(())
    }
}
