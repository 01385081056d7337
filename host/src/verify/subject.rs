//! What is verified, and with whose plugins.

use std::path::Path;

use exhibit_records::Digest;

use crate::checks::Verdict;
use crate::plugin::Plugin;
use crate::remedy::Remedy;
use crate::signing::{Authorities, PublicKey};

/// What is to be verified.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The folder of the evidence.
    pub folder: &'a Path,
    /// Keys that are trusted to sign it.
    pub keys: &'a [PublicKey],
    /// Authorities that are trusted to say since when it is there.
    pub authorities: &'a Authorities,
    /// Plugins that may have collected or judged it.
    pub plugins: &'a [Plugin],
    /// An empty folder for temporary files.
    pub scratch: &'a Path,
    /// What the log of its store has, where that was asked already: the digest of its `proof.json`.
    pub logged: Option<Digest>,
    /// Whether it was unpacked from a bundle, which has its log's proof with it where its store was at hand.
    pub bundled: bool,
}

/// The plugin of this digest.
pub(super) fn plugin(plugins: &[Plugin], digest: Digest) -> Result<&Plugin, Verdict> {
    let found = plugins.iter().find(|it| it.digest() == digest);
    found.ok_or_else(|| {
        let why = format!("the plugin {digest} is not at hand, so nothing can be replayed");
        Verdict::without(why, Remedy::NamePlugin { digest })
    })
}
