//! How evidence and runs of tests come into a store: what was checked, or written, is what its log says.

use std::cell::Cell;
use std::path::Path;
use std::{fs, io};

use exhibit_records::{
    Digest, Entry, EvidenceAdded, EvidenceTested, Outcomes, PROOF_FILE, Proof, RUN_FILE, Run,
};

use crate::contract::types::Instant;
use crate::disk::{self, at, sync};
use crate::evidence::in_store::{self, PLUGINS};
use crate::evidence::{StagedEvidence, format_instant, plugin_in, read};
use crate::signing::SigningKey;
use crate::testing::earlier;

use super::error::StoreError;
use super::folder::{Store, StoredEvidence};
use super::intent::Intent;
use super::names::{named, stem};

/// Evidence that is about to be entered in the log, as it was read once.
pub(super) struct Entering<'a> {
    pub(super) proof: &'a Proof,
    /// The bytes of its `proof.json`.
    pub(super) json: &'a [u8],
    /// The run of tests that it was collected with.
    pub(super) run: Option<&'a Run>,
}

impl Store {
    /// Puts evidence that was written at [`Self::destination`] in place, signed, and enters it in the log.
    /// `now` is the host's clock.
    ///
    /// # Errors
    ///
    /// Where the evidence cannot be put in place, the key may not sign the log, or the log cannot be read or written.
    pub fn keep(
        &self,
        mut whole: StagedEvidence,
        key: &SigningKey,
        now: Instant,
    ) -> Result<StoredEvidence, StoreError> {
        let _lock = self.lock_to_add()?;
        self.share_plugin(&mut whole)?;
        let stem = stem(&whole.proof().proof_type.name, &whole.proof().job.as_of);
        let same = Cell::new(None);
        let begin = |digest: Digest| {
            let name = named(&stem, digest);
            if let Some(there) = self.same(&name, digest)? {
                same.set(Some(there));
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            self.begin(&Intent::evidence(&name, digest), key).map(|()| name)
        };
        let committed = whole.commit_as(Some(key), &begin);
        if let Some(there) = same.take() {
            // Another process has collected it at the same time, with the same answers to the byte: it is the same evidence.
            return Ok(there);
        }
        let (proof, json, folder) = committed?;
        let run = earlier::collected_with(&folder, &proof)?;
        let entering = Entering { proof: &proof, json: &json, run: run.as_ref() };
        let entered = self.enter(&folder, &entering, key, now);
        let kept = entered.map_err(|error| self.not_entered(&folder, error))?;
        if !self.stands_for_another() {
            self.end(&Intent::evidence(&kept.evidence, kept.proof));
        }
        Ok(StoredEvidence { proof, folder, kept })
    }

    /// Evidence of this name that the log lists, where it has this `proof.json`.
    ///
    /// # Errors
    /// Where this machine cannot read it: then it is not known whether it is the same.
    fn same(&self, name: &str, digest: Digest) -> io::Result<Option<StoredEvidence>> {
        let folder = self.evidence().join(name);
        if !disk::is_there(&folder)? {
            return Ok(None);
        }
        let catalog = match self.catalog() {
            Ok(catalog) => catalog,
            Err(error) => {
                let of_machine = error.io().filter(|it| disk::is_of_this_machine(it)).map(io::Error::kind);
                return of_machine.map_or(Ok(None), |kind| Err(io::Error::new(kind, error.to_string())));
            }
        };
        let Some(package) = catalog.find(name).filter(|it| it.pruned.is_none() && it.kept.proof == digest)
        else {
            return Ok(None);
        };
        let path = folder.join(PROOF_FILE);
        let Some(json) = disk::readable(disk::read_bounded(&path))? else { return Ok(None) };
        let proof = read::parsed(&path, &json).ok().filter(|_| Digest::of(&json) == digest);
        Ok(proof.map(|proof| StoredEvidence { proof, folder, kept: package.kept.clone() }))
    }

    /// Enters evidence that is in place in the log: what was read of it and checked, and not what is there by now.
    pub(super) fn enter(
        &self,
        folder: &Path,
        evidence: &Entering<'_>,
        key: &SigningKey,
        now: Instant,
    ) -> Result<EvidenceAdded, StoreError> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Entering { proof, json, run } = evidence;
        let mut kept = EvidenceAdded::new(&name, proof, json, *run, format_instant(now));
        if !self.has_begun(&Intent::evidence(&name, kept.proof), &key.public())? {
            return Err(StoreError::Altered(name.into_owned()));
        }
        self.change(key, |catalog| {
            let superseded = catalog.superseded_by(&kept).map(|it| it.kept.evidence.clone());
            kept.supersedes = superseded.filter(|it| *it != kept.evidence);
            Ok(vec![Entry::from(kept.clone())])
        })?;
        Ok(kept)
    }

    /// Enters a run of tests that was kept with evidence of the store: `run` is its folder, and `checked` the digest of the
    /// `run.json` that was checked, or written.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoRun`] where the folder has no run, and [`StoreError::Altered`] where it has another one by now; otherwise
    /// where the run is not of evidence in this store, or the log cannot be read or written.
    pub(super) fn tested(
        &self,
        run: &Path,
        checked: Digest,
        key: &SigningKey,
        now: Instant,
    ) -> Result<EvidenceTested, StoreError> {
        let run = fs::canonicalize(run).map_err(|error| at(run, error))?;
        let evidence = fs::canonicalize(self.evidence()).map_err(|error| at(&self.evidence(), error))?;
        let path = run.strip_prefix(&evidence).unwrap_or(&run);
        let mut names = path.iter().map(|it| it.to_string_lossy().into_owned());
        let json = match disk::read_bounded(&run.join(RUN_FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(StoreError::NoRun(run)),
            json => json?,
        };
        // What is entered is what was checked, whatever has come to its place since.
        let digest = Digest::of(&json);
        if digest != checked {
            return Err(StoreError::Altered(path.to_string_lossy().into_owned()));
        }
        let said = crate::testing::run_of(&json)?.ok_or_else(|| StoreError::NoRun(run.clone()))?;
        let tested = EvidenceTested {
            at: format_instant(now),
            evidence: names.next().unwrap_or_default(),
            run: names.collect::<Vec<_>>().join("/"),
            digest,
            tests: Some(Outcomes::from(&said)),
            verdicts: said.verdicts(),
        };
        self.change(key, |catalog| match catalog.find(&tested.evidence) {
            // A recovery was quicker, or it is done again as an answer was lost.
            Some(it) if it.runs.iter().any(|it| it.run == tested.run && it.digest == tested.digest) => {
                Ok(vec![])
            }
            Some(package) if package.pruned.is_none() => Ok(vec![Entry::Tested(tested.clone())]),
            _ => Err(StoreError::NoEvidence(tested.evidence.clone())),
        })?;
        Ok(tested)
    }

    /// Has the plugin where all evidence of the store that it made finds it, instead of once in each.
    fn share_plugin(&self, whole: &mut StagedEvidence) -> io::Result<()> {
        let Some((file, digest)) = plugin_in(whole.path(), whole.proof())? else { return Ok(()) };
        let shared = in_store::plugin(self.folder(), digest);
        if disk::is_file(&shared)? {
            return fs::remove_file(&file).map_err(|error| at(&file, error));
        }
        fs::rename(&file, &shared).map_err(|error| at(&shared, error))?;
        sync(&self.folder().join(PLUGINS))
    }
}
