//! What a collection was asked for, so that only the same one resumes it.

use std::io;
use std::path::Path;

use exhibit_records::{Argument, Digest, PluginRecord};
use serde::{Deserialize, Serialize};

use crate::collect::{Connection, Order};
use crate::contract::types::{Instant, Window};

use super::super::instant;
use super::file::{self, TERMS};

/// In this version of the files beside it.
pub(super) const VERSION: u32 = 2;

/// What a collection was asked for. One that is to resume it asks for the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Terms {
    pub(super) version: u32,
    /// Other versions may write other frames.
    pub(super) host: String,
    pub(super) plugin: PluginRecord,
    pub(super) proof_type: String,
    /// Whether that is an operation.
    #[serde(default)]
    pub(super) operation: bool,
    pub(super) settings: Vec<Argument>,
    pub(super) criteria: Vec<Argument>,
    pub(super) origins: Vec<(String, String)>,
    /// Where the credentials are kept.
    pub(super) secrets: Vec<(String, String)>,
    pub(super) account: Option<String>,
    /// Whose credentials they are: a digest of the user name.
    pub(super) caller: Option<Digest>,
    /// Without its end where that is the instant that counts as now.
    pub(super) window: Option<(String, Option<String>)>,
    /// The proof that it has the changes since, and the point of that.
    #[serde(default)]
    pub(super) since: Option<(String, String)>,
    /// Where the caller chose the instant that counts as now.
    pub(super) as_of_chosen: Option<String>,
}

impl Terms {
    /// Of a collection that begins. `as_of_chosen`: whether the caller chose the instant that counts as now.
    pub(crate) fn new(
        connection: &Connection,
        proof_type: &str,
        order: &Order,
        as_of_chosen: bool,
        account: Option<&str>,
        caller: Option<Digest>,
    ) -> Self {
        let window = |window: Window| {
            let end = (window.end != order.as_of).then(|| instant::format(window.end));
            (instant::format(window.start), end)
        };
        Self {
            version: VERSION,
            host: env!("CARGO_PKG_VERSION").to_owned(),
            plugin: PluginRecord::from(connection.plugin()),
            proof_type: proof_type.to_owned(),
            operation: order.is_operation(),
            settings: connection.settings().iter().map(Argument::from).collect(),
            criteria: order.criteria.iter().map(Argument::from).collect(),
            origins: connection.origins().iter().map(|(name, it)| (name.clone(), it.to_string())).collect(),
            secrets: connection.secrets(),
            account: account.map(str::to_owned),
            caller,
            window: order.window.map(window),
            since: order
                .since
                .as_ref()
                .map(|it| (it.predecessor.proof.to_string(), instant::format(it.point))),
            as_of_chosen: as_of_chosen.then(|| instant::format(order.as_of)),
        }
    }

    /// Whether they are of an operation.
    pub(crate) fn is_operation(&self) -> bool {
        self.operation
    }

    /// In what these are others, for people.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differ = [
            (self.host != other.host || self.version != other.version, "version of Exhibit"),
            (self.plugin != other.plugin, "plugin"),
            (self.proof_type != other.proof_type || self.operation != other.operation, "proof type"),
            (self.settings != other.settings, "settings"),
            (self.criteria != other.criteria, "criteria"),
            (self.origins != other.origins, "origins"),
            (self.secrets != other.secrets, "place of the secrets"),
            (self.account != other.account, "name of the account"),
            (self.caller != other.caller, "user"),
            (self.window != other.window, "window"),
            (self.since != other.since, "earlier proof"),
            (self.as_of_chosen != other.as_of_chosen, "instant that counts as now"),
        ];
        differ.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
    }

    /// A name for all collections of these terms: the same for the same terms alone.
    pub(crate) fn digest(&self) -> io::Result<Digest> {
        Ok(Digest::of(&serde_json::to_vec(self)?))
    }
}

/// The terms, and what belongs to one collection of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Begun {
    pub(crate) terms: Terms,
    /// What counts as now.
    pub(crate) as_of: Instant,
    /// When it began, by the host's clock.
    pub(crate) began: Instant,
    /// For how many milliseconds it can be resumed.
    pub(crate) within: u64,
    /// Its start and its end.
    pub(crate) window: Option<(Instant, Instant)>,
    /// That of an operation.
    #[serde(default)]
    pub(crate) id: Option<String>,
}

impl Begun {
    /// Into this folder, for good.
    pub(in crate::evidence) fn write(&self, folder: &Path) -> io::Result<()> {
        file::write(&folder.join(TERMS), &serde_json::to_vec(self)?, true)
    }
}
