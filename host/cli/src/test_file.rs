//! `exhibit test-file`: the files that people write tests in.

use clap::{Args, Subcommand};
use exhibit::clock::{Clock as _, SystemClock};
use exhibit::format::counted;
use exhibit::testing::file::{self, Source, Suite};

use super::collect::proof_type;
use super::connection::PluginArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::off_thread::off_thread;
use super::output::{CheckedSuiteOutput, SuggestedOutput, json};
use super::terminal::{Terminal, shown};
use super::test::refused;

const EXAMPLES_OF_SUGGESTED: &str = "\
Examples:
  exhibit test-file suggested users > users.toml
  exhibit test-file suggested assets --plugin my-plugin.wasm";

/// What a file of tests says of itself.
const ABOUT: [&str; 2] = [
    "With the schema beside it (`exhibit test-file schema > tests.schema.json`) an editor checks and",
    "completes this file; `exhibit test-file check FILE` checks it without one.",
];

const EXAMPLES_OF_SCHEMA: &str = "\
Examples:
  exhibit test-file schema > tests.schema.json

Files that `exhibit test-file suggested` writes name it in their first line, for editors with Taplo or
the like: keep it beside them.";

const EXAMPLES_OF_CHECK: &str = "\
Examples:
  exhibit test-file check tests/users.toml
  exhibit test-file check suggested tests/*.toml --json";

/// Writes and checks the files that tests are written in
#[derive(Debug, Subcommand)]
pub(super) enum TestFile {
    Suggested(Suggested),
    Schema(Schema),
    Check(Check),
}

/// Prints the tests that the plugin suggests for a proof type as a file, to start one's own from
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES_OF_SUGGESTED)]
pub(super) struct Suggested {
    /// The proof type, as `exhibit types` lists it
    #[arg(value_name = "TYPE")]
    proof_type: String,
    #[command(flatten)]
    plugin: PluginArgs,
}

/// Prints the JSON Schema by which editors check and complete such files
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES_OF_SCHEMA)]
pub(super) struct Schema {}

/// Says what tests are in the files, or what in them makes no sense
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES_OF_CHECK)]
pub(super) struct Check {
    /// Files of tests; `suggested` stands for those that the plugin suggests
    #[arg(value_name = "FILE", required = true)]
    files: Vec<Source>,
    #[command(flatten)]
    plugin: PluginArgs,
}

impl TestFile {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::Suggested(it) => it.run(environment, terminal).await,
            Self::Schema(Schema {}) => {
                terminal.say(&format!("{:#}", file::schema()));
                Ok(())
            }
            Self::Check(it) => it.run(environment, terminal).await,
        }
    }
}

impl Suggested {
    async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let plugin = self.plugin.load(environment).await?;
        let it = proof_type(plugin.manifest(), &self.proof_type)?;
        terminal.say(&if terminal.json() {
            json(&it.suggested.iter().map(SuggestedOutput::from).collect::<Vec<_>>())?
        } else {
            file::write(it, &it.suggested, &ABOUT).trim_end().to_owned()
        });
        Ok(())
    }
}

impl Check {
    async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let plugin = self.plugin.load(environment).await?;
        let (files, proof_types) = (self.files.clone(), plugin.manifest().proof_types.clone());
        let suites = off_thread(move || Suite::gather_all(&files, &proof_types)).await??;
        for suite in &suites {
            let tester = plugin.tester(suite.proof_type(), suite.tests(), SystemClock.now()).await;
            tester.map_err(|error| refused(error.into(), suite))?;
        }
        suites.iter().flat_map(Suite::doubts).for_each(|it| terminal.warn(&it));
        terminal.say(&if terminal.json() { json(&outputs(&suites))? } else { text(&suites) });
        Ok(())
    }
}

fn text(suites: &[Suite]) -> String {
    let line = |it: &Suite| {
        let names: Vec<String> = it.tests().iter().map(|it| shown(&it.name)).collect();
        let tests = counted(names.len() as u64, "test", "tests");
        format!("{}: {tests}: {}", shown(it.proof_type()), names.join(", "))
    };
    suites.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn outputs(suites: &[Suite]) -> Vec<CheckedSuiteOutput<'_>> {
    suites.iter().map(CheckedSuiteOutput::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use exhibit::contract::types::Kind;
    use exhibit::evidence::examples;

    #[test]
    fn what_is_in_files_is_listed_by_proof_type() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("assets.toml");
        let test = |name: &str| {
            format!(
                "[[test]]\nname = \"{name}\"\nproof = \"assets\"\nlabel = \"Named\"\n\
                 case = [{{ all = [{{ field = \"name\", operator = \"is-not-empty\" }}] }}]\n"
            )
        };
        std::fs::write(&path, format!("version = 1\n{}{}", test("one"), test("two"))).expect("written");
        let proof_types = [examples::proof_type(vec![examples::field("name", Kind::Text)])];
        let suites = Suite::gather_all(&[Source::File(path.clone())], &proof_types).expect("makes sense");
        assert_eq!(text(&suites), "assets: 2 tests: one, two");
        let output = serde_json::json!(outputs(&suites));
        assert_eq!(output[0]["tests"][1]["source"], path.display().to_string().as_str());
    }
}
