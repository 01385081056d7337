//! `exhibit keys`: what evidence is signed with.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use exhibit::signing::{self, MakeKeyError, NotAPublicKey, PublicKey, SigningKey};
use exhibit::{Remedy, disk};
use exhibit_rows::ShowPath as _;
use exhibit_secrets::{Backends, SecretRef};

use super::environment::Environment;
use super::failure::Failure;
use super::off_thread::off_thread;
use super::output::{KeyOutput, NewKeyOutput, json};
use super::places;
use super::terminal::Terminal;

const EXAMPLES_OF_NEW: &str = "\
Examples:
  exhibit keys new --out evidence-key

Keep evidence-key where nobody but this program reads it, and a copy where it cannot be lost: what it
has signed stays valid, but nothing further can be signed without it. Give evidence-key.pub to everybody
who is to check evidence.";

const EXAMPLES_OF_SHOW: &str = "\
Examples:
  exhibit keys show evidence-key.pub
  exhibit keys show evidence-key > evidence-key.pub";

/// Makes the keys that evidence is signed with, and shows their public halves
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    New(New),
    Show(Show),
}

/// Makes a key: the private half into a file for its owner alone, the public half into FILE.pub
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES_OF_NEW)]
pub(super) struct New {
    /// The file for the private key; no file is ever overwritten
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Prints the public half of a key, and what it is called
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES_OF_SHOW)]
pub(super) struct Show {
    /// A private or a public key, in PEM
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Keys {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::New(it) => it.run(terminal),
            Self::Show(it) => it.run(environment, terminal).await,
        }
    }
}

impl New {
    fn run(&self, terminal: &Terminal) -> Result<(), Failure> {
        places::outside(&self.out, "the key", "--out")?;
        let made = signing::make(&self.out)?;
        let id = made.public.id();
        terminal.say(&if terminal.json() {
            let (private, public) = (self.out.display().to_string(), made.public_file.display().to_string());
            json(&NewKeyOutput { id: id.to_string(), private, public })?
        } else {
            let (out, public) = (self.out.shown(), made.public_file.shown());
            format!("Key {id}\nprivate, for its owner only: {out}\npublic, for verification:    {public}")
        });
        Ok(())
    }
}

impl Show {
    async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        // As other commands name it.
        let named = self.file.to_str().and_then(|it| it.strip_prefix("file:"));
        let key = read(named.map_or(&self.file, Path::new), &environment.backends).await?;
        terminal.say(&if terminal.json() {
            json(&KeyOutput { id: key.id().to_string(), public: key.to_pem() })?
        } else {
            // As comments, which readers of PEM pass over: the whole can be kept as a key file.
            format!("# key {}\n{}", key.id(), key.to_pem().trim_end())
        });
        Ok(())
    }
}

/// The public half of whichever half is in the file.
async fn read(file: &Path, backends: &Backends) -> Result<PublicKey, Failure> {
    let next = "name a file with a key, as `exhibit keys new` wrote it: the private one or the public one";
    let path = file.to_owned();
    let public = off_thread(move || signing::read_public(&path)).await?;
    match public.map_err(|error| Failure::call(error).next(next))? {
        Ok(key) => Ok(key),
        Err(error @ NotAPublicKey::Several(_)) => {
            Err(Failure::call(format!("{}: {error}", file.shown())).with(error.remedy()))
        }
        Err(_) => Ok(SigningKey::read(&SecretRef::File(file.to_owned()), backends).await?.public()),
    }
}

impl From<MakeKeyError> for Failure {
    fn from(error: MakeKeyError) -> Self {
        let is_here = matches!(&error, MakeKeyError::Io(it) if disk::is_of_this_machine(it));
        Self::call(error).with(is_here.then_some(Remedy::CheckMachine))
    }
}
