//! Plugins in registries, as artifacts that `wkg`, `oras` and runtimes take, too: the OCI
//! distribution specification, and the media types that the WebAssembly community agreed on.
//!
//! A [`Reference`] names an artifact, a [`Login`] says as which user and how the registry is asked,
//! and [`Registry`] pushes and pulls. What a registry answers is bounded, compared with the digests
//! that name it, and escaped where an error repeats it. Credentials go to the registry itself and to
//! its own token server, and to another one only where the caller names it.

mod artifact;
mod body;
mod cache;
mod challenge;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod login;
mod realm;
mod reference;
mod refusal;
mod registry;
mod session;
mod token;

pub use self::artifact::ArtifactError;
pub use self::error::RegistryError;
pub use self::login::{CredentialRefs, Login};
pub use self::realm::RealmError;
pub use self::reference::{Reference, ReferenceError, ReferenceFault};
pub use self::registry::{Pulled, Registry};
