//! The inventory, opened: in the state database, as the plugin describes it.

use clap::Args;
use exhibit::clock::{Clock as _, DAY, SystemClock};
use exhibit::contract::types::Instant;
use exhibit::plugin::Plugin;
use exhibit::run::InventoryType;
use exhibit_inventory::{AsOf, Cursor, Filter, Inventory, Item};

use super::super::arguments;
use super::super::connection::PluginArgs;
use super::super::database::DatabaseArgs;
use super::super::environment::Environment;
use super::super::failure::Failure;

/// The inventory that these commands are about, as plugins call it.
const INVENTORY: &str = "certificates";
/// A certificate is *expiring* for so many days before its end, where no call says otherwise: the time that an order takes which
/// people have to sign.
pub(super) const SOON: u32 = 30;
/// Items that are read at a time.
const PAGE: usize = 500;

/// Which inventory, and what time it is for it.
#[derive(Debug, Args)]
pub(crate) struct InventoryArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,
    #[command(flatten)]
    pub(super) plugin: PluginArgs,
    /// The instant that counts as now [default: now]
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    as_of: Option<Instant>,
    /// For how many days before its end a certificate is expiring
    #[arg(long, value_name = "DAYS", default_value_t = SOON, value_parser = arguments::days)]
    soon: u32,
}

/// The inventory, opened.
pub(crate) struct Opened {
    pub(crate) plugin: Plugin,
    pub(crate) inventory: Inventory,
    pub(super) as_of: AsOf,
}

impl InventoryArgs {
    pub(crate) async fn open(&self, environment: &Environment) -> Result<Opened, Failure> {
        let plugin = self.plugin.load(environment).await?;
        let inventory = inventory(&plugin, &self.database, environment).await?;
        let now = self.as_of.unwrap_or_else(|| SystemClock.now());
        Ok(Opened { plugin, inventory, as_of: AsOf { now, soon: i64::from(self.soon) * DAY } })
    }
}

/// The inventory in this database, as the plugin describes it.
pub(super) async fn inventory(
    plugin: &Plugin,
    database: &DatabaseArgs,
    environment: &Environment,
) -> Result<Inventory, Failure> {
    let of = described(plugin)?;
    Ok(Inventory::new(database.open(environment).await?, of.mapping())?)
}

/// What the plugin says of the inventory.
pub(crate) fn described(plugin: &Plugin) -> Result<InventoryType<'_>, Failure> {
    InventoryType::find(plugin.manifest(), INVENTORY)
        .map_err(|error| Failure::call(error).next("leave --plugin out, or name a plugin that makes it"))
}

impl Opened {
    /// All items that match, those that end first at the beginning: at most so many.
    pub(super) async fn items(&self, filter: &Filter, most: usize) -> Result<Vec<Item>, Failure> {
        let mut all = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let left = most.saturating_sub(all.len());
            let (items, next) = self.inventory.list(filter, self.as_of, cursor, PAGE.min(left)).await?;
            all.extend(items);
            match next {
                Some(next) if all.len() < most => cursor = Some(next),
                _ => return Ok(all),
            }
        }
    }

    /// What people call a field.
    pub(super) fn label<'a>(&'a self, field: &'a str) -> &'a str {
        let described = described(&self.plugin).ok();
        let known = described.and_then(|it| it.proof_type().fields.iter().find(|it| it.name == field));
        known.map_or(field, |it| it.label.as_str())
    }
}
