//! A component as an OCI artifact, as the WebAssembly community lays it out.

use std::collections::BTreeMap;

use exhibit::plugin::{COMPONENT_BYTES, Plugin};
use exhibit_records::{Digest, NotADigest};
use exhibit_rows::Shown;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What registries keep of an artifact, under its names.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// A component, as it is.
const LAYER: &str = "application/wasm";
/// What a registry shows of one.
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// What the OCI image specification has its names for people begin with.
const NAMES: &str = "org.opencontainers.image";
/// When the artifact was made, as far as registries show it: the same component is then the same
/// artifact, whenever it is pushed.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// An artifact, as far as it is read and written here.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    annotations: Option<BTreeMap<String, String>>,
}

/// What an artifact says of its component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) digest: Digest,
    /// In bytes, and no more than a component may have.
    pub(crate) size: usize,
}

/// Why an artifact is not one component.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArtifactError {
    /// Its manifest cannot be read.
    #[error("what is there is no artifact of one component")]
    Unreadable(#[source] serde_json::Error),
    /// It has as many layers, in place of one.
    #[error("the artifact does not have exactly one layer, as a component has")]
    Layers(usize),
    /// Its layer is of this media type.
    #[error("what is there is of the type {}, and a component is {LAYER}", Shown::line(.0))]
    MediaType(String),
    /// Its layer has as many bytes.
    #[error("what is there has {0} bytes, and a component at most {COMPONENT_BYTES}")]
    TooLarge(usize),
    /// Its layer's digest is of another kind, or none.
    #[error("the artifact does not name its component by a SHA-256")]
    Digest(#[source] NotADigest),
}

/// The component that this manifest names; or why it names none.
pub(crate) fn component(manifest: &[u8]) -> Result<Component, ArtifactError> {
    let manifest: Manifest = serde_json::from_slice(manifest).map_err(ArtifactError::Unreadable)?;
    let [layer] = manifest.layers.as_slice() else {
        return Err(ArtifactError::Layers(manifest.layers.len()));
    };
    if layer.media_type != LAYER {
        return Err(ArtifactError::MediaType(layer.media_type.clone()));
    }
    if layer.size > COMPONENT_BYTES {
        return Err(ArtifactError::TooLarge(layer.size));
    }
    let digest = layer.digest.parse().map_err(ArtifactError::Digest)?;
    Ok(Component { digest, size: layer.size })
}

/// The manifest of the plugin's artifact, with this config.
pub(crate) fn manifest(plugin: &Plugin, config: &[u8]) -> Vec<u8> {
    let descriptor = |kind: &str, bytes: &[u8], annotations| Descriptor {
        media_type: kind.to_owned(),
        digest: Digest::of(bytes).to_string(),
        size: bytes.len(),
        annotations,
    };
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(MANIFEST.to_owned()),
        config: descriptor(CONFIG, config, None),
        layers: vec![descriptor(LAYER, plugin.component(), Some(file(plugin)))],
        annotations: Some(annotations(plugin)),
    };
    // Plain values, which always have a JSON form.
    serde_json::to_vec(&manifest).unwrap_or_default()
}

/// What a registry shows of the plugin.
pub(crate) fn config(plugin: &Plugin) -> Vec<u8> {
    json!({
        "created": CREATED,
        "author": plugin.metadata().authors,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [plugin.digest()],
        "component": { "exports": plugin.exports(), "imports": plugin.imports(), "target": null },
    })
    .to_string()
    .into_bytes()
}

/// What the component's file is called: `oras pull` writes none that has no name.
fn file(plugin: &Plugin) -> BTreeMap<String, String> {
    BTreeMap::from([(format!("{NAMES}.title"), format!("{}.wasm", plugin.manifest().id))])
}

/// What registries show and search: the names of the OCI image specification.
fn annotations(plugin: &Plugin) -> BTreeMap<String, String> {
    let (manifest, built) = (plugin.manifest(), plugin.metadata());
    let all = [
        ("title", Some(&manifest.id)),
        ("version", Some(built.version.as_ref().unwrap_or(&manifest.version))),
        ("description", built.description.as_ref().or(Some(&manifest.label))),
        ("authors", built.authors.as_ref()),
        ("licenses", built.licenses.as_ref()),
        ("revision", built.revision.as_ref()),
        ("source", built.source.as_ref()),
        ("url", built.homepage.as_ref()),
    ];
    all.into_iter().filter_map(|(name, text)| Some((format!("{NAMES}.{name}"), text?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn artifact(layers: Json) -> Vec<u8> {
        let config = json!({ "mediaType": CONFIG, "digest": Digest::of(b"{}"), "size": 2 });
        json!({ "schemaVersion": 2, "config": config, "layers": layers }).to_string().into_bytes()
    }

    #[test]
    fn an_artifact_is_one_component() {
        let digest = Digest::of(b"component");
        let layer = json!({ "mediaType": LAYER, "digest": digest, "size": 9 });
        assert_eq!(component(&artifact(json!([layer]))).ok(), Some(Component { digest, size: 9 }));

        let image =
            json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest, "size": 9 });
        let other = json!({ "mediaType": LAYER, "digest": "sha512:00", "size": 9 });
        let giant = json!({ "mediaType": LAYER, "digest": digest, "size": COMPONENT_BYTES + 1 });
        let refused = [json!([]), json!([layer, layer]), json!([image]), json!([other]), json!([giant])];
        let refused = refused.map(|it| {
            let error = component(&artifact(it)).err();
            error.map_or_else(|| "not refused".to_owned(), |error| error.to_string())
        });
        insta::assert_snapshot!(refused.join("\n"), @"
        the artifact does not have exactly one layer, as a component has
        the artifact does not have exactly one layer, as a component has
        what is there is of the type application/vnd.oci.image.layer.v1.tar, and a component is application/wasm
        the artifact does not name its component by a SHA-256
        what is there has 67108865 bytes, and a component at most 67108864
        ");
        assert!(component(b"{}").is_err());
    }
}
