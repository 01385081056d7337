//! Tries whether a plugin keeps the contract: what it says of itself, how it begins, and what
//! it makes of answers, good ones that were kept and bad ones that are made up.
//!
//! Nothing here knows a source, and nobody is talked to. Kept evidence is what answers of the
//! plugin's source look like; without any, only made-up answers can be given.

mod dice;
mod hostile;
pub(crate) mod kept;
mod made_up;
mod manifest;
mod open;
mod payload;
mod same;
mod sample;
mod testing;

use std::path::{Path, PathBuf};

use crate::checks::{Check, Questions, Report, Trial, Verdict};
use crate::plugin::contract::catalog::ProofType;
use crate::plugin::contract::collection::{Job, Task};
use crate::plugin::contract::types::{Instant, Setting};
use crate::plugin::{LoadError, Plugin, settings};
use crate::replay::Recording;

use self::sample::Sample;

/// Every check, and what it asks of a plugin.
const CHECKS: Questions = &[
    ("load", "it is a plugin, and imports nothing of the host"),
    ("manifest", "the manifest says what people need"),
    ("describe", "the manifest is the same at every call"),
    ("resolve", "the origins are the same at every call, and may be talked to"),
    ("settings", "settings that nobody knows are refused"),
    ("open", "a collection begins with a request that may be sent"),
    ("garbage", "an answer that is none is an error, not an empty proof"),
    ("refusals", "a refusal is an error, or waited out"),
    ("floods", "an answer without end or bottom is bounded"),
    ("tests", "suggested and plain tests are taken, and nonsense is refused at its place"),
    ("absent", "what the source did not say is inconclusive"),
    ("batches", "a row is judged by itself, however many are handed over at once"),
    ("replay", "the kept answers give the kept rows"),
    ("keys", "the key tells every row from every other"),
    ("repeat", "the same answers give the same rows"),
    ("chunks", "the same rows come of answers in pieces of any size"),
    ("interruptions", "an answer that breaks off leaves nothing behind"),
    ("resume", "another session goes on from each checkpoint"),
    ("checkpoints", "a checkpoint of another job, or of nobody, is refused"),
    ("damage", "a damaged answer does not crash it"),
];

/// The instant that counts as now where no evidence says another: 2026-01-01T00:00:00Z.
const AS_OF: Instant = 1_767_225_600_000;

/// What is to be tried.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The plugin.
    pub plugin: &'a Plugin,
    /// What a connection is set up with, defaults included; or why that is not known, for people.
    pub settings: Result<Vec<Setting>, String>,
    /// Folders of evidence that it collected.
    pub evidence: &'a [PathBuf],
}

/// Tries everything. `heard` is told of each check when it is done.
pub async fn check(subject: &Subject<'_>, heard: &mut (dyn FnMut(&Check) + Send)) -> Report {
    let mut trial = Trial::new(CHECKS, heard);
    let plugin = subject.plugin;
    let imports = format!("{} interfaces of WASI, all given to it empty", plugin.imports().len());
    trial.done("load", None, Verdict::of(vec![], imports));
    trial.done("manifest", None, manifest::says_what_people_need(plugin));
    trial.done("describe", None, manifest::says_the_same(plugin).await);
    match &subject.settings {
        Ok(settings) => {
            trial.done("resolve", None, manifest::resolves(plugin, settings).await);
            trial.done("settings", None, open::refuses_settings(plugin, settings).await);
            for proof_type in &plugin.manifest().proof_types {
                let about = Some(proof_type.name.as_str());
                let job = settings::typical(&proof_type.criteria, []).map(|criteria| Job {
                    task: Task::Collect(proof_type.name.clone()),
                    settings: settings.clone(),
                    criteria,
                    window: None,
                    as_of: AS_OF,
                    checkpoint: None,
                });
                match job {
                    Ok(job) => without_evidence(plugin, &job, about, &mut trial).await,
                    Err(error) => trial.done("open", about, Verdict::Skipped { why: error.to_string() }),
                }
            }
        }
        Err(why) => trial.done("resolve", None, Verdict::Skipped { why: why.clone() }),
    }
    for proof_type in &plugin.manifest().proof_types {
        tester(plugin, proof_type, &mut trial).await;
    }
    for folder in subject.evidence {
        with_evidence(plugin, folder, &mut trial).await;
    }
    trial.report()
}

/// What there is to say of a component that cannot be loaded.
pub fn unloadable(error: &LoadError, heard: &mut (dyn FnMut(&Check) + Send)) -> Report {
    let next = match error {
        LoadError::Imports(_) => "leave out the crate that wants it: a plugin has no network, files or clock",
        LoadError::TooOld { .. } | LoadError::TooNew { .. } | LoadError::OtherTypes { .. } => {
            "build it against the contract of this version"
        }
        LoadError::Manifest(_) => "mend the manifest at this place",
        _ => "see the contract's world.wit",
    };
    let mut trial = Trial::new(CHECKS, heard);
    trial.done("load", None, Verdict::failed(error.to_string(), next));
    trial.report()
}

/// What can be tried without a connection: a tester knows rows, and no source.
async fn tester(plugin: &Plugin, proof: &ProofType, trial: &mut Trial<'_>) {
    let about = Some(proof.name.as_str());
    trial.done("tests", about, testing::takes_tests(plugin, proof).await);
    trial.done("absent", about, testing::tells_absent_from_empty(plugin, proof).await);
    trial.done("batches", about, testing::judges_each_row_by_itself(plugin, proof).await);
}

/// What can be tried with made-up answers alone.
async fn without_evidence(plugin: &Plugin, job: &Job, about: Option<&str>, trial: &mut Trial<'_>) {
    trial.done("open", about, open::begins(plugin, job).await);
    let first = Sample::of_first_request(plugin, job).await;
    bad_answers(plugin, first, about, trial).await;
}

async fn bad_answers(
    plugin: &Plugin,
    sample: Result<Sample, String>,
    about: Option<&str>,
    trial: &mut Trial<'_>,
) {
    match sample {
        Ok(sample) => {
            trial.done("garbage", about, hostile::garbage(plugin, &sample).await);
            trial.done("refusals", about, hostile::refusals(plugin, &sample).await);
            trial.done("floods", about, hostile::floods(plugin, &sample).await);
        }
        Err(why) => trial.done("garbage", about, Verdict::Skipped { why }),
    }
}

/// What can be tried with answers that were kept.
async fn with_evidence(plugin: &Plugin, folder: &Path, trial: &mut Trial<'_>) {
    let name = folder.display().to_string();
    let about = Some(name.as_str());
    let recording = match Recording::open(folder) {
        Ok(recording) => recording,
        Err(error) => {
            let why = format!("the evidence cannot be read: {error}");
            return trial.done(
                "replay",
                about,
                Verdict::failed(why, "name a folder that `exhibit collect` made"),
            );
        }
    };
    trial.done("replay", about, kept::gives_the_kept_rows(plugin, folder, recording).await);
    let sample = Recording::open(folder).and_then(|mut it| Sample::of(plugin, &mut it));
    let sample = match sample {
        Ok(sample) => sample,
        Err(error) => return trial.done("repeat", about, Verdict::Skipped { why: error.to_string() }),
    };
    let base = match same::baseline(plugin, &sample).await {
        Ok(base) => base,
        Err(why) => return trial.done("repeat", about, Verdict::Skipped { why }),
    };
    trial.done("keys", about, kept::has_unique_keys(&sample, &base));
    trial.done("repeat", about, same::repeats(plugin, &sample, &base).await);
    trial.done("chunks", about, same::in_chunks(plugin, &sample, &base).await);
    trial.done("interruptions", about, same::interrupted(plugin, &sample, &base).await);
    trial.done("resume", about, same::resumed(plugin, &sample, &base).await);
    trial.done("checkpoints", about, open::refuses_checkpoints(plugin, &sample).await);
    trial.done("damage", about, hostile::damage(plugin, &sample).await);
    bad_answers(plugin, Ok(sample), about, trial).await;
}
