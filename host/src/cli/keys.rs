//! `exhibit keys`: keys that sign evidence.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::signing::{self, MakeKeyError, read_public};

use super::environment::quoted;
use super::failure::Failure;
use super::terminal::Terminal;

const NEW_EXAMPLES: &str = "\
Examples:
  exhibit keys new --out keys/evidence.pem
  exhibit collect users --set platform=US2 --sign file:keys/evidence.pem … --out evidence/users
  exhibit verify evidence/users --key keys/evidence.pem.pub";

const SHOW_EXAMPLES: &str = "\
Examples:
  exhibit keys show keys/evidence.pem.pub";

/// Makes and shows the keys that sign evidence
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    New(New),
    Show(Show),
}

/// Makes a key: the private one for its owner alone, and the public one beside it, for auditors
#[derive(Debug, Args)]
#[command(after_long_help = NEW_EXAMPLES)]
pub(super) struct New {
    /// The file for the private key; the public one has `.pub` after it. Neither is ever overwritten
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Says what a public key is called
#[derive(Debug, Args)]
#[command(after_long_help = SHOW_EXAMPLES)]
pub(super) struct Show {
    /// The public key's file
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Keys {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::New(it) => it.run(terminal),
            Self::Show(it) => it.run(terminal),
        }
    }
}

impl New {
    fn run(&self, terminal: &Terminal) -> Result<(), Failure> {
        let made = signing::make(&self.out).map_err(|error| match error {
            MakeKeyError::Io(error) => Failure::call(error).next("name a file in a folder that is there"),
            error => Failure::call(error),
        })?;
        let id = made.public.id().to_string();
        terminal.say(&if terminal.json() {
            json!({ "key": id, "private": self.out, "public": made.public_file }).to_string()
        } else {
            format!(
                "Key {id}\n\nThe private key is in {}: keep it where only what signs can read it.\n\
                 The public key is in {}: give it to whoever verifies.",
                quoted(&self.out),
                quoted(&made.public_file)
            )
        });
        Ok(())
    }
}

impl Show {
    fn run(&self, terminal: &Terminal) -> Result<(), Failure> {
        let read = read_public(&self.file).map_err(Failure::call)?;
        let key = read.map_err(|error| {
            Failure::call(format!("{}: {error}", self.file.display())).next("name the file that ends in .pub")
        })?;
        terminal.say(&if terminal.json() {
            json!({ "key": key.id().to_string(), "pem": key.to_pem() }).to_string()
        } else {
            format!("Key {}\n\n{}", key.id(), key.to_pem().trim_end())
        });
        Ok(())
    }
}
