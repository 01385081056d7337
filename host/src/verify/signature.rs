//! Who vouches for the evidence.

use std::path::Path;

use super::ALTERED;
use crate::checks::Verdict;
use crate::evidence::{Proof, check_signature};
use crate::signing::PublicKey;

/// The evidence is signed by one of these keys, where there is one to trust or a signature.
pub(super) fn is_of(folder: &Path, proof: &Proof, trusted: &[PublicKey]) -> Verdict {
    match (&proof.signed_by, trusted) {
        (None, []) => Verdict::Skipped {
            why: "it is not signed: whoever can write it can also write another proof.json".to_owned(),
        },
        (Some(key), []) => Verdict::Skipped {
            why: format!("it says that the key {key} signed it: name that key's file with --key"),
        },
        _ => match check_signature(folder, proof, trusted) {
            Ok(Some(key)) if proof.signed_by.as_ref() == Some(&key.id().to_string()) => {
                Verdict::of(vec![], format!("key {}", key.id()))
            }
            Ok(Some(_)) => Verdict::failed("another key signed it than proof.json says", ALTERED),
            Ok(None) => Verdict::failed("there is no signature", ALTERED),
            Err(error) => Verdict::failed(error.to_string(), ALTERED),
        },
    }
}
