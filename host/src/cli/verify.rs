//! `exhibit verify`: whether evidence is what it says that it is.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::checks::Check;
use crate::evidence::kept_plugin;
use crate::plugin::{Engine, Plugin};
use crate::signing::{PublicKey, read_public};
use crate::verify::{self, Subject};

use super::checks;
use super::connection::load;
use super::environment::Environment;
use super::failure::Failure;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  exhibit verify evidence/assets
  exhibit verify evidence/assets --key keys/evidence.pem.pub
  exhibit verify evidence/assets --plugin the-plugin-of-then.wasm
  exhibit verify evidence/assets --json";

/// Verifies evidence, offline: digests, and the plugin over the kept answers, byte for byte
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Verify {
    /// The folder of the evidence, as `exhibit collect` made it
    #[arg(value_name = "EVIDENCE")]
    evidence: PathBuf,
    /// The public key that should have signed it, as `exhibit keys new` wrote it; one of several may be enough
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// The plugin's component file, where it is neither kept with the evidence nor built in
    #[arg(long, value_name = "FILE")]
    plugin: Vec<PathBuf>,
}

impl Verify {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        if !self.evidence.join("proof.json").is_file() {
            return Err(Failure::call(format!(
                "{} is no evidence: it has no proof.json",
                self.evidence.display()
            ))
            .next("name a folder that `exhibit collect` made"));
        }
        let mut plugins = vec![load(None, environment).await?.0];
        match self.kept(environment).await {
            Ok(kept) => plugins.extend(kept),
            Err(why) => {
                terminal.warn(&format!("the plugin that is kept with the evidence cannot run: {why}"));
            }
        }
        for file in &self.plugin {
            plugins.push(load(Some(file), environment).await?.0);
        }
        let keys = self.key.iter().map(|it| key(it)).collect::<Result<Vec<_>, _>>()?;
        let scratch = tempfile::TempDir::with_prefix("exhibit-verify-").map_err(Failure::call)?;
        let subject =
            Subject { folder: &self.evidence, keys: &keys, plugins: &plugins, scratch: scratch.path() };
        let mut heard = |check: &Check| checks::say(check, terminal);
        let report = verify::verify(&subject, &mut heard).await;
        checks::end(&report, terminal)
            .map_err(|it| it.next("do not rely on this evidence before you know why"))
    }
}

impl Verify {
    /// The plugin that is kept with the evidence. What is wrong with it, where it cannot run.
    async fn kept(&self, environment: &Environment) -> Result<Option<Plugin>, String> {
        let Some(component) = kept_plugin(&self.evidence).map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let engine = Engine::new().map_err(|error| error.to_string())?;
        let loaded = Plugin::load(&engine, &component, environment.cache.as_deref()).await;
        loaded.map(Some).map_err(|error| error.to_string())
    }
}

fn key(file: &Path) -> Result<PublicKey, Failure> {
    let read = read_public(file).map_err(Failure::call)?;
    read.map_err(|error| Failure::call(format!("{}: {error}", file.display())))
}
