//! What an operation was begun with: a call that is to go on with it has the same.

use exhibit_plugin::types::Instant;
use exhibit_records::{Argument, Digest, OriginRecord, PluginRecord};
use serde::{Deserialize, Serialize};

/// What an operation was asked for, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Terms {
    /// The version of this command.
    pub(super) host: String,
    pub(super) plugin: PluginRecord,
    pub(super) operation: String,
    pub(super) settings: Vec<Argument>,
    pub(super) parameters: Vec<Argument>,
    pub(super) origins: Vec<OriginRecord>,
    /// Where the secrets are kept; nothing where another component has them.
    pub(super) secrets: Vec<(String, String)>,
    /// Whose credentials they are: a digest of the user names. `None` where another component has them.
    pub(super) caller: Option<Digest>,
    pub(super) account: Option<String>,
}

/// How an operation began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Begun {
    pub(super) terms: Terms,
    /// Tells it from every other one at the source.
    pub(super) id: String,
    /// What counts as now, and when it began.
    pub(super) as_of: Instant,
}

impl Terms {
    /// In what these are others, for people.
    pub(super) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differ = [
            (self.host != other.host, "version of this command"),
            (self.plugin != other.plugin, "plugin"),
            (self.operation != other.operation, "operation"),
            (self.settings != other.settings, "settings"),
            (self.parameters != other.parameters, "parameters"),
            (self.origins != other.origins, "origins"),
            (self.secrets != other.secrets, "place of the secrets"),
            (self.caller != other.caller, "user"),
            (self.account != other.account, "name of the account"),
        ];
        differ.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
    }

    /// Whether they are of the same operation on the same thing: `confirm` is the parameter that says on what.
    pub(super) fn is_of_same(&self, other: &Self, confirm: &str) -> bool {
        let value = |terms: &Self| terms.parameters.iter().find(|it| it.name == confirm).cloned();
        self.operation == other.operation && value(self) == value(other)
    }
}
