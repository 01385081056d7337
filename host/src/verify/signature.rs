//! The signatures of the evidence and of its runs.

use std::path::Path;

use exhibit_records::{Digest, Proof, RUN_FILE};
use exhibit_rows::Shown;

use crate::checks::{Fault, Verdict};
use crate::evidence::{SignatureError, check_signature, signature};
use crate::remedy::Remedy;
use crate::signing::{Evidence, PublicKey, VerifyError};
use crate::testing::earlier::Earlier;
use crate::testing::run_signature;
use crate::{disk, testing};

/// Why a signature is missed where there is none.
const NOT_SIGNED: &str = "not signed: anyone with write access could replace it";

/// What was signed is not the `proof.json` that is there, as can be seen though that cannot be read.
pub(super) fn is_of_another(folder: &Path, trusted: &[PublicKey]) -> Option<Verdict> {
    let (statement, key) = signature::signed::<Evidence>(folder, trusted).ok()??;
    let found = Digest::of(&disk::read_bounded(&folder.join(exhibit_records::PROOF_FILE)).ok()?);
    let mismatch = statement.check(exhibit_records::PROOF_FILE, found).err()?;
    Some(Verdict::failed(format!("{mismatch}, by the key {}", key.id()), Remedy::DoNotRely))
}

/// The evidence is signed by one of these keys, where there is one to trust or a signature.
pub fn is_of(folder: &Path, proof: &Proof, trusted: &[PublicKey]) -> Verdict {
    match (&proof.signed_by, trusted) {
        // One that is there is no part of it: the files say that.
        (None, []) => Verdict::skipped(NOT_SIGNED),
        (Some(key), []) => unchecked(folder, proof, key),
        _ => match check_signature(folder, proof, trusted) {
            Ok(Some(key)) if proof.signed_by.as_ref() == Some(&key.id().to_string()) => {
                let others = others(folder, &key);
                Verdict::of(vec![], format!("key {}{others}", key.id()))
            }
            Ok(Some(_)) => Verdict::failed(
                "the key that signed it is not the one that proof.json names",
                Remedy::DoNotRely,
            ),
            Ok(None) => Verdict::failed("there is no signature", Remedy::DoNotRely),
            Err(error) => unread(&error),
        },
    }
}

/// No key is trusted, so no signature can be checked. That there is one, of this evidence and by the key that it names, can.
fn unchecked(folder: &Path, proof: &Proof, key: &str) -> Verdict {
    match signature::signers(folder, proof) {
        Ok(Some(signers)) if signers.iter().any(|it| it == key) => Verdict::without(
            format!("it says that the key {key} signed it"),
            Remedy::NameKey { key: Some(key.to_owned()) },
        ),
        Ok(Some(_)) => {
            let what = format!(
                "proof.json says that the key {key} signed it, and no signature is said to be of that key"
            );
            Verdict::failed(what, Remedy::DoNotRely)
        }
        Ok(None) => {
            let what = format!("proof.json says that the key {key} signed it, and there is no signature");
            Verdict::failed(what, Remedy::DoNotRely)
        }
        Err(error) => unread(&error),
    }
}

/// Signatures beside that of this key, for people.
fn others(folder: &Path, key: &PublicKey) -> String {
    let own = key.id().to_string();
    let names =
        signature::envelope(folder).ok().flatten().map(|it| signature::names(&it)).unwrap_or_default();
    let mut own_seen = false;
    let others: Vec<String> = names
        .into_iter()
        // A second one under the same name is another signature.
        .filter(|it| *it != own || std::mem::replace(&mut own_seen, true))
        .map(|it| Shown::line(&it).to_string())
        .collect();
    if others.is_empty() {
        String::new()
    } else {
        format!("; not checked: signatures of {}", others.join(", "))
    }
}

/// A signature that cannot be read, or does not fit.
fn unread(error: &SignatureError) -> Verdict {
    match error {
        SignatureError::Io(io) => Verdict::of(vec![Fault::unread(io.to_string(), io, Remedy::DoNotRely)], ""),
        SignatureError::Key(VerifyError::NotSigned { .. }) => {
            Verdict::failed(error.to_string(), Remedy::NameExpectedKey)
        }
        error => Verdict::failed(error.to_string(), Remedy::DoNotRely),
    }
}

/// The run of evidence whose `proof.json` has this digest is signed by one of these keys, or is one of the things that the evidence's own signature is about: then it is
/// worth what that is, which was checked before.
pub(super) fn is_of_run(
    run: &Earlier,
    (proof, digest): (&Proof, Digest),
    (of_evidence, trusted): (&Verdict, &[PublicKey]),
) -> Verdict {
    if !run.is_of(proof, digest) {
        return Verdict::failed("it is about other evidence, or about other rows", Remedy::DoNotRely);
    }
    let own = format!("{}/{RUN_FILE}", run.name());
    let came_with_it = proof.signed_by.is_some() && proof.parts.iter().any(|it| it.path == own);
    let signed = match disk::is_file(&run.folder.join(run_signature::FILE)) {
        Ok(signed) => signed,
        Err(error) => return unread(&error.into()),
    };
    match (signed, trusted) {
        (false, _) if came_with_it => match of_evidence {
            Verdict::Passed { .. } => Verdict::of(vec![], "it is part of what was signed"),
            Verdict::Failed { faults, .. } => {
                let next = faults.first().map_or(Remedy::DoNotRely, |it| it.next.clone());
                Verdict::failed("it is part of what was signed, and that signature does not hold", next)
            }
            Verdict::Skipped { next, .. } => Verdict::Skipped {
                why: "it is part of what was signed, and that signature was not checked".to_owned(),
                next: next.clone(),
            },
        },
        (false, [_, ..]) if proof.signed_by.is_some() => {
            Verdict::failed("it is not signed, although the evidence is", Remedy::DoNotRely)
        }
        (false, _) => Verdict::skipped(NOT_SIGNED),
        (true, []) => match run_signature::is_about(&run.folder, &run.run) {
            Ok(()) => Verdict::without("it is signed", Remedy::NameKey { key: None }),
            Err(error) => unread(&error),
        },
        (true, _) => match testing::check_signature(&run.folder, &run.run, trusted) {
            Ok(Some(key)) => Verdict::of(vec![], format!("key {}", key.id())),
            Ok(None) => Verdict::failed("there is no signature", Remedy::DoNotRely),
            Err(error) => unread(&error),
        },
    }
}
