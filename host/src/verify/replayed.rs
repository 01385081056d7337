//! The rows, made again of the kept answers, by a plugin that the verifier trusts.

use exhibit_records::{PluginRecord, Proof};
use exhibit_rows::Shown;

use crate::checks::{CheckRunner, Fault, Verdict};
use crate::plugin::Plugin;
use crate::remedy::Remedy;
use crate::replay::{Recording, gives_the_kept_rows};

use super::record;
use super::requirements::Requirements;
use super::subject::{Chosen, Subject};

/// Makes the checks `plugin` and `replay`.
pub(super) async fn rows(
    subject: &Subject<'_>,
    proof: &Proof,
    chosen: Result<Chosen<'_>, Verdict>,
    checks: &mut CheckRunner<'_>,
) {
    match chosen {
        Err(verdict) => {
            if subject.was_used(&proof.plugin) {
                checks.warn(format!(
                    "{} was used on this machine, which does not make it trusted: look at it, and say so if it is",
                    named(&proof.plugin)
                ));
            }
            checks.done("plugin", None, verdict);
            let why = "no plugin that is trusted can make the rows again";
            checks.done("replay", None, Verdict::skipped(why));
        }
        Ok(Chosen::Trusted(plugin)) => {
            checks.done("plugin", None, Verdict::of(vec![], named(&proof.plugin)));
            elsewhere(plugin, proof, checks).await;
            checks.done("replay", None, replay(plugin, subject).await);
        }
        Ok(Chosen::Unknown(plugin)) => {
            let said = named(&proof.plugin);
            checks.warn(format!(
                "{said} is not trusted, and was run nevertheless: that its rows are the same shows nothing about what the \
                 answers say"
            ));
            let verdict = subject.untrusted(&proof.plugin, ", and it was run as that is allowed here");
            // A caller who names what must be shown gets no less.
            if *subject.requirements == Requirements::Claimed {
                checks.done_for_information("plugin", verdict);
            } else {
                checks.done("plugin", None, verdict);
            }
            checks.done("replay", None, replay(plugin, subject).await);
        }
        Ok(Chosen::InPlace(plugin)) => in_place(plugin, subject, proof, checks).await,
    }
}

/// By a trusted plugin of the same id. What another version of it makes of the answers in another way is not wrong for that.
async fn in_place(plugin: &Plugin, subject: &Subject<'_>, proof: &Proof, checks: &mut CheckRunner<'_>) {
    let own = named(&PluginRecord::from(plugin));
    let other = named(&proof.plugin);
    elsewhere(plugin, proof, checks).await;
    checks.warn(format!(
        "{other} is not trusted: {own}, which is, made the rows in its place, and that there is such a version is as stated"
    ));
    let differs = record::other_type(proof, plugin);
    let differs = differs.map(|fault| format!("; and {fault}, {own}, which is trusted"));
    let not_trusted = |checks: &mut CheckRunner<'_>| {
        let further = differs.as_deref().unwrap_or_default();
        checks.done("plugin", None, subject.untrusted(&proof.plugin, further));
    };
    match replay(plugin, subject).await {
        passed @ Verdict::Passed { .. } => {
            if differs.is_some() {
                not_trusted(checks);
            } else {
                let said = format!("{own}, which is trusted, in place of {other}, which is not");
                checks.done("plugin", None, Verdict::of(vec![], said));
            }
            checks.done("replay", None, passed);
        }
        Verdict::Failed { faults, .. } => {
            let how = faults.first().map(|it| it.what.clone()).unwrap_or_default();
            not_trusted(checks);
            let why = format!("{own}, which is trusted, does not make the same of the answers: {how}");
            let next = Remedy::TrustPlugin { digest: proof.plugin.digest };
            checks.done("replay", None, Verdict::without(why, next));
        }
        skipped @ Verdict::Skipped { .. } => {
            not_trusted(checks);
            checks.done("replay", None, skipped);
        }
    }
}

async fn replay(plugin: &Plugin, subject: &Subject<'_>) -> Verdict {
    match Recording::open(subject.folder) {
        Ok(recording) => {
            let check = gives_the_kept_rows(plugin, subject.folder, recording);
            for_readers(subject.bounds.in_time(check).await)
        }
        Err(error) => {
            let what = format!("the answers cannot be read: {error}");
            Verdict::of(vec![Fault::unread(what, &error, Remedy::DoNotRely)], "")
        }
    }
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

/// A trusted plugin knows where the source is that the settings stand for, and its pages: warns where those are elsewhere.
async fn elsewhere(plugin: &Plugin, proof: &Proof, checks: &mut CheckRunner<'_>) {
    let Ok(job) = crate::evidence::recorded::job(proof) else { return };
    let Ok(resolved) = plugin.resolve(&job.settings).await else { return };
    let warnings = [record::elsewhere(proof, &resolved), record::other_page(proof, &resolved)];
    warnings.into_iter().flatten().for_each(|it| checks.warn(it));
}

fn named(it: &PluginRecord) -> String {
    format!("{} {} ({})", Shown::line(&it.id), Shown::line(&it.version), it.digest)
}
