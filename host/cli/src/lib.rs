//! The command line.
//!
//! Results go to standard output, progress and errors to standard error. Whatever comes
//! from a plugin or a source is escaped before it reaches a terminal.

mod arguments;

mod bounded;
mod builtin;
mod bundle;
mod cells;
mod certificates;
mod check;
mod checks;
mod collect;
mod compiler;
mod connection;
mod database;
mod demo;
mod done;
mod environment;
mod evidence;
mod exit_codes;
mod export;
mod failure;
mod given_secrets;
mod guide;
#[cfg(test)]
mod help;
mod junit;
mod keys;
mod loading;
mod log;
mod login;
mod lookup;
mod memory;
mod off_thread;
mod opened;
mod operate;
mod output;
mod places;
mod plugin;
mod plugin_ref;
mod progress;
mod prompt;
mod remedy;
mod show;
mod sign;
mod signals;
mod size;
mod state;
mod table;
mod terminal;
mod test;
mod test_file;
mod trust;
mod types;
mod under_way;
mod verdicts;
mod verify;
mod waiting;
mod watch;
mod wrap;

use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use exhibit::disk::clean_up_scratch;
use exhibit_rows::ShowPath as _;

use self::done::Done;
use self::environment::Environment;
use self::failure::Failure;
use self::signals::Stop;
use self::terminal::Terminal;

/// What stays the same in every command's help.
const EXIT_CODES: &str = "\
Exit codes: 0 all is well, 1 a test or a check did not pass, 2 the call or the configuration is wrong, 3 the source or the plugin failed, 130 it was stopped; `--help` of each command says what they mean for it.";

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
    Operate(Box<operate::Operate>),
    #[command(name = "lookup")]
    LookUp(Box<lookup::LookUp>),
    Guide(guide::Guide),
    Test(test::Test),
    Verify(verify::Verify),
    Export(export::Export),
    Bundle(bundle::Bundle),
    Check(check::Check),
    Certificates(Box<certificates::Certificates>),
    #[command(subcommand)]
    State(state::State),
    #[command(subcommand)]
    TestFile(test_file::TestFile),
    #[command(subcommand)]
    Evidence(evidence::Evidence),
    #[command(subcommand)]
    Keys(keys::Keys),
    #[command(subcommand)]
    Plugin(plugin::Plugin),
}

/// Runs the command that the process was called with. What is in its memory stays there: the system writes no image of
/// it to a disk, and other processes of the user cannot look into it.
pub fn main() -> ExitCode {
    // First: it has no environment, and no threads yet.
    if let Some(code) = compiler::as_child(std::env::args_os().skip(1)) {
        return code;
    }
    memory::keep_private();
    main_in_the_open()
}

/// The same in memory that a debugger can look into, as tests do: whatever secrets it reads can be read along.
pub fn main_in_the_open() -> ExitCode {
    let environment = Environment::read();
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|it| it.to_string_lossy().into_owned()).collect();
    if let Some(failure) = given_secrets::refused(&arguments) {
        let json = arguments.iter().any(|it| it == "--json");
        return failure.report(&Terminal::new(&environment, json));
    }
    match parsed() {
        Ok(cli) => {
            let terminal = Terminal::new(&environment, cli.json);
            log::begin(cli.log, terminal);
            run(cli.command, &environment, &terminal)
        }
        Err(usage) => {
            let (usage, arguments) = visible(usage, arguments);
            misuse(&given_secrets::without_secrets(usage, &arguments), &environment)
        }
    }
}

/// What the process was called with.
fn parsed() -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// All commands, with all that their help says.
fn command() -> clap::Command {
    exit_codes::added(Cli::command())
}

fn run(command: Command, environment: &Environment, terminal: &Terminal) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::call(format!("threads cannot be started: {error}")).report(terminal),
    };
    // Dropping the command's future takes back what it has half done.
    let done = runtime.block_on(async {
        let stop = Stop::on_signals();
        waiting::begin(command.name(), *terminal, &stop);
        // What was killed before this may have left evidence unpacked.
        clean_up_scratch();
        stop.or(command.run(environment, terminal, &stop)).await
    });
    let code = match (done, terminal::unwritten()) {
        (Ok(done), Some(why)) => {
            let failure = Failure::call(format!("the result cannot be written to standard output: {why}"))
                .next("make room there, or write it elsewhere; what was collected or changed is kept");
            let failure = if done == Done::Operated { failure.of_source() } else { failure };
            failure.report(terminal)
        }
        (Ok(done), None) => done.code(),
        (Err(failure), _) => failure.report(terminal),
    };
    // A compiler or a resolver at work would be waited for.
    runtime.shutdown_background();
    code
}

impl Command {
    /// What it is called with.
    fn name(&self) -> &'static str {
        match self {
            Self::Demo(_) => "demo",
            Self::Types(_) => "types",
            Self::Collect(_) => "collect",
            Self::Operate(_) => "operate",
            Self::LookUp(_) => "lookup",
            Self::Guide(_) => "guide",
            Self::Test(_) => "test",
            Self::Verify(_) => "verify",
            Self::Export(_) => "export",
            Self::Bundle(_) => "bundle",
            Self::Check(_) => "check",
            Self::Certificates(_) => "certificates",
            Self::State(_) => "state",
            Self::TestFile(_) => "test-file",
            Self::Evidence(_) => "evidence",
            Self::Keys(_) => "keys",
            Self::Plugin(_) => "plugin",
        }
    }

    async fn run(self, environment: &Environment, terminal: &Terminal, stop: &Stop) -> Result<Done, Failure> {
        match self {
            Self::Collect(it) => return it.run(environment, terminal, stop).await,
            Self::Operate(it) => return it.run(environment, terminal, stop).await,
            Self::Test(it) => return it.run(environment, terminal).await,
            Self::LookUp(it) => it.run(environment, terminal, stop).await?,
            Self::Guide(it) => it.run(environment, terminal).await?,
            Self::Demo(it) => it.run(environment, terminal, stop).await?,
            Self::Types(it) => it.run(environment, terminal).await?,
            Self::Verify(it) => it.run(environment, terminal).await?,
            Self::Export(it) => it.run(environment, terminal).await?,
            Self::Bundle(it) => it.run(environment, terminal).await?,
            Self::Check(it) => it.run(environment, terminal).await?,
            Self::Certificates(it) => return it.run(environment, terminal, stop).await,
            Self::State(it) => it.run(environment, terminal).await?,
            Self::TestFile(it) => it.run(environment, terminal).await?,
            Self::Evidence(it) => return it.run(environment, terminal).await,
            Self::Keys(it) => it.run(environment, terminal).await?,
            Self::Plugin(it) => it.run(environment, terminal).await?,
        }
        Ok(Done::Well)
    }
}

/// The same misuse of arguments in which all is made visible that acts on a terminal: they are repeated, and may be names of
/// files that somebody else has made.
fn visible(usage: clap::Error, arguments: Vec<String>) -> (clap::Error, Vec<String>) {
    let shown = |it: &String| Path::new(it).shown().to_string();
    let shown: Vec<String> = arguments.iter().map(shown).collect();
    if shown == arguments {
        return (usage, arguments);
    }
    let again = Cli::try_parse_from(std::iter::once("exhibit").chain(shown.iter().map(String::as_str)));
    let usage = again.err().unwrap_or_else(|| {
        Cli::command().error(usage.kind(), "an argument has characters that are not seen")
    });
    (usage, shown)
}

/// Help and the version are asked for; all else that clap has to say is an error.
fn misuse(usage: &clap::Error, environment: &Environment) -> ExitCode {
    let json = std::env::args_os().any(|it| it == "--json");
    if json && usage.use_stderr() {
        let text = usage.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned();
        return Failure::call(text).report(&Terminal::new(environment, json));
    }
    // Nothing is left to do where this fails.
    drop(usage.print());
    ExitCode::from(if usage.use_stderr() { failure::CALL } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misuse_repeats_nothing_that_acts_on_a_terminal() {
        let arguments = ["verify", "--x\u{1b}[31m\nerror: all is lost\u{202e}"].map(str::to_owned).to_vec();
        let parse =
            || Cli::try_parse_from(std::iter::once("exhibit").chain(arguments.iter().map(String::as_str)));
        let (usage, shown) = visible(parse().expect_err("no such option"), arguments.clone());
        let text = usage.render().ansi().to_string();
        assert!(text.contains(r"--x\u{1b}[31m\u{a}error: all is lost\u{202e}"), "{text}");
        assert_eq!(shown[0], "verify");
    }
}
