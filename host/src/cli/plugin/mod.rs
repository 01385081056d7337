//! `exhibit plugin`: what a plugin is, and whether it keeps the contract.

mod check;
mod show;

use clap::Subcommand;

use super::environment::Environment;
use super::failure::Failure;
use super::terminal::Terminal;

/// Looks into plugins, and tries them
#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    Show(show::Show),
    Check(check::Check),
}

impl Plugin {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::Show(it) => it.run(environment, terminal).await,
            Self::Check(it) => it.run(environment, terminal).await,
        }
    }
}
