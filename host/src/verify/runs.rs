//! The runs of tests that are kept with evidence, held again.

use std::path::Path;

use exhibit_records::{PartRecord, Proof, RUN_FILE, Run, Tested};

use crate::checks::{Fault, Verdict};
use crate::evidence::parse_instant;
use crate::format::counted;
use crate::plugin::{Plugin, PluginError};
use crate::remedy::Remedy;
use crate::testing::earlier::{self, Earlier};
use crate::testing::file::{Source, Suite};
use crate::testing::{FINDINGS, Order, TABLE, TestError, TestRun, VERDICTS};
use crate::{disk, testing};

use super::record;
use super::subject::{Chosen, Subject};

/// The files of a run that follow from its rows and its tests alone. What changed since an earlier
/// run follows from that, too.
const FOLLOWING: [&str; 3] = [VERDICTS, FINDINGS, TABLE];

/// The runs that are kept, in their order.
pub(super) fn of(folder: &Path) -> Vec<Earlier> {
    let mut runs = earlier::runs(folder, "");
    runs.sort_by_key(|it| it.number);
    runs
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
        Err(error) => return Verdict::failed(error.to_string(), Remedy::DoNotRely),
    };
    let Some(as_of) = parse_instant(&run.run.as_of) else {
        return Verdict::failed("run.json does not state its as-of time", Remedy::DoNotRely);
    };
    let order = Order { plugin, tests: suite.tests(), as_of, made: as_of, key: None, known: None };
    let evidence = testing::Subject { folder: subject.folder, proof };
    let scratch = subject.scratch.join(run.number.to_string());
    if let Err(error) = disk::private(&scratch) {
        let what = format!("there is no room to run the tests: {error}");
        return Verdict::without(what, Remedy::CheckMachine);
    }
    match testing::dry_run(&evidence, &order, &scratch, &|_| ()).await {
        Ok(held) => {
            Verdict::of(differences(run, &held), counted(held.run.tests.len() as u64, "test", "tests"))
        }
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
    let json = disk::read_bounded(&kept.folder.join(RUN_FILE));
    if !json.is_ok_and(|it| record::is_as_written(&kept.run, &it)) {
        faults.push(fault("run.json was rewritten since it was made".to_owned()));
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
