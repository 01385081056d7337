//! The HTTP client of a connection.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use exhibit_driver::Effect;
use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, LOCATION};
use http::{Method, StatusCode};
use reqwest::ClientBuilder;
use reqwest::redirect::Policy;
use tokio::time::timeout;
use url::{Host, Url};

use crate::format;

use super::certificate_file::CertificateFile;
use super::diagnosis::{causes, is_unknown_issuer, transport_error};
use super::egress::{BlockedAddress, Egress, Resolver};
use super::message::{Incoming, Outgoing};
use super::origin::Origin;
use super::proxy::{Chosen, Proxies};
use super::send_error::SendError;
use super::transport_error::{TransportError, TransportErrorKind};

/// A handshake across an ocean takes a second, a lost packet or two a few more.
const CONNECT: Duration = Duration::from_secs(15);
/// Some sources think for minutes before the first byte of a large report.
const IDLE: Duration = Duration::from_secs(300);
/// Once an answer has begun, what lies on its way ends it after a minute of silence, mostly. All attempts at one answer
/// together wait as long as for a first byte: a test compares them.
const STALL: Duration = Duration::from_secs(60);
/// One request at a time is the rule, so more connections would only idle.
const IDLE_CONNECTIONS: usize = 2;
/// Redirects to follow within one origin.
const REDIRECTS: usize = 3;
/// How a body may be encoded: what servers do best. The others that HTTP names are decoded, too.
const CODING: &str = "gzip";
/// Who asks.
const USER_AGENT: &str = concat!("exhibit/", env!("CARGO_PKG_VERSION"));

/// How patient a client is.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ClientOptions {
    /// For a connection, TLS included.
    pub connect: Duration,
    /// For the head of an answer, once its request is on its way. It is waited for once, whatever the attempts.
    pub idle: Duration,
    /// For the next byte of its body.
    pub stall: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { connect: CONNECT, idle: IDLE, stall: STALL }
    }
}

/// Sends requests and keeps connections open in between. Proxies and trusted
/// certificates are those of the usual environment variables (`HTTPS_PROXY`,
/// `NO_PROXY`, `SSL_CERT_FILE`). Through a proxy, it is the proxy that resolves names. Requests go to addresses that
/// its [`Egress`] permits, and to no others.
#[derive(Debug, Clone)]
pub struct Client {
    far: reqwest::Client,
    /// For this machine, which no proxy is asked to reach.
    near: reqwest::Client,
    /// Why no certificate can be checked, if so.
    no_roots: Option<TransportError>,
    /// Where the environment names one.
    certificates: Option<CertificateFile>,
    proxies: Proxies,
    egress: Egress,
    options: ClientOptions,
}

/// There is no way to send requests from here.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made: {0}")]
pub struct ClientError(String);

/// Has all that encrypts use ring. Where the embedder has installed another provider, that one serves as well.
pub(crate) fn use_ring() {
    drop(rustls::crypto::ring::default_provider().install_default());
}

impl Client {
    /// A client. A machine without trusted certificates is fine until something
    /// encrypted is to be reached.
    ///
    /// # Errors
    /// Where there is no way to send requests from here.
    pub fn new(options: ClientOptions, egress: Egress) -> Result<Self, ClientError> {
        Self::with(options, egress, Chosen::of_environment(), CertificateFile::of_environment())
    }

    /// The same with these proxies, and what is known of the file of trusted certificates.
    pub(super) fn with(
        options: ClientOptions,
        egress: Egress,
        chosen: Chosen,
        certificates: Option<CertificateFile>,
    ) -> Result<Self, ClientError> {
        use_ring();
        let Chosen { matcher, explicit } = chosen;
        let failed = |error| ClientError(transport_error(&error).why);
        let near = || builder(options, egress.clone()).no_proxy();
        let far = || explicit.iter().cloned().fold(builder(options, egress.clone()), ClientBuilder::proxy);
        let (far, near, no_roots) = match far().build() {
            Ok(far) => (far, near().build().map_err(failed)?, None),
            Err(error) => {
                let no_roots = no_roots(&error, certificates.as_ref());
                let far = far().tls_certs_only([]).build().map_err(failed)?;
                let near = near().tls_certs_only([]).build().map_err(failed)?;
                (far, near, Some(no_roots))
            }
        };
        let proxies = Proxies::new(matcher, Resolver::new(egress.clone()), options.connect);
        Ok(Self { far, near, no_roots, certificates, proxies, egress, options })
    }

    /// Whether requests may go to the address of this URL. Where its host is a name, that shows only once it is
    /// resolved, and is checked there.
    pub(crate) fn check(&self, url: &Url) -> Result<(), BlockedAddress> {
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(it)) => it.into(),
            Some(Host::Ipv6(it)) => it.into(),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        self.egress.check(&address.to_string(), address)
    }

    /// Sends a request to `origin`, and gives the answer once its head is there.
    /// Redirects are followed on reads, and within the origin.
    ///
    /// # Errors
    /// Where no answer comes, requests to its address are blocked, or it leads to where no request may go.
    pub async fn send(
        &self,
        mut request: Outgoing,
        origin: &Origin,
        effect: Effect,
    ) -> Result<Incoming, SendError> {
        let mut followed = (Vec::new(), 0);
        loop {
            let answer = self.send_once(request.clone(), origin).await?;
            let Some(location) = location(&answer) else { return Ok(answer.after(followed)) };
            // Where it leads may repeat what the request was signed with.
            let (shown, _) = request.echo.redact(&location);
            let redirected = |why| SendError::redirected(origin, &shown, why);
            let to = follow(origin, &request.url, &location).map_err(redirected)?;
            if effect == Effect::Write {
                return Err(redirected("what changes something is sent to one place only"));
            }
            if request.method != Method::GET && !keeps_method(answer.status()) {
                return Err(redirected("it would have turned a POST into a GET"));
            }
            if followed.0.len() == REDIRECTS {
                return Err(redirected("it was one redirect too many"));
            }
            let (shown, secrets) = request.echo.redact(to.as_str());
            followed.0.push(shown);
            followed.1 += secrets;
            request.url = to;
        }
    }

    /// Sends a request to `origin`, and gives whatever is answered, a redirect included.
    ///
    /// # Errors
    /// Where no answer comes, or requests to its address are blocked.
    pub async fn send_once(&self, request: Outgoing, origin: &Origin) -> Result<Incoming, SendError> {
        if let Some(diagnosis) = self.no_roots.as_ref().filter(|_| origin.is_encrypted()) {
            let (origin, diagnosis) = (origin.to_string(), diagnosis.clone());
            return Err(SendError::Unreachable { origin, diagnosis });
        }
        // The resolver is asked for names only.
        self.check(&request.url)
            .map_err(|blocked| SendError::Blocked { origin: origin.to_string(), blocked })?;
        let ClientOptions { idle, stall, .. } = self.options;
        let echo = request.echo.clone();
        if origin.is_local() {
            let answer = timeout(idle, self.near.execute(request.into())).await;
            let answer = answer.map_err(|_| silent(origin, idle))?;
            return Ok(Incoming::new(answer.map_err(|error| self.failed(origin, &error))?, echo, stall));
        }
        let unreachable = |diagnosis| SendError::Unreachable { origin: origin.to_string(), diagnosis };
        let url = request.url.clone();
        self.proxies.log_in(&url).await.map_err(unreachable)?;
        match timeout(idle, self.far.execute(request.into())).await {
            Err(_) => Err(silent(origin, idle)),
            Ok(Err(error)) => Err(match self.failed(origin, &error) {
                SendError::Unreachable { diagnosis, .. } => {
                    unreachable(self.proxies.explained(&url, diagnosis).await)
                }
                error => error,
            }),
            Ok(Ok(answer)) => {
                // What comes through a tunnel is not of the proxy.
                let is_login =
                    url.scheme() == "http" && answer.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED;
                match self.proxies.refused(&url, answer.headers()).filter(|_| is_login) {
                    Some(diagnosis) => Err(unreachable(diagnosis)),
                    None => Ok(Incoming::new(answer, echo, stall)),
                }
            }
        }
    }

    fn failed(&self, origin: &Origin, error: &reqwest::Error) -> SendError {
        let blocked = causes(error).find_map(|it| it.downcast_ref::<BlockedAddress>());
        if let Some(blocked) = blocked {
            return SendError::Blocked { origin: origin.to_string(), blocked: blocked.clone() };
        }
        let (origin, mut diagnosis) = (origin.to_string(), transport_error(error));
        if let Some(file) = self.certificates.as_ref().filter(|_| is_unknown_issuer(error)) {
            // Whose mistake it is shows only in both: what the server has, and what is trusted.
            diagnosis = match file.fault() {
                Some(fault) => {
                    let kind = TransportErrorKind::RootsFile(fault);
                    TransportError { kind, why: format!("{file}; without it, {}", diagnosis.why) }
                }
                None => TransportError { why: format!("{}; {file}", diagnosis.why), ..diagnosis },
            };
        }
        if error.is_connect() {
            SendError::Unreachable { origin, diagnosis }
        } else {
            SendError::NoAnswer { origin, diagnosis }
        }
    }
}

/// Why there are no trusted certificates: the HTTP client says only that there are none.
fn no_roots(error: &reqwest::Error, file: Option<&CertificateFile>) -> TransportError {
    match file.and_then(|it| Some((it, it.fault()?))) {
        Some((file, fault)) => {
            TransportError { kind: TransportErrorKind::RootsFile(fault), why: file.to_string() }
        }
        None => TransportError { kind: TransportErrorKind::NoRoots, why: transport_error(error).why },
    }
}

fn silent(origin: &Origin, after: Duration) -> SendError {
    let why = format!("nothing came for {}", format::wait(after));
    let diagnosis = TransportError { kind: TransportErrorKind::Silence, why };
    SendError::NoAnswer { origin: origin.to_string(), diagnosis }
}

fn builder(options: ClientOptions, egress: Egress) -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(options.connect)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .dns_resolver(Arc::new(Resolver::new(egress)))
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(CODING))]))
}

/// Where an answer redirects to, if it does.
pub fn location(answer: &Incoming) -> Option<String> {
    let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = answer.headers().get(LOCATION).filter(|_| is_redirect)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}

fn keeps_method(status: StatusCode) -> bool {
    matches!(status.as_u16(), 307 | 308)
}

fn follow(origin: &Origin, from: &Url, location: &str) -> Result<Url, &'static str> {
    let to = from.join(location).map_err(|_| "its address is not a valid URL")?;
    if to.origin() != origin.url().origin() {
        return Err("it leads to another origin");
    }
    if !to.username().is_empty() || to.password().is_some() {
        return Err("it has credentials in it");
    }
    Ok(to)
}

#[cfg(test)]
mod tests;
