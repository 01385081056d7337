//! Since when evidence is there: an authority's word for it, kept with it.

use std::io;
use std::path::Path;

use exhibit_records::Proof;

use crate::disk;
use crate::signing::{REPLY_BYTES, Timestamp, TimestampError};

use super::signature;

/// Where it is, in the evidence's folder.
pub(crate) const FILE: &str = "timestamp.tsr";

/// Why evidence has no time stamp that can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Not a time stamp.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
}

/// The time stamp of the evidence in this folder, and the bytes that it is said to be of: the signature,
/// where there is one, and else `proof.json`. Each of them covers all the rest.
pub(crate) fn kept(folder: &Path, proof: &Proof) -> Result<(Timestamp, Vec<u8>), StampError> {
    let timestamp = Timestamp::parse(&disk::read_at_most(&folder.join(FILE), REPLY_BYTES as u64)?)?;
    let of = if proof.signed_by.is_some() { signature::FILE } else { exhibit_records::PROOF_FILE };
    Ok((timestamp, disk::read_bounded(&folder.join(of))?))
}
