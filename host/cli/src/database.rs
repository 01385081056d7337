//! The state database that commands work with.

use std::io;
use std::path::Path;

use clap::Args;
use exhibit::disk::{private_all, private_file};
use exhibit_state::{Database, Location};

use super::environment::Environment;
use super::failure::Failure;

/// Where the state database is.
#[derive(Debug, Args)]
pub(super) struct DatabaseArgs {
    /// The state database: sqlite:PATH, or postgres://ROLE@HOST/DATABASE for several machines [default: a file of
    /// this user, state.sqlite]
    // Read by hand: clap would repeat what it cannot parse, and a password may be in it.
    #[arg(long, value_name = "DATABASE")]
    state: Option<String>,
    /// Where the password of the database's role is kept: env:VARIABLE or file:PATH
    #[arg(long, value_name = "REFERENCE", requires = "state")]
    state_password: Option<String>,
}

impl DatabaseArgs {
    /// Where it is.
    pub(super) fn location(&self, environment: &Environment) -> Result<Location, Failure> {
        match (&self.state, &environment.state) {
            (Some(named), _) => Location::parse(named).map_err(|error| {
                Failure::call(error)
                    .next("write --state sqlite:PATH or --state postgres://ROLE@HOST/DATABASE")
            }),
            (None, Some(path)) => Ok(Location::Sqlite(path.clone())),
            (None, None) => Err(Failure::call("no folder is known for the state database")
                .next("set XDG_STATE_HOME or HOME, or name a file with --state sqlite:PATH")),
        }
    }

    /// Opens it, makes it where it is a file that is not there, and brings it up to date.
    pub(super) async fn open(&self, environment: &Environment) -> Result<Database, Failure> {
        let location = self.location(environment)?;
        let password = match &self.state_password {
            None => None,
            Some(named) => {
                let reference = environment.backends.reference(named).map_err(|error| {
                    Failure::call(format!("--state-password: {error}"))
                        .next("write --state-password env:VARIABLE or --state-password file:PATH")
                })?;
                let read = environment.backends.read(&reference).await;
                let lease =
                    read.map_err(|error| Failure::call(format!("the database's password: {error}")))?;
                Some(lease.into_secret())
            }
        };
        Ok(Database::open(&location, password.as_ref(), make_file).await?)
    }
}

fn make_file(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        private_all(folder)?;
    }
    private_file(path).map(drop)
}
