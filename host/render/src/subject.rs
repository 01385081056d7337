//! Kept evidence, as far as it is the same for every row: what `proof.json` and a run of tests say.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit::disk;
use exhibit::evidence::read;
use exhibit::evidence::signature::FILE as SIGNATURE;
use exhibit::format::line;
use exhibit::signing::{Envelope, Evidence, Mismatch};
use exhibit::testing::earlier::{self, Earlier, Known};
use exhibit_records::{Digest, Field, PartRecord, Proof, RUN_FILE, Run};
use exhibit_rows::Kind;

use super::error::{RenderError, invalid};

/// Evidence to render.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Where it is.
    pub(super) folder: PathBuf,
    /// What its `proof.json` says.
    pub proof: Proof,
    /// Of `proof.json`, which has the digests of the rest.
    pub digest: Digest,
    /// The run of tests to tell of.
    pub run: Option<KeptRun>,
    /// Who signed it, as it says. To be believed only after `exhibit verify`.
    pub signature: Option<KeptSignature>,
}

/// A signature that is kept with the evidence. Nothing of it is checked here.
#[derive(Debug, Clone)]
pub struct KeptSignature {
    /// The name of the key that it is said to be of.
    pub key: String,
    /// The signature, in base64.
    pub base64: String,
}

/// A run of tests that is kept with the evidence.
#[derive(Debug, Clone)]
pub struct KeptRun {
    /// Its number.
    pub number: u32,
    /// Its folder, from the evidence's on.
    pub folder: String,
    /// Of its `run.json`.
    pub digest: Digest,
    /// What its `run.json` says.
    pub run: Run,
    /// Who signed it, as it says.
    pub signed: RunSigned,
}

/// Who is said to have signed a run of tests, which is another question than who signed the evidence. Nothing of it is checked
/// here: to be believed only after `exhibit verify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunSigned {
    /// It came with the evidence, and what signs that signs it, too: this key.
    WithEvidence(String),
    /// These keys.
    By(Vec<String>),
    /// No key.
    No,
}

impl RunSigned {
    /// Of a run with these signers of its own, where it has a signature, and of evidence that this key signed.
    fn of(own: Option<Vec<String>>, came_with_it: bool, evidence: Option<&str>) -> Self {
        match (own, evidence) {
            (Some(keys), _) if !keys.is_empty() => Self::By(keys),
            (_, Some(key)) if came_with_it => Self::WithEvidence(key.to_owned()),
            _ => Self::No,
        }
    }

    /// In words, for people.
    pub fn in_words(&self) -> String {
        match self {
            Self::WithEvidence(key) => format!("signed with the evidence, by the key {}", line(key)),
            Self::By(keys) => {
                let keys: Vec<String> = keys.iter().map(|it| line(it)).collect();
                format!("signed by the key {}", keys.join(", "))
            }
            Self::No => {
                "not signed: anyone with write access could have added or replaced these results".to_owned()
            }
        }
    }

    /// The keys that are said to have signed it.
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::WithEvidence(key) => vec![key],
            Self::By(keys) => keys.iter().map(String::as_str).collect(),
            Self::No => vec![],
        }
    }
}

impl Subject {
    /// The evidence in this folder, with the run of tests of this number, or with the last one.
    pub fn open(folder: &Path, run: Option<u32>) -> Result<Self, RenderError> {
        Self::open_known(folder, run, &|_, _| Ok(true))
    }

    /// The same, of the runs that are known as those of this evidence.
    pub fn open_known(folder: &Path, run: Option<u32>, known: Known<'_>) -> Result<Self, RenderError> {
        let json =
            disk::read_bounded(&folder.join(exhibit_records::PROOF_FILE)).map_err(RenderError::Evidence)?;
        let proof =
            read::parsed(Path::new(exhibit_records::PROOF_FILE), &json).map_err(RenderError::Evidence)?;
        let digest = Digest::of(&json);
        let mut kept = Vec::new();
        for it in earlier::runs(folder, "").map_err(RenderError::Evidence)? {
            if known(folder, &it).map_err(RenderError::Evidence)? {
                kept.push(it);
            }
        }
        let found = match run {
            Some(number) => {
                let found = kept.into_iter().find(|it| it.number == number);
                Some(found.ok_or(RenderError::NoSuchRun(number))?)
            }
            None => kept.into_iter().max_by_key(|it| it.number),
        };
        let run = found.map(|it| KeptRun::new(it, &proof, digest)).transpose()?;
        let signature = match &proof.signed_by {
            Some(key) => Some(KeptSignature::read(folder, key, digest)?),
            None => None,
        };
        Ok(Self { folder: folder.to_owned(), proof, digest, run, signature })
    }

    /// The fields of a row and what they hold, in its order.
    pub(super) fn fields(&self) -> &[Field] {
        &self.proof.proof_type.fields
    }

    /// What was kept under this path, as `proof.json` has it.
    pub(super) fn part(&self, path: &str) -> Result<&PartRecord, RenderError> {
        self.proof.part(path).ok_or_else(|| RenderError::Unlisted(path.to_owned()))
    }
}

impl KeptSignature {
    /// That of this key, over a `proof.json` with this digest.
    fn read(evidence: &Path, key: &str, proof: Digest) -> Result<Self, RenderError> {
        let refuse = |problem: String| RenderError::Evidence(invalid(format!("{SIGNATURE}: {problem}")));
        let bytes = disk::read_bounded(&evidence.join(SIGNATURE)).map_err(RenderError::Evidence)?;
        let envelope = Envelope::parse_exact(&bytes).map_err(|error| refuse(error.to_string()))?;
        let statement = envelope.unverified::<Evidence>().map_err(|error| refuse(error.to_string()))?;
        // That it is of something else is seen without any key.
        match statement.check(exhibit_records::PROOF_FILE, proof) {
            Ok(()) => {}
            Err(Mismatch::Altered { name, signed, found }) => {
                return Err(RenderError::Altered { path: name, kept: signed, found });
            }
            Err(error) => return Err(refuse(error.to_string())),
        }
        let mut signatures = envelope.signatures();
        let Some((_, signature)) = signatures.find(|it| it.0 == Some(key)) else {
            return Err(refuse("it has no signature of the key that proof.json names".to_owned()));
        };
        Ok(Self { key: key.to_owned(), base64: STANDARD.encode(signature) })
    }
}

impl KeptRun {
    fn new(kept: Earlier, proof: &Proof, json: Digest) -> Result<Self, RenderError> {
        let folder = kept.name();
        let path = format!("{folder}/{RUN_FILE}");
        let found = kept.digest().map_err(RenderError::Evidence)?;
        // A run from after the collection is not among the proof's parts, and has its own signature.
        if let Some(part) = proof.part(&path)
            && part.digest != found
        {
            return Err(RenderError::Altered { path, kept: part.digest, found });
        }
        if !kept.is_of(proof, json) {
            return Err(RenderError::OtherEvidence(folder));
        }
        let own = kept.unverified_signers();
        let own =
            own.map_err(|error| RenderError::Evidence(invalid(format!("{folder}/{SIGNATURE}: {error}"))))?;
        let came_with_it = proof.part(&path).is_some();
        let signed = RunSigned::of(own, came_with_it, proof.signed_by.as_deref());
        Ok(Self { number: kept.number, folder, digest: found, run: kept.run, signed })
    }

    /// What was kept under this path of the run, as `run.json` has it.
    pub(super) fn part(&self, path: &str) -> Result<&PartRecord, RenderError> {
        let part = self.run.parts.iter().find(|it| it.path == path);
        part.ok_or_else(|| RenderError::Unlisted(format!("{}/{path}", self.folder)))
    }
}

/// What a field holds.
pub(super) fn kind(field: &Field) -> Result<Kind, RenderError> {
    Kind::ALL.into_iter().find(|it| it.name() == field.kind).ok_or_else(|| {
        RenderError::Evidence(invalid(format!(
            "proof.json: the field {} has the unknown kind {}",
            field.name, field.kind
        )))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_not_signed_because_its_evidence_is() {
        let own = || Some(vec!["00ff".to_owned()]);
        let with = RunSigned::WithEvidence("11ee".to_owned());
        for (keys, came_with_it, evidence, wanted) in [
            (None, false, Some("11ee"), RunSigned::No),
            (None, false, None, RunSigned::No),
            (None, true, None, RunSigned::No),
            (Some(vec![]), false, Some("11ee"), RunSigned::No),
            (None, true, Some("11ee"), with),
            (own(), false, Some("11ee"), RunSigned::By(vec!["00ff".to_owned()])),
            (own(), false, None, RunSigned::By(vec!["00ff".to_owned()])),
        ] {
            assert_eq!(RunSigned::of(keys.clone(), came_with_it, evidence), wanted, "{keys:?} {evidence:?}");
        }
        assert!(RunSigned::No.in_words().starts_with("not signed"));
        assert_eq!(RunSigned::By(own().unwrap_or_default()).in_words(), "signed by the key 00ff");
    }
}
