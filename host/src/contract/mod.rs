//! The contract between a plugin and a host: its types as the host sees them, generated from `wit/`, and the rules
//! that hold for whatever a plugin says of itself.
//!
//! This is the ground: everything else imports it, and it imports nothing of this crate.

mod bindings;
pub(crate) mod bounds;
mod headers;
mod manifest;
pub mod settings;
mod value;

pub use self::bindings::exports::exhibit::plugin::{catalog, collection, testing, types};
pub(crate) use self::bindings::{Plugin as Exports, PluginPre};
#[cfg(test)]
pub(crate) use self::headers::DISGUISES;
pub(crate) use self::headers::{may_set, may_sign};
pub use self::manifest::{Manifest, ManifestError, secret_in};
