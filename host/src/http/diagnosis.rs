//! Finds out what a failed request failed of.

use std::error::Error;
use std::io;

use exhibit_rows::Shown;

use super::tls_error::{self, of_tls};
use super::transport_error::{TransportError, TransportErrorKind};

/// What the HTTP client's errors of proxies have in them; their type is private to it. A test sees to it.
const TUNNEL: &str = "tunnel error";
const PROXY_LOGIN: &str = "tunnel error: proxy authorization required";

/// Finds out what a request failed of.
pub(super) fn transport_error(error: &reqwest::Error) -> TransportError {
    let chain = || causes(error);
    // The innermost error is the one that knows.
    let inner = chain().last().map(inmost_text).unwrap_or_default();
    let why = Shown::line(&inner).to_string();
    if let Some(tls) = chain().find_map(tls_cause) {
        let (kind, why) = of_tls(tls);
        return TransportError { kind, why };
    }
    let trouble = if error.is_timeout() {
        TransportErrorKind::Silence
    } else if error.is_dns() {
        TransportErrorKind::Name
    } else if chain().any(|it| it.to_string().contains(PROXY_LOGIN)) {
        TransportErrorKind::ProxyLogin
    } else if chain().any(|it| it.to_string().contains(TUNNEL)) {
        TransportErrorKind::Proxy
    } else if error.is_connect() {
        TransportErrorKind::Connection
    } else {
        TransportErrorKind::BrokenOff
    };
    TransportError { kind: trouble, why }
}

/// An error and its causes.
pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |it| (*it).source())
}

fn inmost_text(error: &(dyn Error + 'static)) -> String {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => inner.to_string(),
        None => error.to_string(),
    }
}

/// Whether the server's certificate is signed by an authority that is not trusted.
pub(super) fn is_unknown_issuer(error: &reqwest::Error) -> bool {
    causes(error).find_map(tls_cause).is_some_and(tls_error::is_unknown_issuer)
}

/// An error of TLS travels inside one of input and output, which hides it from the chain.
fn tls_cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return Some(error);
    }
    let inner: &(dyn Error + 'static) = error.downcast_ref::<io::Error>()?.get_ref()?;
    tls_cause(inner)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;

    /// What a request through a proxy fails of that answers so.
    async fn through(answer: &'static str) -> Result<TransportErrorKind, Box<dyn Error>> {
        super::super::client::use_ring();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let proxy = reqwest::Proxy::https(format!("http://{}", listener.local_addr()?))?;
        let client = reqwest::Client::builder().tls_certs_only([]).proxy(proxy).build()?;
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            stream.readable().await?;
            drop(stream.try_read(&mut [0; 1024]));
            stream.write_all(answer.as_bytes()).await
        });
        let error = client.get("https://api.exhibit.invalid").send().await.err().ok_or("an answer came")?;
        server.await??;
        Ok(transport_error(&error).kind)
    }

    #[tokio::test]
    async fn a_proxy_that_wants_a_login_is_told_from_one_that_fails() -> Result<(), Box<dyn Error>> {
        let login = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n";
        assert_eq!(through(login).await?, TransportErrorKind::ProxyLogin);
        for answer in ["HTTP/1.1 503 Service Unavailable\r\n\r\n", "HTTP/1.1 403 Forbidden\r\n\r\n", ""] {
            assert_eq!(through(answer).await?, TransportErrorKind::Proxy, "{answer}");
        }
        Ok(())
    }
}
