//! What the component behind sees of the environment: the call's arguments, and no variable.

use crate::Signer;
use crate::bindings::exports::wasi::cli::environment::Guest;
use crate::bindings::wasi::cli::environment;

impl Guest for Signer {
    fn get_environment() -> Vec<(String, String)> {
        Vec::new()
    }

    fn get_arguments() -> Vec<String> {
        environment::get_arguments()
    }

    fn initial_cwd() -> Option<String> {
        environment::initial_cwd()
    }
}
