//! What a proxy says where it opens no tunnel. The HTTP client's error has neither its status nor what login it wants, and
//! asks again with a login that was refused, so that an account is locked: so a proxy that wants a login is asked here first.

use std::sync::Arc;
use std::time::Duration;

use exhibit_rows::Shown;
use http::header::PROXY_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;
use url::Url;

use super::egress::Resolver;
use super::transport_error::{TransportError, TransportErrorKind};

/// The head of an answer to a request for a tunnel.
const HEAD_BYTES: u64 = 8 << 10;
/// The one kind of login that is supported.
const BASIC: &str = "basic";

/// Variables of one meaning, of which the first that has a value counts, and what it is for.
const VARIABLES: [[&str; 2]; 4] = [
    ["HTTPS_PROXY", "https_proxy"],
    ["HTTP_PROXY", "http_proxy"],
    ["ALL_PROXY", "all_proxy"],
    ["NO_PROXY", "no_proxy"],
];
/// Set for programs that a web server calls: there, callers of the server choose what `HTTP_PROXY` is.
const OF_A_WEB_SERVER: &str = "REQUEST_METHOD";

/// Which proxies there are.
pub(super) struct Chosen {
    pub(super) matcher: Matcher,
    /// For the HTTP client, where it would choose others by itself.
    pub(super) explicit: Vec<reqwest::Proxy>,
}

impl Chosen {
    /// As the environment says, or the system.
    pub(super) fn of_environment() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    /// A variable that is set to nothing counts as not set. To the HTTP client it hides the other one of its meaning.
    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let value = |name: &str| variable(name).filter(|it| !it.trim().is_empty());
        let hides = |[first, second]: [&str; 2]| {
            variable(first).is_some() && value(first).is_none() && value(second).is_some()
        };
        if variable(OF_A_WEB_SERVER).is_some() || !VARIABLES.into_iter().any(hides) {
            return Self { matcher: Matcher::from_system(), explicit: Vec::new() };
        }
        let values = VARIABLES.map(|names| names.into_iter().find_map(&value).unwrap_or_default());
        let [https, http, all, no] = &values;
        let no_proxy = || reqwest::NoProxy::from_string(no);
        let explicit = [
            reqwest::Proxy::https(https.as_str()),
            reqwest::Proxy::http(http.as_str()),
            reqwest::Proxy::all(all.as_str()),
        ];
        // One that makes no sense is none, as to the HTTP client.
        let explicit = explicit.into_iter().flatten().map(|it| it.no_proxy(no_proxy())).collect();
        let matcher = Matcher::builder()
            .https(https.clone())
            .http(http.clone())
            .all(all.clone())
            .no(no.clone())
            .build();
        Self { matcher, explicit }
    }
}

/// The proxies of this machine's environment or system, and whether the login at them is known to be good.
#[derive(Clone)]
pub(super) struct Proxies {
    matcher: Arc<Matcher>,
    resolver: Resolver,
    connect: Duration,
    login: Arc<Mutex<Login>>,
}

/// What is known of the login that the environment has for a proxy.
#[derive(Debug)]
enum Login {
    Untried,
    Good,
    /// It is not sent again.
    Refused(TransportError),
}

/// The proxy for an address.
struct Proxy {
    address: Uri,
    login: Option<HeaderValue>,
}

/// How a proxy answers.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
}

impl Proxies {
    pub(super) fn new(matcher: Matcher, resolver: Resolver, connect: Duration) -> Self {
        let login = Arc::new(Mutex::new(Login::Untried));
        Self { matcher: Arc::new(matcher), resolver, connect, login }
    }

    /// The HTTP proxy that requests to this address go through.
    fn proxy(&self, url: &Url) -> Option<Proxy> {
        let found = self.matcher.intercept(&url.as_str().parse().ok()?)?;
        // A tunnel through SOCKS is another protocol, and one through a proxy of TLS begins with a handshake.
        (found.uri().scheme_str() == Some("http"))
            .then(|| Proxy { address: found.uri().clone(), login: found.basic_auth().cloned() })
    }

    /// Tries the login, if the proxy for this address wants one and it was not tried yet.
    pub(super) async fn log_in(&self, url: &Url) -> Result<(), TransportError> {
        let Some(proxy) = self.proxy(url).filter(|it| it.login.is_some() && url.scheme() == "https") else {
            return Ok(());
        };
        // Held for as long as it takes: several that try at once would be several failed logins.
        let mut login = self.login.lock().await;
        match &*login {
            Login::Good => return Ok(()),
            Login::Refused(error) => return Err(error.clone()),
            Login::Untried => {}
        }
        // Whatever else is in the way: the HTTP client meets it, too, and says it.
        let Some(answer) = self.ask(&proxy, url, true).await else { return Ok(()) };
        if answer.status.is_success() {
            *login = Login::Good;
            return Ok(());
        }
        let error = refusal(&proxy, &answer);
        if answer.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            *login = Login::Refused(error.clone());
        }
        Err(error)
    }

    /// More about a request for a tunnel that failed in the HTTP client: the proxy is asked once more, without a login
    /// that it refused.
    pub(super) async fn explained(&self, url: &Url, error: TransportError) -> TransportError {
        let login_refused = error.kind == TransportErrorKind::ProxyLogin;
        let asks = login_refused || error.kind == TransportErrorKind::Proxy;
        let Some(proxy) = self.proxy(url).filter(|_| asks && url.scheme() == "https") else { return error };
        let why = format!("the proxy {}: {}", shown(&proxy.address), error.why);
        let was_asked = proxy.login.is_some() && matches!(*self.login.lock().await, Login::Untried);
        if was_asked {
            // And gave nothing that could be read.
            return TransportError { why, ..error };
        }
        match self.ask(&proxy, url, !login_refused).await {
            Some(answer) if !answer.status.is_success() => refusal(&proxy, &answer),
            _ => {
                TransportError { why: format!("the proxy {}: {}", shown(&proxy.address), error.why), ..error }
            }
        }
    }

    /// A proxy's own answer to a request that was not encrypted.
    pub(super) fn refused(&self, url: &Url, headers: &HeaderMap) -> Option<TransportError> {
        let proxy = self.proxy(url)?;
        let status = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
        Some(refusal(&proxy, &Answer { status, headers: headers.clone() }))
    }

    /// Asks for a tunnel, and ends it at once. `None` where there is no answer that could be read.
    async fn ask(&self, proxy: &Proxy, url: &Url, with_login: bool) -> Option<Answer> {
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        let login = proxy.login.as_ref().filter(|_| with_login);
        let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n").into_bytes();
        if let Some(login) = login {
            // As the HTTP client writes it.
            request.extend(b"proxy-authorization: ");
            request.extend(login.as_bytes());
            request.extend(b"\r\n");
        }
        request.extend(b"\r\n");
        let (at, port) = (proxy.address.host()?, proxy.address.port_u16().unwrap_or(80));
        let at = at.trim_start_matches('[').trim_end_matches(']');
        let asked = async {
            let addresses = self.resolver.addresses(at, port).await.ok()?;
            let mut stream = TcpStream::connect(&addresses[..]).await.ok()?;
            stream.write_all(&request).await.ok()?;
            head(stream.take(HEAD_BYTES)).await
        };
        timeout(self.connect, asked).await.ok().flatten()
    }
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}

/// Status and headers, as far as they are of use.
async fn head(mut stream: impl tokio::io::AsyncRead + Unpin) -> Option<Answer> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 1 << 10]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    };
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = text.split("\r\n");
    let mut status = lines.next()?.split_ascii_whitespace();
    status.next().filter(|it| it.starts_with("HTTP/"))?;
    let status = StatusCode::from_bytes(status.next()?.as_bytes()).ok()?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.trim().eq_ignore_ascii_case(PROXY_AUTHENTICATE.as_str())
            && let Ok(value) = value.trim().parse()
        {
            headers.append(PROXY_AUTHENTICATE, value);
        }
    }
    Some(Answer { status, headers })
}

/// What a proxy's answer means that opens no tunnel.
fn refusal(proxy: &Proxy, answer: &Answer) -> TransportError {
    let Answer { status, headers } = answer;
    let name = shown(&proxy.address);
    let code = status.as_u16();
    let reason = status.canonical_reason().map(|it| format!(" {it}")).unwrap_or_default();
    let mut why = format!("the proxy {name} answered {code}{reason}");
    let kind = match *status {
        StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            let schemes = schemes(headers);
            if !schemes.is_empty() {
                why.push_str(&format!(" and wants a login by {}", schemes.join(" or ")));
            }
            match schemes.iter().any(|it| it.eq_ignore_ascii_case(BASIC)) {
                false if !schemes.is_empty() => TransportErrorKind::ProxyScheme,
                _ if proxy.login.is_none() => {
                    why.push_str("; none is given");
                    TransportErrorKind::ProxyLogin
                }
                _ => TransportErrorKind::ProxyLogin,
            }
        }
        // Its rules say so. That it is asked too often or too slowly passes.
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => TransportErrorKind::Proxy,
        status if status.is_client_error() => TransportErrorKind::ProxyRefused,
        _ => TransportErrorKind::Proxy,
    };
    TransportError { kind, why }
}

/// The kinds of login in `Proxy-Authenticate`, each once: a header may list several, each with parameters.
fn schemes(headers: &HeaderMap) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for value in headers.get_all(PROXY_AUTHENTICATE) {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        for part in text.split(',') {
            // A parameter, such as `realm="a"`, continues the scheme before it.
            let word = part.split_ascii_whitespace().next().unwrap_or_default();
            let is_scheme =
                !word.is_empty() && word.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
            if is_scheme && !found.iter().any(|it| it.eq_ignore_ascii_case(word)) {
                found.push(Shown::line(word).to_string());
            }
        }
    }
    found
}

/// Host and port: nothing that a login is in.
fn shown(address: &Uri) -> String {
    let host = address.host().unwrap_or_default();
    match address.port_u16() {
        Some(port) => Shown::line(&format!("{host}:{port}")).to_string(),
        None => Shown::line(host).to_string(),
    }
}

#[cfg(test)]
mod tests;
