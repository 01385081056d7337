//! Whether kept evidence is what it says that it is. This trusts no third party and
//! sends no request.

mod chain;
mod log;
mod parts;
mod runs;
pub mod signature;
mod subject;
mod timestamp;

use exhibit_records::Proof;

use crate::checks::{Check, CheckRunner, CheckSpecs, Fault, Report, Verdict};
use crate::evidence::read;
use crate::format::counted;
use crate::remedy::Remedy;
use crate::replay::{Recording, gives_the_kept_rows};
use crate::testing::earlier::Earlier;

use self::subject::plugin;

pub use self::subject::Subject;

/// Every check, and what it asks of evidence.
const CHECKS: CheckSpecs = &[
    ("proof", "proof.json says what was collected, and how"),
    ("signature", "a trusted key signed it"),
    ("log", "the log of its store has it"),
    ("timestamp", "a trusted authority saw it at the stated time"),
    ("files", "every file is as it was written, and none was added"),
    ("runs", "no run of tests was removed, swapped, renumbered or copied"),
    ("answers", "every answer is as the source gave it"),
    ("plugin", "the plugin is the one that collected it"),
    ("replay", "the answers give the rows, byte for byte"),
    ("run signature", "a trusted key signed the run of tests"),
    ("tests", "the tests give the same results again"),
];

/// Verifies evidence by its digests and its signature alone. `heard` is called with each check when it is
/// done.
pub fn digests(subject: &Subject<'_>, heard: &mut (dyn FnMut(&Check) + Send)) -> Report {
    let mut checks = CheckRunner::new(CHECKS, heard);
    if written(subject, &mut checks).is_some() {
        let why = "only digests were asked for, so nothing was made again";
        checks.done("replay", None, Verdict::skipped(why));
    }
    checks.report()
}

/// What was written down is what is there. Gives what `proof.json` says, where it can be read, and the runs of
/// tests.
fn written(subject: &Subject<'_>, checks: &mut CheckRunner<'_>) -> Option<(Proof, Vec<Earlier>)> {
    let folder = subject.folder;
    let proof = match read::proof(folder) {
        Ok(proof) => proof,
        Err(error) => {
            let fault = Fault::unread(error.to_string(), &error, Remedy::DoNotRely);
            checks.done("proof", None, Verdict::of(vec![fault], ""));
            if let Some(verdict) = signature::is_of_another(folder, subject.keys) {
                checks.done("signature", None, verdict);
            }
            return None;
        }
    };
    let rows = counted(proof.rows, "row", "rows");
    let said = format!("{}, {rows}, as of {}", proof.proof_type.name, proof.job.as_of);
    checks.done("proof", None, Verdict::of(vec![], said));
    checks.done("signature", None, signature::is_of(folder, &proof, subject.keys));
    let log = match subject.logged {
        Some(digest) => log::is(folder, digest),
        None => log::has(folder, subject.bundled, subject.keys),
    };
    if let Some(verdict) = log {
        checks.done("log", None, verdict);
    }
    if let Some(verdict) = timestamp::is_of(folder, &proof, subject.authorities) {
        checks.done("timestamp", None, verdict);
    }
    let runs = runs::of(folder);
    checks.done("files", None, parts::files(folder, &proof, &runs));
    if let Some(verdict) = chain::of(folder, &proof, &runs) {
        checks.done("runs", None, verdict);
    }
    for run in &runs {
        let about = format!("run {}", run.number);
        checks.done("run signature", Some(&about), signature::is_of_run(folder, run, &proof, subject.keys));
    }
    Some((proof, runs))
}

/// Verifies evidence. `heard` is called with each check when it is done.
pub async fn verify(subject: &Subject<'_>, heard: &mut (dyn FnMut(&Check) + Send)) -> Report {
    let mut checks = CheckRunner::new(CHECKS, heard);
    let folder = subject.folder;
    let Some((proof, runs)) = written(subject, &mut checks) else { return checks.report() };
    checks.done("answers", None, parts::answers(folder));
    match plugin(subject.plugins, proof.plugin.digest) {
        Err(verdict) => checks.done("plugin", None, verdict),
        Ok(plugin) => {
            checks.done("plugin", None, Verdict::of(vec![], plugin.digest().to_string()));
            let replayed = match Recording::open(folder) {
                Ok(recording) => for_readers(gives_the_kept_rows(plugin, folder, recording).await),
                Err(error) => {
                    let what = format!("the answers cannot be read: {error}");
                    Verdict::of(vec![Fault::unread(what, &error, Remedy::DoNotRely)], "")
                }
            };
            checks.done("replay", None, replayed);
        }
    }
    for run in &runs {
        let about = format!("run {}", run.number);
        checks.done("tests", Some(&about), runs::again(subject, &proof, run).await);
    }
    checks.report()
}

/// What the plugin's author would do does not help a reader of the evidence.
fn for_readers(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Failed { count, mut faults } => {
            for fault in &mut faults {
                fault.next = Remedy::DoNotRely;
            }
            Verdict::Failed { count, faults }
        }
        verdict => verdict,
    }
}
