//! The HTTP client of a connection.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, LOCATION};
use http::{Method, StatusCode};
use reqwest::ClientBuilder;
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::contract::collection::Effect;

use super::egress::{BlockedAddress, Egress, Resolver};
use super::message::{Incoming, Outgoing};
use super::origin::Origin;
use super::send_error::SendError;
use super::transport_error::{TransportError, TransportErrorKind, causes, transport_error};

/// A handshake across an ocean takes a second, a lost packet or two a few more.
const CONNECT: Duration = Duration::from_secs(15);
/// Some sources think for minutes before the first byte of a large report.
const IDLE: Duration = Duration::from_secs(300);
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
    /// For the next byte of an answer, its first one included.
    pub idle: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self { connect: CONNECT, idle: IDLE }
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
    egress: Egress,
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
        use_ring();
        let failed = |error| ClientError(transport_error(&error).why);
        let builder = || builder(options, egress.clone());
        let (far, near, no_roots) = match builder().build() {
            Ok(far) => (far, builder().no_proxy().build().map_err(failed)?, None),
            Err(error) => {
                let no_roots =
                    TransportError { kind: TransportErrorKind::NoRoots, why: transport_error(&error).why };
                let far = builder().tls_certs_only([]).build().map_err(failed)?;
                let near = builder().tls_certs_only([]).no_proxy().build().map_err(failed)?;
                (far, near, Some(no_roots))
            }
        };
        Ok(Self { far, near, no_roots, egress })
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
        let mut hops = 0;
        loop {
            let answer = self.send_once(request.clone(), origin).await?;
            let Some(location) = location(&answer) else { return Ok(answer) };
            let redirected = |why| SendError::redirected(origin, &location, why);
            let to = follow(origin, &request.url, &location).map_err(redirected)?;
            if effect == Effect::Write {
                return Err(redirected("what changes something is sent to one place only"));
            }
            if request.method != Method::GET && !keeps_method(answer.status()) {
                return Err(redirected("it would have turned a POST into a GET"));
            }
            hops += 1;
            if hops > REDIRECTS {
                return Err(redirected("it was one redirect too many"));
            }
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
        let client = if origin.is_local() { &self.near } else { &self.far };
        let answer = client.execute(request.into()).await.map_err(|error| failed(origin, &error))?;
        Ok(Incoming::new(answer))
    }
}

fn builder(options: ClientOptions, egress: Egress) -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(options.connect)
        .read_timeout(options.idle)
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

fn failed(origin: &Origin, error: &reqwest::Error) -> SendError {
    let blocked = causes(error).find_map(|it| it.downcast_ref::<BlockedAddress>());
    if let Some(blocked) = blocked {
        return SendError::Blocked { origin: origin.to_string(), blocked: blocked.clone() };
    }
    let (origin, diagnosis) = (origin.to_string(), transport_error(error));
    if error.is_connect() {
        SendError::Unreachable { origin, diagnosis }
    } else {
        SendError::NoAnswer { origin, diagnosis }
    }
}

#[cfg(test)]
mod tests {
    use super::super::egress::{EgressRemedy, EgressRules};
    use super::super::origin::OriginSource;
    use super::*;

    /// More than an answer takes on a machine that has other things to do.
    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn follows_redirects_within_the_origin_only() {
        let origin = Origin::parse("https://api.example", OriginSource::ByPlugin).expect("an origin");
        let from = Url::parse("https://api.example/a/b?c=d").expect("a URL");
        let to = |location| follow(&origin, &from, location).map(String::from);
        assert_eq!(to("/x"), Ok("https://api.example/x".to_owned()));
        assert_eq!(to("x?y"), Ok("https://api.example/a/x?y".to_owned()));
        assert_eq!(to("https://api.example:443/x"), Ok("https://api.example/x".to_owned()));
        for location in
            ["http://api.example/x", "https://api.example:8443/x", "//evil.example/x", "https://sso.example/"]
        {
            assert_eq!(to(location), Err("it leads to another origin"), "{location}");
        }
        assert_eq!(to("https://a:b@api.example/x"), Err("it has credentials in it"));
    }

    async fn trouble(url: &str, idle: Duration) -> Result<TransportErrorKind, Box<dyn std::error::Error>> {
        let origin = Origin::parse(url, OriginSource::ByOperator { plain_http: true })?;
        let options = ClientOptions { connect: PATIENCE, idle };
        let request = Outgoing::new(Method::GET, origin.url().clone());
        match Client::new(options, Egress::default())?.send(request, &origin, Effect::Read).await {
            Ok(_) => Err("somebody answered".into()),
            Err(SendError::Unreachable { diagnosis, .. } | SendError::NoAnswer { diagnosis, .. }) => {
                Ok(diagnosis.kind)
            }
            Err(error) => Err(error.into()),
        }
    }

    #[tokio::test]
    async fn tells_kinds_of_trouble_apart() -> Result<(), Box<dyn std::error::Error>> {
        let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let silent = (format!("http://{}", silent.local_addr()?), silent);
        // However long that takes: no answer will come.
        assert_eq!(trouble(&silent.0, Duration::from_millis(50)).await?, TransportErrorKind::Silence);

        let gone = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?;
        assert_eq!(trouble(&format!("http://{gone}"), PATIENCE).await?, TransportErrorKind::Connection);

        let rude = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = rude.local_addr()?;
        tokio::spawn(async move {
            while let Ok((stream, _)) = rude.accept().await {
                drop(stream.readable().await);
                drop(stream.try_write(b"SSH-2.0-no HTTP here\r\n"));
            }
        });
        assert_eq!(trouble(&format!("http://{address}"), PATIENCE).await?, TransportErrorKind::BrokenOff);
        assert_eq!(trouble(&format!("https://{address}"), PATIENCE).await?, TransportErrorKind::Tls);
        Ok(())
    }

    /// How a request to this URL fails that these rules refuse.
    async fn blocked(url: &str, rules: EgressRules) -> Result<BlockedAddress, Box<dyn std::error::Error>> {
        let origin = Origin::parse(url, OriginSource::ByOperator { plain_http: true })?;
        let client = Client::new(ClientOptions { connect: PATIENCE, idle: PATIENCE }, rules.into())?;
        let request = Outgoing::new(Method::GET, origin.url().clone());
        match client.send(request, &origin, Effect::Read).await {
            Err(SendError::Blocked { blocked, .. }) => Ok(blocked),
            Err(error) => Err(error.into()),
            Ok(_) => Err("an answer came".into()),
        }
    }

    #[tokio::test]
    async fn names_and_addresses_that_a_policy_denies_are_not_connected_to()
    -> Result<(), Box<dyn std::error::Error>> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let denied = "127.0.0.0/8".parse()?;
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
            let rules = EgressRules::default().deny(denied).deny("::1".parse()?);
            let blocked = blocked(&format!("http://{host}:{port}"), rules).await?;
            assert!(matches!(blocked.remedy(), EgressRemedy::Permit { .. }), "{host}: {blocked}");
        }
        let only = EgressRules::only(["10.20.0.0/16".parse()?]);
        for url in ["http://203.0.113.1", "http://[2001:db8::1]", "https://203.0.113.1"] {
            let blocked = blocked(url, only.clone()).await?;
            assert!(matches!(blocked.remedy(), EgressRemedy::Allow(_)), "{url}: {blocked}");
        }
        let came = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
        assert!(came.is_err(), "connected to a denied address");
        Ok(())
    }
}
