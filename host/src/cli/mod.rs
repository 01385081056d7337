//! The command line.
//!
//! Results go to standard output, progress and errors to standard error. Whatever comes
//! from a plugin or a source is escaped before it reaches a terminal.

mod arguments;
mod builtin;
mod cells;
mod check;
mod collect;
mod connection;
mod demo;
mod environment;
mod export;
mod failure;
mod junit;
mod log;
mod plugin;
mod progress;
mod show;
mod table;
mod terminal;
mod test;
mod test_file;
mod types;
mod verdicts;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::environment::Environment;
use self::failure::Failure;
use self::terminal::Terminal;
use crate::testing::Held;

/// What stays the same in every command's help.
const EXIT_CODES: &str = "\
Exit codes: 0 all is well, 1 a test did not pass, 2 the call or the configuration is wrong, 3 the source or the plugin failed.";

/// Collects compliance evidence through sandboxed plugins, and keeps it so that an auditor can check it
#[derive(Debug, Parser)]
#[command(name = "exhibit", version, after_help = EXIT_CODES, max_term_width = 100, infer_long_args = false)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Write results and errors as JSON, for machines
    #[arg(long, global = true)]
    json: bool,
    /// Say on standard error what happens inside
    #[arg(long, global = true, value_name = "LEVEL", default_value = "warn", hide_default_value = true)]
    log: log::Level,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Types(types::Types),
    Collect(Box<collect::Collect>),
    Test(test::Test),
    Export(export::Export),
    Check(check::Check),
    #[command(subcommand)]
    TestFile(test_file::TestFile),
    #[command(subcommand)]
    Plugin(plugin::Plugin),
}

/// Runs the command that the process was called with.
pub fn main() -> ExitCode {
    let environment = Environment::read();
    match Cli::try_parse() {
        Ok(cli) => {
            let terminal = Terminal::new(&environment, cli.json);
            log::begin(cli.log, terminal.colours());
            run(cli.command, &environment, &terminal)
        }
        Err(usage) => misuse(&usage, &environment),
    }
}

fn run(command: Command, environment: &Environment, terminal: &Terminal) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::call(format!("threads cannot be started: {error}")).report(terminal),
    };
    // Dropping the command's future takes back what it has half done.
    let done = runtime.block_on(async {
        tokio::select! {
            done = command.run(environment, terminal) => done,
            () = asked_to_stop() => Err(Failure::stopped()),
        }
    });
    let code = match done {
        Ok(done) => done.code(),
        Err(failure) => failure.report(terminal),
    };
    // A compiler or a resolver at work would be waited for.
    runtime.shutdown_background();
    code
}

impl Command {
    async fn run(self, environment: &Environment, terminal: &Terminal) -> Result<Done, Failure> {
        match self {
            Self::Collect(it) => return it.run(environment, terminal).await,
            Self::Test(it) => return it.run(environment, terminal).await,
            Self::Demo(it) => it.run(environment, terminal).await?,
            Self::Types(it) => it.run(environment, terminal).await?,
            Self::Export(it) => it.run(terminal).await?,
            Self::Check(it) => it.run(environment, terminal).await?,
            Self::TestFile(it) => it.run(environment, terminal).await?,
            Self::Plugin(plugin::Plugin::Show(it)) => it.run(environment, terminal).await?,
        }
        Ok(Done::Well)
    }
}

/// How a command that did what it should ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// All is well.
    Well,
    /// A test did not pass.
    NotPassed,
}

impl Done {
    /// What came of tests.
    fn of(held: &Held) -> Self {
        if held.run.passed() { Self::Well } else { Self::NotPassed }
    }

    fn code(self) -> ExitCode {
        match self {
            Self::Well => ExitCode::SUCCESS,
            Self::NotPassed => ExitCode::from(failure::NOT_PASSED),
        }
    }
}

/// Help and the version are asked for; all else that clap has to say is an error.
fn misuse(usage: &clap::Error, environment: &Environment) -> ExitCode {
    let json = std::env::args_os().any(|it| it == "--json");
    if json && usage.use_stderr() {
        let text = usage.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned();
        return Failure::call(text).report(&Terminal::new(environment, json));
    }
    // Nobody reads it if this fails.
    drop(usage.print());
    ExitCode::from(if usage.use_stderr() { failure::CALL } else { 0 })
}

/// Returns at the first signal. From then on a further one ends the process at once, whatever is
/// still being tidied up.
async fn asked_to_stop() {
    signalled().await;
    tokio::spawn(async {
        signalled().await;
        std::process::exit(failure::STOPPED.into());
    });
}

#[cfg(unix)]
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};

    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => drop(terminated.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = interrupted() => {}
        () = terminated => {}
    }
}

#[cfg(not(unix))]
async fn signalled() {
    interrupted().await;
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn help(path: &[&str]) -> String {
        let mut command = Cli::command();
        command.build();
        let mut command = &mut command;
        for name in path {
            command = command.find_subcommand_mut(name).expect("such a command");
        }
        command.clone().term_width(100).render_long_help().to_string()
    }

    #[test]
    fn the_command_line_makes_sense() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_of_the_whole() {
        insta::assert_snapshot!(help(&[]), @"
        Collects compliance evidence through sandboxed plugins, and keeps it so that an auditor can check it

        Usage: exhibit [OPTIONS] <COMMAND>

        Commands:
          demo       Collects and tests every proof type from a simulated source on this machine
          types      Lists the proof types of a plugin, or describes one: fields, criteria, rights
          collect    Collects one proof, now, into a folder
          test       Tests kept evidence, offline: which rows are as they should be, and what changed
          check      Tries whether each proof type can be collected: right, licence, platform, clock
          test-file  Writes and checks the files that tests are written in
          plugin     Looks into plugins
          help       Print this message or the help of the given subcommand(s)

        Options:
              --json
                  Write results and errors as JSON, for machines

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

          -h, --help
                  Print help (see a summary with '-h')

          -V, --version
                  Print version

        Exit codes: 0 all is well, 1 a test did not pass, 2 the call or the configuration is wrong, 3 the
        source or the plugin failed.
        ");
    }

    #[test]
    fn help_of_demo() {
        insta::assert_snapshot!(help(&["demo"]), @"
        Collects and tests every proof type from a simulated source on this machine

        Usage: exhibit demo [OPTIONS]

        Options:
              --out <DIR>
                  The folder for the evidence: made if it is not there, never overwritten [default:
                  exhibit-demo, or the first of exhibit-demo-2, exhibit-demo-3 and so on that is not there]

              --json
                  Write results and errors as JSON, for machines

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

          -h, --help
                  Print help (see a summary with '-h')

        Examples:
          exhibit demo
          exhibit demo --out /tmp/evidence
        ");
    }

    #[test]
    fn help_of_types() {
        insta::assert_snapshot!(help(&["types"]), @"
        Lists the proof types of a plugin, or describes one: fields, criteria, rights

        Usage: exhibit types [OPTIONS] [TYPE]

        Arguments:
          [TYPE]
                  The proof type to describe

        Options:
              --plugin <FILE>
                  A plugin's component file, instead of the built-in plugin

              --json
                  Write results and errors as JSON, for machines

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

          -h, --help
                  Print help (see a summary with '-h')

        Examples:
          exhibit types
          exhibit types assets
          exhibit types --plugin my-plugin.wasm --json
        ");
    }

    #[test]
    fn help_of_collect() {
        insta::assert_snapshot!(help(&["collect"]), @r"
        Collects one proof, now, into a folder

        Usage: exhibit collect [OPTIONS] --out <DIR> <TYPE>

        Arguments:
          <TYPE>
                  The proof type, as `exhibit types` lists it

        Options:
              --plugin <FILE>
                  A plugin's component file, instead of the built-in plugin

              --set <NAME=VALUE>
                  What the plugin asks of a connection, such as platform=US2; `exhibit plugin show` lists it

              --origin <NAME=URL>
                  Where an origin is, instead of where the settings say: for private installations

              --plain-http <NAME>
                  Lets the --origin of this name be http on another machine: whoever is on the way reads
                  along

              --secret <NAME=REFERENCE>
                  Where a secret is kept: password=env:VARIABLE or password=file:PATH, never the secret
                  itself

              --with <NAME=VALUE>
                  What narrows the proof down; `exhibit types TYPE` lists it

              --from <DATE>
                  Where the proof's window begins: a date (its start in UTC), or a date and time

              --json
                  Write results and errors as JSON, for machines

              --to <DATE>
                  Where the window ends: the first instant that no longer belongs to it [default: --as-of]

              --as-of <DATE>
                  The instant that counts as now, for ages and for what is overdue [default: now]

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

              --max-wait <SECONDS>
                  How many seconds to wait at most, all pauses together, where the source asks for patience
                  [default: 3600]

              --out <DIR>
                  The folder for the evidence: made if it is not there, never overwritten

              --test <FILE>
                  A file of tests to hold against the proof, or `suggested` for those of the plugin; may be
                  given again

              --junit <FILE>
                  A file for the results of the tests as JUnit XML, too

              --keep-failed <DIR>
                  A folder for the answer that a collection fails at, to look into or to send to the
                  source's support: as it came, with what was asked

          -h, --help
                  Print help (see a summary with '-h')

        Examples:
          The assets of an account, with its credentials in the environment:
            exhibit collect assets --set platform=US2 \
              --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \
              --out evidence/assets

          The scans of a quarter, with the password in a file:
            exhibit collect vm-scans --set platform=EU1 --from 2026-07-01 --to 2026-10-01 \
              --secret username=env:API_USERNAME --secret password=file:/run/secrets/api \
              --out evidence/q3-scans

          And hold tests against it at once, the plugin's and one's own:
            exhibit collect users --set platform=US2 --test suggested --test tests/users.toml \
              --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \
              --out evidence/users

          From a private installation:
            exhibit collect users --set platform=private --origin api=https://api.example.com \
              --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \
              --out evidence/users

        What is in the folder:
          rows.ndjson   the proof, one JSON object a row
          proof.csv     its shown columns, for a spreadsheet
          proof.json    what it is, how it was made, how complete it is, digests
          answers/      the source's answers as they came, zstd-compressed, with what was asked
          tests/0001/   what the tests came to, where there were any; see `exhibit test --help`
        ");
    }

    #[test]
    fn help_of_check() {
        insta::assert_snapshot!(help(&["check"]), @r"
        Tries whether each proof type can be collected: right, licence, platform, clock

        Usage: exhibit check [OPTIONS]

        Options:
              --plugin <FILE>
                  A plugin's component file, instead of the built-in plugin

              --set <NAME=VALUE>
                  What the plugin asks of a connection, such as platform=US2; `exhibit plugin show` lists it

              --origin <NAME=URL>
                  Where an origin is, instead of where the settings say: for private installations

              --plain-http <NAME>
                  Lets the --origin of this name be http on another machine: whoever is on the way reads
                  along

              --secret <NAME=REFERENCE>
                  Where a secret is kept: password=env:VARIABLE or password=file:PATH, never the secret
                  itself

              --json
                  Write results and errors as JSON, for machines

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

          -h, --help
                  Print help (see a summary with '-h')

        Examples:
          exhibit check --set platform=US2 \
            --secret username=env:API_USERNAME --secret password=env:API_PASSWORD
        ");
    }

    #[test]
    fn help_of_test_file() {
        insta::assert_snapshot!(help(&["test-file"]), @"
        Writes and checks the files that tests are written in

        Usage: exhibit test-file [OPTIONS] <COMMAND>

        Commands:
          suggested  Prints the tests that the plugin suggests for a proof type as a file, to start one's
                     own from
          schema     Prints the JSON Schema by which editors check and complete such files
          check      Says what tests are in the files, or what in them makes no sense
          help       Print this message or the help of the given subcommand(s)

        Options:
              --json
                  Write results and errors as JSON, for machines

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

          -h, --help
                  Print help (see a summary with '-h')
        ");
        insta::assert_snapshot!(help(&["test-file", "suggested"]), @"
        Prints the tests that the plugin suggests for a proof type as a file, to start one's own from

        Usage: exhibit test-file suggested [OPTIONS] <TYPE>

        Arguments:
          <TYPE>
                  The proof type, as `exhibit types` lists it

        Options:
              --plugin <FILE>
                  A plugin's component file, instead of the built-in plugin

              --json
                  Write results and errors as JSON, for machines

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

          -h, --help
                  Print help (see a summary with '-h')

        Examples:
          exhibit test-file suggested users > users.toml
          exhibit test-file suggested assets --plugin my-plugin.wasm
        ");
        insta::assert_snapshot!(help(&["test-file", "schema"]), @"
        Prints the JSON Schema by which editors check and complete such files

        Usage: exhibit test-file schema [OPTIONS]

        Options:
              --json
                  Write results and errors as JSON, for machines

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

          -h, --help
                  Print help (see a summary with '-h')

        Examples:
          exhibit test-file schema > tests.schema.json

        Files that `exhibit test-file suggested` writes name it in their first line, for editors with Taplo
        or
        the like: keep it beside them.
        ");
        insta::assert_snapshot!(help(&["test-file", "check"]), @"
        Says what tests are in the files, or what in them makes no sense

        Usage: exhibit test-file check [OPTIONS] <FILE>...

        Arguments:
          <FILE>...
                  Files of tests; `suggested` stands for those that the plugin suggests

        Options:
              --plugin <FILE>
                  A plugin's component file, instead of the built-in plugin

              --json
                  Write results and errors as JSON, for machines

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

          -h, --help
                  Print help (see a summary with '-h')

        Examples:
          exhibit test-file check tests/users.toml
          exhibit test-file check suggested tests/*.toml --json
        ");
    }

    #[test]
    fn help_of_plugin_show() {
        insta::assert_snapshot!(help(&["plugin", "show"]), @"
        Says what a plugin is and what it asks for, without connecting to anything

        Usage: exhibit plugin show [OPTIONS] [FILE]

        Arguments:
          [FILE]
                  The component file; the built-in plugin, where none is named

        Options:
              --json
                  Write results and errors as JSON, for machines

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

          -h, --help
                  Print help (see a summary with '-h')

        Examples:
          exhibit plugin show
          exhibit plugin show my-plugin.wasm
          exhibit plugin show my-plugin.wasm --json
        ");
    }
}
