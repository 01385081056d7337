//! The rows, made again of the kept answers, by a plugin that the verifier trusts.

use exhibit_records::{PluginRecord, Proof};
use exhibit_rows::Shown;

use crate::checks::{CheckRunner, Fault, Verdict};
use crate::plugin::Plugin;
use crate::remedy::Remedy;
use crate::replay::{Recording, gives_the_kept_rows};

use super::record;
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
            if let Some(warning) = elsewhere(plugin, proof).await {
                checks.warn(warning);
            }
            checks.done("replay", None, replay(plugin, subject).await);
        }
        Ok(Chosen::Unknown(plugin)) => {
            let said = named(&proof.plugin);
            checks.warn(format!(
                "{said} is not trusted, and was run nevertheless: that its rows are the same shows nothing about what the \
                 answers say"
            ));
            checks.require(|_| false);
            checks.done(
                "plugin",
                None,
                subject.untrusted(&proof.plugin, ", and it was run as that is allowed here"),
            );
            checks.done("replay", None, replay(plugin, subject).await);
        }
        Ok(Chosen::InPlace(plugin)) => in_place(plugin, subject, proof, checks).await,
    }
}

/// By a trusted plugin of the same id. What another version of it makes of the answers in another way is not wrong for that.
async fn in_place(plugin: &Plugin, subject: &Subject<'_>, proof: &Proof, checks: &mut CheckRunner<'_>) {
    let own = named(&PluginRecord::from(plugin));
    let other = named(&proof.plugin);
    if let Some(warning) = elsewhere(plugin, proof).await {
        checks.warn(warning);
    }
    match replay(plugin, subject).await {
        passed @ Verdict::Passed { .. } => {
            let said = format!("{own}, which is trusted, in place of {other}, which is not");
            checks.done("plugin", None, Verdict::of(vec![], said));
            checks.done("replay", None, passed);
        }
        Verdict::Failed { faults, .. } => {
            let how = faults.first().map(|it| it.what.clone()).unwrap_or_default();
            checks.done("plugin", None, subject.untrusted(&proof.plugin, ""));
            let why = format!("{own}, which is trusted, does not make the same of the answers: {how}");
            let next = Remedy::TrustPlugin { digest: proof.plugin.digest };
            checks.done("replay", None, Verdict::without(why, next));
        }
        skipped @ Verdict::Skipped { .. } => {
            checks.done("plugin", None, subject.untrusted(&proof.plugin, ""));
            checks.done("replay", None, skipped);
        }
    }
}

async fn replay(plugin: &Plugin, subject: &Subject<'_>) -> Verdict {
    match Recording::open(subject.folder) {
        Ok(recording) => for_readers(gives_the_kept_rows(plugin, subject.folder, recording).await),
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

/// A trusted plugin knows where the source is that the settings stand for.
async fn elsewhere(plugin: &Plugin, proof: &Proof) -> Option<String> {
    let job = crate::evidence::recorded::job(proof).ok()?;
    let resolved = plugin.resolve(&job.settings).await.ok()?;
    let resolved: Vec<_> = resolved.into_iter().map(|it| (it.name, it.url)).collect();
    record::elsewhere(proof, &resolved)
}

fn named(it: &PluginRecord) -> String {
    format!("{} {} ({})", Shown::line(&it.id), Shown::line(&it.version), it.digest)
}
