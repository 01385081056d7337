//! `exhibit plugin`: what a plugin is, whether it keeps the contract, and how to begin one.

mod check;
mod new;
mod show;
#[cfg(test)]
mod tests;

use clap::Subcommand;

use super::environment::Environment;
use super::failure::Failure;
use super::terminal::Terminal;

/// Looks into plugins, tries them, and begins new ones
#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    Show(show::Show),
    Check(check::Check),
    New(new::New),
}

impl Plugin {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::Show(it) => it.run(environment, terminal).await,
            Self::Check(it) => it.run(environment, terminal).await,
            Self::New(it) => it.run(environment, terminal),
        }
    }
}
