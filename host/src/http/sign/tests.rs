//! Requests that are signed, and secrets that cannot sign any.

use std::io::Write;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::client::ClientOptions;
use super::super::egress::Egress;
use super::super::origin::OriginSource;
use super::*;
use crate::clock::FixedClock;
use crate::retry::{Retry, SOON};

/// A clock that a test sets.
#[derive(Debug, Default)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Instant {
        self.0.load(Ordering::Relaxed)
    }
}

/// Files that hold these secrets, and a signer that knows them by `user` and `pass`.
fn signer(scheme: AuthScheme, user: &str, pass: &str) -> anyhow::Result<(Signer, tempfile::TempDir)> {
    let folder = tempfile::tempdir()?;
    let mut secrets = BTreeMap::new();
    for (name, secret) in [("user", user), ("pass", pass)] {
        let path = folder.path().join(name);
        std::fs::File::create(&path)?.write_all(secret.as_bytes())?;
        secrets.insert(name.to_owned(), SecretRef::File(path));
    }
    signer_at(Arc::new(FixedClock(0)), scheme, secrets, folder)
}

fn signer_at(
    clock: Arc<dyn Clock>,
    scheme: AuthScheme,
    secrets: BTreeMap<String, SecretRef>,
    folder: tempfile::TempDir,
) -> anyhow::Result<(Signer, tempfile::TempDir)> {
    let schemes = BTreeMap::from([("auth".to_owned(), scheme)]);
    let secrets = Leases::new(secrets, Backends::default(), Arc::clone(&clock));
    let signer = Signer { schemes, secrets, tokens: Mutex::default(), clock };
    Ok((signer, folder))
}

fn basic_scheme() -> AuthScheme {
    AuthScheme::Basic(BasicAuth { username: "user".to_owned(), password: "pass".to_owned() })
}

async fn signed(signer: &Signer, url: &str) -> anyhow::Result<HeaderValue> {
    let origin = Origin::parse(url, OriginSource::ByOperator { plain_http: false })?;
    let mut request = Outgoing::new(Method::GET, origin.url().clone());
    let origins = Origins::from([("api".to_owned(), origin)]);
    signer
        .sign(&mut request, "auth", &Client::new(ClientOptions::default(), Egress::default())?, &origins)
        .await?;
    Ok(request.headers[AUTHORIZATION].clone())
}

#[tokio::test]
async fn signs_as_rfc_7617_says_and_shows_nothing() -> anyhow::Result<()> {
    let (signer, _folder) = signer(basic_scheme(), "Aladdin", "open sesame")?;
    let header = signed(&signer, "https://api.example").await?;
    assert_eq!(header, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert!(header.is_sensitive());
    assert!(!format!("{header:?} {signer:?}").contains("QWxh"));
    Ok(())
}

#[tokio::test]
async fn what_no_login_has_is_refused_before_anything_is_sent() -> anyhow::Result<()> {
    for (user, pass, expected) in [
        (
            "Aladdin\n\n",
            "open sesame",
            "the secret `user` cannot be used: there is a line break or another control character in it",
        ),
        (
            "Aladdin",
            "open\tsesame\n",
            "the secret `pass` cannot be used: there is a line break or another control character in it",
        ),
        ("Alad:din", "open sesame", "the secret `user` cannot be used: a user name has no colon in it"),
    ] {
        let (signer, _folder) = signer(basic_scheme(), user, pass)?;
        let error = signed(&signer, "https://api.example").await.err().map(|it| it.to_string());
        assert_eq!(error.as_deref(), Some(expected));
    }
    Ok(())
}

#[tokio::test]
async fn puts_a_secret_into_a_header_of_the_sources_own() -> anyhow::Result<()> {
    let scheme = AuthScheme::Header(HeaderAuth {
        name: "x-api-key".to_owned(),
        prefix: "Key ".to_owned(),
        secret: "pass".to_owned(),
    });
    let (signer, _folder) = signer(scheme, "", "open-sesame")?;
    let origin = Origin::parse("https://api.example", OriginSource::ByOperator { plain_http: false })?;
    let mut request = Outgoing::new(Method::GET, origin.url().clone());
    let origins = Origins::from([("api".to_owned(), origin)]);
    signer
        .sign(&mut request, "auth", &Client::new(ClientOptions::default(), Egress::default())?, &origins)
        .await?;
    let header = &request.headers["x-api-key"];
    assert_eq!(header, "Key open-sesame");
    assert!(header.is_sensitive());
    assert!(!request.headers.contains_key(AUTHORIZATION));
    Ok(())
}

#[tokio::test]
async fn what_signs_is_known_if_it_comes_back_and_a_user_name_may() -> anyhow::Result<()> {
    let (signer, _folder) = signer(basic_scheme(), "Aladdin-the-first", "open sesame")?;
    let origin = Origin::parse("https://api.example", OriginSource::ByOperator { plain_http: false })?;
    let mut request = Outgoing::new(Method::GET, origin.url().clone());
    let origins = Origins::from([("api".to_owned(), origin)]);
    let client = Client::new(ClientOptions::default(), Egress::default())?;
    signer.sign(&mut request, "auth", &client, &origins).await?;
    let value = request.headers[AUTHORIZATION].to_str()?;
    let (said, times) = request.echo.redact(&format!("{value} Aladdin-the-first open+sesame"));
    assert_eq!((said.replace('=', "").as_str(), times), ("Basic [redacted] Aladdin-the-first [redacted]", 2));
    Ok(())
}

#[tokio::test]
async fn refuses_a_user_name_that_would_end_early() -> anyhow::Result<()> {
    let (signer, _folder) = signer(basic_scheme(), "a:b", "c")?;
    let error = signed(&signer, "https://api.example").await.expect_err("should be refused");
    assert_eq!(error.to_string(), "the secret `user` cannot be used: a user name has no colon in it");
    Ok(())
}

#[tokio::test]
async fn exchanges_secrets_for_a_token_and_keeps_it() -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let asked = tokio::spawn(async move {
        let mut asked = vec![];
        for token in ["one-of-them", "two"] {
            let (mut stream, _) = listener.accept().await?;
            let mut request = vec![0; 4096];
            let size = stream.read(&mut request).await?;
            asked.push(String::from_utf8_lossy(&request[..size]).into_owned());
            let answer = format!("HTTP/1.1 201 Created\r\nconnection: close\r\n\r\n{token}\n");
            stream.write_all(answer.as_bytes()).await?;
        }
        Ok::<_, std::io::Error>(asked)
    });
    let form = [("username", "{user}"), ("password", "{pass}"), ("token", "true")];
    let exchange = TokenExchange {
        origin: "api".to_owned(),
        path: "/auth".to_owned(),
        form: form.map(|(field, value)| (field.to_owned(), value.to_owned())).to_vec(),
        lifetime: 3600,
    };
    let (signer, _folder) = signer(AuthScheme::Token(exchange), "a&b-the-first", "c=d of them")?;

    assert_eq!(signed(&signer, &url).await?, "Bearer one-of-them");
    assert_eq!(signed(&signer, &url).await?, "Bearer one-of-them");
    let known = signer.tokens.lock().await["auth"].echo.redact("one-of-them c%3Dd+of+them a&b-the-first");
    assert_eq!(known, ("[redacted] [redacted] a&b-the-first".to_owned(), 2));
    assert!(signer.renew("auth").await);
    assert!(!signer.renew("auth").await);
    assert_eq!(signed(&signer, &url).await?, "Bearer two");
    let asked = asked.await??;
    assert!(asked[0].starts_with("POST /auth HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[0].ends_with("username=a%26b-the-first&password=c%3Dd+of+them&token=true"), "{}", asked[0]);
    Ok(())
}

/// A place that gives these answers to token requests, one connection each, and where it is.
async fn tokens(
    answers: &'static [(u16, &'static str)],
) -> anyhow::Result<(String, tokio::task::JoinHandle<std::io::Result<usize>>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let asked = tokio::spawn(async move {
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().await?;
            let mut request = vec![0; 4096];
            let _ = stream.read(&mut request).await?;
            let answer = format!("HTTP/1.1 {status} -\r\nconnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await?;
        }
        Ok(answers.len())
    });
    Ok((url, asked))
}

fn token_scheme(lifetime: u32) -> AuthScheme {
    let form = [("username", "{user}"), ("password", "{pass}"), ("token", "true")];
    AuthScheme::Token(TokenExchange {
        origin: "api".to_owned(),
        path: "/auth".to_owned(),
        form: form.map(|(field, value)| (field.to_owned(), value.to_owned())).to_vec(),
        lifetime,
    })
}

#[tokio::test]
async fn a_token_is_renewed_a_minute_before_it_ends() -> anyhow::Result<()> {
    let (url, asked) = tokens(&[(201, "first-token"), (201, "second-token")]).await?;
    let folder = tempfile::tempdir()?;
    let mut secrets = BTreeMap::new();
    for name in ["user", "pass"] {
        std::fs::write(folder.path().join(name), "something")?;
        secrets.insert(name.to_owned(), SecretRef::File(folder.path().join(name)));
    }
    let clock = Arc::new(SetClock::default());
    let (signer, _folder) = signer_at(Arc::clone(&clock) as _, token_scheme(14_400), secrets, folder)?;
    for (seconds, token) in [
        (0, "first-token"),
        (14_400 - 61, "first-token"),
        (14_400 - 60, "second-token"),
        (14_400, "second-token"),
        (2 * 14_400 - 121, "second-token"),
    ] {
        clock.0.store(seconds * 1_000, Ordering::Relaxed);
        assert_eq!(signed(&signer, &url).await?, format!("Bearer {token}"), "after {seconds} s");
    }
    assert_eq!(asked.await??, 2);
    Ok(())
}

#[tokio::test]
async fn requests_that_begin_at_once_share_a_token() -> anyhow::Result<()> {
    let (url, asked) = tokens(&[(201, "one-token")]).await?;
    let (signer, _folder) = signer(token_scheme(14_400), "user-name", "pass-word")?;
    let all = try_join_all((0..8).map(|_| signed(&signer, &url))).await?;
    assert!(all.iter().all(|it| it == "Bearer one-token"), "{all:?}");
    assert_eq!(asked.await??, 1);
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_not_given_says_whether_it_can_be_later() -> anyhow::Result<()> {
    for (status, retry, is_passing) in [
        (401, Retry::NeedsPerson, false),
        (403, Retry::NeedsPerson, false),
        (404, Retry::NeedsPerson, false),
        (429, Retry::After(SOON), true),
        (500, Retry::After(SOON), true),
        (503, Retry::After(SOON), true),
    ] {
        let answers: &'static [(u16, &'static str)] = Box::leak(Box::new([(status, "a page")]));
        let (url, asked) = tokens(answers).await?;
        let (signer, _folder) = signer(token_scheme(14_400), "user-name", "pass-word")?;
        let error = signed(&signer, &url).await.expect_err("no token");
        let error = error.downcast_ref::<SignError>().map(|it| (it.retry(), it.is_passing(), it.to_string()));
        assert_eq!(error, Some((retry, is_passing, format!("{url} gave no token: HTTP {status}"))));
        assert_eq!(asked.await??, 1, "the secrets are the same, so they are not tried again");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_token_is_refused() -> anyhow::Result<()> {
    for (body, why) in [
        ("", "it is empty"),
        ("<html>sign in</html>", "it has spaces or what is no ASCII in it"),
        ("t\u{f6}ken", "it has spaces or what is no ASCII in it"),
    ] {
        let answers: &'static [(u16, &'static str)] = Box::leak(Box::new([(201, body)]));
        let (url, asked) = tokens(answers).await?;
        let (signer, _folder) = signer(token_scheme(14_400), "user-name", "pass-word")?;
        let error = signed(&signer, &url).await.expect_err("no token").to_string();
        assert_eq!(error, format!("{url} sent an unusable token: {why}"));
        asked.await??;
    }
    Ok(())
}
