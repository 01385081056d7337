//! Proxies that refuse, and how often each is asked with a login.

use std::collections::BTreeMap;
use std::sync::Mutex as StdMutex;

use exhibit_driver::Effect;
use http::Method;
use tokio::net::TcpListener;

use super::super::client::{Client, ClientOptions};
use super::super::egress::Egress;
use super::super::message::Outgoing;
use super::super::origin::{Origin, OriginSource};
use super::super::send_error::SendError;
use super::*;

/// A proxy that answers all requests so, and what it was asked.
struct Stage {
    port: u16,
    asked: Arc<StdMutex<Vec<String>>>,
}

impl Stage {
    async fn new(answer: &'static str) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let asked: Arc<StdMutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => request.push(byte),
                        Err(_) => break,
                    }
                }
                heard.lock().expect("unpoisoned").push(String::from_utf8_lossy(&request).to_lowercase());
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        Ok(Self { port, asked })
    }

    fn client(&self, login: &str) -> anyhow::Result<Client> {
        let url = format!("http://{login}127.0.0.1:{}", self.port);
        let explicit = vec![reqwest::Proxy::all(&url)?];
        let chosen = Chosen { matcher: Matcher::builder().all(url).build(), explicit };
        Ok(Client::with(ClientOptions::default(), Egress::default(), chosen, None)?)
    }

    /// How requests with this login fail, made so often, and how often the proxy got the login.
    async fn refused(&self, login: &str, times: usize) -> anyhow::Result<(SendError, usize)> {
        let client = self.client(login)?;
        self.asked.lock().expect("unpoisoned").clear();
        let mut last = None;
        for _ in 0..times {
            last = get(&client, "https://api.exhibit.invalid").await.err();
        }
        let asked = self.asked.lock().expect("unpoisoned");
        let with_login = asked.iter().filter(|it| it.contains("proxy-authorization: basic ")).count();
        let error = last.ok_or_else(|| anyhow::anyhow!("an answer came"))?;
        Ok((error, with_login))
    }
}

async fn get(client: &Client, url: &str) -> Result<(), SendError> {
    let origin = Origin::parse(url, OriginSource::ByOperator { plain_http: true }).expect("an origin");
    let request = Outgoing::new(Method::GET, origin.url().clone());
    client.send(request, &origin, Effect::Read).await.map(drop)
}

const LOGIN: &str = "svc_grc:wr0ng@";

#[tokio::test]
async fn a_login_that_is_refused_is_sent_once() -> anyhow::Result<()> {
    let ntlm = Stage::new(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\nproxy-authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
    )
    .await?;
    let basic = Stage::new(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"a, b\", NTLM\r\n\r\n",
    )
    .await?;
    let plain = Stage::new("HTTP/1.1 407 Sign in\r\n\r\n").await?;
    let mut said = Vec::new();
    for (stage, login, expected) in
        [(&ntlm, LOGIN, 1), (&basic, LOGIN, 1), (&plain, LOGIN, 1), (&ntlm, "", 0), (&basic, "", 0)]
    {
        let (error, with_login) = stage.refused(login, 5).await?;
        assert_eq!(with_login, expected, "{error}");
        assert!(!error.is_passing() && !error.may_have_arrived(), "{error}");
        said.push(format!("{error}\n  next: {}", error.remedy()).replace(&stage.port.to_string(), "PORT"));
    }
    let said = said.join("\n");
    assert!(!said.contains("svc_grc") && !said.contains("wr0ng"), "{said}");
    insta::assert_snapshot!(said, @"
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 407 Proxy Authentication Required and wants a login by NTLM or Negotiate
      next: only logins by Basic are supported, not NTLM, Negotiate or Digest: have the proxy let this machine through by its address, or take Basic; or run a proxy here that logs in to it
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 407 Proxy Authentication Required and wants a login by Basic or NTLM
      next: check the user name and the password that the proxy is given
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 407 Proxy Authentication Required
      next: check the user name and the password that the proxy is given
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 407 Proxy Authentication Required and wants a login by NTLM or Negotiate
      next: only logins by Basic are supported, not NTLM, Negotiate or Digest: have the proxy let this machine through by its address, or take Basic; or run a proxy here that logs in to it
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 407 Proxy Authentication Required and wants a login by Basic or NTLM; none is given
      next: check the user name and the password that the proxy is given
    ");
    Ok(())
}

#[tokio::test]
async fn other_refusals_are_named_by_their_status() -> anyhow::Result<()> {
    let mut said = Vec::new();
    // A proxy that makes no sense is asked once here, and once by the HTTP client.
    for (answer, passing, asked) in [
        ("HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n<html>Blocked</html>", false, 1),
        ("HTTP/1.0 502 Bad Gateway\r\n\r\n", true, 1),
        ("HTTP/1.1 429 Slow down\r\n\r\n", true, 1),
        ("SSH-2.0-no HTTP here\r\n\r\n", true, 2),
    ] {
        let stage = Stage::new(answer).await?;
        for login in [LOGIN, ""] {
            let (error, _) = stage.refused(login, 1).await?;
            assert_eq!(error.is_passing(), passing, "{error}");
            said.push(error.to_string().replace(&stage.port.to_string(), "PORT"));
        }
        let (_, with_login) = stage.refused(LOGIN, 1).await?;
        assert_eq!(with_login, asked, "{answer}");
    }
    insta::assert_snapshot!(said.join("\n"), @"
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 403 Forbidden
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 403 Forbidden
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 502 Bad Gateway
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 502 Bad Gateway
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 429 Too Many Requests
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 429 Too Many Requests
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT: tunnel error: unsuccessful
    cannot reach https://api.exhibit.invalid: the proxy 127.0.0.1:PORT: tunnel error: unsuccessful
    ");
    Ok(())
}

#[tokio::test]
async fn what_a_proxy_answers_to_a_plain_request_is_not_of_the_source() -> anyhow::Result<()> {
    let stage = Stage::new(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n",
    )
    .await?;
    let error = get(&stage.client("")?, "http://api.exhibit.invalid/").await.expect_err("refused");
    let said = error.to_string().replace(&stage.port.to_string(), "PORT");
    insta::assert_snapshot!(said, @"cannot reach http://api.exhibit.invalid: the proxy 127.0.0.1:PORT answered 407 Proxy Authentication Required and wants a login by NTLM");
    Ok(())
}

#[test]
fn a_variable_that_is_set_to_nothing_counts_as_not_set() {
    let chosen = |variables: &[(&str, &str)]| {
        let variables: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let chosen = Chosen::of(|name| variables.get(name).cloned());
        let to = |url: &str| {
            let found = chosen.matcher.intercept(&url.parse().expect("a URL"))?;
            Some(found.uri().authority()?.to_string())
        };
        let some = [to("https://a.example"), to("https://b.example"), to("http://a.example")];
        (some.map(Option::unwrap_or_default), chosen.explicit.len())
    };
    let lower = [
        ("HTTPS_PROXY", ""),
        ("https_proxy", "http://u:p@10.0.0.1:3128"),
        ("NO_PROXY", " "),
        ("no_proxy", "b.example"),
    ];
    assert_eq!(chosen(&lower), (["10.0.0.1:3128".to_owned(), String::new(), String::new()], 1));
    let all = [("HTTPS_PROXY", ""), ("https_proxy", " "), ("ALL_PROXY", ""), ("all_proxy", "10.0.0.2:1")];
    let second = "10.0.0.2:1".to_owned();
    assert_eq!(chosen(&all), ([second.clone(), second.clone(), second], 1));
    // Where nothing is hidden, the HTTP client chooses.
    assert_eq!(chosen(&[("HTTPS_PROXY", "http://10.0.0.1:1"), ("https_proxy", "http://10.0.0.2:1")]).1, 0);
    assert_eq!(chosen(&[("HTTPS_PROXY", ""), ("https_proxy", "")]).1, 0);
    assert_eq!(chosen(&[&lower[..], &[("REQUEST_METHOD", "GET")]].concat()).1, 0);
}
