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
mod failure;
mod log;
mod plugin;
mod progress;
mod show;
mod table;
mod terminal;
mod types;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::environment::Environment;
use self::failure::Failure;
use self::terminal::Terminal;

/// What stays the same in every command's help.
const EXIT_CODES: &str = "\
Exit codes: 0 all is well, 1 a test failed, 2 the call or the configuration is wrong, 3 the source or the plugin failed.";

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
    Collect(collect::Collect),
    Check(check::Check),
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
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(terminal),
    };
    // A compiler or a resolver at work would be waited for.
    runtime.shutdown_background();
    code
}

impl Command {
    async fn run(self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::Demo(it) => it.run(environment, terminal).await,
            Self::Types(it) => it.run(environment, terminal).await,
            Self::Collect(it) => it.run(environment, terminal).await,
            Self::Check(it) => it.run(environment, terminal).await,
            Self::Plugin(it) => it.run(environment, terminal).await,
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
          demo     Collects every proof type from a simulated source on this machine
          types    Lists the proof types of a plugin, or describes one: fields, criteria, rights
          collect  Collects one proof, now, into a folder
          check    Tries whether each proof type can be collected: right, licence, platform, clock
          plugin   Looks into plugins, tries them, and begins new ones
          help     Print this message or the help of the given subcommand(s)

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

        Exit codes: 0 all is well, 1 a test failed, 2 the call or the configuration is wrong, 3 the source
        or the plugin failed.
        ");
    }

    #[test]
    fn help_of_demo() {
        insta::assert_snapshot!(help(&["demo"]), @"
        Collects every proof type from a simulated source on this machine

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

              --json
                  Write results and errors as JSON, for machines

              --with <NAME=VALUE>
                  What narrows the proof down; `exhibit types TYPE` lists it

              --from <DATE>
                  Where the proof's window begins: a date (its start in UTC), or a date and time

              --log <LEVEL>
                  Say on standard error what happens inside

                  Possible values:
                  - error: What went wrong
                  - warn:  And what looks wrong
                  - info:  And what happens
                  - debug: And how
                  - trace: And everything that libraries say

              --to <DATE>
                  Where the window ends: the first instant that no longer belongs to it [default: --as-of]

              --as-of <DATE>
                  The instant that counts as now, for ages and for what is overdue [default: now]

              --max-wait <SECONDS>
                  How many seconds to wait at most, all pauses together, where the source asks for patience
                  [default: 3600]

              --out <DIR>
                  The folder for the evidence: made if it is not there, never overwritten

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

          From a private installation:
            exhibit collect users --set platform=private --origin api=https://api.example.com \
              --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \
              --out evidence/users

        What is in the folder:
          rows.ndjson   the proof, one JSON object a row
          proof.csv     its shown columns, for a spreadsheet
          proof.json    what it is, how it was made, how complete it is, digests
          answers/      the source's answers as they came, zstd-compressed, with what was asked
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
