//! What the exit codes of each command mean: scripts go by them, so `--help` of each says it.

use clap::Command;

use super::failure::{CALL, NOT_PASSED, SOURCE, STOPPED};

/// What 2 means wherever nothing more is to be said of it.
const CALL_OR_MACHINE: &str = "the call, the configuration or this machine is wrong: nothing was done";

/// A command without those above it, and what its codes mean. 130 is the same for all: it was stopped.
struct Meaning {
    command: &'static str,
    codes: &'static [(u8, &'static str)],
}

/// Commands by their names, from below `exhibit` on.
const MEANINGS: &[Meaning] = &[
    Meaning {
        command: "demo",
        codes: &[
            (0, "each proof was collected, and verifies"),
            (CALL, CALL_OR_MACHINE),
            (SOURCE, "the plugin failed, or evidence does not verify: a fault of exhibit"),
        ],
    },
    Meaning { command: "types", codes: PLUGIN },
    Meaning {
        command: "collect",
        codes: &[
            (0, "the proof is collected and kept; all tests passed, where there were any"),
            (NOT_PASSED, "it is collected and kept, and a test failed or could not be judged"),
            (CALL, "the call, the configuration or this machine is wrong: the error says what is kept"),
            (SOURCE, "the source or the plugin failed, or asks for a longer wait: no proof is kept"),
        ],
    },
    Meaning {
        command: "operate",
        codes: &[
            (0, "it is done and its report kept; without --confirm: nothing was sent"),
            (CALL, "this call has sent nothing: it, the configuration or this machine is wrong"),
            (SOURCE, "it failed, before or after it was sent: the report, or the error, says which"),
        ],
    },
    Meaning {
        command: "lookup",
        codes: &[
            (0, "it is listed"),
            (CALL, "the call, the configuration or this machine is wrong"),
            (SOURCE, "the source or the plugin refuses or fails"),
        ],
    },
    Meaning { command: "guide", codes: PLUGIN },
    Meaning {
        command: "test",
        codes: &[
            (0, "all tests passed"),
            (NOT_PASSED, "a test failed or could not be judged"),
            (CALL, "the call, the tests, the evidence or this machine is wrong: there is no run"),
            (SOURCE, "the plugin failed: there is no run"),
        ],
    },
    Meaning {
        command: "verify",
        codes: &[
            (0, "all that is required was checked, and holds; warnings may say more"),
            (NOT_PASSED, "a check failed, or one that is required could not be made: do not rely on it"),
            (CALL, "the call or this machine is wrong, or there is no evidence: it says nothing of any"),
            (SOURCE, "a plugin that the call names failed: it says nothing of the evidence"),
        ],
    },
    Meaning {
        command: "export",
        codes: &[(0, "the file is written; whether tests passed is in it"), (CALL, READ_OR_WRITE)],
    },
    Meaning { command: "bundle", codes: &[(0, "the bundle is written"), (CALL, READ_OR_WRITE)] },
    Meaning {
        command: "check",
        codes: &[
            (0, "nothing that counts is known to be missing: proof types, and operations that are named"),
            (CALL, "the call, the configuration or this machine is wrong"),
            (SOURCE, "the source or the plugin refuses or fails"),
        ],
    },
    Meaning {
        command: "certificates sync",
        codes: &[
            (0, "the proof is kept and merged; all tests passed, where there were any"),
            (NOT_PASSED, "it is kept and merged, and a test failed or could not be judged"),
            (CALL, "the call, the configuration or this machine is wrong: the error says what is kept"),
            (SOURCE, "the source or the plugin failed, or asks for a longer wait: no proof is kept"),
        ],
    },
    Meaning { command: "certificates merge", codes: PLUGIN },
    Meaning { command: "certificates list", codes: PLUGIN },
    Meaning { command: "certificates show", codes: PLUGIN },
    Meaning { command: "certificates assign", codes: PLUGIN },
    Meaning { command: "certificates group list", codes: PLUGIN },
    Meaning { command: "certificates group move", codes: PLUGIN },
    Meaning { command: "certificates group rename", codes: PLUGIN },
    Meaning { command: "certificates errors", codes: PLUGIN },
    Meaning { command: "certificates resolve", codes: PLUGIN },
    Meaning { command: "certificates report", codes: PLUGIN },
    Meaning { command: "certificates export", codes: PLUGIN },
    Meaning { command: "state show", codes: PLUGIN },
    Meaning { command: "state rebuild", codes: PLUGIN },
    Meaning { command: "test-file suggested", codes: PLUGIN },
    Meaning { command: "test-file schema", codes: PLAIN },
    Meaning {
        command: "test-file check",
        codes: &[
            (0, "the tests can be run"),
            (CALL, "a file of tests, the call or this machine is wrong"),
            (SOURCE, "the plugin failed"),
        ],
    },
    Meaning { command: "evidence init", codes: PLAIN },
    Meaning {
        command: "evidence list",
        codes: &[(0, "it is listed, stale or not"), (CALL, CALL_OR_MACHINE)],
    },
    Meaning {
        command: "evidence coverage",
        codes: &[
            (0, "all of the time is proven"),
            (NOT_PASSED, "there are gaps: what is still to come is one"),
            (CALL, CALL_OR_MACHINE),
        ],
    },
    Meaning { command: "evidence prune", codes: PLAIN },
    Meaning { command: "keys new", codes: PLAIN },
    Meaning { command: "keys show", codes: PLAIN },
    Meaning { command: "plugin show", codes: PLUGIN },
    Meaning {
        command: "plugin check",
        codes: &[
            (0, "each check that could be made passed"),
            (NOT_PASSED, "a check failed, or they were not done in time"),
            (CALL, CALL_OR_MACHINE),
            (SOURCE, "the plugin cannot be loaded from its registry"),
        ],
    },
    Meaning { command: "plugin new", codes: PLAIN },
    Meaning { command: "plugin push", codes: REGISTRY },
    Meaning { command: "plugin pull", codes: REGISTRY },
    Meaning { command: "plugin forget", codes: PLAIN },
];

const READ_OR_WRITE: &str =
    "the call or this machine is wrong, or the evidence was altered: nothing is written";
const PLAIN: &[(u8, &str)] = &[(0, "it is done"), (CALL, CALL_OR_MACHINE)];
const PLUGIN: &[(u8, &str)] =
    &[(0, "it is done"), (CALL, CALL_OR_MACHINE), (SOURCE, "the plugin or its registry failed")];
const REGISTRY: &[(u8, &str)] =
    &[(0, "it is done"), (CALL, CALL_OR_MACHINE), (SOURCE, "the registry or the plugin failed")];

/// The same command, in which the long help of each command below says what its exit codes mean.
pub(super) fn added(command: Command) -> Command {
    command.mut_subcommands(|it| {
        let name = it.get_name().to_owned();
        added_below(it, &name)
    })
}

fn added_below(command: Command, path: &str) -> Command {
    if command.has_subcommands() {
        return command.mut_subcommands(|it| {
            let path = format!("{path} {}", it.get_name());
            added_below(it, &path)
        });
    }
    let Some(codes) = of(path) else { return command };
    let before = command.get_after_long_help().map(|it| format!("{it}\n\n")).unwrap_or_default();
    command.after_long_help(format!("{before}{codes}"))
}

/// What the codes of this command mean, for people.
fn of(path: &str) -> Option<String> {
    let meaning = MEANINGS.iter().find(|it| it.command == path)?;
    let mut text = "Exit codes:".to_owned();
    for (code, means) in meaning.codes.iter().chain(&[(STOPPED, "it was stopped")]) {
        text.push_str(&format!("\n  {code:<4} {means}"));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::Cli;

    fn leaves(command: &Command, path: &str, all: &mut Vec<String>) {
        for it in command.get_subcommands().filter(|it| it.get_name() != "help") {
            let path = format!("{path} {}", it.get_name()).trim().to_owned();
            if it.has_subcommands() { leaves(it, &path, all) } else { all.push(path) }
        }
    }

    #[test]
    fn each_command_says_what_its_codes_mean_and_no_other_is_described() {
        let mut all = Vec::new();
        leaves(&Cli::command(), "", &mut all);
        let described: Vec<&str> = MEANINGS.iter().map(|it| it.command).collect();
        assert_eq!(all, described);
        for it in MEANINGS {
            let codes: Vec<u8> = it.codes.iter().map(|it| it.0).collect();
            assert!(codes.is_sorted() && codes.starts_with(&[0]) && codes.contains(&CALL), "{}", it.command);
            let text = of(it.command).unwrap_or_default();
            assert!(text.lines().all(|it| it.chars().count() <= 100), "{text}");
        }
    }
}
