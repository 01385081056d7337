//! `exhibit verify`: whether evidence is what it says that it is.

use std::path::{Path, PathBuf};

use clap::Args;
use exhibit::checks::{Check, Report};
use exhibit::evidence::{kept_plugin, read};
use exhibit::plugin::{Engine, Plugin};
use exhibit::signing::{Authorities, PublicKey, read_certificates, read_public};
use exhibit::store::{Checked, check};
use exhibit::verify::{self, Subject};
use exhibit_records::Digest;

use super::checks;
use super::connection::load;
use super::environment::Environment;
use super::failure::Failure;
use super::place::{Location, OpenStore};
use super::plugin_ref::PluginRef;
use super::scratch::Scratch;
use super::terminal::Terminal;

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
    /// The public key that should have signed it, as `exhibit keys new` wrote it; one of several may be enough
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
    /// Check digests and the signature alone, and make nothing again: seconds for evidence that takes
    /// minutes
    #[arg(long, conflicts_with = "plugin")]
    digests: bool,
}

impl Verify {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let keys = self.key.iter().map(|it| key(it)).collect::<Result<Vec<_>, _>>()?;
        let mut plugins = if self.digests { vec![] } else { vec![load(None, environment).await?] };
        for it in &self.plugin {
            plugins.push(load(Some(it), environment).await?);
        }
        let mut authorities = Authorities::default();
        for file in &self.tsa_cert {
            authorities.extend(certificates(file)?);
        }
        let trusted = Trusted { keys: &keys, authorities: &authorities };
        if let Some(open) = self.evidence.whole_store(environment).await? {
            return self.store(&open, &trusted, &mut plugins, environment, terminal).await;
        }
        if let Some(checkpoint) = &self.checkpoint {
            return Err(Failure::call(format!(
                "{} is of the log of a store, and {} is none",
                checkpoint.display(),
                self.evidence
            ))
            .next("name the store, or leave out --checkpoint"));
        }
        let open = self.evidence.evidence(environment).await?;
        if !open.folder.exists() {
            return Err(Failure::call(format!("there is no {}", open.folder.display()))
                .next("name a folder that `exhibit collect` made, a bundle, or a store"));
        }
        if !open.folder.join("proof.json").is_file() {
            return Err(Failure::call(format!(
                "{} is no evidence: it has no proof.json",
                open.folder.display()
            ))
            .next("name a folder that `exhibit collect` made, or a store"));
        }
        let mut heard = |check: &Check| checks::say(check, terminal);
        let report =
            self.one((&open.folder, None), &trusted, &mut plugins, environment, terminal, &mut heard).await?;
        checks::end(&report, terminal).map_err(|it| it.next(NEXT))
    }

    /// A store, and all evidence that is in it.
    async fn store(
        &self,
        open: &OpenStore,
        trusted: &Trusted<'_>,
        plugins: &mut Vec<Plugin>,
        environment: &Environment,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        let earlier =
            self.checkpoint.as_ref().map(std::fs::read_to_string).transpose().map_err(Failure::call)?;
        let subject = Checked {
            folder: open.folder(),
            keys: trusted.keys,
            earlier: earlier.as_deref(),
            under_way: open.under_way(),
        };
        let mut heard = |check: &Check| checks::say(check, terminal);
        let (mut report, folders) = check(&subject, &mut heard)?;
        for (folder, logged) in folders {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let own = self
                .one((&folder, Some(logged)), trusted, plugins, environment, terminal, &mut |_| ())
                .await?;
            if !terminal.json() {
                terminal.say(&checks::summary(&name, &own));
            }
            // Which evidence a check was of is lost otherwise.
            report.checks.extend(own.checks.into_iter().map(|it| Check {
                about: Some(it.about.iter().fold(name.clone(), |name, about| format!("{name}, {about}"))),
                ..it
            }));
        }
        checks::end(&report, terminal).map_err(|it| it.next(NEXT))
    }

    /// One piece of evidence. The plugin that is kept with it joins those that are at hand.
    async fn one(
        &self,
        (folder, logged): (&Path, Option<Digest>),
        trusted: &Trusted<'_>,
        plugins: &mut Vec<Plugin>,
        environment: &Environment,
        terminal: &Terminal,
        heard: &mut (dyn FnMut(&Check) + Send),
    ) -> Result<Report, Failure> {
        let Trusted { keys, authorities } = *trusted;
        let held = Scratch::new().map_err(Failure::call)?;
        let scratch = held.path();
        if self.digests {
            let subject = Subject { folder, keys, authorities, plugins: &[], scratch, logged };
            return Ok(verify::digests(&subject, heard));
        }
        match kept(folder, plugins, environment).await {
            Ok(kept) => plugins.extend(kept),
            // That the evidence cannot be read is said by its first check.
            Err(why) if read::proof(folder).is_ok() => {
                terminal.warn(&format!("the plugin that is kept with the evidence cannot run: {why}"));
            }
            Err(_) => {}
        }
        let subject = Subject { folder, keys, authorities, plugins, scratch, logged };
        Ok(verify::verify(&subject, heard).await)
    }
}

/// Who is trusted: to vouch for evidence, and to say since when it is there.
struct Trusted<'a> {
    keys: &'a [PublicKey],
    authorities: &'a Authorities,
}

/// What to do when something is not as it was.
const NEXT: &str = "do not rely on this evidence before you know why";

/// The plugin that is kept with the evidence, if it is another than those that are at hand. What is
/// wrong with it, where it cannot run.
async fn kept(
    folder: &Path,
    plugins: &[Plugin],
    environment: &Environment,
) -> Result<Option<Plugin>, String> {
    let Some(component) = kept_plugin(folder).map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let digest = Digest::of(&component);
    if plugins.iter().any(|it| it.digest() == digest) {
        return Ok(None);
    }
    let engine = Engine::new().map_err(|error| error.to_string())?;
    let loaded = Plugin::load(&engine, &component, environment.cache.as_deref()).await;
    loaded.map(Some).map_err(|error| error.to_string())
}

fn key(file: &Path) -> Result<PublicKey, Failure> {
    let read = read_public(file).map_err(Failure::call)?;
    read.map_err(|error| Failure::call(format!("{}: {error}", file.display())))
}

fn certificates(file: &Path) -> Result<Authorities, Failure> {
    let read = read_certificates(file).map_err(Failure::call)?;
    read.map_err(|error| Failure::call(format!("{}: {error}", file.display())))
}
