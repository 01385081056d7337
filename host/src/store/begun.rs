//! What a store is about to take in: written before evidence or a run of tests gets its place, removed once the log lists
//! it. Where a process is killed in between, the next one enters what has such an intent, and nothing else: what somebody
//! put there, even signed with the same key, has none.
//!
//! ```text
//! begun/DIGEST.json   where it goes, its digest, and the signature of the store's key over both and the store's name
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_rows::ShowPath as _;
use serde::{Deserialize, Serialize};

use crate::disk::{self, at, private, sync, write_private};
use crate::signing::{PublicKey, SigningKey};

use super::catalog::{Catalog, is_name};
use super::folder::Store;
use super::intent::{ENDING, Intent};

/// Where they are.
pub(super) const BEGUN: &str = "begun";
/// So many are looked at: each is of a process that was killed, or still runs.
const LOOKED_AT: usize = 10_000;

/// Two names of files, a digest and a signature have less than a tenth of it.
const INTENT_BYTES: u64 = 16 << 10;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    intent: Intent,
    signature: String,
}

impl Store {
    /// Writes what is about to be taken in, for good.
    pub(super) fn begin(&self, intent: &Intent, key: &SigningKey) -> io::Result<()> {
        let folder = self.folder().join(BEGUN);
        match private(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(at(&folder, error)),
            Err(_) => {}
            Ok(()) => sync(self.folder())?,
        }
        let signature = STANDARD.encode(key.sign(&intent.statement(self.log().origin())));
        let json = serde_json::to_vec(&Written { intent: intent.clone(), signature })?;
        let path = folder.join(intent.file());
        // Half of it counts for nothing, and nothing is in its place yet then.
        write_private(&path, &json)?.sync_all().map_err(|error| at(&path, error))?;
        sync(&folder)
    }

    /// Whether a process with this key was about to take this in.
    ///
    /// # Errors
    /// Where this machine cannot read what was begun.
    pub(super) fn has_begun(&self, intent: &Intent, key: &PublicKey) -> io::Result<bool> {
        let Some((found, signature)) = read(&self.folder().join(BEGUN).join(intent.file()))? else {
            return Ok(false);
        };
        let signature = STANDARD.decode(signature).unwrap_or_default();
        Ok(found == *intent && key.verify(&intent.statement(self.log().origin()), &signature).is_ok())
    }

    /// The same, with one of these keys.
    pub(super) fn has_begun_with(&self, intent: &Intent, keys: &[PublicKey]) -> io::Result<bool> {
        for key in keys {
            if self.has_begun(intent, key)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// It is taken in. A file that stays does no harm: the next process that recovers the store removes it.
    pub(super) fn end(&self, intent: &Intent) {
        let path = self.folder().join(BEGUN).join(intent.file());
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(file = %path.shown(), %error, "what was begun could not be removed");
        }
    }

    /// All that was begun, with its files; what is not written to its end is nothing.
    ///
    /// # Errors
    /// Where this machine cannot read it.
    pub(super) fn begun(&self) -> io::Result<Vec<(Option<Intent>, PathBuf)>> {
        let folder = self.folder().join(BEGUN);
        let names = disk::names_if_any(&folder)?.into_iter().take(LOOKED_AT);
        let ours = names.filter(|it| it.to_str().is_some_and(is_file)).map(|it| folder.join(it));
        ours.map(|it| Ok((read(&it)?.map(|it| it.0), it))).collect()
    }

    /// Removes what is over by now, and what has not come to its place: no process is about to do that while the
    /// caller has the store for itself.
    ///
    /// # Errors
    /// Where this machine cannot read what was begun, or does not say whether it has come to its place: that stays.
    pub(super) fn sweep_begun(&self, catalog: &Catalog) -> io::Result<()> {
        for (intent, path) in self.begun()? {
            let is_over = match intent {
                None => true,
                Some(it) => it.is_over(catalog) || !disk::is_there(&self.evidence().join(it.record()))?,
            };
            if is_over && let Err(error) = fs::remove_file(&path) {
                tracing::warn!(file = %path.shown(), %error, "what was begun could not be removed");
            }
        }
        Ok(())
    }
}

/// Whether a file of this name is one.
pub(super) fn is_file(name: &str) -> bool {
    name.strip_suffix(ENDING).is_some_and(|it| it.len() == 64 && it.bytes().all(|it| it.is_ascii_hexdigit()))
}

fn read(path: &Path) -> io::Result<Option<(Intent, String)>> {
    let Some(json) = disk::readable(disk::read_at_most(path, INTENT_BYTES))? else { return Ok(None) };
    let Ok(Written { intent, signature }) = serde_json::from_slice(&json) else { return Ok(None) };
    let is_run = |it: &String| it.split('/').all(is_name);
    let is_sound = is_name(&intent.evidence) && intent.run.as_ref().is_none_or(is_run);
    Ok(is_sound.then_some((intent, signature)))
}

#[cfg(test)]
mod tests {
    use exhibit_records::Digest;
    use exhibit_secrets::{Backends, SecretRef};

    use super::super::catalog::tests::{catalog, kept, run};
    use super::*;
    use crate::signing::make;

    async fn key(place: &Path, name: &str) -> SigningKey {
        let file = place.join(name);
        make(&file).expect("a key");
        SigningKey::read(&SecretRef::File(file), &Backends::default()).await.expect("a key")
    }

    fn store(folder: &Path, name: &str, key: &SigningKey) -> Store {
        Store::create(folder, &name.parse().expect("a name"), key).expect("a store")
    }

    #[tokio::test]
    async fn only_what_this_store_began_with_this_key_has_begun() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let (own, other) = (key(place.path(), "own").await, key(place.path(), "other").await);
        let here = store(&place.path().join("here"), "example.com/here", &own);
        let intent = Intent::evidence("a", Digest::of(b"a"));
        assert!(!here.has_begun(&intent, &own.public())?);
        here.begin(&intent, &own)?;
        assert!(here.has_begun(&intent, &own.public())?);
        assert!(!here.has_begun(&intent, &other.public())?, "another key");
        assert!(!here.has_begun(&Intent::evidence("b", Digest::of(b"a")), &own.public())?, "another place");
        assert!(!here.has_begun(&Intent::evidence("a", Digest::of(b"b")), &own.public())?, "another proof");
        // In another store of the same key, a copy of it counts for nothing.
        let there = store(&place.path().join("there"), "example.com/there", &own);
        fs::create_dir(there.folder().join(BEGUN))?;
        let file = |store: &Store| store.folder().join(BEGUN).join(intent.file());
        fs::copy(file(&here), file(&there))?;
        assert!(!there.has_begun(&intent, &own.public())?);
        here.end(&intent);
        assert!(!here.has_begun(&intent, &own.public())?);
        Ok(())
    }

    #[tokio::test]
    async fn what_is_over_goes_and_what_is_not_stays() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let own = key(place.path(), "own").await;
        let store = store(&place.path().join("store"), "example.com/store", &own);
        let run_of_a = Digest::of(b"a 2");
        let entries = [kept("a", 1).into(), run("a", 2, &[])];
        let catalog = catalog(&entries).expect("a log");
        let listed = Intent::evidence("a", Digest::of(b"a"));
        let listed_run = Intent { run: Some("tests/0002".to_owned()), ..Intent::evidence("a", run_of_a) };
        let (placed, never) =
            (Intent::evidence("b", Digest::of(b"b")), Intent::evidence("c", Digest::of(b"c")));
        for intent in [&listed, &listed_run, &placed, &never] {
            store.begin(intent, &own)?;
        }
        fs::create_dir(store.evidence().join("b"))?;
        fs::write(store.evidence().join(placed.record()), "")?;
        fs::write(store.folder().join(BEGUN).join(format!("{}.json", "0".repeat(64))), "half")?;
        fs::write(store.folder().join(BEGUN).join("notes.txt"), "of a person")?;
        store.sweep_begun(&catalog)?;
        let left = disk::names(&store.folder().join(BEGUN))?;
        let mut left: Vec<String> = left.iter().map(|it| it.to_string_lossy().into_owned()).collect();
        left.sort();
        let mut expected = [placed.file(), "notes.txt".to_owned()];
        expected.sort();
        assert_eq!(left, expected);
        Ok(())
    }
}
