//! `exhibit plugin`: what a plugin is, whether it keeps the contract, how to begin one, and
//! how to pass one on; and which are trusted no more.

mod check;
mod forget;
mod new;
mod pull;
mod push;
mod show;
#[cfg(test)]
mod tests;

use clap::Subcommand;

use super::environment::Environment;
use super::failure::Failure;
use super::terminal::Terminal;

/// Looks into plugins, tries them, begins new ones, and passes them on
#[derive(Debug, Subcommand)]
pub(super) enum Plugin {
    Show(show::Show),
    Check(check::Check),
    New(new::New),
    Push(push::Push),
    Pull(pull::Pull),
    Forget(forget::Forget),
}

impl Plugin {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::Show(it) => it.run(environment, terminal).await,
            Self::Check(it) => it.run(environment, terminal).await,
            Self::New(it) => it.run(environment, terminal),
            Self::Push(it) => it.run(environment, terminal).await,
            Self::Pull(it) => it.run(environment, terminal).await,
            Self::Forget(it) => it.run(environment, terminal),
        }
    }
}
