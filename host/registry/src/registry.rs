//! Pushing and pulling.

use std::path::PathBuf;

use ::http::Method;
use ::http::header::ACCEPT;
use bytes::Bytes;
use exhibit::http::Origin;
use exhibit::plugin::Plugin;
use exhibit_records::Digest;
use exhibit_secrets::Backends;

use crate::artifact::{self, Component};
use crate::body;
use crate::cache::BlobCache;
use crate::error::RegistryError;
use crate::login::{Account, Login};
use crate::reference::Reference;
use crate::session::{Access, Session};

/// The OCI distribution specification has registries take manifests of so much, and more is not to
/// be relied on.
const MANIFEST_BYTES: usize = 4 << 20;

/// One artifact's place at a registry, and the user that asks for it.
pub struct Registry {
    reference: Reference,
    origin: Origin,
    account: Account,
    cache: BlobCache,
}

/// A component from a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// Its bytes, of the digest that the artifact names.
    pub component: Vec<u8>,
    /// The artifact's digest, by which it can be pulled again.
    pub artifact: Digest,
}

impl Registry {
    /// The place that this reference names. Gets the login's secrets with these backends, and
    /// connects to no registry yet. What is pulled is kept in the folder `cache`, where there is one.
    ///
    /// # Errors
    ///
    /// [`RegistryError::Username`] or [`RegistryError::Password`], where a secret cannot be read.
    pub async fn new(
        reference: Reference,
        login: &Login,
        backends: &Backends,
        cache: Option<PathBuf>,
    ) -> Result<Self, RegistryError> {
        let origin = reference.origin(login.plain_http)?;
        let account = login.account(backends).await?;
        Ok(Self { reference, origin, account, cache: BlobCache::new(cache) })
    }

    /// Which artifact is pushed or pulled.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Puts the plugin there, under the reference's tag. Gives the artifact's digest.
    ///
    /// # Errors
    ///
    /// [`RegistryError::PushByDigest`], where the reference names a digest; whatever the registry or the
    /// way there refuses.
    pub async fn push(&self, plugin: &Plugin) -> Result<Digest, RegistryError> {
        if self.reference.digest().is_some() {
            return Err(RegistryError::PushByDigest);
        }
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

    /// Gets the component from there, and compares it with the digests that name it. What is pinned by
    /// its digest and was pulled before is read from the cache, without any request.
    ///
    /// # Errors
    ///
    /// Whatever the registry or the way there refuses; an artifact that is not one component, or not
    /// the one that its digest names.
    pub async fn pull(&self) -> Result<Pulled, RegistryError> {
        let asked = self.reference.digest();
        let mut session = None;
        let manifest = match asked.and_then(|it| self.cache.manifest(it)) {
            Some(kept) => kept,
            None => self.manifest(session.insert(self.session(Access::Pull).await?)).await?,
        };
        let artifact = Digest::of(&manifest);
        if asked.is_some_and(|it| it != artifact) {
            return Err(RegistryError::OtherArtifact);
        }
        let expected = artifact::component(&manifest)?;
        let component = match self.cache.component(expected.digest) {
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
            return Err(RegistryError::OtherSize);
        }
        self.cache.keep(&manifest, &component);
        Ok(Pulled { component, artifact })
    }

    async fn manifest(&self, session: &mut Session<'_>) -> Result<Vec<u8>, RegistryError> {
        let path = format!("manifests/{}", self.reference.which());
        let answer = session.get(Method::GET, &path, &[(ACCEPT, artifact::MANIFEST)]).await?;
        if !answer.status().is_success() {
            return Err(session.refused(answer).await);
        }
        body::whole(answer, MANIFEST_BYTES, "an artifact's manifest").await
    }

    async fn session(&self, access: Access) -> Result<Session<'_>, RegistryError> {
        Session::begin(&self.origin, self.reference.name(), access, &self.account).await
    }
}

/// By its digest alone: an artifact may name further places to get it from, and these were not chosen
/// by the caller.
async fn component(session: &mut Session<'_>, expected: Component) -> Result<Vec<u8>, RegistryError> {
    let answer = session.get(Method::GET, &format!("blobs/{}", expected.digest), &[]).await?;
    if !answer.status().is_success() {
        return Err(session.refused(answer).await);
    }
    let component = body::whole(answer, expected.size, "the component that the artifact names").await?;
    let (wanted, given) = (expected.digest, Digest::of(&component));
    if given != wanted {
        return Err(RegistryError::OtherComponent { given, wanted });
    }
    Ok(component)
}
