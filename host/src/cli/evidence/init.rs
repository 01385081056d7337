//! `exhibit evidence init`: a new store.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::log::Origin;
use crate::store::Store;

use super::super::failure::Failure;
use super::super::sign::SignArgs;
use super::super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  exhibit keys new --out evidence-key
  exhibit evidence init evidence --name example.com/evidence --sign file:evidence-key

The name is the log's, and need not lead anywhere: best a domain of yours and a path, unlike that of any
other log. Give it and evidence-key.pub to whoever is to check the store.";

/// Makes a store: a folder for evidence, with a signed log from which none goes missing unnoticed
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(in crate::cli) struct Init {
    /// The folder: not there yet, or empty
    #[arg(value_name = "STORE")]
    store: PathBuf,
    /// What its log is called, such as example.com/evidence
    #[arg(long, value_name = "NAME")]
    name: Origin,
    #[command(flatten)]
    sign: SignArgs,
}

impl Init {
    pub(super) fn run(&self, terminal: &Terminal) -> Result<(), Failure> {
        let key = self.sign.key_of_store()?;
        let store = Store::create(&self.store, &self.name, &key)?;
        let verifier = store.log().verifier_key(&key.public());
        terminal.say(&if terminal.json() {
            json!({ "store": self.store.display().to_string(), "name": self.name.as_str(), "verifier-key": verifier })
                .to_string()
        } else {
            format!(
                "The store {} is made; its log is {}.\nFor other programs that check logs, its key is {verifier}",
                super::named(&store),
                self.name
            )
        });
        Ok(())
    }
}
