//! Requests to a registry, as one of its users: where and how it wants credentials, it says in its
//! first answer. They go to the registry and to its realm, and nowhere that either of these points to.

use std::time::Duration;

use ::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use ::http::{Method, StatusCode};
use bytes::Bytes;
use exhibit::http::{self, Client, ClientOptions, Incoming, Origin, Outgoing, SendError};
use url::Url;

use crate::challenge::{self, Challenge};
use crate::error::RegistryError;
use crate::login::{Account, Credentials};
use crate::realm::{Realm, given};
use crate::{refusal, token};

/// A handshake across an ocean takes a second, a lost packet or two a few more.
const CONNECT: Duration = Duration::from_secs(15);
/// For the next byte.
const IDLE: Duration = Duration::from_secs(60);
/// The same, where a component is sent first: 64 MiB over a slow line.
const UPLOAD: Duration = Duration::from_secs(600);
/// To storage, and within that.
const REDIRECTS: usize = 3;

/// What is to be done, as tokens name it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Access {
    Pull,
    Push,
}

/// Requests about artifacts of one name.
pub(crate) struct Session<'a> {
    client: Client,
    registry: &'a Origin,
    name: &'a str,
    access: Access,
    account: &'a Account,
    /// What the registry has wanted so far.
    authorization: Option<HeaderValue>,
}

impl<'a> Session<'a> {
    /// Asks the registry whether it wants credentials.
    pub(crate) async fn begin(
        registry: &'a Origin,
        name: &'a str,
        access: Access,
        account: &'a Account,
    ) -> Result<Self, RegistryError> {
        let idle = match access {
            Access::Pull => IDLE,
            Access::Push => UPLOAD,
        };
        let mut options = ClientOptions::default();
        (options.connect, options.idle, options.stall) = (CONNECT, idle, idle);
        let client = Client::new(options, account.egress.clone())?;
        let mut it = Self { client, registry, name, access, account, authorization: None };
        let ping = Outgoing::new(Method::GET, it.url(""));
        // Whatever it answers otherwise, it answers again to what is wanted of it.
        it.send(ping).await?;
        Ok(it)
    }

    /// Of a path below the registry's API.
    fn url(&self, path: &str) -> Url {
        let mut url = self.registry.url().clone();
        url.set_path(&format!("v2/{path}"));
        url
    }

    /// What is at this path, which begins after the artifact's name. Redirects are followed, without
    /// credentials where they lead away.
    pub(crate) async fn get(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &'static str)],
    ) -> Result<Incoming, RegistryError> {
        let url = self.url(&format!("{}/{path}", self.name));
        let mut request = request(method, url, headers);
        let mut origin = self.registry.clone();
        for _ in 0..=REDIRECTS {
            let answer = self.send_to(request.clone(), &origin).await?;
            let Some(location) = http::location(&answer) else { return Ok(answer) };
            (origin, request.url) = self.follow(&origin, &request.url, &location)?;
        }
        let to = request.url.as_str();
        Err(SendError::redirected(&origin, to, "it was one redirect too many").into())
    }

    /// Puts a blob there: asks where it is to go, and sends it there as a whole. Chunks are where
    /// registries differ.
    pub(crate) async fn upload(&mut self, digest: &str, blob: Bytes) -> Result<(), RegistryError> {
        let mut begin = Outgoing::new(Method::POST, self.url(&format!("{}/blobs/uploads/", self.name)));
        begin.body = Some(Bytes::new());
        let begun = self.send(begin).await?;
        let location = begun.headers().get(LOCATION);
        let location = location.map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
        let (StatusCode::ACCEPTED, Some(location)) = (begun.status(), location) else {
            return Err(self.refused(begun).await);
        };
        let (there, mut url) = self.follow(self.registry, begun.url(), &location)?;
        url.query_pairs_mut().append_pair("digest", digest);
        let kind = [(CONTENT_TYPE, "application/octet-stream")];
        let mut upload = request(Method::PUT, url, &kind);
        upload.body = Some(blob);
        let answer = self.send_to(upload, &there).await?;
        self.done(answer).await
    }

    /// Puts a manifest under this name.
    pub(crate) async fn put(
        &mut self,
        path: &str,
        kind: &'static str,
        manifest: Vec<u8>,
    ) -> Result<(), RegistryError> {
        let url = self.url(&format!("{}/{path}", self.name));
        let mut put = request(Method::PUT, url, &[(CONTENT_TYPE, kind)]);
        put.body = Some(manifest.into());
        let answer = self.send(put).await?;
        self.done(answer).await
    }

    /// The error that an answer is.
    pub(crate) async fn refused(&self, answer: Incoming) -> RegistryError {
        refusal::refused(answer, self.account.credentials.is_some()).await
    }

    async fn done(&self, answer: Incoming) -> Result<(), RegistryError> {
        if answer.status().is_success() { Ok(()) } else { Err(self.refused(answer).await) }
    }

    /// Sends a request to the registry, or to where it points: without credentials then.
    async fn send_to(&mut self, request: Outgoing, origin: &Origin) -> Result<Incoming, RegistryError> {
        if origin.as_str() == self.registry.as_str() {
            return self.send(request).await;
        }
        Ok(self.client.send_once(request, origin).await?)
    }

    /// Sends a request to the registry itself: once more with credentials where it wants them, or with a
    /// new token where the last one has expired.
    async fn send(&mut self, request: Outgoing) -> Result<Incoming, RegistryError> {
        let answer = self.send_signed(request.clone()).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let Some(challenge) = challenge::read(answer.headers()) else { return Ok(answer) };
        let Some(authorization) = self.authorize(&challenge).await? else { return Ok(answer) };
        self.authorization = Some(authorization);
        self.send_signed(request).await
    }

    async fn send_signed(&self, mut request: Outgoing) -> Result<Incoming, RegistryError> {
        if let Some(authorization) = &self.authorization {
            request.headers.insert(AUTHORIZATION, authorization.clone());
        }
        Ok(self.client.send_once(request, self.registry).await?)
    }

    /// What the registry wants a request signed with, where that is at hand.
    async fn authorize(&self, challenge: &Challenge) -> Result<Option<HeaderValue>, RegistryError> {
        match challenge {
            Challenge::Basic => self.account.credentials.as_ref().map(Credentials::header).transpose(),
            Challenge::Bearer { realm, service } => {
                let named = self.account.realm.as_ref();
                let realm = Realm::of(realm, self.registry, named)?;
                let credentials = self.account.credentials.as_ref();
                if credentials.is_some() && !realm.may_have_credentials(self.registry, named) {
                    let (registry, realm) = (self.registry.to_string(), realm.origin.to_string());
                    return Err(RegistryError::OtherRealm { registry, realm });
                }
                let actions = match self.access {
                    Access::Pull => "pull",
                    Access::Push => "pull,push",
                };
                let scope = format!("repository:{}:{actions}", self.name);
                token::get(&self.client, &realm, service.as_deref(), &scope, credentials).await.map(Some)
            }
        }
    }

    /// Where an answer of `origin` points to.
    fn follow(&self, origin: &Origin, from: &Url, location: &str) -> Result<(Origin, Url), RegistryError> {
        let refused = |why| SendError::redirected(origin, location, why);
        let url = from.join(location).map_err(|_| refused("it leads nowhere"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it has credentials in it").into());
        }
        let there = url.origin().ascii_serialization();
        if there == self.registry.as_str() {
            return Ok((self.registry.clone(), url));
        }
        let there = Origin::parse(&there, given(self.registry))
            .map_err(|_| refused("it leads to where no encrypted request can go"))?;
        Ok((there, url))
    }
}

fn request(method: Method, url: Url, headers: &[(HeaderName, &'static str)]) -> Outgoing {
    let mut request = Outgoing::new(method, url);
    for (name, value) in headers {
        request.headers.insert(name, HeaderValue::from_static(value));
    }
    request
}
