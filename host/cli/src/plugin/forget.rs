//! `exhibit plugin forget`: takes back that a plugin is trusted.

use clap::Args;

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{ForgottenOutput, ForgottenPluginOutput, json};
use super::super::terminal::{Terminal, shown};
use super::super::trust;

const EXAMPLES: &str = "\
Examples:
  exhibit plugin forget acme
  exhibit plugin forget acme.wasm
  exhibit plugin forget sha256:…";

/// Forgets that a plugin was used or trusted here: it is new again, and `exhibit verify` does not trust it
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Forget {
    /// Its id, its file (or oci: and where it is in a registry), or the digest of its component
    #[arg(value_name = "NAME|DIGEST")]
    plugin: String,
}

impl Forget {
    pub(super) fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let forgotten = trust::forget(&self.plugin, environment)?;
        if forgotten.is_empty() {
            return Err(Failure::call(format!("no plugin `{}` is remembered here", shown(&self.plugin)))
                .next("name its id, its file as it was named with --plugin, or its digest"));
        }
        terminal.say(&if terminal.json() {
            let plugins = forgotten.iter().map(|(id, digest)| ForgottenPluginOutput { id, digest: *digest });
            json(&ForgottenOutput { forgotten: plugins.collect() })?
        } else {
            let lines: Vec<String> =
                forgotten.iter().map(|(id, digest)| format!("Forgotten: {} ({digest})", shown(id))).collect();
            lines.join("\n")
        });
        Ok(())
    }
}
