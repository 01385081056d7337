//! `exhibit plugin push`: a plugin into a registry.

use std::path::PathBuf;

use clap::Args;

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::loading::load;
use super::super::login::{self, LoginArgs};
use super::super::output::{PushedOutput, json};
use super::super::plugin_ref::PluginRef;
use super::super::terminal::{Terminal, shown};

const EXAMPLES: &str = "\
Examples:
  exhibit plugin push acme.wasm ghcr.io/acme/exhibit-acme:1.0.0 \\
    --username env:REGISTRY_USERNAME --password env:REGISTRY_PASSWORD

What is pushed is an OCI artifact, which `wkg oci pull` and `oras pull` take, too.";

/// Puts a plugin into a registry, as an OCI artifact
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Push {
    /// The component file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to: registry, name and tag
    #[arg(value_name = "REFERENCE")]
    reference: String,
    #[command(flatten)]
    login: LoginArgs,
}

impl Push {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let registry = self.login.registry(&self.reference, &environment.backends, None).await?;
        let plugin = load(Some(&PluginRef::File(self.file.clone())), environment).await?;
        let pushed = registry.push(&plugin).await.map_err(|error| login::pushing(&registry, error))?;
        let artifact = registry.reference().pinned(pushed);
        terminal.say(&if terminal.json() {
            json(&PushedOutput { artifact: artifact.to_string(), component: plugin.digest() })?
        } else {
            let it = plugin.manifest();
            format!(
                "Pushed {} {} ({})\nFrom now on it is {artifact}",
                shown(&it.id),
                shown(&it.version),
                plugin.digest()
            )
        });
        Ok(())
    }
}
