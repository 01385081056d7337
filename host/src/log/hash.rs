//! The hashes of a Merkle tree (RFC 6962, section 2.1).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// Bytes of a hash.
pub(super) const HASH_BYTES: usize = 32;

/// The hash of an entry, or of all that is below a node of the tree. Written in base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; HASH_BYTES]);

impl Hash {
    /// Of a tree without entries: SHA-256 of nothing.
    pub(super) fn empty() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// Of an entry.
    pub(super) fn leaf(entry: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
    }

    /// Of two nodes.
    pub(super) fn node(left: Self, right: Self) -> Self {
        Self(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }

    /// Of a tree whose leaves have these hashes: at least one, and a power of two.
    pub(super) fn full(leaves: &[Self]) -> Self {
        match leaves {
            [] => Self::empty(),
            [one] => *one,
            more => {
                let (left, right) = more.split_at(more.len() / 2);
                Self::node(Self::full(left), Self::full(right))
            }
        }
    }

    /// The hash itself.
    pub fn as_bytes(&self) -> &[u8; HASH_BYTES] {
        &self.0
    }

    /// From the form that it is written in, and no other.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(Self(STANDARD.decode(text).ok()?.try_into().ok()?))
    }
}

impl From<[u8; HASH_BYTES]> for Hash {
    fn from(bytes: [u8; HASH_BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
