//! Evidence that is complete and on the disk, until it is put in place: signed, stamped, and under its name.

use std::path::{Path, PathBuf};
use std::{fs, io};

use exhibit_records::weight::{self, Weight};
use exhibit_records::{Digest, PartRecord, Proof};

use crate::contract::types::Instant;
use crate::disk::{KeepError, StagedDir, at, invalid};
use crate::plugin::Plugin;
use crate::signing::{Authority, AuthorityError, SigningKey};

use super::{instant, signature, timestamp};

/// 9999-12-31T23:59:59Z, in milliseconds since 1970.
const LAST_INSTANT: Instant = 253_402_300_799_000;

/// A collection, all on the disk, and not in place yet. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct StagedEvidence {
    pub(super) aside: StagedDir,
    pub(super) proof: Proof,
    /// A folder in it that is no part of it, and could not be removed.
    pub(super) discarded: Option<PathBuf>,
}

/// Removes a folder, if it is there.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(folder, error)),
        _ => Ok(()),
    }
}

impl StagedEvidence {
    /// Where it is until it is put in place.
    pub fn path(&self) -> &Path {
        self.aside.path()
    }

    /// What `proof.json` will say.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The names in one of its folders, and in those within, on the disk for good.
    pub(crate) fn sync(&self, folder: &str) -> io::Result<()> {
        self.aside.sync(folder)
    }

    /// A folder in it is no part of it. Where it cannot be removed now, that is tried again before all is put in place, which
    /// does not happen with it.
    pub(crate) fn discard(&mut self, folder: &str) {
        let path = self.aside.path().join(folder);
        self.discarded = Some(path).filter(|it| remove(it).is_err());
    }

    /// Keeps the plugin that made it with it.
    pub fn keep_plugin(&mut self, plugin: &Plugin) -> Result<(), KeepError> {
        let part = super::plugin::keep(self.aside.path(), plugin.component())?;
        self.add(part);
        Ok(())
    }

    /// A file below [`Self::path`], on the disk for good, belongs to it, too.
    pub fn add(&mut self, part: PartRecord) {
        self.proof.parts.push(part);
    }

    /// It was collected from the account that people call so.
    pub fn name_account(&mut self, name: &str) {
        self.proof.account = Some(name.to_owned());
    }

    /// It is stale from this instant on.
    pub fn expire(&mut self, at: Instant) {
        // The last second that RFC 3339 can say.
        self.proof.expires = Some(instant::format(at.min(LAST_INSTANT)));
    }

    /// Puts it in place, signed where there is a key. Gives what `proof.json` says.
    pub fn commit(mut self, key: Option<&SigningKey>) -> Result<Proof, KeepError> {
        self.seal(key)?;
        self.aside.commit()?;
        Ok(self.proof)
    }

    /// The same, under a name that its `proof.json` has by its digest: `name` is asked for it right before. Gives the bytes of
    /// `proof.json` and the place, too.
    pub(crate) fn commit_as(
        mut self,
        key: Option<&SigningKey>,
        name: &dyn Fn(Digest) -> io::Result<String>,
    ) -> Result<(Proof, Vec<u8>, PathBuf), KeepError> {
        let json = self.seal(key)?;
        let place = self.aside.commit_as(&name(Digest::of(&json))?)?;
        Ok((self.proof, json, place))
    }

    /// Has an authority say since when it is there: the last thing before it is put in place, with the same
    /// key. Where the authority does not, the evidence has no time stamp, and the reason is given.
    pub async fn timestamp(
        &mut self,
        key: Option<&SigningKey>,
        authority: &Authority,
    ) -> Result<Option<AuthorityError>, KeepError> {
        self.proof.timestamped_by = Some(authority.url().to_owned());
        let (json, signature) = self.sealed(key)?;
        match authority.stamp(signature.as_deref().unwrap_or(&json)).await {
            Ok(stamp) => {
                self.aside.write(timestamp::FILE, stamp.as_bytes())?;
                Ok(None)
            }
            Err(error) => {
                self.proof.timestamped_by = None;
                Ok(Some(error))
            }
        }
    }

    /// Writes what makes it evidence. Gives the bytes of `proof.json`.
    fn seal(&mut self, key: Option<&SigningKey>) -> Result<Vec<u8>, KeepError> {
        if let Some(folder) = &self.discarded {
            remove(folder)?;
        }
        let (json, signature) = self.sealed(key)?;
        if let Some(signature) = signature {
            self.aside.write(signature::FILE, &signature)?;
        }
        self.aside.write(exhibit_records::PROOF_FILE, &json)?;
        Ok(json)
    }

    /// `proof.json` and the signature: the same each time, as long as nothing is added.
    fn sealed(&mut self, key: Option<&SigningKey>) -> Result<(Vec<u8>, Option<Vec<u8>>), KeepError> {
        self.proof.signed_by = key.map(|it| it.public().id().to_string());
        let mut json = serde_json::to_vec_pretty(&self.proof).map_err(io::Error::from)?;
        json.push(b'\n');
        // It could not be read again.
        weight::check(&json, &Weight::RECORD)
            .map_err(|error| invalid(format!("{}: {error}", exhibit_records::PROOF_FILE)))?;
        let signature = key.map(|it| signature::seal(&self.proof, &json, it)).transpose()?;
        Ok((json, signature))
    }
}
