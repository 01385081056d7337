//! What is verified, and with whose plugins.

use std::path::Path;

use exhibit_records::{Digest, PluginRecord};
use exhibit_rows::Shown;

use crate::checks::Verdict;
use crate::contract::types::Instant;
use crate::plugin::Plugin;
use crate::remedy::Remedy;
use crate::signing::{Authorities, PublicKey};

use super::bounds::Bounds;
use super::requirements::Requirements;
use super::shared_files::SharedFiles;

/// What is to be verified.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The folder of the evidence.
    pub folder: &'a Path,
    /// Keys that are trusted to sign it.
    pub keys: &'a [PublicKey],
    /// Authorities that are trusted to say since when it is there.
    pub authorities: &'a Authorities,
    /// Plugins that the verifier trusts, and that may have collected or judged it.
    pub plugins: &'a [Plugin],
    /// Plugins that nobody said to be trusted, and that are run nevertheless: what they make again shows that the evidence
    /// is of one piece, and not that the rows are what the answers say.
    pub unknown_plugins: &'a [Plugin],
    /// Ids that belong to plugins that the verifier trusts, and that are not among those here.
    pub trusted_ids: &'a [String],
    /// Components that were used on the verifier's machine, which makes none of them trusted.
    pub used: &'a [Digest],
    /// What it must show.
    pub requirements: &'a Requirements,
    /// An empty folder for temporary files; what checks digests alone needs none.
    pub scratch: &'a Path,
    /// Files outside of the folder that were read already: the same for all evidence of a store.
    pub shared: &'a SharedFiles,
    /// What the log of its store has, where that was asked already: the digest of its `proof.json`.
    pub logged: Option<Digest>,
    /// Whether it was unpacked from a bundle, which has its log's proof with it where its store was at hand.
    pub bundled: bool,
    /// Whether it is in a store that is elsewhere, of which nothing else was brought here.
    pub alone: bool,
    /// Now, by the verifier's clock, in milliseconds since 1970: no log has entered it later.
    pub now: Instant,
    /// How much is read of it, and for how long.
    pub bounds: Bounds,
}

/// What runs in place of the plugin that a record names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Chosen<'a> {
    /// That plugin, and it is trusted.
    Trusted(&'a Plugin),
    /// That plugin, and it is not trusted.
    Unknown(&'a Plugin),
    /// Another one of the same id that is trusted, as that one is not.
    InPlace(&'a Plugin),
}

impl Subject<'_> {
    /// What may run in place of the plugin of this record. The reason, where nothing may.
    pub(super) fn plugin_for(&self, record: &PluginRecord) -> Result<Chosen<'_>, Verdict> {
        let same = |plugins: &'_ [Plugin]| plugins.iter().position(|it| it.digest() == record.digest);
        if let Some(at) = same(self.plugins) {
            return Ok(Chosen::Trusted(&self.plugins[at]));
        }
        if let Some(it) = self.plugins.iter().find(|it| it.manifest().id == record.id) {
            return Ok(Chosen::InPlace(it));
        }
        let unknown = same(self.unknown_plugins).map(|at| &self.unknown_plugins[at]);
        // The evidence may call it what it is not.
        let ids = unknown.into_iter().map(|it| &it.manifest().id).chain([&record.id]);
        if ids.into_iter().any(|it| self.is_of_trusted(it)) {
            return Err(self.untrusted(record, ", under the id of another plugin, which is trusted"));
        }
        unknown.map(Chosen::Unknown).ok_or_else(|| self.untrusted(record, ""))
    }

    /// Whether this is the id of a plugin that is trusted.
    fn is_of_trusted(&self, id: &str) -> bool {
        self.plugins.iter().any(|it| it.manifest().id == id) || self.trusted_ids.iter().any(|it| it == id)
    }

    /// Whether it was used on this machine, and is not trusted for that.
    pub(super) fn was_used(&self, record: &PluginRecord) -> bool {
        self.used.contains(&record.digest)
    }

    /// The plugin of this record may not judge: nobody whom the verifier trusts named it.
    pub(super) fn untrusted(&self, record: &PluginRecord, further: &str) -> Verdict {
        let PluginRecord { id, version, digest } = record;
        let named = if self.was_used(record) {
            "it was used on this machine, which is no trust, and otherwise the evidence alone names it"
        } else {
            "the evidence alone names it"
        };
        let why = format!(
            "the plugin {} {} ({digest}) is not trusted: {named}{further}",
            Shown::line(id),
            Shown::line(version)
        );
        Verdict::without(why, Remedy::TrustPlugin { digest: *digest })
    }
}
