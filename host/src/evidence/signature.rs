//! The signature of a proof: a statement about all of its parts, signed and kept with it.

use std::io;
use std::path::Path;

use exhibit_records::{Digest, PROOF_FILE, PROVES_SINCE, Proof};

use crate::disk;
use crate::signing::{
    Collector, ENVELOPE_BYTES, Envelope, EnvelopeError, Evidence, Mismatch, Predicate, PublicKey, SigningKey,
    Span, Statement, Subject, VerifyError,
};

/// Where it is: in the folder of the evidence, or of a run of tests.
pub const FILE: &str = "signature.json";

/// Why a signature is not valid for the evidence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Not a signature.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// None of the trusted keys has made it.
    #[error(transparent)]
    Key(#[from] VerifyError),
    /// It is about something else.
    #[error(transparent)]
    Part(#[from] Mismatch),
    /// It says of the evidence what is not so.
    #[error("the signed statement does not match proof.json")]
    OtherEvidence,
}

/// Signs a proof whose `proof.json` has these bytes.
pub(super) fn seal(proof: &Proof, json: &[u8], key: &SigningKey) -> io::Result<Vec<u8>> {
    let own = Subject { name: PROOF_FILE.to_owned(), digest: Digest::of(json) };
    let parts = proof.parts.iter().map(|it| Subject { name: it.path.clone(), digest: it.digest });
    let statement = Statement::new(std::iter::once(own).chain(parts).collect(), said(proof));
    let envelope = Envelope::seal(&statement.map_err(io::Error::other)?, key)?;
    Ok(envelope.to_bytes())
}

/// Who signed the evidence in this folder, if that is one of these keys, and all is as it was signed.
/// `None` where there is no signature. The other parts are those of `proof.json`, and are held against that.
pub fn check(
    folder: &Path,
    proof: &Proof,
    trusted: &[PublicKey],
) -> Result<Option<PublicKey>, SignatureError> {
    check_of(folder, proof, own_digest(folder)?, trusted)
}

/// The same, of a `proof.json` that was read, and has this digest.
pub(crate) fn check_of(
    folder: &Path,
    proof: &Proof,
    json: Digest,
    trusted: &[PublicKey],
) -> Result<Option<PublicKey>, SignatureError> {
    let Some((statement, key)) = signed::<Evidence>(folder, trusted)? else { return Ok(None) };
    is_about(&statement, json, proof)?;
    Ok(Some(key))
}

fn own_digest(folder: &Path) -> io::Result<Digest> {
    Ok(Digest::of(&disk::read_bounded(&folder.join(PROOF_FILE))?))
}

/// The keys that the signatures of the evidence in this folder are said to be of, where all is as it is said to be signed.
/// `None` where there is no signature. No signature is checked: without a key, none can be.
pub(crate) fn signers(folder: &Path, proof: &Proof) -> Result<Option<Vec<String>>, SignatureError> {
    let Some(envelope) = envelope(folder)? else { return Ok(None) };
    is_about(&envelope.unverified()?, own_digest(folder)?, proof)?;
    Ok(Some(names(&envelope)))
}

/// The keys that signatures of this file are said to be of.
pub(crate) fn names(envelope: &Envelope) -> Vec<String> {
    let name = |(key, _): (Option<&str>, &[u8])| key.unwrap_or("a key without a name").to_owned();
    envelope.signatures().map(name).collect()
}

fn is_about(statement: &Statement<Evidence>, json: Digest, proof: &Proof) -> Result<(), SignatureError> {
    statement.check(PROOF_FILE, json)?;
    for part in &proof.parts {
        statement.check(&part.path, part.digest)?;
    }
    if *statement.predicate() != said(proof) || statement.subjects().len() != proof.parts.len() + 1 {
        return Err(SignatureError::OtherEvidence);
    }
    Ok(())
}

/// The signature in this folder. `None` where there is none.
pub(crate) fn envelope(folder: &Path) -> Result<Option<Envelope>, SignatureError> {
    match disk::read_at_most(&folder.join(FILE), ENVELOPE_BYTES as u64) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        bytes => Ok(Some(Envelope::parse_exact(&bytes?)?)),
    }
}

/// What is signed in this folder, and which of these keys has signed it. `None` where there is no signature.
pub(crate) fn signed<P: Predicate>(
    folder: &Path,
    trusted: &[PublicKey],
) -> Result<Option<(Statement<P>, PublicKey)>, SignatureError> {
    let Some(envelope) = envelope(folder)? else { return Ok(None) };
    let (_, key) = envelope.verify(trusted)?;
    Ok(Some((envelope.open(&[key])?, key)))
}

/// What is said of a proof.
fn said(proof: &Proof) -> Evidence {
    // What earlier formats signed was the window that the call gave.
    let is_of_before = proof.format < PROVES_SINCE;
    let window = if is_of_before { proof.job.window.clone() } else { proof.proven_span() };
    Evidence {
        proof_type: proof.proof_type.name.clone(),
        window: window.map(|it| Span { start: it.start, end: it.end }),
        proves: (!is_of_before).then(|| proof.proves().word().to_owned()),
        as_of: proof.job.as_of.clone(),
        criteria: if is_of_before { vec![] } else { proof.job.criteria.clone() },
        collector: Collector {
            id: proof.plugin.id.clone(),
            version: proof.plugin.version.clone(),
            component: Subject { name: "plugin.wasm".to_owned(), digest: proof.plugin.digest },
        },
        host: proof.host.clone(),
        rows: proof.rows,
    }
}

#[cfg(test)]
mod tests {
    use exhibit_records::FORMAT;
    use serde_json::json;

    use super::*;
    use crate::evidence::examples;

    #[test]
    fn says_which_part_of_all_was_asked_for_since_format_4() {
        let criteria = |format: u32| {
            let mut proof = examples::record();
            proof["format"] = format.into();
            if format >= PROVES_SINCE {
                proof["type"]["proves"] = "events".into();
            }
            proof["job"]["criteria"] = json!([{ "name": "tags", "kind": "texts", "value": ["prod"] }]);
            let proof = Proof::parse(proof.to_string().as_bytes()).expect("a proof");
            serde_json::to_value(said(&proof)).expect("JSON")["criteria"].clone()
        };
        assert_eq!(criteria(3), json!(null), "what was signed then");
        assert_eq!(criteria(FORMAT)[0]["value"], json!(["prod"]));
    }
}
