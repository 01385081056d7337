//! Taking what has changed in the folder back to the object store.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use exhibit_records::Predecessor;
use object_store::{ObjectStoreExt as _, PutMode, PutOptions, PutPayload, UpdateVersion};

use crate::contract::types::Instant;
use crate::disk::at;
use crate::evidence::in_store::{EVIDENCE, PLUGINS};
use crate::log::{self, CHECKPOINT};
use crate::signing::SigningKey;
use crate::testing::{earlier, run_signature};

use super::super::begun::BEGUN;
use super::super::error::StoreError;
use super::super::folder::{LOG, Store};
use super::super::intent::Intent;
use super::super::recover::Recovered;
use super::super::runs;
use super::error::ObjectsError;
use super::paths::RESUME;
use super::paths::{comes_last, last_of_unknown, of_evidence, run_of};
use super::pending::{PENDING, Pending};
use super::pull::files;
use super::{ABANDONED_AFTER, Objects};

/// Others may be quicker so many times.
const ATTEMPTS: usize = 20;
/// So often it is looked whether runs with lower numbers are in the log: a process that takes longer is overtaken, which it
/// notices.
const WAITED_FOR_RUNS: u32 = 5;
/// Between these looks.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

impl Objects {
    /// Takes what has changed back. Where others have changed the log meanwhile, `again` does to the
    /// store as it is then what had been done to it.
    pub async fn push(
        &mut self,
        again: &(dyn Fn(&Store) -> Result<(), StoreError> + Sync),
    ) -> Result<(), ObjectsError> {
        for _ in 0..ATTEMPTS {
            if let Some(left) = self.unpublished.take() {
                self.publish(&left).await?;
            }
            self.put_new(PLUGINS).await?;
            // Before what it is of: what is whole there and has none was put there by others.
            self.put_new(BEGUN).await?;
            self.put_new(EVIDENCE).await?;
            self.list().await?;
            let now = self.log_now()?;
            let pending = Pending::between(&self.log, &now);
            if pending.0.is_empty() {
                return Ok(());
            }
            if std::mem::take(&mut self.is_older) {
                self.replace_file(exhibit_records::STORE_FILE).await?;
            }
            if self.commit(&pending).await? {
                self.publish(&pending).await?;
                self.log = now;
                self.remove_gone().await?;
                return self.remove_begun(None).await;
            }
            let store = self.pull().await?;
            again(&store)?;
        }
        Err(ObjectsError::Busy(self.name.clone()))
    }

    /// Finishes what killed processes had begun, as [`Store::recover`] does; and removes what they had begun
    /// to put there and no process has continued for a day.
    pub async fn recover(
        &mut self,
        store: &Store,
        key: &SigningKey,
        now: Instant,
    ) -> Result<Recovered, ObjectsError> {
        self.fetch_strangers(store).await?;
        let recovered = store.recover(key, now)?;
        if !(recovered.entered.is_empty() && recovered.tested.is_empty()) {
            self.push(&|store| store.recover(key, now).map(drop)).await?;
        }
        self.remove_pruned(store).await?;
        self.remove_overtaken(store, key).await?;
        self.remove_begun(Some(now)).await?;
        let catalog = store.catalog()?;
        let unfinished =
            |path: &&String| last_of_unknown(path, &catalog).is_some_and(|it| !self.listed.contains_key(&it));
        let old = self.listed.iter().filter(|(_, it)| it.written.saturating_add(ABANDONED_AFTER) < now);
        let mut abandoned: Vec<String> = old.map(|it| it.0).filter(unfinished).cloned().collect();
        // Last the object that reserves the number while it is there.
        abandoned.sort_by_key(|it| it.ends_with(run_signature::FILE));
        abandoned.extend(self.old_attempts(now));
        for path in abandoned {
            self.remove(&path).await?;
        }
        Ok(recovered)
    }

    /// Removes the runs of tests that a process of this store began to enter and that can no longer be: others were entered
    /// first. Where that process still runs, it makes its run come after those.
    async fn remove_overtaken(&mut self, store: &Store, key: &SigningKey) -> Result<(), ObjectsError> {
        let catalog = store.catalog()?;
        let is_overtaken = |it: &Intent| -> std::io::Result<bool> {
            let last = catalog.find(&it.evidence).and_then(runs::number_of_last);
            let number = it.run.as_deref().and_then(runs::number);
            let is_behind = number.is_some_and(|it| Some(it) <= last) && !it.is_over(&catalog);
            Ok(is_behind && store.has_begun(it, &key.public())?)
        };
        for intent in store.begun()?.into_iter().filter_map(|it| it.0) {
            let Some(run) = &intent.run else { continue };
            if !is_overtaken(&intent)? {
                continue;
            }
            self.remove_run(&format!("{EVIDENCE}/{}/{run}", intent.evidence)).await?;
        }
        Ok(())
    }

    /// Removes all objects of a run of tests.
    async fn remove_run(&mut self, run: &str) -> Result<(), ObjectsError> {
        let prefix = format!("{run}/");
        let mut put: Vec<String> = self.listed.keys().filter(|it| it.starts_with(&prefix)).cloned().collect();
        // First what makes it a run, last what reserves its number.
        put.sort_by_key(|it| (Reverse(comes_last(it)), it.ends_with(run_signature::FILE)));
        for path in put {
            self.remove(&path).await?;
        }
        Ok(())
    }

    /// All objects of interrupted collections that no process has continued for a day, from their last page on.
    fn old_attempts(&self, now: Instant) -> Vec<String> {
        let mut attempts: BTreeMap<&str, Vec<(&String, Instant)>> = BTreeMap::new();
        for (path, object) in &self.listed {
            let of = path.strip_prefix(RESUME).and_then(|it| it.strip_prefix('/'));
            if let Some((attempt, _)) = of.and_then(|it| it.rsplit_once('/')) {
                attempts.entry(attempt).or_default().push((path, object.written));
            }
        }
        let is_old = |it: &(&String, Instant)| it.1.saturating_add(ABANDONED_AFTER) < now;
        let old = attempts.into_values().filter(|it| it.iter().all(is_old));
        old.flat_map(|it| it.into_iter().rev().map(|it| it.0.clone())).collect()
    }

    /// Removes what was begun and is over now; with `now`, what was begun a day ago and is not there, too.
    async fn remove_begun(&mut self, now: Option<Instant>) -> Result<(), ObjectsError> {
        let store = Store::open(&self.mirror)?;
        let catalog = store.catalog()?;
        for (intent, file) in store.begun()? {
            let path = self.path_of(&file)?;
            let is_old = self
                .listed
                .get(&path)
                .is_some_and(|it| now.is_some_and(|now| it.written.saturating_add(ABANDONED_AFTER) < now));
            let is_there = |it: &Intent| self.listed.contains_key(&format!("{EVIDENCE}/{}", it.record()));
            let is_over = match &intent {
                Some(it) => it.is_over(&catalog) || (is_old && !is_there(it)),
                None => is_old,
            };
            if is_over {
                self.remove(&path).await?;
                fs::remove_file(&file).map_err(|error| at(&file, error))?;
            }
        }
        Ok(())
    }

    /// Removes the evidence that the log says is pruned.
    pub async fn remove_pruned(&mut self, store: &Store) -> Result<(), ObjectsError> {
        let catalog = store.catalog()?;
        let pruned = |path: &&String| {
            let package = of_evidence(path).and_then(|it| catalog.find(it.0));
            package.is_some_and(|it| it.pruned.is_some())
        };
        let mut paths: Vec<String> = self.listed.keys().filter(pruned).cloned().collect();
        // First what makes it evidence.
        paths.sort_by_key(|it| Reverse(comes_last(it)));
        for path in paths {
            self.remove(&path).await?;
        }
        Ok(())
    }

    /// Has the number of a run of tests for it alone, or the next one that is free, and has `seal` write the record that it
    /// comes after: `run` is its folder, as it was made here. Gives its folder then.
    pub async fn claim(
        &mut self,
        store: &Store,
        run: &Path,
        seal: &mut (dyn FnMut(&Path, Predecessor) -> io::Result<()> + Send),
    ) -> Result<PathBuf, ObjectsError> {
        let mut run = run.to_owned();
        for _ in 0..ATTEMPTS {
            run = self.reserve(&run).await?;
            if let Some(previous) = self.last_before(store, &run).await? {
                seal(&run, previous)?;
                let file = run.join(run_signature::FILE);
                let bytes = fs::read(&file).map_err(|error| at(&file, error))?;
                self.objects.put(&self.key(&self.path_of(&file)?), bytes.into()).await?;
                return Ok(run);
            }
            run = self.withdraw(&run).await?;
        }
        Err(ObjectsError::Busy(self.name.clone()))
    }

    /// The record that a run whose number is reserved comes after, once those with lower numbers are in the log; they are
    /// waited for a while, as their processes may have been killed. `None` where a later one is in the log already.
    pub(super) async fn last_before(
        &mut self,
        store: &Store,
        run: &Path,
    ) -> Result<Option<Predecessor>, ObjectsError> {
        let evidence = run.parent().and_then(Path::parent).unwrap_or(run);
        let name = evidence.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let own = self.path_of(run)?.rsplit('/').next().and_then(|it| it.parse::<u32>().ok());
        let own = own.ok_or_else(|| StoreError::NoRun(run.to_owned()))?;
        for waited in 0..=WAITED_FOR_RUNS {
            if waited > 0 {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
            self.pull().await?;
            let catalog = store.catalog()?;
            let last = catalog.find(&name).and_then(runs::number_of_last);
            if last >= Some(own) {
                return Ok(None);
            }
            let is_begun = |path: &String| {
                let of = of_evidence(path).filter(|it| it.0 == name && path.ends_with(run_signature::FILE));
                let number = of.and_then(|it| run_of(it.1)).and_then(runs::number);
                let is_logged =
                    |it: u32| catalog.find(&name).is_some_and(|log| log.knows(&earlier::named_path(it)));
                number.is_some_and(|it| Some(it) > last && it < own && !is_logged(it))
            };
            if !self.listed.keys().any(is_begun) {
                break;
            }
        }
        Ok(Some(store.last_record(evidence)?))
    }

    /// Gives up the number of a run of tests, with what was put there, and moves its folder here to the next one. Gives
    /// that.
    pub async fn withdraw(&mut self, run: &Path) -> Result<PathBuf, ObjectsError> {
        self.list().await?;
        self.remove_run(&self.path_of(run)?).await?;
        let next = earlier::following(run).ok_or_else(|| ObjectsError::Busy(self.name.clone()))?;
        fs::rename(run, &next).map_err(|error| at(&next, error))?;
        Ok(next)
    }

    /// Reserves the number of a run of tests, or the next one that is free. Gives its folder then.
    async fn reserve(&mut self, run: &Path) -> Result<PathBuf, ObjectsError> {
        let mut run = run.to_owned();
        for _ in 0..ATTEMPTS {
            let path = self.path_of(&run.join(run_signature::FILE))?;
            let bytes = fs::read(run.join(run_signature::FILE)).map_err(|error| at(&run, error))?;
            match self.objects.put_opts(&self.key(&path), bytes.into(), PutMode::Create.into()).await {
                Ok(_) => {
                    self.remember(&path);
                    return Ok(run);
                }
                Err(object_store::Error::AlreadyExists { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            let Some(next) = earlier::following(&run) else { break };
            fs::rename(&run, &next).map_err(|error| at(&next, error))?;
            run = next;
        }
        Err(ObjectsError::Busy(self.name.clone()))
    }

    /// The log changes by this, if no process has changed it meanwhile. Returns whether it did.
    async fn commit(&mut self, pending: &Pending) -> Result<bool, ObjectsError> {
        let bytes = pending.to_bytes().map_err(std::io::Error::from)?;
        let mode = self.pending.clone().map_or(PutMode::Create, PutMode::Update);
        match self.objects.put_opts(&self.key(PENDING), bytes.into(), PutOptions::from(mode)).await {
            Ok(put) => {
                self.pending = Some(UpdateVersion::from(put));
                Ok(true)
            }
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What counts already, where readers of logs look for it: the checkpoint last.
    async fn publish(&self, pending: &Pending) -> Result<(), ObjectsError> {
        let mut files: Vec<_> = pending.0.iter().collect();
        files.sort_by_key(|(path, _)| *path == CHECKPOINT);
        for (path, bytes) in files {
            let key = self.key(&format!("{LOG}/{path}"));
            self.objects.put(&key, PutPayload::from(bytes.clone())).await?;
        }
        Ok(())
    }

    /// Removes the tiles that wider ones have taken the place of.
    async fn remove_gone(&mut self) -> Result<(), ObjectsError> {
        let prefix = format!("{LOG}/");
        let gone = |path: &&String| path.strip_prefix(&prefix).is_some_and(|it| !self.log.contains_key(it));
        let gone: Vec<String> = self.listed.keys().filter(gone).cloned().collect();
        for path in gone {
            self.remove(&path).await?;
        }
        Ok(())
    }

    async fn remove(&mut self, path: &str) -> Result<(), ObjectsError> {
        match self.objects.delete(&self.key(path)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {
                self.listed.remove(path);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The log as it is in the folder, without what is of this machine alone.
    fn log_now(&self) -> Result<BTreeMap<String, Vec<u8>>, ObjectsError> {
        let mut log = BTreeMap::new();
        for (path, file) in files(&self.mirror.join(LOG))? {
            if !log::OF_THIS_MACHINE.contains(&path.as_str()) {
                log.insert(path, fs::read(&file).map_err(|error| at(&file, error))?);
            }
        }
        Ok(log)
    }
}
