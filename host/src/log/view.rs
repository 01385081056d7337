//! A log at one moment: its entries, and proofs about them.

use ct_merkle::{indices_for_consistency_proof, indices_for_inclusion_proof};

use crate::signing::PublicKey;

use super::checkpoint::Checkpoint;
use super::folder::{Log, LogError};
use super::lock::Lock;
use super::nodes::Nodes;
use super::note;
use super::origin::Origin;
use super::proof::{Consistency, Inclusion};
use super::tile::{Of, Tile, WIDTH, read_entries};

/// A log at one moment. What it gives has been checked against the signed checkpoint, and so does not depend on what is in
/// the files. A process that may not write to the log cannot hold up those who do: where an error says that the log is
/// damaged, that may be so as it was written to meanwhile, as [`Self::is_overtaken`] says.
#[derive(Debug)]
pub struct View<'a> {
    pub(super) log: &'a Log,
    checkpoint: Checkpoint,
    signed: String,
    lock: Lock,
}

impl Log {
    /// The log as it is now. It is not written to until what is given is dropped, where this process may write to it.
    ///
    /// # Errors
    /// Where there is no log, or its checkpoint is not to be believed.
    pub fn read(&self) -> Result<View<'_>, LogError> {
        let lock = Lock::read(self.folder())?;
        let (checkpoint, signed) = self.checkpoint()?;
        Ok(View { log: self, checkpoint, signed, lock })
    }
}

impl View<'_> {
    /// What the log is.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Whether the log was written to since, so that files may be gone that it had then: only where this process may not
    /// write to it, and so has no lock.
    pub fn is_overtaken(&self) -> bool {
        self.lock.is_without() && self.log.checkpoint().is_ok_and(|it| it.1 != self.signed)
    }

    /// The names of those beside these keys who are said to have signed its checkpoint: no signature of theirs is checked.
    pub fn unchecked_signers(&self, trusted: &[PublicKey]) -> Vec<String> {
        note::others(&self.signed, &self.checkpoint.origin, trusted)
    }

    /// The checkpoint with its signatures: to keep elsewhere, and hold the log to it later.
    pub fn signed_checkpoint(&self) -> &str {
        &self.signed
    }

    /// The entry at an index, with the proof that it is there.
    ///
    /// # Errors
    ///
    /// [`LogError::NoEntry`] where the log has no such index, [`LogError::Damaged`] where a file is not what the checkpoint
    /// says, [`LogError::Io`] where one cannot be read.
    pub fn entry(&self, index: u64) -> Result<(Vec<u8>, Inclusion), LogError> {
        self.entries().get(index)
    }

    /// For many entries, one after the other: what several need of the log's files is read once.
    pub(crate) fn entries(&self) -> Entries<'_> {
        Entries { view: self, nodes: Nodes::new(self.log, self.checkpoint.size), bundle: None }
    }

    /// The proof that the log still has all that it had at an earlier checkpoint, which the
    /// caller believes.
    ///
    /// # Errors
    ///
    /// [`LogError::Shorter`] where the log has fewer entries than the checkpoint, [`LogError::Damaged`] where a file is
    /// not what this log's checkpoint says, [`LogError::Io`] where one cannot be read.
    pub fn consistency(&self, earlier: &Checkpoint) -> Result<Consistency, LogError> {
        let size = self.checkpoint.size;
        if earlier.size > size {
            return Err(LogError::Shorter { size, earlier: earlier.size });
        }
        let mut hashes = Vec::new();
        if earlier.size > 0 {
            let mut nodes = Nodes::new(self.log, size);
            for index in indices_for_consistency_proof(earlier.size, size - earlier.size) {
                hashes.push(nodes.get(index)?);
            }
        }
        let proof = Consistency { hashes };
        match proof.verify(earlier, &self.checkpoint) {
            Ok(()) => Ok(proof),
            Err(_) => Err(LogError::Rewritten(earlier.size)),
        }
    }
}

/// Entries of a log, each with the proof that it is there.
pub(crate) struct Entries<'a> {
    view: &'a View<'a>,
    nodes: Nodes<'a>,
    /// The bundle that was read last.
    bundle: Option<(Tile, Vec<u8>)>,
}

impl Entries<'_> {
    /// Of the log.
    pub(crate) fn origin(&self) -> &Origin {
        &self.view.checkpoint.origin
    }

    /// As [`View::entry`].
    pub(crate) fn get(&mut self, index: u64) -> Result<(Vec<u8>, Inclusion), LogError> {
        let View { log, checkpoint, signed, .. } = self.view;
        let size = checkpoint.size;
        if index >= size {
            return Err(LogError::NoEntry { index, size });
        }
        let bundle = Tile::of(Of::Entries, index / WIDTH, size);
        let damaged = || LogError::Damaged(log.folder().join(bundle.path()));
        if self.bundle.as_ref().is_none_or(|it| it.0 != bundle) {
            self.bundle = Some((bundle, log.read_tile(bundle)?));
        }
        let bytes = self.bundle.as_ref().map_or(&[][..], |it| &it.1);
        let entry = read_entries(bytes).and_then(|it| it.get((index % WIDTH) as usize).copied());
        let entry = entry.ok_or_else(damaged)?;
        let path = indices_for_inclusion_proof(size, index).into_iter().map(|it| self.nodes.get(it));
        let path = path.collect::<Result<_, _>>()?;
        let proof = Inclusion { index, checkpoint: signed.clone(), path };
        proof.verify_in(entry, checkpoint).map_err(|_| damaged())?;
        let entry = entry.to_vec();
        self.nodes.keep_few();
        Ok((entry, proof))
    }
}
