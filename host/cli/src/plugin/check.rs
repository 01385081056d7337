//! `exhibit plugin check`: whether a component keeps the contract.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use exhibit::Remedy;
use exhibit::checks::Check as Done;
use exhibit::contract::Manifest;
use exhibit::contract::catalog::Parameter;
use exhibit::contract::settings::{self, SettingError};
use exhibit::contract::types::Setting;
use exhibit::evidence::read;
use exhibit::plugin::{LoadError, Plugin as Loaded};
use exhibit_conformance::{CHECK_TIME, Subject};
use exhibit_rows::ShowPath as _;

use super::super::arguments::{self, Assignment};
use super::super::checks;
use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::loading::read_component;
use super::super::plugin_ref::PluginRef;
use super::super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  With made-up answers alone:
    exhibit plugin check my-plugin.wasm
    exhibit plugin check my-plugin.wasm --set region=eu --with domain=example.com

  And with the answers of a collection, replayed in every way that the contract allows:
    exhibit collect users --plugin my-plugin.wasm --out evidence/users
    exhibit plugin check my-plugin.wasm --evidence evidence/users

  Of an operation, its evidence is that of a run, also of one at a test system:
    exhibit plugin check my-plugin.wasm --evidence evidence/restart";

/// Tries whether a plugin keeps the contract: manifest, rows, pages, checkpoints, hostile answers
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Check {
    /// The component file, or oci: and where it is in a registry; the built-in plugin, where none is named
    #[arg(value_name = "PLUGIN")]
    file: Option<PluginRef>,
    /// A folder that `exhibit collect` or `exhibit operate` made with this plugin: its answers are replayed
    #[arg(long, value_name = "DIR")]
    evidence: Vec<PathBuf>,
    /// What the plugin asks of a connection, where neither a default nor a choice will do
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<Assignment>,
    /// What a proof type must be narrowed down with, or an operation be given; `exhibit types TYPE` and `exhibit operate NAME` list
    /// it. Evidence brings its own
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<Assignment>,
    /// How many seconds all checks may take together [default: 3600]
    #[arg(long, value_name = "SECONDS", value_parser = arguments::seconds)]
    max_time: Option<u64>,
}

impl Check {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        for folder in &self.evidence {
            // A folder without it is the wrong one, and not the plugin's fault.
            read::proof(folder).map_err(|error| {
                Failure::call(format!("{} is no evidence: {error}", folder.shown()))
                    .with(Remedy::NameEvidence)
            })?;
        }
        let (engine, component) = read_component(self.file.as_ref(), environment).await?;
        let mut heard = |check: &Done| checks::say(check, terminal);
        let report = match Loaded::load(&engine, &component, environment.cache.as_deref()).await {
            Ok(plugin) => {
                let settings = self.settings(plugin.manifest())?;
                let criteria = self.criteria(plugin.manifest())?;
                let time = self.max_time.map_or(CHECK_TIME, Duration::from_secs);
                let evidence = &self.evidence;
                let subject = Subject { plugin: &plugin, settings, criteria: &criteria, evidence, time };
                exhibit_conformance::check(&subject, &mut heard).await
            }
            Err(error) if is_no_component(&error) => {
                return Err(Failure::call(&error).with(error.remedy()));
            }
            Err(error) => exhibit_conformance::unloadable(&error, &mut heard),
        };
        checks::end(&report, terminal).map_err(|it| {
            it.next("correct the plugin as each failed check says, build it, and check it again")
        })
    }

    /// What is set, with defaults and choices; or what is missing, which is no mistake of the call.
    fn settings(&self, manifest: &Manifest) -> Result<Result<Vec<Setting>, SettingError>, Failure> {
        match settings::typical(&manifest.settings, pairs(&self.set)) {
            Ok(settings) => Ok(Ok(settings)),
            Err(error @ SettingError::Missing { .. }) => Ok(Err(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// Names and values, each of a criterion or a parameter that some proof type or operation has, and of its kind.
    fn criteria(&self, manifest: &Manifest) -> Result<Vec<(&str, &str)>, Failure> {
        let mut known: Vec<Parameter> = Vec::new();
        let of_operations = manifest.operations.iter().flat_map(|it| &it.parameters);
        for it in manifest.proof_types.iter().flat_map(|it| &it.criteria).chain(of_operations) {
            // Several types may have one of the same name: whether it suits each is for its job to say.
            if known.iter().all(|other| other.name != it.name) {
                known.push(it.clone());
            }
        }
        match settings::read(&known, pairs(&self.with)) {
            Ok(_) | Err(SettingError::Missing { .. }) => Ok(pairs(&self.with).collect()),
            Err(error) => Err(error.into()),
        }
    }
}

fn pairs(given: &[Assignment]) -> impl Iterator<Item = (&str, &str)> {
    given.iter().map(|it| (it.name.as_str(), it.value.as_str()))
}

/// The file is something else than a component: nothing can be said of a plugin.
fn is_no_component(error: &LoadError) -> bool {
    matches!(error, LoadError::TooLarge { .. } | LoadError::NotAComponent(_))
}
