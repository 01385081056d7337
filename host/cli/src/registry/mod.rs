//! Components in a registry, as artifacts that `wkg`, `oras` and runtimes take, too: the OCI
//! distribution specification, and the media types that the WebAssembly community agreed on.

mod account;
mod artifact;
mod body;
mod challenge;
mod kept;
mod realm;
mod reference;
mod session;
mod token;
mod trouble;

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::ACCEPT;

use self::account::Account;
pub(super) use self::account::Login;
use self::artifact::Component;
use self::kept::Kept;
use self::reference::Reference;
use self::session::{Access, Session};
pub(super) use self::trouble::LOGIN;
use exhibit::http::Origin;
use exhibit::plugin::Plugin;
use exhibit_records::Digest;

use super::failure::Failure;
use super::terminal::shown;

/// A handshake across an ocean takes a second, a lost packet or two a few more.
const CONNECT: Duration = Duration::from_secs(15);
/// For the next byte.
const IDLE: Duration = Duration::from_secs(60);
/// The same, where a component is sent first: 64 MiB over a slow line.
const UPLOAD: Duration = Duration::from_secs(600);
/// The OCI distribution specification has registries take manifests of so much, and more is not to
/// be relied on.
const MANIFEST_BYTES: usize = 4 << 20;

/// One artifact's place.
pub(super) struct Registry<'a> {
    reference: Reference,
    origin: Origin,
    account: Account,
    kept: Kept<'a>,
}

/// A component from a registry.
pub(super) struct Pulled {
    pub(super) component: Vec<u8>,
    /// The artifact's digest, by which it can be pulled again.
    pub(super) artifact: Digest,
}

/// The one way to write what a reference names, with its tag: `ghcr.io/acme/plugin:latest`.
pub(super) fn name(reference: &str) -> Result<String, Failure> {
    Ok(parse(reference)?.to_string())
}

/// The same without tag and digest: `ghcr.io/acme/plugin`.
pub(super) fn repository(reference: &str) -> Result<String, Failure> {
    Ok(parse(reference)?.repository())
}

fn parse(reference: &str) -> Result<Reference, Failure> {
    Reference::parse(reference).map_err(|why| {
        Failure::call(format!("{} names no place in a registry: {}", shown(reference), shown(&why)))
            .next("write it as ghcr.io/acme/plugin:1.0.0, or with a digest in place of the tag")
    })
}

impl<'a> Registry<'a> {
    /// The place that this reference names. What was pulled is kept in `cache`, where there is one.
    pub(super) fn of(reference: &str, login: &Login, cache: Option<&'a Path>) -> Result<Self, Failure> {
        let reference = parse(reference)?;
        let origin = reference.origin(login.plain_http).map_err(Failure::call)?;
        Ok(Self { reference, origin, account: login.account()?, kept: Kept::new(cache) })
    }

    /// The place, and which artifact is meant there.
    pub(super) fn named(&self, artifact: Digest) -> String {
        let place = self.reference.repository();
        match self.reference.digest() {
            None => format!("{place}:{}@{artifact}", self.reference.tag()),
            Some(_) => format!("{place}@{artifact}"),
        }
    }

    /// What the artifact is called there, without place and version.
    pub(super) fn name(&self) -> &str {
        self.reference.name().rsplit('/').next().unwrap_or_default()
    }

    /// Puts the plugin there. Gives the artifact's digest.
    pub(super) async fn push(&self, plugin: &Plugin) -> Result<Digest, Failure> {
        if self.reference.digest().is_some() {
            return Err(Failure::call("an artifact's digest is not for whoever pushes to choose")
                .next("name a tag instead, such as :1.0.0"));
        }
        self.put(plugin).await.map_err(|it| it.during(self.during("pushing to")))
    }

    async fn put(&self, plugin: &Plugin) -> Result<Digest, Failure> {
        let config = artifact::config(plugin);
        let manifest = artifact::manifest(plugin, &config);
        let artifact = Digest::of(&manifest);
        let mut session = self.session(Access::Push).await?;
        for blob in [Bytes::copy_from_slice(plugin.component()), Bytes::from(config)] {
            let digest = Digest::of(&blob).to_string();
            let there = session.get(Method::HEAD, &format!("blobs/{digest}"), &[]).await?;
            if !there.status().is_success() {
                session.upload(&digest, blob).await?;
            }
        }
        let path = format!("manifests/{}", self.reference.tag());
        session.put(&path, artifact::MANIFEST, manifest).await?;
        Ok(artifact)
    }

    /// Gets the component from there, and holds it against the digests that name it. What is pinned
    /// and was pulled before is not asked for again.
    pub(super) async fn pull(&self) -> Result<Pulled, Failure> {
        self.get().await.map_err(|it| it.during(self.during("pulling from")))
    }

    async fn get(&self) -> Result<Pulled, Failure> {
        let asked = self.reference.digest();
        let mut session = None;
        let manifest = match asked.and_then(|it| self.kept.manifest(it)) {
            Some(kept) => kept,
            None => self.manifest(session.insert(self.session(Access::Pull).await?)).await?,
        };
        let artifact = Digest::of(&manifest);
        if asked.is_some_and(|it| it != artifact) {
            return Err(Failure::source("the registry gave another artifact than the one with this digest"));
        }
        let expected = artifact::component(&manifest).map_err(Failure::source)?;
        let component = match self.kept.component(expected.digest) {
            Some(kept) => kept,
            None => {
                let mut session = match session {
                    Some(session) => session,
                    None => self.session(Access::Pull).await?,
                };
                component(&mut session, expected).await?
            }
        };
        if component.len() != expected.size {
            return Err(Failure::source("the component has not the size that the artifact names"));
        }
        self.kept.keep(&manifest, &component);
        Ok(Pulled { component, artifact })
    }

    async fn manifest(&self, session: &mut Session<'_>) -> Result<Vec<u8>, Failure> {
        let path = format!("manifests/{}", self.reference.which());
        let answer = session.get(Method::GET, &path, &[(ACCEPT, artifact::MANIFEST)]).await?;
        if !answer.status().is_success() {
            return Err(session.refused(answer).await);
        }
        body::whole(answer, MANIFEST_BYTES, "an artifact's manifest").await
    }

    async fn session(&self, access: Access) -> Result<Session<'_>, Failure> {
        Session::begin(&self.origin, self.reference.name(), access, &self.account).await
    }

    fn during(&self, doing: &str) -> String {
        format!("{doing} {}", shown(&self.reference.to_string()))
    }
}

/// By its digest alone: an artifact may name further places to get it from, and nobody chose these.
async fn component(session: &mut Session<'_>, expected: Component) -> Result<Vec<u8>, Failure> {
    let answer = session.get(Method::GET, &format!("blobs/{}", expected.digest), &[]).await?;
    if !answer.status().is_success() {
        return Err(session.refused(answer).await);
    }
    let component = body::whole(answer, expected.size, "the component that the artifact names").await?;
    if Digest::of(&component) != expected.digest {
        let (wanted, given) = (expected.digest, Digest::of(&component));
        return Err(Failure::source(format!(
            "the component is {given}, and the artifact names {wanted}: part of it is missing or changed"
        )));
    }
    Ok(component)
}
