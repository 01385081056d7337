//! `exhibit plugin show`: what a component is and asks for.

use clap::Args;
use exhibit::contract::catalog::{AuthScheme, Origin};
use exhibit::contract::settings;
use exhibit::format::duration;
use exhibit::plugin::{Metadata, Plugin as Loaded};

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::loading::load;
use super::super::output::{PluginOutput, json};
use super::super::plugin_ref::PluginRef;
use super::super::terminal::{Terminal, shown, shown_lines};
use super::super::types;

const EXAMPLES: &str = "\
Examples:
  exhibit plugin show
  exhibit plugin show my-plugin.wasm
  exhibit plugin show my-plugin.wasm --json
  exhibit plugin show oci:ghcr.io/acme/exhibit-acme:1.0.0";

/// Says what a plugin is and what it asks for, without connecting to anything
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Show {
    /// The component file, or oci: and where it is in a registry; the built-in plugin, where none is named
    #[arg(value_name = "PLUGIN")]
    file: Option<PluginRef>,
}

impl Show {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let plugin = load(self.file.as_ref(), environment).await?;
        let bytes = plugin.component().len();
        let origins = resolve(&plugin).await;
        terminal.say(&if terminal.json() {
            json(&PluginOutput::new(&plugin, bytes, &origins))?
        } else {
            text(&plugin, bytes, &origins, terminal.width())
        });
        Ok(())
    }
}

/// Where a typical connection talks to, or why the plugin does not say.
async fn resolve(plugin: &Loaded) -> Result<Vec<Origin>, String> {
    let settings = settings::typical(&plugin.manifest().settings, []).map_err(|error| error.to_string())?;
    plugin.resolve(&settings).await.map_err(|error| error.to_string())
}

fn text(plugin: &Loaded, bytes: usize, origins: &Result<Vec<Origin>, String>, width: Option<u16>) -> String {
    let it = plugin.manifest();
    let mut facts = vec![
        format!("{} {}: {}, for {}", shown(&it.id), shown(&it.version), shown(&it.label), shown(&it.vendor)),
        format!("{} ({} KiB)", plugin.digest(), bytes.div_ceil(1024)),
        match plugin.imports().len() {
            0 => "Imports nothing at all.".to_owned(),
            some => format!(
                "Imports nothing but {some} interfaces of WASI, given to it empty: no network, no files, no environment."
            ),
        },
    ];
    facts.extend(made(plugin.metadata()));
    if let Err(problem) = origins {
        facts.push(format!("DOES NOT SAY where it talks to: {}", shown(problem)));
    }
    for origin in origins.iter().flatten() {
        let url =
            origin.url.as_ref().map_or("given by --origin".to_owned(), |it| format!("such as {}", shown(it)));
        facts.push(format!("Talks to the origin {}: {url}", shown(&origin.name)));
    }
    for auth in &it.auth {
        let scheme = match &auth.scheme {
            AuthScheme::Basic(it) => {
                format!("HTTP Basic with {} and {}", shown(&it.username), shown(&it.password))
            }
            AuthScheme::Header(it) => {
                format!("the header {} with {}", shown(&it.name), shown(&it.secret))
            }
            AuthScheme::Token(it) => {
                let lifetime = duration(it.lifetime.into());
                format!("a token from {}{}, kept for {lifetime}", shown(&it.origin), shown(&it.path))
            }
        };
        facts.push(format!("Has its requests signed ({}): {scheme}", shown(&auth.name)));
    }
    facts.push(format!("Reads these headers of answers: {}", shown(&it.answer_headers.join(", "))));
    for proof in &it.proof_types {
        facts.push(format!("Collects {}: {}", shown(&proof.name), shown(&proof.label)));
    }
    for operation in &it.operations {
        facts.push(format!("Can do {}: {}", shown(&operation.name), shown_lines(&operation.help)));
    }
    let mut parts = vec![facts.join("\n")];
    if !it.secrets.is_empty() {
        parts.push(format!(
            "Secrets, with --secret NAME=REFERENCE:\n{}",
            types::parameters(&it.secrets, width)
        ));
    }
    if !it.settings.is_empty() {
        parts.push(format!("Settings, with --set NAME=VALUE:\n{}", types::parameters(&it.settings, width)));
    }
    parts.join("\n\n")
}

/// How it was made, as it says itself.
fn made(it: &Metadata) -> Vec<String> {
    let said = [
        ("version", &it.version),
        ("revision", &it.revision),
        ("licence", &it.licenses),
        ("source", &it.source),
        ("by", &it.authors),
    ];
    let said: Vec<String> = said
        .into_iter()
        .filter_map(|(what, text)| Some(format!("{what} {}", shown(text.as_ref()?))))
        .collect();
    let mut facts = vec![];
    if !said.is_empty() {
        facts.push(format!("Says that it was built as {}", said.join(", ")));
    }
    match &it.packages {
        Some(Ok(packages)) => {
            facts.push(format!("Lists the {} packages in it; --json has them", packages.len()));
        }
        Some(Err(problem)) => facts.push(format!("DOES NOT LIST the packages in it: {}", shown(problem))),
        None => {}
    }
    facts
}
