//! Whether what is packed of evidence is what was written: a verifier would refuse a bundle of anything else.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::{AnswerRecord, Digest, PLUGIN_FILE, PROOF_FILE, Proof, RUN_FILE, StoredRecord};
use exhibit_rows::Shown;

use crate::disk::{self, KeepError};
use crate::evidence::recorded::{self, Index};
use crate::evidence::{INDEX, SignatureError, bundle, read, signature, timestamp};
use crate::testing::{earlier, run_signature};

/// Where answers are.
const ANSWERS: &str = "answers/";

/// The files of evidence that its records list, of which each is to be packed once, in the order of their names.
pub(super) struct AsWritten {
    folder: PathBuf,
    /// Sizes and digests. `None`: what another record is about, or a signature of that.
    files: BTreeMap<String, Option<(u64, Digest)>>,
    /// The answers that are to come: there may be a million of them.
    answers: Option<Index>,
}

impl AsWritten {
    /// Of the evidence in this folder. What is wrong with its records themselves, where something is.
    pub(super) fn of(folder: &Path) -> io::Result<Result<Self, String>> {
        let proof = match read::proof(folder) {
            Ok(proof) => proof,
            Err(error) if disk::is_of_this_machine(&error) => return Err(error),
            Err(error) => return Ok(Err(error.to_string())),
        };
        if let Err(error) = is_signed(folder, &proof) {
            return said(error);
        }
        let mut files = BTreeMap::new();
        let log = [bundle::ENTRY, bundle::INCLUSION].map(|it| format!("{}/{it}", bundle::LOG));
        let has_log = folder.join(bundle::LOG).is_dir();
        files.extend(log.into_iter().filter(|_| has_log).map(|it| (it, None)));
        files.insert(PROOF_FILE.to_owned(), None);
        files.extend(proof.signed_by.iter().map(|_| (signature::FILE.to_owned(), None)));
        files.extend(proof.timestamped_by.iter().map(|_| (timestamp::FILE.to_owned(), None)));
        for run in earlier::runs(folder, "")? {
            let name = run.name();
            files.insert(format!("{name}/{RUN_FILE}"), None);
            if run.folder.join(run_signature::FILE).is_file() {
                if let Err(error) = run_signature::is_about(&run.folder, &run.run) {
                    return said(error);
                }
                files.insert(format!("{name}/{}", run_signature::FILE), None);
            }
            let parts = run.run.parts.iter();
            files.extend(parts.map(|it| (format!("{name}/{}", it.path), Some((it.bytes, it.digest)))));
        }
        // Last: a run that came with the evidence is listed here, with its digest.
        files.extend(proof.parts.iter().map(|it| (it.path.clone(), Some((it.bytes, it.digest)))));
        let answers = files.contains_key(INDEX).then(|| recorded::index(folder));
        let answers = match answers.transpose() {
            Err(error) if disk::is_of_this_machine(&error) => return Err(error),
            answers => answers.unwrap_or_default(),
        };
        Ok(Ok(Self { folder: folder.to_owned(), files, answers }))
    }

    /// The next answer that has a file of its own.
    fn next_answer(&mut self) -> Result<Option<AnswerRecord>, KeepError> {
        let Some(index) = &mut self.answers else { return Ok(None) };
        for record in index {
            let record = record.map_err(unread)?;
            if record.file.is_some() {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    fn answer(&mut self, name: &str, bytes: u64, digest: Digest) -> Result<(), KeepError> {
        let Some(record) = self.next_answer()? else { return Err(added(name)) };
        let file = format!("{ANSWERS}{}", record.file.as_deref().unwrap_or_default());
        if name != file {
            return Err(if name < file.as_str() { added(name) } else { missing(&file) });
        }
        match record.stored {
            Some(StoredRecord { bytes: kept, digest: of }) => same(name, (kept, of), (bytes, digest)),
            // Earlier formats have the digest of what is in it alone.
            None => {
                let body = recorded::body(&self.folder, &record);
                let read = body.and_then(|mut it| io::copy(&mut it, &mut io::sink()));
                read.map(drop).map_err(unread)
            }
        }
    }
}

impl bundle::Check for AsWritten {
    fn packed(&mut self, name: &str, bytes: u64, digest: Digest) -> Result<(), KeepError> {
        if name.starts_with(ANSWERS) && name != INDEX {
            return self.answer(name, bytes, digest);
        }
        match self.files.remove(name) {
            Some(Some(kept)) => same(name, kept, (bytes, digest)),
            Some(None) => Ok(()),
            None => Err(added(name)),
        }
    }

    fn all_packed(&mut self) -> Result<(), KeepError> {
        if let Some(record) = self.next_answer()? {
            return Err(missing(&format!("{ANSWERS}{}", record.file.unwrap_or_default())));
        }
        // Out of a store it is not at hand, and a verifier of the bundle needs it from elsewhere.
        match self.files.keys().find(|it| *it != PLUGIN_FILE) {
            Some(name) => Err(missing(name)),
            None => Ok(()),
        }
    }
}

fn is_signed(folder: &Path, proof: &Proof) -> Result<(), SignatureError> {
    let Some(key) = &proof.signed_by else { return Ok(()) };
    match signature::signers(folder, proof)? {
        Some(signers) if signers.contains(key) => Ok(()),
        _ => Err(SignatureError::OtherEvidence),
    }
}

fn said<T>(error: SignatureError) -> io::Result<Result<T, String>> {
    match error {
        SignatureError::Io(error) if disk::is_of_this_machine(&error) => Err(error),
        error => Ok(Err(error.to_string())),
    }
}

fn same(name: &str, kept: (u64, Digest), found: (u64, Digest)) -> Result<(), KeepError> {
    if kept == found {
        return Ok(());
    }
    let what = format!("{} was altered: {} was written, and it is {}", Shown::line(name), kept.1, found.1);
    Err(KeepError::Altered(what))
}

fn added(name: &str) -> KeepError {
    KeepError::Altered(format!("{} was added", Shown::line(name)))
}

fn missing(name: &str) -> KeepError {
    KeepError::Altered(format!("{} is missing", Shown::line(name)))
}

/// What cannot be read here may be as it was written.
fn unread(error: io::Error) -> KeepError {
    if disk::is_of_this_machine(&error) { error.into() } else { KeepError::Altered(error.to_string()) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;
    use crate::evidence::examples;

    /// Evidence with a table and an answer.
    fn evidence(folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder.join("answers"))?;
        let stored = zstd::encode_all(&b"an answer"[..], 3)?;
        let part = |path: &str, bytes: &[u8]| json!({ "path": path, "bytes": bytes.len(), "digest": Digest::of(bytes), "content": null });
        let index = json!({
            "answer": 1, "origin": "https://api.example", "redirected": [], "received": "2026-11-01T00:00:00Z",
            "request": { "origin": "api", "method": "GET", "path": "/", "query": [], "headers": [], "body": null,
                         "auth": null, "effect": "read" },
            "status": 200, "headers": [], "bytes": 9, "digest": Digest::of(b"an answer"), "file": "000001.zst",
            "stored": { "bytes": stored.len(), "digest": Digest::of(&stored) }, "broken": null, "redacted": null,
        });
        let index = format!("{index}\n");
        let mut proof = examples::record();
        proof["parts"] = json!([part(INDEX, index.as_bytes()), part("proof.csv", b"Name\n")]);
        fs::write(folder.join("answers/000001.zst"), &stored)?;
        fs::write(folder.join(INDEX), index)?;
        fs::write(folder.join("proof.csv"), "Name\n")?;
        fs::write(folder.join(PROOF_FILE), proof.to_string())
    }

    fn packed(folder: &Path, out: &Path) -> Result<(), Box<dyn std::error::Error>> {
        let mut check = AsWritten::of(folder)??;
        Ok(bundle::write_checked(folder, out, &[], &mut check)?)
    }

    #[test]
    fn only_what_was_written_is_bundled() -> Result<(), Box<dyn std::error::Error>> {
        type Change = fn(&Path) -> io::Result<()>;
        let changes: [(Change, &str); 5] = [
            (|it| fs::write(it.join("proof.csv"), "Nome\n"), "proof.csv was altered"),
            (|it| fs::write(it.join("answers/000001.zst"), "other"), "answers/000001.zst was altered"),
            (|it| fs::remove_file(it.join("answers/000001.zst")), "answers/000001.zst is missing"),
            (|it| fs::write(it.join("answers/000002.zst"), "more"), "answers/000002.zst was added"),
            (|it| fs::write(it.join("rows.ndjson.zst"), "more"), "rows.ndjson.zst was added"),
        ];
        let place = tempfile::tempdir()?;
        let (folder, out) = (place.path().join("it"), place.path().join("it.tar"));
        evidence(&folder)?;
        packed(&folder, &out)?;
        fs::remove_file(&out)?;
        for (change, wanted) in changes {
            evidence(&folder)?;
            change(&folder)?;
            let error = packed(&folder, &out).err().ok_or(wanted)?;
            let error = error.downcast::<KeepError>()?;
            assert!(
                matches!(&*error, KeepError::Altered(what) if what.starts_with(wanted)),
                "{wanted}: {error}"
            );
            assert_eq!(disk::names(place.path())?, ["it"], "{wanted}: nothing is left of it");
            fs::remove_dir_all(&folder)?;
        }
        Ok(())
    }

    #[test]
    fn what_is_not_what_was_signed_is_not_bundled() -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        evidence(place.path())?;
        let mut proof = examples::record();
        proof["signed-by"] = "a key".into();
        fs::write(place.path().join(PROOF_FILE), proof.to_string())?;
        assert!(AsWritten::of(place.path())?.is_err(), "it has no signature");
        fs::write(place.path().join(PROOF_FILE), "{}")?;
        assert!(AsWritten::of(place.path())?.is_err(), "it is no record");
        Ok(())
    }
}
