//! Components in a registry, as artifacts that `wkg`, `oras` and runtimes take, too: the OCI
//! distribution specification, and the media types that the WebAssembly community agreed on.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::Duration;

use clap::Args;
use futures_util::TryStreamExt as _;
use oci_client::Reference;
use oci_client::client::{Client, ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciImageManifest};
use oci_client::secrets::RegistryAuth;
use serde_json::json;

use crate::digest::Digest;
use crate::plugin::{COMPONENT_BYTES, Plugin};
use crate::secrets::SecretRef;

use super::super::failure::Failure;
use super::super::terminal::shown;

/// A component, as it is.
const LAYER: &str = "application/wasm";
/// What a registry shows of one.
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// When the artifact was made, as far as anybody is told: the same component is then the same
/// artifact, whenever it is pushed.
const CREATED: &str = "1970-01-01T00:00:00Z";
/// A handshake across an ocean takes a second, a lost packet or two a few more.
const CONNECT: Duration = Duration::from_secs(15);
/// For the next byte.
const IDLE: Duration = Duration::from_secs(60);
/// Of what a registry says in an error; some answer with whole pages.
const ERROR_CHARS: usize = 500;
/// Who asks.
const USER_AGENT: &str = concat!("exhibit/", env!("CARGO_PKG_VERSION"));

/// Where the registry's credentials are kept, if it wants any.
#[derive(Debug, Args)]
pub(super) struct Login {
    /// Where the registry's user name is kept: env:VARIABLE or file:PATH
    // Both read by hand: clap would repeat what it cannot parse, and that may be the secret.
    #[arg(long, value_name = "REFERENCE", requires = "password")]
    username: Option<String>,
    /// Where its password or token is kept: env:VARIABLE or file:PATH, never the password itself
    #[arg(long, value_name = "REFERENCE", requires = "username")]
    password: Option<String>,
}

impl Login {
    fn auth(&self) -> Result<RegistryAuth, Failure> {
        let (Some(username), Some(password)) = (&self.username, &self.password) else {
            return Ok(RegistryAuth::Anonymous);
        };
        Ok(RegistryAuth::Basic(secret("--username", username)?, secret("--password", password)?))
    }
}

fn secret(option: &str, kept: &str) -> Result<String, Failure> {
    let reference: SecretRef = kept.parse().map_err(|error| {
        Failure::call(format!("{option}: {error}")).next("write it as env:VARIABLE or file:PATH")
    })?;
    let secret = reference.resolve().map_err(|error| Failure::call(format!("{option}: {error}")))?;
    Ok(secret.reveal().to_owned())
}

/// One artifact's place.
pub(super) struct Registry {
    client: Client,
    reference: Reference,
    auth: RegistryAuth,
}

/// A component from a registry.
pub(super) struct Pulled {
    pub(super) component: Vec<u8>,
    /// The artifact's digest, by which it can be pulled again.
    pub(super) artifact: Digest,
}

impl Registry {
    /// The place that this reference names.
    pub(super) fn of(reference: &str, login: &Login) -> Result<Self, Failure> {
        let reference: Reference = reference.parse().map_err(|error| {
            Failure::call(format!("{} names no place in a registry: {error}", shown(reference)))
                .next("write it as ghcr.io/acme/plugin:1.0.0, or with a digest in place of the tag")
        })?;
        // Whoever made one before made the same.
        drop(rustls::crypto::ring::default_provider().install_default());
        let config = ClientConfig {
            protocol: protocol(reference.resolve_registry()),
            // In one request: chunks are where registries differ.
            use_monolithic_push: true,
            platform_resolver: None,
            connect_timeout: Some(CONNECT),
            read_timeout: Some(IDLE),
            user_agent: USER_AGENT,
            ..ClientConfig::default()
        };
        let client = Client::try_from(config).map_err(|error| Failure::call(said(&error)))?;
        Ok(Self { client, reference, auth: login.auth()? })
    }

    /// The place, and which artifact is meant there.
    pub(super) fn named(&self, artifact: Digest) -> String {
        let place = &self.reference;
        match place.tag().filter(|_| place.digest().is_none()) {
            Some(tag) => format!("{}/{}:{tag}@{artifact}", place.registry(), place.repository()),
            None => format!("{}/{}@{artifact}", place.registry(), place.repository()),
        }
    }

    /// What the artifact is called there, without place and version.
    pub(super) fn name(&self) -> &str {
        self.reference.repository().rsplit('/').next().unwrap_or_default()
    }

    /// Puts the component there. Gives the artifact's digest.
    pub(super) async fn push(&self, plugin: &Plugin, component: Vec<u8>) -> Result<Digest, Failure> {
        if self.reference.digest().is_some() {
            return Err(Failure::call("an artifact's digest is not for whoever pushes to choose")
                .next("name a tag instead, such as :1.0.0"));
        }
        let layer = ImageLayer::new(component, LAYER.to_owned(), None);
        let config = Config::new(config(plugin), CONFIG.to_owned(), None);
        let mut manifest =
            OciImageManifest::build(std::slice::from_ref(&layer), &config, Some(annotations(plugin)));
        manifest.media_type = Some(OCI_IMAGE_MEDIA_TYPE.to_owned());
        // Plain values, which always have a JSON form.
        let body = serde_json::to_vec(&manifest).unwrap_or_default();
        let artifact = Digest::of(&body);

        let trouble = |error: OciDistributionError| self.trouble(&error, "pushing to");
        let (client, place) = (&self.client, &self.reference);
        client.store_auth_if_needed(place.resolve_registry(), &self.auth).await;
        client.push_blob(place, layer.data, &plugin.digest().to_string()).await.map_err(trouble)?;
        client.push_blob(place, config.data, &manifest.config.digest).await.map_err(trouble)?;
        let kind = reqwest::header::HeaderValue::from_static(OCI_IMAGE_MEDIA_TYPE);
        client.push_manifest_raw(place, body, kind).await.map_err(trouble)?;
        Ok(artifact)
    }

    /// Gets the component from there, and holds it against the digests that name it.
    pub(super) async fn pull(&self) -> Result<Pulled, Failure> {
        let trouble = |error: OciDistributionError| self.trouble(&error, "pulling from");
        let (client, place) = (&self.client, &self.reference);
        let (body, _) =
            client.pull_manifest_raw(place, &self.auth, &[OCI_IMAGE_MEDIA_TYPE]).await.map_err(trouble)?;
        let artifact = Digest::of(&body);
        let other =
            |what: &str| Failure::source(what).during(format!("pulling from {}", shown(&place.whole())));
        if place.digest().is_some_and(|asked| asked != artifact.to_string()) {
            return Err(other("the registry gave another artifact than the one with this digest"));
        }
        let manifest: OciImageManifest = serde_json::from_slice(&body)
            .map_err(|_| other("what is there is no artifact of one component"))?;
        let [layer] = manifest.layers.as_slice() else {
            return Err(other("what is there has not one layer, and a component has"));
        };
        if layer.media_type != LAYER {
            let kind = shown(&layer.media_type);
            return Err(other(&format!("what is there is of the type {kind}, and a component is {LAYER}")));
        }
        let expected: Digest =
            layer.digest.parse().map_err(|_| other("the artifact names its component by no SHA-256"))?;

        let mut stream = client.pull_blob_stream(place, layer).await.map_err(trouble)?.stream;
        let mut component = vec![];
        while let Some(bytes) = stream.try_next().await.map_err(|error| other(&error.to_string()))? {
            if component.len() + bytes.len() > COMPONENT_BYTES {
                return Err(other(&format!("the component has more than {COMPONENT_BYTES} bytes")));
            }
            component.extend_from_slice(&bytes);
        }
        if Digest::of(&component) != expected {
            return Err(other(
                "the component is not the one that the artifact names: part of it is missing or changed",
            ));
        }
        Ok(Pulled { component, artifact })
    }

    fn trouble(&self, error: &OciDistributionError, doing: &str) -> Failure {
        let failure =
            Failure::source(said(error)).during(format!("{doing} {}", shown(&self.reference.whole())));
        match error {
            OciDistributionError::UnauthorizedError { .. }
            | OciDistributionError::AuthenticationFailure(_) => {
                failure.next("say where the registry's credentials are kept, with --username and --password")
            }
            OciDistributionError::ImageManifestNotFoundError(_) => {
                failure.next("look for the right name and tag at the registry")
            }
            _ => failure,
        }
    }
}

/// The error and what it comes from, as far as it does not say that itself.
fn said(error: &OciDistributionError) -> String {
    let mut whole = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let said = error.to_string();
        if !whole.contains(&said) {
            whole = format!("{whole}: {said}");
        }
        source = error.source();
    }
    whole.chars().take(ERROR_CHARS).collect()
}

/// HTTPS, except to this machine.
fn protocol(registry: &str) -> ClientProtocol {
    let host = match registry.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|it| it.is_ascii_digit()) => host,
        _ => registry,
    };
    match host {
        "localhost" | "127.0.0.1" | "[::1]" => ClientProtocol::Http,
        _ => ClientProtocol::Https,
    }
}

fn config(plugin: &Plugin) -> Vec<u8> {
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
    all.into_iter()
        .filter_map(|(name, text)| Some((format!("org.opencontainers.image.{name}"), text?.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for registry in ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000"] {
            assert!(matches!(protocol(registry), ClientProtocol::Http), "{registry}");
        }
        for registry in ["ghcr.io", "localhost.example", "127.0.0.1.example:5000", "10.0.0.1:5000"] {
            assert!(matches!(protocol(registry), ClientProtocol::Https), "{registry}");
        }
    }

    #[test]
    fn a_password_in_the_wrong_place_is_not_repeated() {
        let login = Login { username: Some("me".to_owned()), password: Some("hunter2".to_owned()) };
        let failure = login.auth().err().expect("refused");
        assert!(!failure.what().contains("hunter2"), "{}", failure.what());
    }
}
