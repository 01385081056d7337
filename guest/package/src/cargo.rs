//! Cargo, as a plugin is built with it and asked about it.

use std::env;
use std::process::Command;

/// What of the outer cargo's environment still holds for an inner one: where things
/// are kept and how the network is reached. Flags, compiler and target do not.
const INHERITED: [&str; 6] =
    ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_SOURCE_", "CARGO_TERM_"];

/// A cargo that knows nothing of the one that runs this program.
pub fn clean(cargo: &str) -> Command {
    let mut command = Command::new(cargo);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let cargos = ["CARGO", "RUSTC", "RUSTDOC", "RUSTFLAGS"].iter().any(|it| text.starts_with(it))
            || ["TARGET", "HOST", "OUT_DIR", "PROFILE", "OPT_LEVEL", "DEBUG"].contains(&&*text);
        if cargos && !INHERITED.iter().any(|it| text.starts_with(it)) {
            command.env_remove(&name);
        }
    }
    command
}

/// The cargo that runs this program.
pub fn active() -> Command {
    clean(&env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
}

/// The standard output of a command. The error is for people.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
