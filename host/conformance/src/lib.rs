//! Tries whether a plugin keeps the contract: what it says of itself, how it begins, and what
//! it makes of answers, good ones that were kept and bad ones that are made up.
//!
//! Nothing here knows a source, and no requests are made. Kept evidence is what answers of the
//! plugin's source look like; without any, only made-up answers can be given.

mod checkpoints;
mod hostile;
mod keys;
mod manifest;
mod open;
mod operation;
mod payload;
mod rng;
mod same;
mod sample;
mod synthetic;
mod testing;

use std::path::{Path, PathBuf};
use std::time::Duration;

use exhibit::Remedy;
use exhibit::checks::{Check, CheckRunner, CheckSpecs, Report, Verdict};
use exhibit::contract::catalog::{Operation, ProofType};
use exhibit::contract::collection::{Job, Task};
use exhibit::contract::settings::{self, SettingError};
use exhibit::contract::types::Setting;
use exhibit::format::wait;
use exhibit::plugin::{LoadError, Plugin, PluginError};
use exhibit::replay::Recording;

use self::operation::Trial;
use self::same::Run;
use self::sample::Sample;

/// Every check, and what it asks of a plugin.
const CHECKS: CheckSpecs = &[
    ("load", "it is a plugin, and imports nothing of the host"),
    ("manifest", "the manifest has all labels and help texts"),
    ("describe", "the manifest is the same at every call"),
    ("resolve", "the origins are the same at every call, and requests to them are permitted"),
    ("settings", "unknown settings are refused"),
    ("open", "a collection begins with a request that may be sent"),
    ("garbage", "an unusable answer is an error, not an empty proof"),
    ("refusals", "a refusal is an error, or waited out"),
    ("floods", "an endless or endlessly nested answer is bounded"),
    ("tests", "suggested and plain tests are accepted, and invalid ones are refused at their place"),
    ("absent", "what the source did not say is inconclusive"),
    ("batches", "the verdict on a row does not depend on the size of the batch"),
    ("replay", "the kept answers give the kept rows"),
    ("keys", "the key tells every row from every other"),
    ("repeat", "the same answers give the same rows"),
    ("chunks", "answers in pieces of any size give the same rows"),
    ("interruptions", "an answer that breaks off leaves nothing behind"),
    ("resume", "another session resumes from each checkpoint"),
    ("checkpoints", "a checkpoint of another job, or an invalid one, is refused"),
    ("time", "all checks end in the time that they may take together"),
    ("write", "an operation says what it changes before that is sent"),
    ("once", "an operation asks for its write once, answered or not"),
    ("found-out", "an operation that is resumed at its write finds out by reads what became of it"),
    ("names", "a name that the source does not list is refused before anything is changed"),
    ("damage", "a damaged answer does not crash it, and a truncated one is not accepted as complete"),
];

/// Tells the operation of a check from others, as a host's would.
const OPERATION_ID: &str = "exhibit-check";

/// Those of bad answers.
const OF_BAD_ANSWERS: [&str; 3] = ["garbage", "refusals", "floods"];
/// Those of good answers that were kept.
const OF_GOOD_ANSWERS: [&str; 7] =
    ["keys", "repeat", "chunks", "interruptions", "resume", "checkpoints", "damage"];

/// What is to be tried.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The plugin.
    pub plugin: &'a Plugin,
    /// What a connection is set up with, defaults included; or why that is not known.
    pub settings: Result<Vec<Setting>, SettingError>,
    /// What proof types are narrowed down with, names and values as a person gives them. Each type takes
    /// what it knows.
    pub criteria: &'a [(&'a str, &'a str)],
    /// Folders of evidence that it collected.
    pub evidence: &'a [PathBuf],
    /// How long all checks may take together.
    pub time: Duration,
}

/// The built-in plugin, with five pieces of evidence, takes minutes. One that makes each call take as long as a call may would
/// keep its checker for days.
pub const CHECK_TIME: Duration = Duration::from_secs(60 * 60);

/// Tries everything. `heard` is called with each check when it is done. What is not done in time is not tried any more: that is
/// a check that failed.
pub async fn check(subject: &Subject<'_>, heard: &mut (dyn FnMut(&Check) + Send)) -> Report {
    let mut checks = CheckRunner::new(CHECKS, heard);
    let late = in_time(subject.time, try_all(subject, &mut checks)).await;
    if let Some(verdict) = late {
        checks.done("time", None, verdict);
    }
    checks.report()
}

/// What is to be said of checks that are not done in time. A sandbox gives way at each tick, so it can be ended between two.
async fn in_time(time: Duration, checks: impl Future<Output = ()>) -> Option<Verdict> {
    let late = tokio::time::timeout(time, checks).await.is_err();
    late.then(|| {
        let what = format!("they took longer than {}: the rest was not tried", wait(time));
        Verdict::failed(what, Remedy::AllowCheckTime)
    })
}

async fn try_all(subject: &Subject<'_>, checks: &mut CheckRunner<'_>) {
    let plugin = subject.plugin;
    let imports = format!("{} interfaces of WASI, all given to it empty", plugin.imports().len());
    checks.done("load", None, Verdict::of(vec![], imports));
    checks.done("manifest", None, manifest::says_what_people_need(plugin));
    checks.done("describe", None, manifest::says_the_same(plugin).await);
    // What is not given here may have been given when the evidence was collected.
    let kept: Vec<Job> =
        subject.evidence.iter().filter_map(|it| Some(Recording::open(it).ok()?.job().clone())).collect();
    let of_evidence = kept.first().map(|it| it.settings.clone());
    let settings = match &subject.settings {
        Ok(settings) => Ok(settings.clone()),
        Err(error) => of_evidence.ok_or_else(|| missing(error, |name| Remedy::GiveSetting { name })),
    };
    match settings {
        Ok(settings) => {
            checks.done("resolve", None, manifest::resolves(plugin, &settings).await);
            checks.done("settings", None, open::refuses_settings(plugin, &settings).await);
            for proof_type in &plugin.manifest().proof_types {
                match job(proof_type, &settings, subject.criteria, &kept) {
                    Ok(job) => without_evidence(plugin, &job, &proof_type.name, checks).await,
                    Err(verdict) => not_opened(&proof_type.name, &verdict, checks),
                }
            }
            for operation in &plugin.manifest().operations {
                let about = operation.name.as_str();
                match operation_job(operation, &settings, subject.criteria) {
                    Ok(job) => {
                        operation::try_all(Trial { plugin, job: &job, answers: &[] }, about, checks).await;
                    }
                    Err(verdict) => checks.skipped(&operation::OF_WRITES, Some(about), &verdict),
                }
            }
        }
        Err(verdict) => {
            checks.skipped(&["resolve", "settings"], None, &verdict);
            for proof_type in &plugin.manifest().proof_types {
                not_opened(&proof_type.name, &verdict, checks);
            }
            for operation in &plugin.manifest().operations {
                checks.skipped(&operation::OF_WRITES, Some(&operation.name), &verdict);
            }
        }
    }
    for proof_type in &plugin.manifest().proof_types {
        tester(plugin, proof_type, checks).await;
    }
    for folder in subject.evidence {
        with_evidence(plugin, folder, checks).await;
    }
}

/// Checks that need what is missing are not made.
fn missing(error: &SettingError, give: impl Fn(String) -> Remedy) -> Verdict {
    let next = match error {
        SettingError::Missing { name, .. } => Some(give(name.clone())),
        error => error.remedy(),
    };
    Verdict::Skipped { why: error.to_string(), next }
}

/// A typical job of this type: with the criteria that are given, else with those that evidence has. Says
/// what is missing, where something is.
fn job(
    proof_type: &ProofType,
    settings: &[Setting],
    given: &[(&str, &str)],
    kept: &[Job],
) -> Result<Job, Verdict> {
    let known =
        given.iter().copied().filter(|(name, _)| proof_type.criteria.iter().any(|it| it.name == *name));
    let task = Task::Collect(proof_type.name.clone());
    let criteria = settings::typical(&proof_type.criteria, known).or_else(|error| {
        let same = kept.iter().find(|it| it.task == task);
        same.map(|it| it.criteria.clone())
            .ok_or_else(|| missing(&error, |name| Remedy::GiveCriterion { name }))
    })?;
    Ok(Job {
        task,
        settings: settings.to_vec(),
        criteria,
        window: None,
        since: None,
        as_of: synthetic::AS_OF,
        id: None,
        checkpoint: None,
    })
}

/// A job of this operation: with the parameters that are given, and what is required made up.
fn operation_job(
    operation: &Operation,
    settings: &[Setting],
    given: &[(&str, &str)],
) -> Result<Job, Verdict> {
    let mut criteria = Vec::new();
    for parameter in &operation.parameters {
        let known = given.iter().copied().filter(|(name, _)| *name == parameter.name);
        match settings::typical(std::slice::from_ref(parameter), known) {
            Ok(values) => criteria.extend(values),
            Err(SettingError::Missing { name, .. }) => {
                criteria.push(Setting { name, value: synthetic::something(parameter.kind) });
            }
            Err(error) => return Err(missing(&error, |name| Remedy::GiveCriterion { name })),
        }
    }
    Ok(Job {
        task: Task::Operate(operation.name.clone()),
        settings: settings.to_vec(),
        criteria,
        window: None,
        since: None,
        as_of: synthetic::AS_OF,
        id: Some(OPERATION_ID.to_owned()),
        checkpoint: None,
    })
}

/// Nobody knows with what a session could begin.
fn not_opened(name: &str, verdict: &Verdict, checks: &mut CheckRunner<'_>) {
    checks.skipped(&["open"], Some(name), verdict);
    checks.skipped(&OF_BAD_ANSWERS, Some(name), verdict);
}

/// What there is to say of a component that cannot be loaded.
pub fn unloadable(error: &LoadError, heard: &mut (dyn FnMut(&Check) + Send)) -> Report {
    let next = match error {
        // Who checks a plugin can correct it.
        LoadError::Describe(PluginError::NoAddressSpace { .. }) => error.remedy(),
        LoadError::Describe(_) => {
            "see `describe` in the contract's catalog.wit: it gives the manifest at each call".into()
        }
        error => error.remedy(),
    };
    let mut checks = CheckRunner::new(CHECKS, heard);
    checks.done("load", None, Verdict::failed(error.to_string(), next));
    checks.report()
}

/// What can be tried without a connection: a tester knows rows, and no source.
async fn tester(plugin: &Plugin, proof: &ProofType, checks: &mut CheckRunner<'_>) {
    let about = Some(proof.name.as_str());
    checks.done("tests", about, testing::takes_tests(plugin, proof).await);
    checks.done("absent", about, testing::tells_absent_from_empty(plugin, proof).await);
    checks.done("batches", about, testing::judges_each_row_by_itself(plugin, proof).await);
}

/// What can be tried with made-up answers alone.
async fn without_evidence(plugin: &Plugin, job: &Job, name: &str, checks: &mut CheckRunner<'_>) {
    checks.done("open", Some(name), open::begins(plugin, job).await);
    match Sample::of_first_request(plugin, job).await {
        Ok(first) => bad_answers(plugin, &first, &Run::default(), name, checks).await,
        Err(why) => checks.skipped(&OF_BAD_ANSWERS, Some(name), &Verdict::skipped(why)),
    }
}

async fn bad_answers(plugin: &Plugin, sample: &Sample, base: &Run, name: &str, checks: &mut CheckRunner<'_>) {
    checks.done("garbage", Some(name), hostile::garbage(plugin, sample, base).await);
    checks.done("refusals", Some(name), hostile::refusals(plugin, sample, base).await);
    checks.done("floods", Some(name), hostile::floods(plugin, sample, base).await);
}

/// What can be tried with answers that were kept.
async fn with_evidence(plugin: &Plugin, folder: &Path, checks: &mut CheckRunner<'_>) {
    let name = folder.display().to_string();
    let about = Some(name.as_str());
    let recording = match Recording::open(folder) {
        Ok(recording) => recording,
        Err(error) => {
            let why = format!("the evidence cannot be read: {error}");
            checks.done("replay", about, Verdict::failed(&why, Remedy::NameEvidence));
            let verdict = Verdict::skipped(why);
            checks.skipped(&["open"], about, &verdict);
            checks.skipped(&OF_GOOD_ANSWERS, about, &verdict);
            return checks.skipped(&OF_BAD_ANSWERS, about, &verdict);
        }
    };
    let job = recording.job().clone();
    checks.done("replay", about, exhibit::replay::gives_the_kept_rows(plugin, folder, recording).await);
    if matches!(job.task, Task::Operate(_)) {
        match Recording::open(folder).and_then(|mut it| Sample::of(plugin, &mut it)) {
            Ok(sample) => {
                let trial = Trial { plugin, job: &job, answers: &sample.answers };
                operation::try_all(trial, &name, checks).await;
                checks.done("names", about, trial.refuses_unknown_names().await);
            }
            Err(error) => {
                let verdict = Verdict::skipped(error.to_string());
                checks.skipped(&operation::OF_WRITES, about, &verdict);
                checks.skipped(&["names"], about, &verdict);
            }
        }
        return;
    }
    checks.done("open", about, open::begins(plugin, &job).await);
    match played(plugin, folder).await {
        Ok((sample, base)) => {
            checks.done("keys", about, keys::has_unique_keys(&sample, &base));
            checks.done("repeat", about, same::repeats(plugin, &sample, &base).await);
            checks.done("chunks", about, same::in_chunks(plugin, &sample, &base).await);
            checks.done("interruptions", about, same::interrupted(plugin, &sample, &base).await);
            checks.done("resume", about, same::resumed(plugin, &sample, &base).await);
            checks.done("checkpoints", about, checkpoints::refuses_checkpoints(plugin, &sample).await);
            checks.done("damage", about, hostile::damage(plugin, &sample, &base).await);
            bad_answers(plugin, &sample, &base, &name, checks).await;
        }
        Err(why) => {
            let verdict = Verdict::skipped(why);
            checks.skipped(&OF_GOOD_ANSWERS, about, &verdict);
            checks.skipped(&OF_BAD_ANSWERS, about, &verdict);
        }
    }
}

/// The first answers of the evidence, and what is to come of them; or why there is nothing to try.
async fn played(plugin: &Plugin, folder: &Path) -> Result<(Sample, Run), String> {
    let sample = Recording::open(folder).and_then(|mut it| Sample::of(plugin, &mut it));
    let sample = sample.map_err(|error| error.to_string())?;
    let base = same::baseline(plugin, &sample).await?;
    Ok((sample, base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_plugin_that_never_ends_fails_when_the_time_is_over() {
        let late = in_time(Duration::from_millis(20), std::future::pending()).await;
        let Some(Verdict::Failed { faults, .. }) = late else { panic!("it never ends: {late:?}") };
        assert_eq!(faults[0].what, "they took longer than 0.02s: the rest was not tried");
        assert_eq!(faults[0].next, Remedy::AllowCheckTime);
        assert_eq!(in_time(CHECK_TIME, async {}).await, None);
    }
}
