//! Components in a registry, as artifacts that `wkg`, `oras` and runtimes take, too: the OCI
//! distribution specification, and the media types that the WebAssembly community agreed on.

mod artifact;
mod kept;
mod manifest;
mod trouble;

use std::path::Path;
use std::time::Duration;

use clap::Args;
use futures_util::TryStreamExt as _;
use oci_client::client::{Client, ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::errors::OciDistributionError;
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciImageManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Reference, RegistryOperation};

use self::kept::Kept;
pub(super) use self::trouble::LOGIN;
use super::failure::Failure;
use super::terminal::shown;
use crate::digest::Digest;
use crate::http;
use crate::plugin::{COMPONENT_BYTES, Plugin};
use crate::secrets::SecretRef;

/// A handshake across an ocean takes a second, a lost packet or two a few more.
const CONNECT: Duration = Duration::from_secs(15);
/// For the next byte.
const IDLE: Duration = Duration::from_secs(60);
/// Who asks.
const USER_AGENT: &str = concat!("exhibit/", env!("CARGO_PKG_VERSION"));

/// Where the registry's credentials are kept, if it wants any, and how it is talked to.
#[derive(Debug, Default, Args)]
pub(super) struct Login {
    /// Where the registry's user name is kept: env:VARIABLE or file:PATH
    // Both read by hand: clap would repeat what it cannot parse, and that may be the secret.
    #[arg(long, value_name = "REFERENCE", requires = "password")]
    username: Option<String>,
    /// Where its password or token is kept: env:VARIABLE or file:PATH, never the password itself
    #[arg(long, value_name = "REFERENCE", requires = "username")]
    password: Option<String>,
    /// Lets a registry on another machine be http: whoever is on the way reads along
    #[arg(long)]
    plain_http: bool,
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
pub(super) struct Registry<'a> {
    client: Client,
    reference: Reference,
    protocol: &'static str,
    auth: RegistryAuth,
    kept: Kept<'a>,
}

/// A component from a registry.
pub(super) struct Pulled {
    pub(super) component: Vec<u8>,
    /// The artifact's digest, by which it can be pulled again.
    pub(super) artifact: Digest,
}

/// What a reference names, without the tag or digest: `ghcr.io/acme/plugin`.
pub(super) fn repository(reference: &str) -> Result<String, Failure> {
    let it = parse(reference)?;
    Ok(format!("{}/{}", it.registry(), it.repository()))
}

fn parse(reference: &str) -> Result<Reference, Failure> {
    reference.parse().map_err(|error| {
        Failure::call(format!("{} names no place in a registry: {error}", shown(reference)))
            .next("write it as ghcr.io/acme/plugin:1.0.0, or with a digest in place of the tag")
    })
}

impl<'a> Registry<'a> {
    /// The place that this reference names. What was pulled is kept in `cache`, where there is one.
    pub(super) fn of(reference: &str, login: &Login, cache: Option<&'a Path>) -> Result<Self, Failure> {
        let reference = parse(reference)?;
        // Whoever made one before made the same.
        crate::http::use_ring();
        let plain = login.plain_http || is_this_machine(reference.resolve_registry());
        let (protocol, name) =
            if plain { (ClientProtocol::Http, "http") } else { (ClientProtocol::Https, "https") };
        let config = ClientConfig {
            protocol,
            // In one request: chunks are where registries differ.
            use_monolithic_push: true,
            platform_resolver: None,
            connect_timeout: Some(CONNECT),
            read_timeout: Some(IDLE),
            user_agent: USER_AGENT,
            ..ClientConfig::default()
        };
        let client = Client::try_from(config).map_err(|error| Failure::call(trouble::said(&error)))?;
        Ok(Self { client, reference, protocol: name, auth: login.auth()?, kept: Kept::new(cache) })
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

    /// Puts the plugin there. Gives the artifact's digest.
    pub(super) async fn push(&self, plugin: &Plugin) -> Result<Digest, Failure> {
        if self.reference.digest().is_some() {
            return Err(Failure::call("an artifact's digest is not for whoever pushes to choose")
                .next("name a tag instead, such as :1.0.0"));
        }
        let layer = ImageLayer::new(
            plugin.component().to_vec(),
            artifact::LAYER.to_owned(),
            Some(artifact::file(plugin)),
        );
        let config = Config::new(artifact::config(plugin), artifact::CONFIG.to_owned(), None);
        let annotations = artifact::annotations(plugin);
        let mut manifest = OciImageManifest::build(std::slice::from_ref(&layer), &config, Some(annotations));
        manifest.media_type = Some(OCI_IMAGE_MEDIA_TYPE.to_owned());
        // Plain values, which always have a JSON form.
        let body = serde_json::to_vec(&manifest).unwrap_or_default();
        let artifact = Digest::of(&body);

        let trouble = |error: OciDistributionError| trouble::of(&error).during(self.during("pushing to"));
        let (client, place) = (&self.client, &self.reference);
        client.store_auth_if_needed(place.resolve_registry(), &self.auth).await;
        client.push_blob(place, layer.data, &plugin.digest().to_string()).await.map_err(trouble)?;
        client.push_blob(place, config.data, &manifest.config.digest).await.map_err(trouble)?;
        let kind = reqwest::header::HeaderValue::from_static(OCI_IMAGE_MEDIA_TYPE);
        client.push_manifest_raw(place, body, kind).await.map_err(trouble)?;
        Ok(artifact)
    }

    /// Gets the component from there, and holds it against the digests that name it. What is pinned
    /// and was pulled before is not asked for again.
    pub(super) async fn pull(&self) -> Result<Pulled, Failure> {
        self.get().await.map_err(|it| it.during(self.during("pulling from")))
    }

    async fn get(&self) -> Result<Pulled, Failure> {
        let asked = match self.reference.digest() {
            Some(digest) => Some(digest.parse().map_err(Failure::call)?),
            None => None,
        };
        let manifest = match asked.and_then(|it| self.kept.manifest(it)) {
            Some(kept) => kept,
            None => self.manifest().await?,
        };
        let artifact = Digest::of(&manifest);
        if asked.is_some_and(|it| it != artifact) {
            return Err(Failure::source("the registry gave another artifact than the one with this digest"));
        }
        let expected = artifact::component(&manifest).map_err(Failure::source)?;
        let component = match self.kept.component(expected) {
            Some(kept) => kept,
            None => self.component(expected).await?,
        };
        self.kept.keep(&manifest, &component);
        Ok(Pulled { component, artifact })
    }

    async fn manifest(&self) -> Result<Vec<u8>, Failure> {
        let place = &self.reference;
        let auth = self.client.auth(place, &self.auth, RegistryOperation::Pull).await;
        let token = auth.map_err(|error| trouble::of(&error))?;
        let origin = format!("{}://{}", self.protocol, place.resolve_registry());
        let plain_http = self.protocol == "http";
        let origin = http::Origin::parse(&origin, http::Given::ByOperator { plain_http });
        let origin = origin.map_err(Failure::call)?;
        manifest::get(&origin, place, token.as_deref(), &self.auth).await
    }

    async fn component(&self, expected: Digest) -> Result<Vec<u8>, Failure> {
        let (client, place) = (&self.client, &self.reference);
        client.store_auth_if_needed(place.resolve_registry(), &self.auth).await;
        // By its digest alone: an artifact may name further places to get it from, and nobody chose these.
        let stream = client.pull_blob_stream(place, expected.to_string().as_str()).await;
        let mut stream = stream.map_err(|error| trouble::of(&error))?.stream;
        let mut component = vec![];
        while let Some(bytes) = stream.try_next().await.map_err(Failure::source)? {
            if component.len() + bytes.len() > COMPONENT_BYTES {
                return Err(Failure::source(format!("the component has more than {COMPONENT_BYTES} bytes")));
            }
            component.extend_from_slice(&bytes);
        }
        if Digest::of(&component) != expected {
            return Err(Failure::source(
                "the component is not the one that the artifact names: part of it is missing or changed",
            ));
        }
        Ok(component)
    }

    fn during(&self, doing: &str) -> String {
        format!("{doing} {}", shown(&self.reference.whole()))
    }
}

/// What no wire leads to needs no encryption.
fn is_this_machine(registry: &str) -> bool {
    let host = match registry.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|it| it.is_ascii_digit()) => host,
        _ => registry,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for registry in ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000"] {
            assert!(is_this_machine(registry), "{registry}");
        }
        for registry in ["ghcr.io", "localhost.example", "127.0.0.1.example:5000", "10.0.0.1:5000"] {
            assert!(!is_this_machine(registry), "{registry}");
        }
    }

    #[test]
    fn http_elsewhere_is_for_those_who_ask_for_it() -> Result<(), Failure> {
        let protocol =
            |login: &Login| Registry::of("registry.example/acme/x:1", login, None).map(|it| it.protocol);
        assert_eq!(protocol(&Login::default())?, "https");
        assert_eq!(protocol(&Login { plain_http: true, ..Login::default() })?, "http");
        Ok(())
    }

    #[test]
    fn a_password_in_the_wrong_place_is_not_repeated() {
        let login = Login {
            username: Some("me".to_owned()),
            password: Some("hunter2".to_owned()),
            plain_http: false,
        };
        let Err(failure) = login.auth() else { panic!("not refused") };
        assert!(!failure.what().contains("hunter2"), "{}", failure.what());
    }

    #[test]
    fn a_repository_has_neither_tag_nor_digest() -> Result<(), Failure> {
        let digest = Digest::of(b"");
        for reference in ["ghcr.io/acme/x:1", "ghcr.io/acme/x", &format!("ghcr.io/acme/x@{digest}")] {
            assert_eq!(repository(reference)?, "ghcr.io/acme/x");
        }
        assert!(repository("Not A Reference").is_err());
        Ok(())
    }
}
