//! The `exhibit` binary, as tests run it: built with them, so never an old one.

use std::process::ExitCode;

/// Set where a test looks into the process's memory, which only an administrator can do otherwise.
const IN_THE_OPEN: &str = "EXHIBIT_TESTED_IN_THE_OPEN";

fn main() -> ExitCode {
    if std::env::var_os(IN_THE_OPEN).is_some() {
        exhibit_cli::main_in_the_open()
    } else {
        exhibit_cli::main()
    }
}
