//! `exhibit verify`: whether evidence is what it says that it is.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use exhibit::Remedy;
use exhibit::checks::{Check, Report};
use exhibit::clock::{Clock as _, SystemClock};
use exhibit::run::Verifier;
use exhibit::signing::{Authorities, PublicKey, read_certificates, read_public_keys};
use exhibit::store::Location;
use exhibit::verify::{Requirement, Requirements};
use exhibit_records::Digest;
use exhibit_rows::ShowPath as _;

use super::compiler::engine_for_others;
use super::environment::Environment;
use super::failure::Failure;
use super::loading::load;
use super::off_thread::off_thread;
use super::output::{Checks, json};
use super::plugin_ref::PluginRef;
use super::progress::Checking;
use super::size::SizeArgs;
use super::terminal::{Terminal, shown};
use super::watch::Watch;
use super::wrap::wrap;
use super::{arguments, checks, junit, trust};

const EXAMPLES: &str = "\
Examples:
  exhibit verify evidence/assets
  exhibit verify evidence/assets --key keys/evidence.pem.pub
  exhibit verify evidence/assets --key keys/evidence.pem.pub --tsa-cert authority.pem
  exhibit verify evidence/assets --plugin the-plugin-of-then.wasm
  exhibit verify assets-2026-q4.exhibit.tar
  exhibit verify evidence/assets --digests
  exhibit verify evidence/assets --json

A store: its log, and all evidence in it; and that it has all that it had when somebody kept a copy of
its log/checkpoint:
  exhibit verify evidence --key evidence-key.pub --checkpoint last-year.checkpoint";

/// Verifies evidence, offline: digests, and the plugin over the kept answers, byte for byte
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Verify {
    /// The folder of the evidence, or its bundle, as `exhibit collect` made them; or a store, as `exhibit
    /// evidence init` did
    #[arg(value_name = "EVIDENCE")]
    evidence: Location,
    /// The public key that should have signed it, as `exhibit keys new` wrote it; of several, in one file or given again,
    /// one is enough
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// Certificates in PEM of the time stamp authority that should have seen it: its root, or its whole chain
    #[arg(long, value_name = "FILE")]
    tsa_cert: Vec<PathBuf>,
    /// The plugin's component file, or oci: and where it is in a registry, where it is neither kept with
    /// the evidence nor built in
    #[arg(long, value_name = "PLUGIN")]
    plugin: Vec<PluginRef>,
    /// A copy of the store's log/checkpoint from earlier: whether the log still has all that it had then
    #[arg(long, value_name = "FILE", requires = "key")]
    checkpoint: Option<PathBuf>,
    /// The digest of a plugin to trust, where the evidence was collected by another one than the built-in one: as the
    /// collector gave it to you, and not as the evidence says; may be given again
    #[arg(long, value_name = "DIGEST")]
    trust: Vec<Digest>,
    /// Run a plugin that comes with the evidence and is not trusted: that it makes the same rows shows nothing about
    /// what the answers say, and the result carries a warning
    #[arg(long, conflicts_with = "digests")]
    allow_unknown_plugin: bool,
    /// What must be shown, separated by commas: digests, signature, replay, log, timestamp [default: all that the
    /// evidence claims to have]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    require: Vec<Requirement>,
    /// How many seconds all calls of plugins together may run for one piece of evidence: what is not done by then could not
    /// be checked [default: 1800]
    #[arg(long, value_name = "SECONDS", value_parser = arguments::seconds, conflicts_with = "digests")]
    max_plugin_time: Option<u64>,
    /// How many seconds all checks of one piece of evidence may take [default: 14400]
    #[arg(long, value_name = "SECONDS", value_parser = arguments::seconds)]
    max_time: Option<u64>,
    #[command(flatten)]
    size: SizeArgs,
    /// A file for the checks as JUnit XML, too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Check digests, the table and the signature alone, and make nothing again: seconds for evidence that takes
    /// minutes
    #[arg(long, conflicts_with = "plugin")]
    digests: bool,
}

impl Verify {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        if let Some(folder) = self.evidence.folder() {
            junit::check(self.junit.as_deref(), folder)?;
        }
        let evidence = self.evidence.to_string();
        junit::begin(self.junit.as_deref(), "exhibit verify", &evidence)?;
        match self.report(environment, terminal).await {
            Ok((report, lines)) => self.end(&report, &lines, terminal),
            Err(failure) => {
                if let Some(path) = &self.junit
                    && let Err(unwritten) = junit::write_failure(path, "exhibit verify", &evidence, &failure)
                {
                    terminal.warn(unwritten.what());
                }
                Err(failure)
            }
        }
    }

    /// The report, and a line of each check.
    async fn report(
        &self,
        environment: &Environment,
        terminal: &Terminal,
    ) -> Result<(Report, Vec<String>), Failure> {
        if self.digests && self.require.contains(&Requirement::Replay) {
            return Err(Failure::call("--digests makes nothing again, and --require asks for the replay")
                .next("leave out one of the two"));
        }
        // Each may be a pipe, as `--key <(command)` is, and one that no one writes to is waited for until a signal comes.
        let mut keys = Vec::new();
        for file in self.key.clone() {
            keys.extend(off_thread(move || public_keys(&file)).await??);
        }
        let mut plugins = if self.digests { vec![] } else { vec![load(None, environment).await?] };
        for it in &self.plugin {
            plugins.push(load(Some(it), environment).await?);
        }
        let mut authorities = Authorities::default();
        for file in self.tsa_cert.clone() {
            authorities.extend(off_thread(move || certificates(&file)).await??);
        }
        let mut verifier = Verifier::new(&keys, &authorities);
        verifier.plugins = plugins;
        verifier.engine = if self.digests { None } else { Some(engine_for_others()?) };
        verifier.cache = environment.cache.as_deref();
        verifier.plugin_time = self.max_plugin_time.map_or(verifier.plugin_time, Duration::from_secs);
        verifier.unpacked = self.size.limit();
        verifier.time = self.max_time.map_or(verifier.time, Duration::from_secs);
        verifier.digests_only = self.digests;
        // What people read names those that did not pass.
        verifier.lists_all = terminal.json() || self.junit.is_some();
        verifier.trusted = self.trust.clone();
        verifier.allow_unknown = self.allow_unknown_plugin;
        if !self.digests {
            let known = trust::known(environment, &self.trust)?;
            verifier.trusted.extend(known.trusted);
            verifier.trusted_ids = known.ids;
            verifier.used = known.used;
        }
        if !self.require.is_empty() {
            verifier.requirements = Requirements::Named(self.require.iter().copied().collect());
        }
        let options = &environment.object_stores;
        let progress = Checking::new(terminal);
        let mut lines = Vec::new();
        let mut on_check = |check: &Check| {
            progress.say(check.name);
            lines.push(checks::line(check));
        };
        if let Some(open) = self.evidence.whole_store(options, SystemClock.now()).await? {
            let earlier = match self.checkpoint.clone() {
                Some(file) => Some(off_thread(move || checkpoint(&file)).await??),
                None => None,
            };
            let mut summaries = Vec::new();
            let mut on_evidence = |name: &str, own: &Report| {
                progress.say(name);
                summaries.push(checks::summary(name, own));
            };
            let watch = Watch::new(terminal);
            let verified =
                verifier.store(&open, earlier.as_deref(), &watch, &mut on_check, &mut on_evidence).await;
            drop(progress);
            lines.extend(summaries);
            return Ok((verified?.report, lines));
        }
        if let Some(checkpoint) = &self.checkpoint {
            return Err(Failure::call(format!(
                "{} is a checkpoint of a store's log, and {} is not a store",
                checkpoint.shown(),
                shown(&self.evidence.to_string())
            ))
            .next("name the store, or leave out --checkpoint"));
        }
        let verified = match self.evidence.evidence(options).await {
            Ok(open) => verifier.evidence(&open, &Watch::new(terminal), &mut on_check).await,
            Err(error) => Verifier::unopened(error, &mut on_check),
        };
        drop(progress);
        Ok((verified?.report, lines))
    }

    /// The verdict first, then what it stands on.
    fn end(&self, report: &Report, lines: &[String], terminal: &Terminal) -> Result<(), Failure> {
        if let Some(path) = &self.junit {
            junit::write_checks(path, &self.evidence.to_string(), report)?;
        }
        if terminal.json() {
            terminal.say(&json(&Checks::from(report))?);
        } else {
            let say = |text: &str| terminal.say(&wrap(text, terminal.width()));
            say(&checks::verdict(report));
            for warning in &report.warnings {
                say(&format!("warning: {}", shown(warning)));
            }
            say(&format!("\n{}", lines.join("\n")));
        }
        let next = if report.failed() == 0 {
            ONLY_MISSING
        } else if report.only_leftovers() {
            LEFT
        } else {
            NEXT
        };
        checks::ended(report).map_err(|it| it.next(next))
    }
}

/// What to do when something is not as it was.
const NEXT: &str = "do not rely on this evidence before you know why";
/// What to do when all that is wrong is what other programs left there.
const LEFT: &str =
    "nothing else that was checked is wrong: remove what was added, and run the same command again";
/// What to do when nothing is wrong, and not all was checked.
const ONLY_MISSING: &str =
    "give what these checks need, as each says; or say what must be shown, such as --require digests,replay";

/// A copy of a log's checkpoint.
fn checkpoint(file: &Path) -> Result<String, Failure> {
    let read = std::fs::read_to_string(file);
    read.map_err(|error| {
        unread("checkpoint", format!("{}: {error}", file.shown())).with(Remedy::NameCheckpoint)
    })
}

/// A file that the call names cannot be read: its name, and why.
fn unread(what: &str, why: impl Display) -> Failure {
    Failure::call(format!("the {what} cannot be read: {why}"))
}

fn public_keys(file: &Path) -> Result<Vec<PublicKey>, Failure> {
    let read =
        read_public_keys(file).map_err(|error| unread("public key", error).with(Remedy::NamePublicKey))?;
    read.map_err(|error| Failure::call(format!("{}: {error}", file.shown())).with(error.remedy()))
}

fn certificates(file: &Path) -> Result<Authorities, Failure> {
    let next = "name a file with the authority's certificates in PEM, its root at least";
    let read = read_certificates(file).map_err(|error| unread("file of certificates", error).next(next))?;
    read.map_err(|error| Failure::call(format!("{}: {error}", file.shown())).next(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_is_named_with_what_it_should_be() {
        let missing = Path::new("no/such/file");
        let said = [checkpoint(missing).err(), public_keys(missing).err(), certificates(missing).err()];
        for failure in said {
            let failure = failure.expect("it is missing");
            assert_eq!(failure.what().matches("no/such/file").count(), 1, "{}", failure.what());
            assert!(failure.remedy().is_some_and(|it| it.starts_with("name ")), "{failure:?}");
        }
    }
}
