//! Bringing evidence into the folder that stands for a store.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use exhibit_records::{Proof, about};
use futures_util::TryStreamExt as _;

use crate::contract::types::Instant;
use crate::disk::{at, private_again, private_all};
use crate::evidence::in_store::{EVIDENCE, PLUGINS};
use crate::evidence::{parse_instant, signature};
use crate::testing::{self, earlier};

use super::super::begun::{self, BEGUN};
use super::super::catalog::Catalog;
use super::super::error::StoreError;
use super::super::folder::Store;
use super::super::package::Package;
use super::Objects;
use super::error::ObjectsError;
use super::paths::{comes_last, last_of_unknown, of_evidence, proof_of, run_of};
use super::pull::{LOOKS, RECORD_BYTES, too_much};

/// What a run of tests is compared with is looked for in so many earlier proofs of the same: a quarter of
/// daily ones.
const LOOKED_BACK: usize = 100;
/// No intent is larger: two names and a digest.
const INTENT_BYTES: u64 = 64 << 10;
/// What is whole is entered in the log right away: a process that takes longer has lost its network.
const ENTERED_WITHIN: Instant = 10 * 60 * 1000;

impl Objects {
    /// The evidence of this name, with its plugin and the runs of tests that the log lists. Gives its
    /// folder.
    pub async fn fetch(&self, store: &Store, evidence: &str) -> Result<PathBuf, ObjectsError> {
        let folder = store.find(evidence)?;
        let catalog = store.catalog()?;
        let Some(package) = catalog.find(evidence) else { return Ok(folder) };
        let is_known = |path: &&String| {
            of_evidence(path).is_some_and(|(name, file)| {
                name == evidence && run_of(file).is_none_or(|run| package.knows(run))
            })
        };
        for path in self.listed.keys().filter(is_known) {
            self.bring(path, u64::MAX).await?;
        }
        if let Some(digest) = package.kept.plugin {
            self.bring(&format!("{PLUGINS}/{}.wasm.zst", digest.hex()), RECORD_BYTES).await?;
        }
        Ok(folder)
    }

    /// The store with all evidence and plugins that there are, whether the log knows of them or not. What
    /// others may be about to enter in the log is left out, and named.
    pub async fn pull_all(&mut self, now: Instant) -> Result<(Store, Vec<String>), ObjectsError> {
        let mut store = self.pull().await?;
        let mut looks = 1;
        loop {
            let under_way = self.fetch_all(&store, now).await?;
            let before = store.log().read().map_err(StoreError::from)?.signed_checkpoint().to_owned();
            store = self.pull().await?;
            let after = store.log().read().map_err(StoreError::from)?.signed_checkpoint().to_owned();
            // Something came, or went, while this was brought.
            if before == after || looks == LOOKS {
                return Ok((store, under_way));
            }
            self.forget_pruned(&store)?;
            looks += 1;
        }
    }

    async fn fetch_all(&mut self, store: &Store, now: Instant) -> Result<Vec<String>, ObjectsError> {
        // Again: evidence comes before its entry, so all that the log lists is in what is listed now.
        self.list().await?;
        let catalog = store.catalog()?;
        let mut under_way = BTreeSet::new();
        for path in self.listed.keys() {
            if ![EVIDENCE, PLUGINS].iter().any(|it| path.starts_with(&format!("{it}/"))) {
                continue;
            }
            match last_of_unknown(path, &catalog) {
                Some(last) if !self.is_left(&last, now) => {
                    under_way.insert(last);
                }
                _ => self.bring(path, u64::MAX).await?,
            }
        }
        Ok(under_way.into_iter().collect())
    }

    /// Whether what this object completes is complete, and no process can still be about to enter it in the log.
    fn is_left(&self, last: &str, now: Instant) -> bool {
        // Whatever is said to be of the future is nothing to wait for.
        self.listed.get(last).is_some_and(|it| it.written.abs_diff(now) > ENTERED_WITHIN.unsigned_abs())
    }

    /// Removes here what was brought and has been pruned since.
    fn forget_pruned(&self, store: &Store) -> Result<(), ObjectsError> {
        let catalog = store.catalog()?;
        for package in catalog.packages().iter().filter(|it| it.pruned.is_some()) {
            let (name, folder) = (&package.kept.evidence, store.evidence().join(&package.kept.evidence));
            if !self.listed.contains_key(&proof_of(name)) && folder.exists() {
                fs::remove_dir_all(&folder).map_err(|error| at(&folder, error))?;
            }
        }
        Ok(())
    }

    /// What tells whose evidence and runs of tests are that are whole and not in the log, so that they can
    /// be entered.
    pub(super) async fn fetch_strangers(&self, store: &Store) -> Result<(), ObjectsError> {
        let catalog = store.catalog()?;
        let is_intent = |path: &&String| {
            let name = path.strip_prefix(BEGUN).and_then(|it| it.strip_prefix('/'));
            name.is_some_and(begun::is_file)
        };
        for path in self.listed.keys().filter(is_intent) {
            self.bring(path, INTENT_BYTES).await?;
        }
        for path in self.listed.keys() {
            let last = last_of_unknown(path, &catalog).filter(|it| self.listed.contains_key(it));
            let (Some(last), Some((evidence, file))) = (last, of_evidence(path)) else { continue };
            let is_record = comes_last(path) > 0 || file.rsplit('/').next() == Some(signature::FILE);
            if is_record {
                self.bring(path, RECORD_BYTES).await?;
            }
            let proof = proof_of(evidence);
            if *path == last && last != proof {
                self.bring(&proof, RECORD_BYTES).await?;
            }
        }
        Ok(())
    }

    /// What a run of these tests is compared with: the last run of each, of evidence of the same that speaks
    /// for no later time. `evidence` is the folder of what is tested.
    pub async fn fetch_earlier(
        &self,
        store: &Store,
        evidence: &Path,
        proof: &Proof,
        tests: &[&str],
    ) -> Result<(), ObjectsError> {
        let catalog = store.catalog()?;
        for package in alike(&catalog, proof) {
            let name = &package.kept.evidence;
            self.bring(&proof_of(name), RECORD_BYTES).await?;
            let is_run = |path: &&String| {
                let within = of_evidence(path).filter(|it| it.0 == name && comes_last(path) > 0);
                within.and_then(|it| run_of(it.1)).is_some_and(|run| package.knows(run))
            };
            for path in self.listed.keys().filter(is_run) {
                self.bring(path, RECORD_BYTES).await?;
            }
        }
        let known = |folder: &Path, run: &earlier::Earlier| catalog.lists_run(folder, run);
        for run in earlier::find(evidence, proof, tests, Some(&known))?.runs.into_iter().flatten() {
            self.bring(&self.path_of(&run.folder.join(testing::HISTORY))?, u64::MAX).await?;
        }
        Ok(())
    }

    /// An object as a file, if it is there and is not a file yet.
    pub(super) async fn bring(&self, path: &str, most: u64) -> Result<(), ObjectsError> {
        let file = self.mirror.join(path);
        if file.is_file() {
            return Ok(());
        }
        let brought = self.bring_to(&file, path, most).await;
        if brought.is_err() {
            // Half of it would be taken for all of it.
            let _ = fs::remove_file(&file);
        }
        brought
    }

    async fn bring_to(&self, file: &Path, path: &str, most: u64) -> Result<(), ObjectsError> {
        let Some(got) = self.get(path).await? else { return Ok(()) };
        self.remember(path);
        if got.meta.size > most {
            return Err(too_much(path, most));
        }
        if let Some(parent) = file.parent() {
            private_all(parent).map_err(|error| at(parent, error))?;
        }
        let mut out = private_again(file)?;
        let (mut stream, mut size) = (got.into_stream(), 0);
        while let Some(piece) = stream.try_next().await? {
            size += piece.len() as u64;
            if size > most {
                return Err(too_much(path, most));
            }
            out.write_all(&piece).map_err(|error| at(file, error))?;
        }
        Ok(())
    }
}

/// The last proofs of the same things that were tested and cover no later time.
fn alike<'a>(catalog: &'a Catalog, proof: &Proof) -> Vec<&'a Package> {
    let (about, limit) = (about(proof), parse_instant(&proof.job.as_of));
    let time = |it: &Package| parse_instant(&it.kept.as_of).filter(|it| Some(*it) <= limit);
    let is_alike = |it: &&Package| {
        let tested = it.kept.tests.is_some() || !it.runs.is_empty();
        it.kept.about == about && it.pruned.is_none() && tested
    };
    let mut alike: Vec<_> =
        catalog.packages().iter().filter(is_alike).filter_map(|it| Some((time(it)?, it))).collect();
    alike.sort_by_key(|(time, it)| Reverse((*time, it.index)));
    alike.into_iter().take(LOOKED_BACK).map(|it| it.1).collect()
}
