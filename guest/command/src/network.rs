//! Answers from the network: requests go to the connection's origins only, and are signed on the way.

use std::collections::BTreeMap;
use std::rc::Rc;

use exhibit_plugin::catalog::{AuthScheme, Manifest, TokenExchange};
use exhibit_plugin::collection::{Effect, Request, Response};
use exhibit_plugin::types::Instant;
use exhibit_rows::Shown;
use exhibit_signing::{Origin, basic, mark};

use crate::clock::Clock;
use crate::failure::Failure;
use crate::request::Prepared;
use crate::secrets::Secrets;
use crate::transport::{Answer, Body, Transport, TransportError};

/// A token with many claims has a few KiB.
const TOKEN_BYTES: usize = 16 << 10;
/// A token is not used in the last seconds of its lifetime: the request takes time to arrive, and the source's clock may
/// be ahead.
const TOKEN_MARGIN_SECONDS: u32 = 60;
/// Headers of one name: a list of warnings, at most.
const VALUES: usize = 10;
/// One header's value.
const VALUE_BYTES: usize = 4 << 10;
/// The source rejects the signature.
const UNAUTHORIZED: u16 = 401;

/// Sends what is ready to be sent.
pub(crate) trait Wire {
    /// The answer, once its head is there.
    fn exchange(&mut self, request: &Prepared<'_>) -> Result<Reply, TransportError>;
}

/// An answer as it comes.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Names in lower case; values that are text.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Box<dyn Body>,
}

/// Who signs.
#[derive(Debug)]
pub(crate) enum Signing {
    /// This component, with these secrets.
    Here(Secrets),
    /// Another one, composed in front.
    InFront,
}

/// A connection to a source.
pub(crate) struct Network<W> {
    wire: W,
    origins: BTreeMap<String, Origin>,
    signing: Signing,
    schemes: Vec<(String, AuthScheme)>,
    answer_headers: Vec<String>,
    may_write: bool,
    tokens: BTreeMap<String, Token>,
    clock: Rc<dyn Clock>,
}

struct Token {
    value: String,
    until: Instant,
}

impl<W: Wire> Network<W> {
    pub(crate) fn new(
        wire: W,
        manifest: &Manifest,
        origins: BTreeMap<String, Origin>,
        signing: Signing,
        clock: Rc<dyn Clock>,
    ) -> Self {
        Self {
            wire,
            origins,
            signing,
            schemes: manifest.auth.iter().map(|it| (it.name.clone(), it.scheme.clone())).collect(),
            answer_headers: manifest.answer_headers.clone(),
            may_write: false,
            tokens: BTreeMap::new(),
            clock,
        }
    }

    /// The same, allowed to change something at the source.
    pub(crate) fn may_write(self) -> Self {
        Self { may_write: true, ..self }
    }

    fn origin(&self, name: &str) -> Result<Origin, Failure> {
        self.origins.get(name).cloned().ok_or_else(|| {
            Failure::call(format!("the address of the origin `{name}` is not known"))
                .next(format!("add --origin {name}=https://…"))
        })
    }

    fn sign(&mut self, request: &mut Prepared<'_>, auth: &str) -> Result<(), TransportError> {
        let value = match &self.signing {
            Signing::InFront => {
                let basic = |(name, scheme): &(String, AuthScheme)| {
                    name == auth && matches!(scheme, AuthScheme::Basic(_))
                };
                if !self.schemes.iter().any(basic) {
                    let what = format!(
                        "the signing component supports HTTP Basic only, and `{auth}` is another scheme"
                    );
                    return Err(Failure::call(what).next("leave out --signer").into());
                }
                return Ok(leave_to_signer(request, auth)?);
            }
            Signing::Here(secrets) => {
                let scheme = self.schemes.iter().find(|(name, _)| name == auth).map(|(_, scheme)| scheme);
                match scheme {
                    None => {
                        let what =
                            format!("the plugin asked to sign with `{auth}`, which is not in its manifest");
                        return Err(Failure::source(what).into());
                    }
                    Some(AuthScheme::Basic(names)) => {
                        let username = secret(secrets, &names.username)?;
                        let password = secret(secrets, &names.password)?;
                        basic(&username, &password).map_err(|why| {
                            Failure::call(format!("the secrets cannot be used to sign: {why}"))
                        })?
                    }
                    Some(AuthScheme::Header(it)) => {
                        let value = format!("{}{}", it.prefix, secret(secrets, &it.secret)?);
                        request.headers.push((it.name.clone(), value));
                        return Ok(());
                    }
                    Some(AuthScheme::Token(exchange)) => {
                        let exchange = exchange.clone();
                        format!("Bearer {}", self.token(auth, &exchange)?)
                    }
                }
            }
        };
        request.headers.push(("authorization".to_owned(), value));
        Ok(())
    }

    fn token(&mut self, auth: &str, exchange: &TokenExchange) -> Result<String, TransportError> {
        let now = self.clock.now();
        if let Some(token) = self.tokens.get(auth).filter(|it| it.until > now) {
            return Ok(token.value.clone());
        }
        let value = self.exchange(exchange)?;
        let lifetime = i64::from(exchange.lifetime.saturating_sub(TOKEN_MARGIN_SECONDS)) * 1_000;
        let token = Token { value: value.clone(), until: self.clock.now().saturating_add(lifetime) };
        self.tokens.insert(auth.to_owned(), token);
        Ok(value)
    }

    fn exchange(&mut self, exchange: &TokenExchange) -> Result<String, TransportError> {
        let origin = self.origin(&exchange.origin)?;
        let Signing::Here(secrets) = &self.signing else { return Ok(String::new()) };
        let mut pairs = Vec::with_capacity(exchange.form.len());
        for (field, value) in &exchange.form {
            let value = match value.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
                Some(name) => secret(secrets, name)?,
                None => value.clone(),
            };
            pairs.push((field.clone(), value));
        }
        let mut reply = self.wire.exchange(&Prepared::posting(&origin, &exchange.path, &pairs))?;
        if !(200..300).contains(&reply.status) {
            return Err(Failure::source(format!("{origin} returned no token: HTTP {}", reply.status)).into());
        }
        let mut token = Vec::new();
        while let Some(chunk) = reply.body.chunk()? {
            token.extend_from_slice(&chunk);
            if token.len() > TOKEN_BYTES {
                return Err(not_a_token(&origin, "it is too long"));
            }
        }
        let token = String::from_utf8(token).map_err(|_| not_a_token(&origin, "it is not text"))?;
        match token.trim() {
            "" => Err(not_a_token(&origin, "it is empty")),
            text if !text.bytes().all(|it| it.is_ascii_graphic()) => {
                Err(not_a_token(&origin, "it contains spaces or characters outside ASCII"))
            }
            text => Ok(text.to_owned()),
        }
    }

    fn head(&self, reply: &Reply) -> Response {
        let headers = self.answer_headers.iter().flat_map(|name| {
            let values =
                reply.headers.iter().filter(move |(it, value)| it == name && value.len() <= VALUE_BYTES);
            values.take(VALUES).cloned()
        });
        Response { status: reply.status, headers: headers.collect() }
    }
}

impl<W: Wire> Transport for Network<W> {
    fn prepare(&mut self, request: &Request) -> Result<(), TransportError> {
        let origin = self.origin(&request.origin)?;
        let mut prepared = Prepared::new(&origin, request);
        match &request.auth {
            Some(auth) => self.sign(&mut prepared, auth),
            None => Ok(()),
        }
    }

    fn answer(&mut self, request: &Request) -> Result<Answer, TransportError> {
        let is_write = matches!(request.effect, Effect::Write(_));
        if is_write && !self.may_write {
            return Err(Failure::source(
                "the plugin's request would change something at the source, which this call may not do",
            )
            .into());
        }
        let origin = self.origin(&request.origin)?;
        let mut token_refused = false;
        loop {
            let mut prepared = Prepared::new(&origin, request);
            if let Some(auth) = &request.auth {
                self.sign(&mut prepared, auth)?;
            }
            let reply = self.wire.exchange(&prepared)?;
            // What a source does before it looks at credentials is its own affair: a change is not sent again.
            if reply.status == UNAUTHORIZED && !token_refused && !is_write {
                token_refused = true;
                if request.auth.as_ref().is_some_and(|it| self.tokens.remove(it).is_some()) {
                    continue;
                }
            }
            if let Some(location) = redirect(&reply) {
                let what = format!("{origin} redirected to {location}; redirects are not followed");
                let next = "if this is the new address of the source, give it with --origin";
                return Err(Failure::source(what).next(next).into());
            }
            return Ok(Answer { head: self.head(&reply), body: reply.body });
        }
    }
}

/// The target of a redirect, without its query: that of a sign-in page may be confidential.
fn redirect(reply: &Reply) -> Option<String> {
    if !matches!(reply.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let (_, location) = reply.headers.iter().find(|(name, _)| name == "location")?;
    let end = location.find(['?', '#']).unwrap_or(location.len());
    Some(Shown::line(&location[..end]).to_string())
}

/// Marks the request, and puts its body where the signer can read it.
fn leave_to_signer(request: &mut Prepared<'_>, auth: &str) -> Result<(), Failure> {
    request.headers.push((mark::AUTH.to_owned(), auth.to_owned()));
    if let Some(body) = request.body.take() {
        let body = mark::body(&body).ok_or_else(|| {
            Failure::source("the request's body is too long to be signed by another component")
        })?;
        request.headers.push((mark::BODY.to_owned(), body));
    }
    Ok(())
}

fn secret(secrets: &Secrets, name: &str) -> Result<String, Failure> {
    match secrets.get(name) {
        Some(reference) => reference.resolve(name),
        None => Err(Failure::source(format!(
            "the plugin signs with the secret `{name}`, which is not in its manifest"
        ))),
    }
}

fn not_a_token(origin: &Origin, why: &str) -> TransportError {
    Failure::source(format!("the token of {origin} cannot be used: {why}")).into()
}
