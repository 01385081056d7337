//! Signing: the one place where secrets meet requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use exhibit_driver::Effect;
use exhibit_records::Digest;
use exhibit_rows::Shown;
use exhibit_secrets::{Backends, Secret, SecretRef};
use futures_util::future::try_join_all;
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, InvalidHeaderValue};
use secrecy::zeroize::Zeroizing;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::contract::catalog::{AuthScheme, BasicAuth, HeaderAuth, TokenExchange};
use crate::contract::types::Instant;
use crate::contract::{Manifest, secret_in};

use super::client::Client;
use super::echo::Echo;
use super::leases::Leases;
use super::message::Outgoing;
use super::origin::{Origin, Origins};
use super::request::{RequestError, encode_form, form_type, url};
use super::sign_error::SignError;

/// A token with many claims has a few KiB.
const TOKEN_BYTES: usize = 16 << 10;
/// HTTP's statuses for credentials that are not accepted.
const UNAUTHORIZED: u16 = 401;
const FORBIDDEN: u16 = 403;
/// Why a secret is refused that was pasted or kept with more than its text.
const CONTROL: &str = "there is a line break or another control character in it";
/// A token is not used in the last moments of its life: it has a way to go, and the source's clock may be ahead.
const TOKEN_MARGIN_SECONDS: u32 = 60;

/// Signs requests by the manifest's auth schemes. Secrets are read for each use, or kept for as long as their
/// backend says.
pub struct Signer {
    schemes: BTreeMap<String, AuthScheme>,
    secrets: Leases,
    tokens: Mutex<BTreeMap<String, Token>>,
    clock: Arc<dyn Clock>,
}

struct Token {
    value: Secret,
    /// It, and what it was exchanged for.
    echo: Echo,
    until: Instant,
}

/// The name of the secret that says who asks: with Basic the user name; in a token exchange, as RFC 6749 names it.
fn user_name(scheme: &AuthScheme) -> Option<&str> {
    match scheme {
        AuthScheme::Basic(basic) => Some(&basic.username),
        AuthScheme::Token(exchange) => user_name_of(exchange),
        AuthScheme::Header(_) => None,
    }
}

fn user_name_of(exchange: &TokenExchange) -> Option<&str> {
    let field = exchange.form.iter().find(|(name, _)| ["username", "client_id"].contains(&name.as_str()));
    secret_in(&field?.1)
}

impl Signer {
    /// Signs for this plugin with these secrets.
    pub fn new(
        manifest: &Manifest,
        secrets: BTreeMap<String, SecretRef>,
        backends: Backends,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let schemes = manifest.auth.iter().map(|it| (it.name.clone(), it.scheme.clone())).collect();
        let secrets = Leases::new(secrets, backends, Arc::clone(&clock));
        Self { schemes, secrets, tokens: Mutex::default(), clock }
    }

    /// A digest of the user name that requests are signed with. `None` where no scheme has one.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) async fn caller(&self) -> Result<Option<Digest>, SignError> {
        let mut names: Vec<&str> = self.schemes.values().filter_map(user_name).collect();
        names.sort();
        names.dedup();
        let mut text = b"caller".to_vec();
        for name in &names {
            let secret = self.secrets.get(name).await?;
            text.push(0);
            text.extend(secret.reveal().as_bytes());
        }
        Ok((!names.is_empty()).then(|| Digest::of(&text)))
    }

    /// Where its secrets are kept, by their names.
    pub(crate) fn references(&self) -> Vec<(String, String)> {
        self.secrets.references()
    }

    /// Signs `request` as `auth` says, getting a token first where it takes one. The secrets are replaced in its answer.
    pub async fn sign(
        &self,
        request: &mut Outgoing,
        auth: &str,
        client: &Client,
        origins: &Origins,
    ) -> Result<(), SignError> {
        let scheme = self.schemes.get(auth);
        let unknown = || SignError::UnknownAuth(Shown::line(auth).to_string());
        let (name, (mut value, echo)) = match scheme.ok_or_else(unknown)? {
            AuthScheme::Basic(names) => (AUTHORIZATION, self.basic(names).await?),
            AuthScheme::Token(exchange) => {
                (AUTHORIZATION, self.bearer(auth, exchange, client, origins).await?)
            }
            AuthScheme::Header(it) => (it.name.parse().map_err(|_| unknown())?, self.header(it).await?),
        };
        value.set_sensitive(true);
        request.headers.insert(name, value);
        request.echo = echo;
        Ok(())
    }

    /// Forgets the token of `auth`, and reads the kept secrets again that it was signed with: the source refused
    /// them. Whether the request is worth another try with what there is now.
    pub async fn renew(&self, auth: &str) -> bool {
        let token = self.tokens.lock().await.remove(auth).is_some();
        let names: Vec<&str> = match self.schemes.get(auth) {
            Some(AuthScheme::Basic(names)) => vec![&names.username, &names.password],
            Some(AuthScheme::Header(it)) => vec![&it.secret],
            // A new token is had with the same secrets, unless the exchange refuses them.
            Some(AuthScheme::Token(_)) | None => vec![],
        };
        self.secrets.renew(&names).await || token
    }

    async fn basic(&self, names: &BasicAuth) -> Result<(HeaderValue, Echo), SignError> {
        let (username, password) =
            tokio::try_join!(self.secrets.get(&names.username), self.secrets.get(&names.password))?;
        let unfit = |name: &str, why| SignError::Unfit { name: name.to_owned(), why };
        if username.reveal().contains(':') {
            return Err(unfit(&names.username, "a user name has no colon in it"));
        }
        // RFC 7617 allows none, and a source that gets one counts a failed login.
        for (name, secret) in [(&names.username, &username), (&names.password, &password)] {
            if secret.reveal().contains(char::is_control) {
                return Err(unfit(name, CONTROL));
            }
        }
        let value = basic(&username, &password);
        let value = value.map_err(|_| unfit(&names.password, "it fits into no header"))?;
        Ok((value, Echo::of_basic(&username, &password)))
    }

    async fn header(&self, it: &HeaderAuth) -> Result<(HeaderValue, Echo), SignError> {
        let secret = self.secrets.get(&it.secret).await?;
        let unfit = |_| SignError::Unfit { name: it.secret.clone(), why: "it fits into no header" };
        let value = credentials(&it.prefix, secret.reveal()).map_err(unfit)?;
        Ok((value, Echo::of([&*secret])))
    }

    async fn bearer(
        &self,
        auth: &str,
        exchange: &TokenExchange,
        client: &Client,
        origins: &Origins,
    ) -> Result<(HeaderValue, Echo), SignError> {
        // Held during the exchange, so that sessions that start at once make one of it.
        let mut tokens = self.tokens.lock().await;
        if tokens.get(auth).is_none_or(|it| it.until <= self.clock.now()) {
            let (value, echo) = match self.exchange(exchange, client, origins).await {
                Err(SignError::NotGiven { status: UNAUTHORIZED | FORBIDDEN, .. })
                    if self.secrets.renew(&in_form(exchange)).await =>
                {
                    self.exchange(exchange, client, origins).await?
                }
                value => value?,
            };
            let lifetime = i64::from(exchange.lifetime.saturating_sub(TOKEN_MARGIN_SECONDS)) * 1_000;
            let until = self.clock.now().saturating_add(lifetime);
            tokens.insert(auth.to_owned(), Token { value, echo, until });
        }
        let unknown = || SignError::UnknownAuth(auth.to_owned());
        let token = tokens.get(auth).ok_or_else(unknown)?;
        // Only printable ASCII was taken as a token.
        let value = credentials("Bearer ", token.value.reveal()).map_err(|_| unknown())?;
        Ok((value, token.echo.clone()))
    }

    /// A token, and what repeats it or what it was exchanged for.
    async fn exchange(
        &self,
        exchange: &TokenExchange,
        client: &Client,
        origins: &Origins,
    ) -> Result<(Secret, Echo), SignError> {
        let origin = origins.get(&exchange.origin).ok_or_else(|| RequestError::UnknownOrigin {
            origin: exchange.origin.clone(),
            known: origins.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        })?;
        let mut request = Outgoing::new(Method::POST, url(origin, &exchange.path, &[])?);
        request.headers.insert(CONTENT_TYPE, form_type());
        let filled = self.filled(exchange).await?;
        let user = user_name_of(exchange);
        let secrets = || filled.iter().filter(|it| it.name.is_some() && it.name != user).map(|it| &*it.value);
        request.body = Some(Bytes::from_owner(form(&filled)));
        request.echo = Echo::of(secrets());
        // Redirects are not followed: the form has the secrets in it.
        let mut answer = client.send(request, origin, Effect::Write).await?.unredacted();
        if !answer.status().is_success() {
            let status = answer.status().as_u16();
            return Err(SignError::NotGiven { origin: origin.to_string(), status });
        }
        let broken = |diagnosis| SignError::BrokenOff { origin: origin.to_string(), diagnosis };
        let mut token = Secret::from(String::new());
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            let text = std::str::from_utf8(&chunk).map_err(|_| not_a_token(origin, "it is no text"))?;
            if token.reveal().len() + text.len() > TOKEN_BYTES {
                return Err(not_a_token(origin, "it is too long"));
            }
            token.append(text);
        }
        let token = token.trimmed();
        match token.reveal() {
            "" => Err(not_a_token(origin, "it is empty")),
            text if !text.bytes().all(|it| it.is_ascii_graphic()) => {
                Err(not_a_token(origin, "it has spaces or what is no ASCII in it"))
            }
            _ => {
                let echo = Echo::of(secrets().chain([&token]));
                Ok((token, echo))
            }
        }
    }

    async fn filled<'e>(&self, exchange: &'e TokenExchange) -> Result<Vec<Filled<'e>>, SignError> {
        let fill = async |(field, value): &'e (String, String)| {
            let name = secret_in(value);
            let value = match name {
                Some(name) => {
                    let secret = self.secrets.get(name).await?;
                    if secret.reveal().contains(char::is_control) {
                        return Err(SignError::Unfit { name: name.to_owned(), why: CONTROL });
                    }
                    secret
                }
                None => Arc::new(Secret::from(value.clone())),
            };
            Ok::<_, SignError>(Filled { field, name, value })
        };
        try_join_all(exchange.form.iter().map(fill)).await
    }
}

/// A field of a token exchange's form.
struct Filled<'a> {
    field: &'a str,
    /// That of the secret in it, where it is one.
    name: Option<&'a str>,
    value: Arc<Secret>,
}

/// Cleared when it was sent.
fn form(filled: &[Filled<'_>]) -> Zeroizing<Vec<u8>> {
    let revealed: Vec<_> = filled.iter().map(|it| (it.field, it.value.reveal())).collect();
    Zeroizing::new(encode_form(&revealed).into_bytes())
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("schemes", &self.schemes.keys()).finish_non_exhaustive()
    }
}

/// The value of HTTP Basic, for a user name without a colon.
pub fn basic(username: &Secret, password: &Secret) -> Result<HeaderValue, InvalidHeaderValue> {
    let pair = username.joined(":", password);
    let pair = Zeroizing::new(BASE64_STANDARD.encode(pair.reveal()));
    credentials("Basic ", &pair)
}

/// A header's value in memory that is cleared with it.
pub fn credentials(scheme: &str, text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let value = Zeroizing::new([scheme.as_bytes(), text.as_bytes()].concat());
    HeaderValue::from_maybe_shared(Bytes::from_owner(value))
}

/// The names of the secrets that a token is exchanged for.
fn in_form(exchange: &TokenExchange) -> Vec<&str> {
    exchange.form.iter().filter_map(|(_, value)| secret_in(value)).collect()
}

fn not_a_token(origin: &Origin, why: &'static str) -> SignError {
    SignError::NotAToken { origin: origin.to_string(), why }
}

#[cfg(test)]
mod tests;
