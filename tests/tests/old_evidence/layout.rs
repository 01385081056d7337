//! What a fixture has, and where.

/// A folder for each format, `format-2` and so on.
pub(crate) const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/evidence");
/// What each of them has, beside the evidence in them: the key that signed it.
pub(crate) const KEY: &str = "key.pem.pub";
/// The certificate of the authority that stamped it.
pub(crate) const AUTHORITY: &str = "authority.pem";
/// Evidence in a folder.
pub(crate) const FOLDER: &str = "assets";
/// Evidence in a bundle.
pub(crate) const BUNDLE: &str = "users.exhibit.tar";
/// Evidence in a store.
pub(crate) const STORE: &str = "store";
