//! Kept evidence, as far as it is the same for every row: what `proof.json` and a run of tests say.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_rows::Kind;

use crate::digest::Digest;
use crate::evidence::signature::FILE as SIGNATURE;
use crate::evidence::{Field, PartRecord, Proof, read};
use crate::signing::Envelope;
use crate::testing::Run;

use super::error::RenderError;
use super::invalid;

/// A `proof.json` with all fields that a plugin may declare, and their help, is far below.
const LARGEST_PROOF: u64 = 64 << 20;
/// Where evidence has its runs of tests.
const RUNS: &str = "tests";
/// Runs that are looked through for the last one.
const MOST_RUNS: usize = 20_000;

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
}

impl Subject {
    /// The evidence in this folder, with the run of tests of this number, or with the last one.
    pub fn open(folder: &Path, run: Option<u32>) -> Result<Self, RenderError> {
        let json = bounded(&folder.join("proof.json")).map_err(RenderError::Evidence)?;
        let proof = read::parsed(Path::new("proof.json"), &json).map_err(RenderError::Evidence)?;
        let run = match run {
            Some(number) => {
                Some(KeptRun::read(folder, number, &proof)?.ok_or(RenderError::NoSuchRun(number))?)
            }
            None => match last_run(folder) {
                Some(number) => KeptRun::read(folder, number, &proof)?,
                None => None,
            },
        };
        let signature = match &proof.signed_by {
            Some(key) => Some(KeptSignature::read(folder, key)?),
            None => None,
        };
        Ok(Self { folder: folder.to_owned(), proof, digest: Digest::of(&json), run, signature })
    }

    /// The fields of a row and what they hold, in its order.
    pub(super) fn fields(&self) -> &[Field] {
        &self.proof.proof_type.fields
    }

    /// What was kept under this path, as `proof.json` has it.
    pub(super) fn part(&self, path: &str) -> Result<&PartRecord, RenderError> {
        find(&self.proof.parts, path).ok_or_else(|| RenderError::Unlisted(path.to_owned()))
    }
}

impl KeptSignature {
    /// That of this key.
    fn read(evidence: &Path, key: &str) -> Result<Self, RenderError> {
        let refuse = |problem: String| RenderError::Evidence(invalid(format!("{SIGNATURE}: {problem}")));
        let bytes = bounded(&evidence.join(SIGNATURE)).map_err(RenderError::Evidence)?;
        let envelope = Envelope::parse_exact(&bytes).map_err(|error| refuse(error.to_string()))?;
        let mut signatures = envelope.signatures();
        let Some((_, signature)) = signatures.find(|it| it.0 == Some(key)) else {
            return Err(refuse("it has no signature of the key that proof.json names".to_owned()));
        };
        Ok(Self { key: key.to_owned(), base64: STANDARD.encode(signature) })
    }
}

impl KeptRun {
    fn read(evidence: &Path, number: u32, proof: &Proof) -> Result<Option<Self>, RenderError> {
        let folder = format!("{RUNS}/{number:04}");
        let path = format!("{folder}/run.json");
        let Some(run) = Run::read(&evidence.join(&folder)).map_err(RenderError::Evidence)? else {
            return Ok(None);
        };
        let found = Digest::of(&bounded(&evidence.join(&path)).map_err(RenderError::Evidence)?);
        // A run from after the collection is not among the proof's parts, and vouches for itself.
        if let Some(part) = find(&proof.parts, &path)
            && part.digest != found
        {
            return Err(RenderError::Altered { path, kept: part.digest, found });
        }
        let rows = find(&proof.parts, super::entries::ROWS);
        if let Some(part) = rows.filter(|it| it.meaning() != run.rows) {
            let path = format!("{path} is of other rows: {}", super::entries::ROWS);
            return Err(RenderError::Altered { path, kept: run.rows, found: part.meaning() });
        }
        Ok(Some(Self { number, folder, digest: found, run }))
    }

    /// What was kept under this path of the run, as `run.json` has it.
    pub(super) fn part(&self, path: &str) -> Result<&PartRecord, RenderError> {
        find(&self.run.parts, path).ok_or_else(|| RenderError::Unlisted(format!("{}/{path}", self.folder)))
    }
}

/// What a field holds.
pub(super) fn kind(field: &Field) -> Result<Kind, RenderError> {
    Kind::ALL.into_iter().find(|it| it.name() == field.kind).ok_or_else(|| {
        RenderError::Evidence(invalid(format!(
            "proof.json: the field {} is of the kind {}, which is none",
            field.name, field.kind
        )))
    })
}

fn find<'a>(parts: &'a [PartRecord], path: &str) -> Option<&'a PartRecord> {
    parts.iter().find(|it| it.path == path)
}

fn last_run(evidence: &Path) -> Option<u32> {
    let entries = fs::read_dir(evidence.join(RUNS)).ok()?;
    let number = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    entries.take(MOST_RUNS).filter_map(number).max()
}

fn bounded(path: &Path) -> io::Result<Vec<u8>> {
    let at = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let bytes = fs::metadata(path).map_err(at)?.len();
    if bytes > LARGEST_PROOF {
        return Err(at(invalid(format!("it has {bytes} bytes, which is more than evidence has"))));
    }
    fs::read(path).map_err(at)
}
