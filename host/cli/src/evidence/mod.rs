//! `exhibit evidence`: stores, and what is in them.

mod coverage;
mod init;
mod list;
mod prune;
mod timeline;

use clap::Subcommand;

use super::done::Done;
use super::environment::Environment;
use super::failure::Failure;
use super::terminal::Terminal;

/// Keeps evidence in a store: what there is, which times are proven, what may go
#[derive(Debug, Subcommand)]
pub(super) enum Evidence {
    Init(init::Init),
    List(list::List),
    Coverage(coverage::Coverage),
    Prune(prune::Prune),
}

impl Evidence {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<Done, Failure> {
        match self {
            Self::Init(it) => it.run(environment, terminal).await?,
            Self::List(it) => it.run(environment, terminal).await?,
            Self::Coverage(it) => return it.run(environment, terminal).await,
            Self::Prune(it) => it.run(environment, terminal).await?,
        }
        Ok(Done::Well)
    }
}
