//! The `exhibit` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    exhibit_cli::main()
}
