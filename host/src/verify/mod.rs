//! Whether kept evidence is what it says that it is. This trusts no third party and
//! sends no request.

mod answered;
mod bounds;
mod chain;
mod faults;
mod known_files;
mod log;
mod parts;
mod predecessor;
mod record;
mod replayed;
mod requirements;
mod runs;
mod shared_files;
pub mod signature;
mod subject;
mod timestamp;

use exhibit_records::{Digest, PROOF_FILE, Proof};

use crate::checks::{Check, CheckRunner, CheckSpecs, Fault, Report, Verdict};
use crate::disk;
use crate::evidence::{read, stale};
use crate::format::counted;
use crate::remedy::Remedy;
use crate::testing::earlier::Earlier;

use self::subject::Chosen;

pub use self::bounds::{Bounds, CHECK_TIME};
pub use self::requirements::{Requirement, Requirements, UnknownRequirement};
pub use self::shared_files::SharedFiles;
pub use self::subject::Subject;

/// Every check, and what it asks of evidence.
const CHECKS: CheckSpecs = &[
    ("proof", "proof.json says what was collected, and how"),
    ("signature", "a trusted key signed it"),
    ("log", "the log of its store has it, and says of it what it shows"),
    ("predecessor", "the proof that it has the changes since is there, and ends where this one begins"),
    ("timestamp", "a trusted authority saw it at the stated time"),
    ("files", "every file is as it was written, and none was added"),
    ("runs", "no run of tests was removed, swapped, renumbered or copied"),
    ("answers", "every answer is as the source gave it"),
    ("table", "proof.csv shows what the rows say"),
    ("record", "proof.json says what follows from the answers and the rows"),
    ("plugin", "the plugin that collected it is trusted"),
    ("replay", "the answers give the rows, byte for byte"),
    ("run signature", "a trusted key signed the run of tests"),
    ("tests", "the tests give the same results again"),
];

/// Those that read all of a file, and those that follow from them.
const READING: [&str; 5] = ["answers", "table", "record", "plugin", "replay"];

/// Verifies evidence by its digests and its signature alone: what is shown of answers and rows is what they say, and nothing is
/// made again. `heard` is called with each check when it is
/// done.
pub fn digests(subject: &Subject<'_>, heard: &mut (dyn FnMut(&Check) + Send)) -> Report {
    let mut checks = CheckRunner::new(CHECKS, heard);
    if let Some(Written { proof, json, .. }) = written(subject, &mut checks, true) {
        checks.done("answers", None, parts::answers(subject.folder, &subject.bounds));
        checks.done("table", None, record::table(subject.folder, &proof, &subject.bounds));
        record::check(subject.folder, (&proof, &json), None, false, &mut checks);
        let why = "only digests were asked for, so nothing was made again";
        checks.done("replay", None, Verdict::skipped(why));
    }
    checks.report()
}

/// Of a bundle that is not as bundles are written, so that nothing of it can be read: the name of the check that this fails, and
/// why.
pub(crate) fn altered_bundle(
    check: &'static str,
    why: String,
    heard: &mut (dyn FnMut(&Check) + Send),
) -> Report {
    let mut checks = CheckRunner::new(CHECKS, heard);
    checks.require(|_| true);
    checks.done(check, None, Verdict::failed(why, Remedy::DoNotRely));
    checks.report()
}

/// What was read of the records of evidence.
struct Written {
    proof: Proof,
    /// The bytes of its `proof.json`.
    json: Vec<u8>,
    runs: Vec<Earlier>,
}

/// What was written down is what is there. Gives it, where `proof.json` can be read.
fn written(subject: &Subject<'_>, checks: &mut CheckRunner<'_>, digests_only: bool) -> Option<Written> {
    let folder = subject.folder;
    let path = folder.join(PROOF_FILE);
    let read = disk::read_bounded(&path).and_then(|json| Ok((read::parsed(&path, &json)?, json)));
    let (proof, json) = match read {
        Ok(read) => read,
        Err(error) => {
            let fault = Fault::unread(error.to_string(), &error, Remedy::DoNotRely);
            checks.done("proof", None, Verdict::of(vec![fault], ""));
            if let Some(verdict) = signature::is_of_another(folder, subject.keys) {
                checks.done("signature", None, verdict);
            }
            return None;
        }
    };
    let mut required = match subject.requirements.of(folder, &proof) {
        Ok(required) => required,
        Err(error) => {
            let fault = Fault::unread(error.to_string(), &error, Remedy::DoNotRely);
            checks.done("proof", None, Verdict::of(vec![fault], ""));
            return None;
        }
    };
    if digests_only && *subject.requirements == Requirements::Claimed {
        // The caller wants nothing made again.
        required.remove(&Requirement::Replay);
    }
    let (needs_log, needs_stamp) =
        (required.contains(&Requirement::Log), required.contains(&Requirement::Timestamp));
    checks.require(move |name| required.contains(&Requirement::of(name)));
    let rows = counted(proof.rows, "row", "rows");
    let said = format!("{}, {rows}, as of {}", proof.proof_type.name, proof.job.as_of);
    checks.done("proof", None, Verdict::of(vec![], said));
    if let Some(warning) = stale(&proof, subject.now) {
        checks.warn(warning);
    }
    let signed = signature::is_of(folder, &proof, subject.keys);
    checks.done("signature", None, signed.clone());
    let log = match subject.logged {
        Some(digest) => log::is(folder, digest),
        None => {
            let missing =
                || Verdict::skipped("it is in no store, and brings no proof that the log of one has it");
            log::has(folder, subject.bundled, subject.keys, subject.now).or_else(|| needs_log.then(missing))
        }
    };
    if let Some(verdict) = log {
        checks.done("log", None, verdict);
    }
    match predecessor::of(folder, &proof, subject.alone) {
        Some(predecessor::Found::Checked(verdict)) => checks.done("predecessor", None, verdict),
        // A folder or a bundle has one proof.
        Some(predecessor::Found::NoStore(verdict)) => checks.done_for_information("predecessor", verdict),
        None => {}
    }
    let missing = || Verdict::skipped("it has no time stamp");
    let stamp = timestamp::is_of(folder, &proof, subject.authorities);
    if let Some(verdict) = stamp.or_else(|| needs_stamp.then(missing)) {
        checks.done("timestamp", None, verdict);
    }
    let limits = (subject.shared, &subject.bounds);
    let read = runs::of(folder);
    if let Err(error) = subject.bounds.size(folder, &proof, read.as_deref().unwrap_or_default()) {
        // Each reads to where the records say that files end: none of them is begun.
        checks.done("files", None, bounds::too_much(error));
        let as_well =
            Verdict::skipped("it has more than is read of evidence, as the check of the files says");
        checks.skipped(&READING, None, &as_well);
        return None;
    }
    let runs = match read {
        Ok(runs) => {
            checks.done("files", None, parts::files(folder, &proof, Some(&runs), limits));
            if let Some(verdict) = chain::of(folder, &proof, &runs) {
                checks.done("runs", None, verdict);
            }
            runs
        }
        Err(error) => {
            checks.done("files", None, parts::files(folder, &proof, None, limits));
            let fault = Fault::unread(error.to_string(), &error, Remedy::DoNotRely);
            checks.done("runs", None, Verdict::of(vec![fault], ""));
            Vec::new()
        }
    };
    let digest = Digest::of(&json);
    for run in &runs {
        let about = format!("run {}", run.number);
        let run_signed = signature::is_of_run(run, (&proof, digest), (&signed, subject.keys));
        checks.done("run signature", Some(&about), run_signed);
    }
    Some(Written { proof, json, runs })
}

/// Verifies evidence. `heard` is called with each check when it is done.
pub async fn verify(subject: &Subject<'_>, heard: &mut (dyn FnMut(&Check) + Send)) -> Report {
    let mut checks = CheckRunner::new(CHECKS, heard);
    let folder = subject.folder;
    let Some(Written { proof, json, runs }) = written(subject, &mut checks, false) else {
        return checks.report();
    };
    checks.done("answers", None, parts::answers(folder, &subject.bounds));
    checks.done("table", None, record::table(folder, &proof, &subject.bounds));
    let chosen = subject.plugin_for(&proof.plugin);
    let own = match &chosen {
        Ok(Chosen::Trusted(plugin) | Chosen::Unknown(plugin)) => Some(*plugin),
        _ => None,
    };
    record::check(folder, (&proof, &json), own, true, &mut checks);
    replayed::rows(subject, &proof, chosen, &mut checks).await;
    for run in &runs {
        let about = format!("run {}", run.number);
        if let Some(warning) = runs::of_another_time(&proof, run) {
            checks.warn(warning);
        }
        checks.done("tests", Some(&about), subject.bounds.in_time(runs::again(subject, &proof, run)).await);
    }
    checks.report()
}
