//! `exhibit evidence init`: a new store.

use std::path::Path;

use clap::Args;
use exhibit::log::Origin;
use exhibit::store::Location;

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{StoreOutput, json};
use super::super::places;
use super::super::sign::SignArgs;
use super::super::terminal::{Terminal, shown};

const EXAMPLES: &str = "\
Examples:
  exhibit keys new --out evidence-key
  exhibit evidence init evidence --name example.com/evidence --sign file:evidence-key

The name is the log's, and need not lead anywhere: best a domain of yours and a path, unlike that of any
other log. Give it and evidence-key.pub to whoever is to check the store.";

/// Makes a store: a folder for evidence, with a signed log from which none goes missing unnoticed
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Init {
    /// A folder that is not there yet or empty, or an address such as s3://bucket/evidence
    #[arg(value_name = "STORE")]
    store: Location,
    /// What its log is called, such as example.com/evidence
    #[arg(long, value_name = "NAME")]
    name: Origin,
    #[command(flatten)]
    sign: SignArgs,
}

impl Init {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let key = self.sign.key_of_store(&environment.backends).await?;
        if let Some(around) = self.store.folder().and_then(Path::parent) {
            places::outside(around, "the store", "STORE")?;
        }
        let open = self.store.create(&self.name, &key, &environment.object_stores).await?;
        let verifier = open.store.log().verifier_key(&key.public());
        terminal.say(&if terminal.json() {
            let store = self.store.to_string();
            json(&StoreOutput { store, name: self.name.as_str(), verifier_key: &verifier })?
        } else {
            format!(
                "Created the store {}, whose log is {}.\nFor other programs that check logs, its key is {verifier}",
                shown(&self.store.to_string()),
                self.name
            )
        });
        Ok(())
    }
}
