//! A run from its beginning to its end, and the places where it can be kept.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use exhibit_records::weight::{self, Weight};
use exhibit_records::{Digest, PartRecord, PluginRecord, Predecessor, RUN_FILE, Run, Tested};
use exhibit_rows::ShowPath as _;

use crate::disk::{KeepError, StagedDir, at, invalid, private_all, private_file};
use crate::evidence::{StagedEvidence, format_instant};
use crate::signing::SigningKey;

use super::earlier::{self, Last, RUNS};
use super::error::TestError;
use super::files::VERDICTS;
use super::history::{Changes, History};
use super::judge::{Judged, Order, Subject, judge, proof_type};
use super::run_writer::{Example, RunWriter};
use super::{file, run_signature};

/// The tests themselves, in a run's folder.
const TESTS: &str = "tests.toml";

/// A run, and what of it is worth showing.
#[derive(Debug)]
pub struct TestRun {
    /// What came of it.
    pub run: Run,
    /// For each test, the first rows that did not pass.
    pub examples: Vec<Vec<Example>>,
    /// For each test, what changed.
    pub changes: Vec<Changes>,
    /// Folders beside the evidence that it was not compared with, as their records cannot be read: why, for people. The first of
    /// them.
    pub passed_over: Vec<String>,
    /// `run.json`, which has the digests of all else, and the signature, where there is one. Nothing before it is sealed.
    own: Vec<PartRecord>,
}

/// Runs the tests on evidence that is being kept, as its first run.
///
/// # Errors
///
/// Where a test uses a field that the evidence does not have, the plugin fails or refuses a test, or the run cannot be
/// written.
pub async fn run_with_collection(
    whole: &mut StagedEvidence,
    destination: &Path,
    order: &Order<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<TestRun, TestError> {
    let into = earlier::folder(whole.path(), 1);
    let made = async {
        private_all(&into).map_err(|error| at(&into, error))?;
        let subject = Subject { folder: whole.path(), proof: whole.proof() };
        let last = last(&subject, destination, order)?;
        let mut run = run_tests(&subject, None, order, last, &into, progress).await?;
        // It comes before proof.json, which has its digest: no record is before it.
        run.seal(&into, None, order.key)?;
        whole.sync(RUNS)?;
        Ok::<_, TestError>(run)
    };
    let run = match made.await {
        Ok(run) => run,
        Err(error) => {
            // Half a run does not count. What went wrong first is reported.
            whole.discard(RUNS);
            return Err(error);
        }
    };
    let folder = below(whole.path(), &into);
    for part in &run.own {
        whole.add(PartRecord { path: format!("{folder}/{}", part.path), ..part.clone() });
    }
    Ok(run)
}

/// Runs the tests on kept evidence, and keeps the run with it. Gives the run's folder, too.
///
/// # Errors
///
/// Where the evidence cannot be read or was altered, a test uses a field that it does not have, the plugin fails or
/// refuses a test, or the run cannot be written.
pub async fn run_on(
    subject: &Subject<'_>,
    order: &Order<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(TestRun, PathBuf), TestError> {
    let staged = stage_run(subject, order, progress).await?;
    Ok(staged.place(&|number| earlier::before(subject.folder, number), &|_, _| Ok(()))?)
}

/// Runs the tests on kept evidence, and writes the run beside its place, where [`StagedRun::place`] puts it.
///
/// # Errors
///
/// As [`run_on`].
pub(crate) async fn stage_run<'a>(
    subject: &Subject<'_>,
    order: &Order<'a>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<StagedRun<'a>, TestError> {
    let (number, staged) = begin(subject.folder)?;
    let last = last(subject, subject.folder, order)?;
    let run = run_tests(subject, Some(subject.digest()?), order, last, staged.path(), progress).await?;
    Ok(StagedRun { evidence: subject.folder.to_owned(), number, staged, run, key: order.key })
}

/// A run of tests that is complete, and not in its place yet. Dropped, it leaves nothing behind.
pub(crate) struct StagedRun<'a> {
    evidence: PathBuf,
    number: u32,
    staged: StagedDir,
    run: TestRun,
    key: Option<&'a SigningKey>,
}

impl StagedRun<'_> {
    /// The folder of the evidence that it is of.
    pub(crate) fn evidence(&self) -> &Path {
        &self.evidence
    }

    /// Puts it in its place, after the record that `previous` gives for its number. `begin` is called before that, with the
    /// place and the digest of its `run.json`. Gives the run's folder, too.
    pub(crate) fn place(
        self,
        previous: &dyn Fn(u32) -> io::Result<Predecessor>,
        begin: &dyn Fn(&Path, Digest) -> io::Result<()>,
    ) -> Result<(TestRun, PathBuf), KeepError> {
        let Self { evidence, mut number, staged, mut run, key } = self;
        let path = staged.path().to_owned();
        let mut seal = |number| {
            let digest = run.seal(&path, Some(previous(number)?), key)?;
            let place = earlier::folder(&evidence, number);
            begin(&place, digest)?;
            Ok(place)
        };
        seal(number)?;
        let folder = staged.commit_to_next(&mut || {
            // Another run was placed there meanwhile: that is the one before this, or one of those.
            number = earlier::next(&evidence)?.max(number.saturating_add(1));
            if number == u32::MAX {
                Err(io::Error::other("no number is free for the run"))
            } else {
                seal(number)
            }
        })?;
        Ok((run, folder))
    }
}

impl TestRun {
    /// The digest of its `run.json`, as it was written last. `None` where it was not.
    pub(crate) fn sealed(&self) -> Option<Digest> {
        self.own.iter().find(|it| it.path == RUN_FILE).map(|it| it.digest)
    }

    /// Writes `run.json`, with this record before it, and signs it, in the folder with its other files. Gives its digest.
    pub(crate) fn seal(
        &mut self,
        folder: &Path,
        previous: Option<Predecessor>,
        key: Option<&SigningKey>,
    ) -> io::Result<Digest> {
        self.run.previous = previous;
        let mut json = serde_json::to_vec_pretty(&self.run).map_err(io::Error::from)?;
        json.push(b'\n');
        // It could not be read again.
        weight::check(&json, &Weight::RECORD).map_err(|error| invalid(format!("{RUN_FILE}: {error}")))?;
        let mut own = vec![write_again(folder, RUN_FILE, &json)?];
        let digest = own[0].digest;
        if let Some(key) = key {
            let signature = run_signature::seal(&self.run, digest, key)?;
            own.push(write_again(folder, run_signature::FILE, &signature)?);
        }
        self.own = own;
        Ok(digest)
    }
}

/// The next run's number, and where it is written.
fn begin(evidence: &Path) -> Result<(u32, StagedDir), TestError> {
    let runs = evidence.join(RUNS);
    if runs.is_symlink() {
        return Err(TestError::Linked(runs.shown().to_string()));
    }
    let mut number = earlier::next(evidence)?;
    loop {
        match StagedDir::create(&earlier::folder(evidence, number)) {
            // Another run was quicker.
            Err(KeepError::Occupied(_)) if number < u32::MAX => number += 1,
            aside => return Ok((number, aside?)),
        }
    }
}

/// Runs the tests against kept evidence, and discards the run: `scratch` is an empty folder for
/// temporary files.
///
/// # Errors
///
/// Where the evidence cannot be read or was altered, a test uses a field that it does not have, the plugin fails or
/// refuses a test, or `scratch` cannot be written.
pub async fn dry_run(
    subject: &Subject<'_>,
    order: &Order<'_>,
    scratch: &Path,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<TestRun, TestError> {
    let last = last(subject, subject.folder, order)?;
    run_tests(subject, Some(subject.digest()?), order, last, scratch, progress).await
}

/// The same, without a look at earlier runs: what changed since those follows from more than this evidence.
///
/// # Errors
///
/// As [`dry_run`].
pub(crate) async fn judge_again(
    subject: &Subject<'_>,
    order: &Order<'_>,
    scratch: &Path,
) -> Result<TestRun, TestError> {
    let last = Last { runs: vec![None; order.tests.len()], passed_over: Vec::new() };
    run_tests(subject, Some(subject.digest()?), order, last, scratch, &|_| ()).await
}

fn last(subject: &Subject<'_>, evidence: &Path, order: &Order<'_>) -> Result<Last, TestError> {
    let names: Vec<&str> = order.tests.iter().map(|it| it.name.as_str()).collect();
    earlier::find(evidence, subject.proof, &names, order.known).map_err(TestError::Earlier)
}

async fn run_tests(
    subject: &Subject<'_>,
    proof: Option<Digest>,
    order: &Order<'_>,
    last: Last,
    into: &Path,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<TestRun, TestError> {
    let as_of = format_instant(order.as_of);
    let keys_repeat = subject.proof.completeness.repeated_keys.is_some_and(|it| it > 0);
    let repeated = keys_repeat.then_some(subject.proof.rows);
    let Last { runs, passed_over } = last;
    let history = History::begin(into, order.tests, runs, as_of.clone(), repeated)?;
    let Judged { tests, rows, writer } = judge(subject, order, into, history, progress).await?;
    let RunWriter { files, history, examples, .. } = writer;
    let mut parts = files.finish()?;
    let verdicts = parts.iter().find(|it| it.path == VERDICTS).cloned();
    let verdicts = verdicts.ok_or_else(|| io::Error::other("the verdicts were not written"))?;
    let (tests, history, changes) = finish(history, into.to_owned(), verdicts, tests).await?;
    parts.push(history);
    let toml = file::write(proof_type(subject.proof, order.plugin)?, order.tests, &[]);
    parts.push(write(into, TESTS, toml.as_bytes())?);
    let run = Run {
        format: exhibit_records::RUN_FORMAT,
        proof_type: subject.proof.proof_type.name.clone(),
        proof,
        // Known when it gets its place.
        previous: None,
        rows,
        as_of,
        made: format_instant(order.made),
        plugin: PluginRecord::from(order.plugin),
        host: env!("CARGO_PKG_VERSION").to_owned(),
        tests,
        parts,
    };
    Ok(TestRun { run, examples, changes, passed_over, own: Vec::new() })
}

/// Away from the executor's threads: it may go through files.
async fn finish(
    history: History,
    into: PathBuf,
    verdicts: PartRecord,
    mut tests: Vec<Tested>,
) -> Result<(Vec<Tested>, PartRecord, Vec<Changes>), TestError> {
    let finishing = tokio::task::spawn_blocking(move || {
        history.finish(&into, &verdicts, &mut tests).map(|(part, changes)| (tests, part, changes))
    });
    finishing.await.map_err(io::Error::other)?
}

/// A small file, on the disk for good.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PartRecord> {
    let path = folder.join(name);
    let mut file = private_file(&path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| at(&path, error))?;
    Ok(PartRecord::new(name, (bytes.len() as u64, Digest::of(bytes))))
}

/// The same, where it may have been written before.
fn write_again(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PartRecord> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&path, error)),
        _ => write(folder, name, bytes),
    }
}

/// The path from a folder on, with the separators of URLs.
fn below(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path);
    path.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>().join("/")
}
