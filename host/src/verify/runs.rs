//! The runs of tests that are kept with evidence, held again.

use std::io;
use std::path::Path;

use exhibit_records::{PartRecord, Proof, RUN_FILE, Run, Tested};
use exhibit_rows::Shown;

use crate::checks::{Fault, Verdict};
use crate::evidence::{AS_OF_WORTH_TELLING_MS, parse_instant};
use crate::format::counted;
use crate::plugin::{Plugin, PluginError};
use crate::remedy::Remedy;
use crate::testing::earlier::{self, Earlier};
use crate::testing::file::{Source, Suite, SuiteError};
use crate::testing::{FINDINGS, Order, TABLE, TestError, TestRun, VERDICTS};
use crate::{disk, testing};

use super::record;
use super::subject::{Chosen, Subject};

/// The files of a run that follow from its rows and its tests alone. What changed since an earlier run follows from that,
/// too, which may be of other evidence: it is as stated.
const FOLLOWING: [&str; 3] = [VERDICTS, FINDINGS, TABLE];

/// The runs that are kept, in their order.
///
/// # Errors
/// Where this machine cannot read one.
pub(super) fn of(folder: &Path) -> io::Result<Vec<Earlier>> {
    let mut runs = earlier::runs(folder, "")?;
    runs.sort_by_key(|it| it.number);
    Ok(runs)
}

/// The run counts as now what is far from what the evidence is as of: ages, and with them verdicts, are of then.
pub(super) fn of_another_time(proof: &Proof, run: &Earlier) -> Option<String> {
    let (own, other) = (parse_instant(&proof.job.as_of)?, parse_instant(&run.run.as_of)?);
    (own.abs_diff(other) > AS_OF_WORTH_TELLING_MS).then(|| {
        format!(
            "run {} judged the rows as of {}, and the evidence is as of {}",
            run.number,
            Shown::line(&run.run.as_of),
            Shown::line(&proof.job.as_of)
        )
    })
}

/// What passed, and what of it follows from nothing that is kept.
fn said(run: &Run) -> String {
    let tests = counted(run.tests.len() as u64, "test", "tests");
    let as_of = Shown::line(&run.as_of);
    let compared = run.tests.iter().any(|it| it.since.is_some());
    let stated = if compared { "that time, and what changed since earlier runs" } else { "that time" };
    format!("{tests}, as of {as_of}; as stated: {stated}")
}

/// Runs the run's tests on the rows again: every verdict is the same, byte for byte. By a trusted plugin of the same id,
/// where the one that judged is not trusted: what another version of it judges in another way is not wrong for that.
pub(super) async fn again(subject: &Subject<'_>, proof: &Proof, run: &Earlier) -> Verdict {
    let judged_by = &run.run.plugin;
    match subject.plugin_for(judged_by) {
        Err(verdict) => verdict,
        Ok(Chosen::Trusted(plugin) | Chosen::Unknown(plugin)) => with(plugin, subject, proof, run).await,
        Ok(Chosen::InPlace(plugin)) => match with(plugin, subject, proof, run).await {
            Verdict::Passed { tried } => {
                Verdict::of(vec![], format!("{tried}, by {} in its place", plugin.digest()))
            }
            Verdict::Failed { faults, .. } => {
                let how = faults.first().map(|it| it.what.clone()).unwrap_or_default();
                subject.untrusted(
                    judged_by,
                    &format!("; {}, which is trusted, judges otherwise: {how}", plugin.digest()),
                )
            }
            skipped @ Verdict::Skipped { .. } => skipped,
        },
    }
}

async fn with(plugin: &Plugin, subject: &Subject<'_>, proof: &Proof, run: &Earlier) -> Verdict {
    let Some(proof_type) = plugin.manifest().proof_type(&proof.proof_type.name) else {
        return Verdict::failed(
            format!("the plugin has no proof type `{}`", proof.proof_type.name),
            Remedy::DoNotRely,
        );
    };
    let tests = run.folder.join("tests.toml");
    if let Err(error) = disk::open_regular_file(&tests) {
        return Verdict::of(vec![Fault::unread(error.to_string(), &error, Remedy::DoNotRely)], "");
    }
    let suite = match Suite::gather(&[Source::File(tests)], proof_type) {
        Ok(suite) => suite,
        Err(error) => {
            let what = error.to_string();
            let fault = match &error {
                SuiteError::Unreadable { why, .. } => Fault::unread(what, why, Remedy::DoNotRely),
                _ => Fault::new(what, Remedy::DoNotRely),
            };
            return Verdict::of(vec![fault], "");
        }
    };
    let Some(as_of) = parse_instant(&run.run.as_of) else {
        return Verdict::failed("run.json does not state its as-of time", Remedy::DoNotRely);
    };
    let order = Order { plugin, tests: suite.tests(), as_of, made: as_of, key: None, known: None };
    let evidence = testing::Subject { folder: subject.folder, proof };
    let scratch = subject.scratch.join(run.number.to_string());
    if let Err(error) = disk::private(&scratch) {
        let what = format!("there is no room to run the tests: {}", disk::at(&scratch, error));
        return Verdict::without(what, Remedy::CheckMachine);
    }
    match testing::judge_again(&evidence, &order, &scratch).await {
        Ok(held) => Verdict::of(differences(run, &held), said(&run.run)),
        // What a run without a place writes is written on this machine, and nowhere else.
        Err(error @ (TestError::Write(_) | TestError::Keep(_))) => {
            Verdict::without(error.to_string(), Remedy::CheckMachine)
        }
        Err(TestError::Evidence(error)) => {
            let what = format!("the evidence cannot be read: {error}");
            Verdict::of(vec![Fault::unread(what, &error, Remedy::DoNotRely)], "")
        }
        Err(TestError::Plugin(error @ PluginError::BudgetUsedUp { .. })) => {
            Verdict::without(error.to_string(), Remedy::AllowPluginTime)
        }
        Err(TestError::Earlier(error)) => {
            let what = format!("the last run cannot be read for comparison: {error}");
            Verdict::of(vec![Fault::unread(what, &error, Remedy::DoNotRely)], "")
        }
        Err(error) => Verdict::failed(error.to_string(), Remedy::DoNotRely),
    }
}

fn differences(kept: &Earlier, held: &TestRun) -> Vec<Fault> {
    let fault = |what: String| Fault::new(what, Remedy::DoNotRely);
    // What a file says and how long that is, however it is compressed.
    let said = |parts: &[PartRecord], name: &str| {
        let part = parts.iter().find(|it| it.path == name)?;
        Some(part.content.map_or((part.bytes, part.digest), |it| (it.bytes, it.digest)))
    };
    let mut faults = Vec::new();
    match disk::read_bounded(&kept.folder.join(RUN_FILE)) {
        Ok(json) if record::is_as_written(&kept.run, &json) => {}
        Ok(_) => faults.push(fault("run.json was rewritten since it was made".to_owned())),
        Err(error) => faults.push(Fault::unread(error.to_string(), &error, Remedy::DoNotRely)),
    }
    let names = |run: &Run| run.parts.iter().map(|it| it.path.clone()).collect::<Vec<_>>();
    if names(&kept.run) != names(&held.run) {
        faults.push(fault("its files are not listed once each, in their order".to_owned()));
    }
    let is_same_plugin = kept.run.plugin.digest == held.run.plugin.digest;
    if is_same_plugin && kept.run.plugin != held.run.plugin {
        faults.push(fault("id or version of the plugin are not those of the plugin".to_owned()));
    }
    for name in FOLLOWING {
        if said(&kept.run.parts, name) != said(&held.run.parts, name) {
            faults.push(fault(format!("{name} does not follow from the rows and the tests")));
        }
    }
    // How it compares with an earlier run does not follow from this evidence alone.
    let alone = |it: &Tested| Tested { since: None, ..it.clone() };
    let tests = kept.run.tests.iter().map(alone);
    let again: Vec<Tested> = held.run.tests.iter().map(alone).collect();
    if !tests.eq(again) {
        faults.push(fault("run.json does not follow from the rows and the tests".to_owned()));
    }
    faults
}
