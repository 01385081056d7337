//! The `exhibit` binary, as tests run it: built with them, so never an old one.

use std::process::ExitCode;

fn main() -> ExitCode {
    exhibit_cli::main()
}
