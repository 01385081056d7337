//! Proofs, which are checked against checkpoints and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use sha2::Sha256;

use crate::signing::PublicKey;

use super::checkpoint::{Checkpoint, CheckpointError, number};
use super::hash::Hash;
use super::note::{self, NOTE_BYTES};
use super::origin::Origin;

/// The first line of a written proof.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A tree over 2^64 entries has no longer path.
const HASHES: usize = 64;

/// A path of [`HASHES`] lines has 3 KiB; the rest is the checkpoint's.
const PROOF_BYTES: usize = NOTE_BYTES + (8 << 10);

/// Shows that an entry is in the log at an index, by a checkpoint that comes with it. Written
/// as C2SP's tlog-proof: a text to keep beside what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// Where the entry is, counted from 0.
    pub index: u64,
    /// The signed checkpoint.
    pub(super) checkpoint: String,
    /// From the entry's neighbour up to the root's child.
    pub(super) path: Vec<Hash>,
}

/// Shows that a log has at its beginning all that it had at an earlier checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consistency {
    /// As RFC 6962 has them, in section 2.1.2.
    pub hashes: Vec<Hash>,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Not the form of a proof.
    #[error("this is no {HEADER}: {0}")]
    Form(&'static str),
    /// Its checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entry is not where it says.
    #[error("this entry is not in the log, or the proof is of another one")]
    NotIncluded,
    /// The later checkpoint does not go on from the earlier one.
    #[error("the log does not match its earlier checkpoint: entries were removed or altered")]
    Inconsistent,
    /// The checkpoints are of two logs.
    #[error("the checkpoints are of two logs")]
    TwoLogs,
}

impl Inclusion {
    /// Reads a proof as [`Inclusion::to_text`] writes it, and no other: there is no byte of it that could be
    /// altered unnoticed.
    ///
    /// # Errors
    ///
    /// [`ProofError::Form`] where the text is no proof, or is written in another way.
    pub fn parse_exact(text: &str) -> Result<Self, ProofError> {
        let proof = Self::parse(text)?;
        if proof.to_text() == text { Ok(proof) } else { Err(ProofError::Form("it was rewritten")) }
    }

    /// The log that its checkpoint says to be of. It is not verified before [`Inclusion::verify`].
    pub fn origin(&self) -> Option<Origin> {
        self.checkpoint.split('\n').next()?.parse().ok()
    }

    /// Reads a written proof. Nothing of it may be believed before [`Inclusion::verify`].
    ///
    /// # Errors
    ///
    /// [`ProofError::Form`] where the text is no proof.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        if text.len() > PROOF_BYTES {
            return Err(ProofError::Form("it is too long"));
        }
        let (head, checkpoint) =
            text.split_once("\n\n").ok_or(ProofError::Form("there is no checkpoint in it"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(ProofError::Form("its first line says something else"));
        }
        // For the writer's own use; it is not signed.
        if let Some(extra) = lines.next_if(|it| it.starts_with("extra "))
            && STANDARD.decode(&extra["extra ".len()..]).is_err()
        {
            return Err(ProofError::Form("what it has besides is no base64"));
        }
        let index = lines.next().and_then(|it| it.strip_prefix("index ")).and_then(number);
        let index = index.ok_or(ProofError::Form("there is no index in it"))?;
        let path: Option<Vec<Hash>> = lines.map(Hash::parse).collect();
        let path = path.filter(|it| it.len() <= HASHES).ok_or(ProofError::Form("its path is no path"))?;
        Ok(Self { index, checkpoint: checkpoint.to_owned(), path })
    }

    /// The proof as C2SP's tlog-proof.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER}\nindex {}\n", self.index);
        for hash in &self.path {
            text.push_str(&format!("{hash}\n"));
        }
        text.push('\n');
        text.push_str(&self.checkpoint);
        text
    }

    /// Whether it shows that this entry is in the log of this name. Gives the checkpoint that
    /// it is shown by.
    ///
    /// # Errors
    ///
    /// [`ProofError::Checkpoint`] where the checkpoint is not signed by a trusted key or is of another log,
    /// [`ProofError::NotIncluded`] where the entry is not in the log.
    pub fn verify(
        &self,
        entry: &[u8],
        origin: &Origin,
        trusted: &[PublicKey],
    ) -> Result<Checkpoint, ProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, origin, trusted)?;
        self.verify_in(entry, &checkpoint)?;
        Ok(checkpoint)
    }

    /// The names of those beside these keys who are said to have signed its checkpoint: no signature of theirs is checked.
    pub fn unchecked_signers(&self, origin: &Origin, trusted: &[PublicKey]) -> Vec<String> {
        note::others(&self.checkpoint, origin, trusted)
    }

    pub(super) fn verify_in(&self, entry: &[u8], checkpoint: &Checkpoint) -> Result<(), ProofError> {
        if self.index >= checkpoint.size {
            return Err(ProofError::NotIncluded);
        }
        let proof = InclusionProof::try_from_bytes(bytes(&self.path)).map_err(|_| ProofError::NotIncluded)?;
        root(checkpoint).verify_inclusion(&entry, self.index, &proof).map_err(|_| ProofError::NotIncluded)
    }
}

impl Consistency {
    /// Whether it shows that the later one has all that the earlier one had.
    ///
    /// # Errors
    ///
    /// [`ProofError::TwoLogs`] where the checkpoints are of two logs, [`ProofError::Inconsistent`] where entries were
    /// removed or altered.
    pub fn verify(&self, earlier: &Checkpoint, later: &Checkpoint) -> Result<(), ProofError> {
        if earlier.origin != later.origin {
            return Err(ProofError::TwoLogs);
        }
        // Every log goes on from an empty one, and none from a longer one.
        if earlier.size == 0 {
            let empty = |it: &Checkpoint| it.size > 0 || it.root == Hash::empty();
            let holds = empty(earlier) && empty(later) && self.hashes.is_empty();
            return if holds { Ok(()) } else { Err(ProofError::Inconsistent) };
        }
        let proof = ConsistencyProof::try_from_bytes(bytes(&self.hashes));
        let proof = proof.map_err(|_| ProofError::Inconsistent)?;
        root(later).verify_consistency(&root(earlier), &proof).map_err(|_| ProofError::Inconsistent)
    }
}

fn root(checkpoint: &Checkpoint) -> RootHash<Sha256> {
    RootHash::new((*checkpoint.root.as_bytes()).into(), checkpoint.size)
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    super::tile::write_hashes(hashes)
}
