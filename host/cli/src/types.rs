//! `exhibit types`: what can be collected.

use clap::Args;
use exhibit::contract::Manifest;
use exhibit::contract::catalog::{Parameter, ProofType, ProvenTime};
use exhibit::contract::testing::Test;
use exhibit::testing::file::{ALL_ROWS, percent};

use super::cells::cell;
use super::collect::proof_type;
use super::connection::PluginArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::output::{ProofTypeOutput, json};
use super::table::{self, Column};
use super::terminal::{Terminal, shown, shown_lines};
use super::wrap::wrap;

const EXAMPLES: &str = "\
Examples:
  exhibit types
  exhibit types assets
  exhibit types --plugin my-plugin.wasm --json";

/// Lists the proof types of a plugin, or describes one: fields, criteria, rights
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Types {
    /// The proof type to describe
    #[arg(value_name = "TYPE")]
    proof_type: Option<String>,
    #[command(flatten)]
    plugin: PluginArgs,
}

impl Types {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let plugin = self.plugin.load(environment).await?;
        let manifest = plugin.manifest();
        let chosen = self.proof_type.as_deref().map(|name| proof_type(manifest, name)).transpose()?;
        terminal.say(&match (chosen, terminal.json()) {
            (Some(it), true) => json(&ProofTypeOutput::from(it))?,
            (Some(it), false) => describe(it, terminal.width()),
            (None, true) => {
                json(&manifest.proof_types.iter().map(ProofTypeOutput::from).collect::<Vec<_>>())?
            }
            (None, false) => list(manifest, terminal.width()),
        });
        Ok(())
    }
}

fn list(manifest: &Manifest, width: Option<u16>) -> String {
    let columns = ["Type", "What it is", "Window", "Needs"].map(Column::new);
    let row = |it: &ProofType| {
        let window = it.window.as_ref().map_or("as things stand now".to_owned(), |it| shown(&it.help));
        vec![shown(&it.name), shown(&it.label), window, shown(&it.needs.join("; "))]
    };
    let table = table::render(&columns, manifest.proof_types.iter().map(row).collect(), width);
    format!("{table}\n\n`exhibit types TYPE` says what is in one.")
}

fn describe(it: &ProofType, width: Option<u16>) -> String {
    let about = format!("{}: {}\n{}", shown(&it.name), shown(&it.label), shown_lines(&it.help));
    let mut parts = vec![wrap(&about, width)];

    let columns = ["Field", "Label", "Holds", "Shown", "Personal", "Help"].map(Column::new);
    let yes = |it: bool| if it { "yes" } else { "" }.to_owned();
    let row = |it: &exhibit::contract::catalog::Field| {
        let holds = it.kind.name().to_owned();
        vec![shown(&it.name), shown(&it.label), holds, yes(it.shown), yes(it.personal), shown(&it.help)]
    };
    parts.push(table::render(&columns, it.fields.iter().map(row).collect(), width));

    let mut facts = vec![format!("One row for each {}.", shown(&it.key.join(" and ")))];
    facts.push(match &it.window {
        Some(window) => format!("Window (--from, --to): {} {}", shown(&window.help), proves(window.proves)),
        None => "Window: none, it shows how things stand when it is collected.".to_owned(),
    });
    facts.push(match &it.changes {
        Ok(changes) => format!("Changes (--since last): {}", shown(&changes.help)),
        Err(why) => format!("Changes: cannot be asked for. {}", shown(why)),
    });
    facts.extend(it.needs.iter().map(|it| format!("Needs: {}", shown(it))));
    facts.extend(it.link.iter().flat_map(|it| &it.note).map(|it| format!("At the source: {}", shown(it))));
    parts.push(wrap(&facts.join("\n"), width));

    if !it.criteria.is_empty() {
        parts.push(format!("Narrowed down with --with NAME=VALUE:\n{}", parameters(&it.criteria, width)));
    }
    if !it.suggested.is_empty() {
        let tests = tests(&it.suggested, width);
        let what = format!(
            "Suggested tests (`exhibit test-file suggested {}` writes them to a file):",
            shown(&it.name)
        );
        parts.push(format!("{}\n{tests}", wrap(&what, width)));
    }
    parts.join("\n\n")
}

/// What a proof with a window says of which time.
fn proves(it: ProvenTime) -> &'static str {
    match it {
        ProvenTime::Events => {
            "A proof shows what happened in it, as far as it is over when the source is asked."
        }
        ProvenTime::State => {
            "It is a filter: a proof shows how things stand when it is collected, and nothing of that time."
        }
        ProvenTime::Nothing => {
            "The plugin does not say which time a proof then covers, so none counts as covered."
        }
    }
}

fn tests(tests: &[Test], width: Option<u16>) -> String {
    let columns = ["Test", "Passes when", "Why", "Controls"].map(Column::new);
    let row = |it: &Test| {
        let label = match it.threshold {
            ALL_ROWS => shown(&it.label),
            threshold => format!("{} ({} of the rows)", shown(&it.label), percent(threshold)),
        };
        vec![shown(&it.name), label, shown(&it.help), shown(&it.controls.join(", "))]
    };
    table::render(&columns, tests.iter().map(row).collect(), width)
}

/// Parameters, as a table.
pub(super) fn parameters(parameters: &[Parameter], width: Option<u16>) -> String {
    let columns = ["Name", "Takes", "Default", "Help"].map(Column::new);
    let row = |it: &Parameter| {
        let choices: Vec<&str> = it.choices.iter().map(|it| it.value.as_str()).collect();
        let takes = if choices.is_empty() { it.kind.name().to_owned() } else { shown(&choices.join(", ")) };
        let default = match &it.default {
            Some(value) => cell(value),
            None if it.required => "(required)".to_owned(),
            None => String::new(),
        };
        vec![shown(&it.name), takes, default, shown(&it.help)]
    };
    table::render(&columns, parameters.iter().map(row).collect(), width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use exhibit::contract::testing::EmptyRule;
    use exhibit::contract::types::{Kind, Value};
    use exhibit::evidence::examples;

    fn example() -> ProofType {
        let mut owner = examples::field("owner", Kind::Text);
        owner.personal = true;
        let mut it = examples::proof_type(vec![examples::field("name", Kind::Text), owner]);
        it.criteria = vec![Parameter {
            name: "page-size".into(),
            label: "Page size".into(),
            help: "Records a page.".into(),
            kind: Kind::Integer,
            choices: vec![],
            required: false,
            default: Some(Value::Integer(1_000)),
        }];
        it.suggested = vec![Test {
            name: "owned".into(),
            label: "Assets have an owner".into(),
            help: "An asset without an owner is not remediated.".into(),
            scope: vec![],
            cases: vec![],
            threshold: 9_750,
            when_empty: EmptyRule::Fail,
            controls: vec!["soc2:cc6.1".into(), "cis-8.1:1.1".into()],
        }];
        it
    }

    #[test]
    fn one_type_is_described_in_full() {
        insta::assert_snapshot!(describe(&example(), Some(140)), @"
        assets: List of Assets
        Hosts, and when they were scanned.

        Field  Label  Holds  Shown  Personal  Help
        ──────────────────────────────────────────────────────
        name   name   text   yes              What name is.
        owner  owner  text   yes    yes       What owner is.

        One row for each name.
        Window: none, it shows how things stand when it is collected.
        Changes: cannot be asked for. Its source is not asked for changes.
        Needs: API access

        Narrowed down with --with NAME=VALUE:
        Name       Takes    Default  Help
        ──────────────────────────────────────────────
        page-size  integer  1000     Records a page.

        Suggested tests (`exhibit test-file suggested assets` writes them to a file):
        Test   Passes when                               Why                                           Controls
        ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        owned  Assets have an owner (97.5% of the rows)  An asset without an owner is not remediated.  soc2:cc6.1, cis-8.1:1.1
        ");
    }

    #[test]
    fn machines_get_the_same() {
        insta::assert_snapshot!(format!("{:#}", serde_json::json!(ProofTypeOutput::from(&example()))), @r#"
        {
          "criteria": [
            {
              "choices": [],
              "default": 1000,
              "help": "Records a page.",
              "kind": "integer",
              "label": "Page size",
              "name": "page-size",
              "required": false
            }
          ],
          "fields": [
            {
              "help": "What name is.",
              "kind": "text",
              "label": "name",
              "name": "name",
              "personal": false,
              "shown": true
            },
            {
              "help": "What owner is.",
              "kind": "text",
              "label": "owner",
              "name": "owner",
              "personal": true,
              "shown": true
            }
          ],
          "help": "Hosts, and when they were scanned.",
          "key": [
            "name"
          ],
          "label": "List of Assets",
          "link": null,
          "name": "assets",
          "needs": [
            "API access"
          ],
          "proves": "state",
          "schedule": "0 6 * * 1",
          "suggested": [
            {
              "controls": [
                "soc2:cc6.1",
                "cis-8.1:1.1"
              ],
              "label": "Assets have an owner",
              "name": "owned",
              "threshold": "97.5%",
              "why": "An asset without an owner is not remediated."
            }
          ],
          "window": null
        }
        "#);
    }
}
