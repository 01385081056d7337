//! Requests that fail, and those that are not made.

use super::super::egress::{EgressRemedy, EgressRules};
use super::super::origin::OriginSource;
use super::*;

/// More than an answer takes on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn attempts_at_an_answer_that_stalls_take_no_longer_than_one_whose_head_does_not_come() {
    assert!(STALL * crate::collect::Limits::default().attempts <= IDLE);
}

/// Answers a request with a head and a part of a body, and then nothing.
#[tokio::test]
async fn silence_within_an_answer_is_waited_for_separately() -> Result<(), Box<dyn std::error::Error>> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await?);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await?;
        std::future::pending::<std::io::Result<()>>().await
    });
    let origin = Origin::parse(&url, OriginSource::ByOperator { plain_http: true })?;
    let options = ClientOptions { connect: PATIENCE, idle: PATIENCE, stall: Duration::from_millis(50) };
    let request = Outgoing::new(Method::GET, origin.url().clone());
    let mut answer = Client::new(options, Egress::default())?.send(request, &origin, Effect::Read).await?;
    assert_eq!(answer.chunk().await?.as_deref(), Some(&b"half"[..]));
    let error = answer.chunk().await.expect_err("silence");
    assert_eq!((error.kind, error.why.as_str()), (TransportErrorKind::Silence, "nothing came for 0.05s"));
    server.abort();
    Ok(())
}

/// Repeats a password in a header, in two pieces of a body, and in a redirect.
#[tokio::test]
async fn secrets_that_a_source_repeats_are_replaced_in_all_that_is_read()
-> Result<(), Box<dyn std::error::Error>> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::super::echo::Echo;

    let answers: [&[&[u8]]; 2] = [
        &[
            b"HTTP/1.1 400 Bad Request\r\nX-Why: not open-sesame\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"9\r\n<A>open-s\r\n",
            b"b\r\nesame?</A>o\r\n0\r\n\r\n",
        ],
        &[b"HTTP/1.1 302 Found\r\nLocation: https://sso.example/open-sesame?a\r\nContent-Length: 0\r\n\r\n"],
    ];
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        for pieces in answers {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await?);
            }
            for piece in pieces {
                stream.write_all(piece).await?;
                stream.flush().await?;
                tokio::task::yield_now().await;
            }
        }
        Ok::<_, std::io::Error>(stream)
    });
    let origin = Origin::parse(&url, OriginSource::ByOperator { plain_http: true })?;
    let options = ClientOptions { connect: PATIENCE, idle: PATIENCE, stall: PATIENCE };
    let client = Client::new(options, Egress::default())?;
    let mut request = Outgoing::new(Method::GET, origin.url().clone());
    request.echo = Echo::of([&exhibit_secrets::Secret::from("open-sesame".to_owned())]);
    let mut answer = client.send(request.clone(), &origin, Effect::Read).await?;
    let head = answer.head(&["x-why".to_owned()]);
    assert_eq!(head.headers, [("x-why".to_owned(), "not [redacted]".to_owned())]);
    assert_eq!(answer.redacted(), 1);
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
    }
    assert_eq!((body.as_slice(), answer.redacted()), (&b"<A>[redacted]?</A>o"[..], 2));
    assert_eq!(answer.chunk().await?, None);
    drop(answer);
    let error = client.send(request, &origin, Effect::Read).await.expect_err("it leads elsewhere");
    assert!(error.to_string().contains(" redirected to https://sso.example/[redacted], "), "{error}");
    drop(server.await??);
    Ok(())
}

/// Lists a value that must not be kept, compressed, and repeats a secret within and beside it.
#[tokio::test]
async fn values_are_blanked_in_what_is_decoded_and_before_secrets_are_replaced()
-> Result<(), Box<dyn std::error::Error>> {
    use std::io::Write as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::super::echo::Echo;

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(b"<A><P>x open-sesame</P><B>open-sesame</B><p q='1'>y</p></A>")?;
    let body = encoder.finish()?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        for _ in 0..2 {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await?);
            }
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
        }
        Ok::<_, std::io::Error>(stream)
    });
    let origin = Origin::parse(&url, OriginSource::ByOperator { plain_http: true })?;
    let options = ClientOptions { connect: PATIENCE, idle: PATIENCE, stall: PATIENCE };
    let client = Client::new(options, Egress::default())?;
    for (secret, kept, redacted) in [
        (Some("open-sesame"), "<A><P>[blanked]</P><B>[redacted]</B><p q='[blanked]'>[blanked]</p></A>", 1),
        (None, "<A><P>[blanked]</P><B>open-sesame</B><p q='[blanked]'>[blanked]</p></A>", 0),
    ] {
        let mut request = Outgoing::new(Method::GET, origin.url().clone());
        let secret = secret.map(|it| exhibit_secrets::Secret::from(it.to_owned()));
        request.echo = Echo::of(&secret);
        let mut answer = client.send(request, &origin, Effect::Read).await?;
        answer.blank(&["P".to_owned(), "none".to_owned()]);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
        }
        assert_eq!((String::from_utf8(body)?.as_str(), answer.redacted()), (kept, redacted));
        assert_eq!(answer.blanked().collect::<Vec<_>>(), [("P", 3)]);
        assert_eq!(answer.chunk().await?, None);
    }
    drop(server.await??);
    Ok(())
}

/// Leads from one place to the next within itself, the last time with a password, and answers there.
#[tokio::test]
async fn where_a_request_was_redirected_to_is_kept() -> Result<(), Box<dyn std::error::Error>> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::super::echo::Echo;

    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        for (status, location) in
            [("302 Found", "/b?page=2"), ("307 Temporary Redirect", "c/open-sesame"), ("200 OK", "/none")]
        {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await?);
            }
            let head = format!("HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
        }
        Ok::<_, std::io::Error>(stream)
    });
    let origin = Origin::parse(&url, OriginSource::ByOperator { plain_http: true })?;
    let options = ClientOptions { connect: PATIENCE, idle: PATIENCE, stall: PATIENCE };
    let mut request = Outgoing::new(Method::GET, origin.url().clone());
    request.echo = Echo::of([&exhibit_secrets::Secret::from("open-sesame".to_owned())]);
    let mut answer = Client::new(options, Egress::default())?.send(request, &origin, Effect::Read).await?;
    assert_eq!(answer.redirected(), [format!("{url}/b?page=2"), format!("{url}/c/[redacted]")]);
    answer.head(&[]);
    assert_eq!(answer.redacted(), 1, "what is in its record is counted there");
    drop(server.await??);
    Ok(())
}

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
    let options = ClientOptions { connect: PATIENCE, idle, stall: PATIENCE };
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
    let client =
        Client::new(ClientOptions { connect: PATIENCE, idle: PATIENCE, stall: PATIENCE }, rules.into())?;
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
