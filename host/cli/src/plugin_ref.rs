//! Which plugin is meant: a file, or an artifact in a registry.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use exhibit::plugin::COMPONENT_BYTES;
use exhibit_registry::{Login, Reference, Registry, RegistryError};
use exhibit_rows::ShowPath as _;
use exhibit_secrets::Backends;

use super::bounded;
use super::environment::quoted;
use super::failure::Failure;
use super::login;

/// What a registry's plugins begin with.
const SCHEME: &str = "oci:";

/// A plugin, as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PluginRef {
    /// A component file.
    File(PathBuf),
    /// An artifact: `ghcr.io/acme/plugin:1.0.0`, or with a digest.
    Registry(String),
}

impl PluginRef {
    /// The component's bytes.
    pub(super) async fn read(&self, cache: Option<&Path>) -> Result<Vec<u8>, Failure> {
        match self {
            Self::File(file) => bounded::read(file, COMPONENT_BYTES).map_err(|error| {
                Failure::call(error)
                    .during(format!("loading the plugin {self}"))
                    .next("name a component file, such as plugin.wasm")
            }),
            Self::Registry(reference) => {
                let cache = cache.map(Path::to_owned);
                let (login, backends) = (Login::default(), Backends::default());
                let registry = Registry::new(reference.parse()?, &login, &backends, cache).await?;
                let pulled = registry.pull().await;
                Ok(pulled.map_err(|error| without_login(error, &registry, reference))?.component)
            }
        }
    }

    /// What it is remembered by: its file without links, or its name and version in its registry.
    pub(super) fn name(&self) -> Result<PathBuf, Failure> {
        match self {
            Self::File(file) => Ok(file.canonicalize().unwrap_or_else(|_| file.clone())),
            Self::Registry(reference) => {
                let reference: Reference = reference.parse()?;
                Ok(PathBuf::from(format!("{SCHEME}{reference}")))
            }
        }
    }

    /// Whether it can be one component only, so that naming it is trusting it.
    pub(super) fn is_pinned(&self) -> bool {
        matches!(self, Self::Registry(reference) if reference.contains('@'))
    }

    /// As a shell takes it for one word.
    pub(super) fn quoted(&self) -> String {
        match self {
            Self::File(file) => quoted(file),
            Self::Registry(_) => quoted(Path::new(&self.to_string())),
        }
    }
}

/// Where a plugin of this name is, whichever version of it: the same for all tags of a repository.
pub(super) fn place(name: &Path) -> PathBuf {
    let reference = name.to_str().and_then(|it| it.strip_prefix(SCHEME));
    let reference = reference.and_then(|it| it.parse::<Reference>().ok());
    reference.map_or_else(|| name.to_owned(), |it| PathBuf::from(format!("{SCHEME}{}", it.repository())))
}

/// These commands have no options for a registry's credentials, and need none once it was pulled.
fn without_login(error: RegistryError, registry: &Registry, reference: &str) -> Failure {
    let wants_login = matches!(error, RegistryError::LoginNeeded { .. });
    let failure = login::pulling(registry, error);
    if !wants_login {
        return failure;
    }
    failure.next(format!(
        "get it with `exhibit plugin pull {reference} --username … --password …`, which says its digest, and name it by that"
    ))
}

/// No parsing here: what is wrong with it is said where it is used, with what to do.
impl From<OsString> for PluginRef {
    fn from(text: OsString) -> Self {
        match text.to_str().and_then(|it| it.strip_prefix(SCHEME)) {
            Some(reference) => Self::Registry(reference.to_owned()),
            None => Self::File(text.into()),
        }
    }
}

impl fmt::Display for PluginRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "{}", file.shown()),
            Self::Registry(reference) => write!(f, "{SCHEME}{reference}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_named_by_its_scheme() {
        let of = |text: &str| PluginRef::from(OsString::from(text));
        assert_eq!(of("plugin.wasm"), PluginRef::File("plugin.wasm".into()));
        assert_eq!(of("./oci:x"), PluginRef::File("./oci:x".into()));
        let tag = of("oci:ghcr.io/acme/x:1");
        assert_eq!(tag, PluginRef::Registry("ghcr.io/acme/x:1".to_owned()));
        assert_eq!((tag.to_string().as_str(), tag.is_pinned()), ("oci:ghcr.io/acme/x:1", false));
        assert!(of("oci:ghcr.io/acme/x@sha256:00").is_pinned());
        assert!(!of("a@b.wasm").is_pinned());
    }

    #[test]
    fn versions_of_a_plugin_are_in_one_place_by_names_of_their_own() -> Result<(), Failure> {
        let name = |text: &str| PluginRef::from(OsString::from(text)).name();
        let place = |text: &str| name(text).map(|it| place(&it));
        let (one, two) = ("oci:localhost:5000/acme/x:1", "oci:localhost:5000/acme/x:2");
        let pinned = format!("oci:localhost:5000/acme/x@{}", exhibit_records::Digest::of(b""));
        assert_ne!(name(one)?, name(two)?);
        assert_eq!(name("oci:ghcr.io/acme/x")?, name("oci:GHCR.io/acme/x:latest")?);
        for other in [one, two, &pinned, "oci:localhost:5000/acme/x"] {
            assert_eq!(place(other)?, Path::new("oci:localhost:5000/acme/x"), "{other}");
        }
        assert_ne!(place("oci:ghcr.io/acme/x:1")?, place("oci:ghcr.io/acme/y:1")?);
        assert_eq!(place("./a:b.wasm")?, Path::new("./a:b.wasm"));
        Ok(())
    }
}
