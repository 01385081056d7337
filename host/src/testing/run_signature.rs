//! The signature of a run: an in-toto statement of its tests' results, signed and kept
//! with it. A run that comes after the evidence was signed is covered by no other signature.

use std::io;
use std::path::Path;

use exhibit_records::{Digest, Run, Verdict};

use crate::disk;
use crate::evidence::{SignatureError, signature};
use crate::signing::{Envelope, PublicKey, SigningKey, Statement, Subject, TestResult};

/// Where it is, in the run's folder.
pub const FILE: &str = signature::FILE;
/// What was tested. Its digest is of the rows as lines of text.
const ROWS: &str = "rows.ndjson";

/// Signs a run whose `run.json` has this digest.
pub(super) fn seal(run: &Run, json: Digest, key: &SigningKey) -> io::Result<Vec<u8>> {
    let statement = Statement::new(subjects(run, json), said(run)?).map_err(io::Error::other)?;
    Ok(Envelope::seal(&statement, key)?.to_bytes())
}

/// Who signed the run in this folder, if that is one of these keys and all is as it was signed. `None` where
/// there is no signature. Its other files are those of `run.json`, and are held against that.
///
/// # Errors
///
/// Where a file cannot be read, the signature is of no trusted key, or something was altered since.
pub fn check(folder: &Path, run: &Run, trusted: &[PublicKey]) -> Result<Option<PublicKey>, SignatureError> {
    check_of(folder, run, own_digest(folder)?, trusted)
}

/// The same, of a `run.json` that was read, and has this digest.
pub(crate) fn check_of(
    folder: &Path,
    run: &Run,
    json: Digest,
    trusted: &[PublicKey],
) -> Result<Option<PublicKey>, SignatureError> {
    let Some((statement, key)) = signature::signed::<TestResult>(folder, trusted)? else { return Ok(None) };
    matches(&statement, json, run)?;
    Ok(Some(key))
}

/// The keys that are said to have signed the run in this folder, over what is there. `None` where there is no signature. No
/// signature is checked: without a key, none can be.
///
/// # Errors
///
/// Where it cannot be read, or is about something else.
pub fn unverified_signers(folder: &Path, run: &Run) -> Result<Option<Vec<String>>, SignatureError> {
    let Some(envelope) = signature::envelope(folder)? else { return Ok(None) };
    matches(&envelope.unverified()?, own_digest(folder)?, run)?;
    Ok(Some(envelope.signatures().filter_map(|it| it.0.map(str::to_owned)).collect()))
}

fn own_digest(folder: &Path) -> io::Result<Digest> {
    Ok(Digest::of(&disk::read_bounded(&folder.join(exhibit_records::RUN_FILE))?))
}

/// Whether what is signed in this folder is this run. No signature is checked: without a key, none can be.
///
/// # Errors
///
/// Where there is no signature, or it is about something else.
pub(crate) fn is_about(folder: &Path, run: &Run) -> Result<(), SignatureError> {
    let envelope = signature::envelope(folder)?.ok_or(SignatureError::OtherEvidence)?;
    matches(&envelope.unverified()?, own_digest(folder)?, run)
}

fn matches(statement: &Statement<TestResult>, json: Digest, run: &Run) -> Result<(), SignatureError> {
    for subject in subjects(run, json) {
        statement.check(&subject.name, subject.digest)?;
    }
    let others = statement.subjects().len() != run.parts.len() + 2;
    if others || *statement.predicate() != said(run)? {
        return Err(SignatureError::OtherEvidence);
    }
    Ok(())
}

fn subjects(run: &Run, json: Digest) -> Vec<Subject> {
    let named = |name: &str, digest| Subject { name: name.to_owned(), digest };
    let own = [named(ROWS, run.rows), named(exhibit_records::RUN_FILE, json)];
    own.into_iter().chain(run.parts.iter().map(|it| named(&it.path, it.digest))).collect()
}

/// What the tests came to.
///
/// # Errors
///
/// Where the run has no test.
pub fn said(run: &Run) -> io::Result<TestResult> {
    let came_to = |outcome| {
        let names = run.tests.iter().filter(|it| it.outcome == outcome).map(|it| it.name.clone());
        names.collect::<Vec<_>>()
    };
    let tests = run.tests.iter().map(|it| Subject { name: it.name.clone(), digest: it.digest }).collect();
    // Whatever could not be judged is nothing to rely on, and no failure either.
    TestResult::new(tests, came_to(Verdict::Pass), came_to(Verdict::Inconclusive), came_to(Verdict::Fail))
        .map_err(io::Error::other)
}
