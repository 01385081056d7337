//! `exhibit guide`: how an account at the source is set up for a plugin.

use clap::Args;

use super::connection::PluginArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::output::{GuideOutput, json};
use super::terminal::{Terminal, shown_lines};

/// Says how an account at the source is set up for collecting, step by step
#[derive(Debug, Args)]
pub(super) struct Guide {
    #[command(flatten)]
    plugin: PluginArgs,
}

impl Guide {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let plugin = self.plugin.load(environment).await?;
        let guide = plugin.manifest().guide.trim();
        if guide.is_empty() && !terminal.json() {
            return Err(Failure::call(format!("the plugin `{}` brings no guide", plugin.manifest().id))
                .next("`exhibit types` says which rights each proof type needs"));
        }
        terminal.say(&match terminal.json() {
            true => json(&GuideOutput { guide })?,
            false => shown_lines(guide),
        });
        Ok(())
    }
}
