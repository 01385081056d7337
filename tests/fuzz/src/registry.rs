//! What a registry of plugins answers.

use std::sync::LazyLock;

use exhibit::http::{Origin, OriginSource};
use exhibit::plugin::COMPONENT_BYTES;
use exhibit_registry::fuzzing;

static REGISTRY: LazyLock<Origin> = LazyLock::new(|| {
    let given = OriginSource::ByOperator { plain_http: false };
    Origin::parse("https://registry.example", given).expect("an origin")
});

/// An artifact's manifest.
pub fn manifest(bytes: &[u8]) {
    if let Ok((_, size)) = fuzzing::manifest(bytes) {
        assert!(size <= COMPONENT_BYTES);
    }
}

/// A refusal that says where tokens are given. Nothing leads to plain HTTP or to this machine.
pub fn realm(bytes: &[u8]) {
    if let Some((origin, url)) = fuzzing::realm(bytes, &REGISTRY) {
        assert!(origin.is_encrypted() && !origin.is_local(), "{url}");
        assert!(url.starts_with(origin.as_str()), "{url} is not of {origin}");
    }
}
