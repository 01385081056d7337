//! What evidence in a store is called.

use exhibit_records::{Digest, Proof};

/// So many hex digits of its digest make the name of evidence its own.
const DIGITS: usize = 8;

/// What evidence is called, without what makes its name its own: `users-20261101T080000Z`.
pub(super) fn stem(proof_type: &str, as_of: &str) -> String {
    let as_of: String = as_of.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{proof_type}-{as_of}")
}

/// What evidence is called.
pub(super) fn named(stem: &str, proof: Digest) -> String {
    format!("{stem}-{}", &proof.hex()[..DIGITS])
}

/// What evidence with this `proof.json` is called in a store.
pub(super) fn name_of(proof: &Proof, json: &[u8]) -> String {
    named(&stem(&proof.proof_type.name, &proof.job.as_of), Digest::of(json))
}
