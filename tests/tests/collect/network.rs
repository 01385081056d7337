//! Proxies and private certificate authorities, by the usual environment variables.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::encrypted::encrypted;
use crate::stage::Stage;
use anyhow::{Context as _, Result};
use exhibit_simulator::World;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A name that leads nowhere: only a proxy can reach it.
const ELSEWHERE: &str = "api.exhibit.invalid";

async fn stage() -> Result<Stage> {
    Stage::new(World { users: 5, ..World::default() }).await
}

fn address(url: &str) -> Result<SocketAddr> {
    Ok(url.strip_prefix("http://").context("plain http")?.parse()?)
}

/// A proxy that tunnels to `target`, whatever host is requested. Gives its port and counts
/// tunnels.
async fn proxy(target: SocketAddr) -> Result<(u16, Arc<AtomicUsize>)> {
    let tunnels = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let counted = Arc::clone(&tunnels);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                let mut client = BufReader::new(stream);
                let mut line = String::new();
                while client.read_line(&mut line).await? > 2 {
                    if line.starts_with(&format!("CONNECT {ELSEWHERE}:443")) {
                        counted.fetch_add(1, Ordering::Relaxed);
                    }
                    line.clear();
                }
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                let mut server = TcpStream::connect(target).await?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    Ok((port, tunnels))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_authority_is_trusted_where_the_environment_names_it() -> Result<()> {
    let mut stage = stage().await?;
    let (port, authority) = encrypted(&["localhost", ELSEWHERE], address(&stage.origin)?).await?;
    stage.origin = format!("https://localhost:{port}");
    let called = stage.collect("users", "out", &[]).await?.ended_with(3)?;
    assert!(called.stderr.contains("certificate"), "{}", called.stderr);
    assert!(stage.source.requests().is_empty(), "no request, and so no password, went to a stranger");

    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), authority)?;
    stage.environment.push(("SSL_CERT_FILE".to_owned(), file.path().display().to_string()));
    stage.collect("users", "out", &[]).await?.ended_with(0)?;
    assert_eq!(stage.kept("out").rows()?.len(), 5);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_used_where_the_environment_names_it() -> Result<()> {
    let mut stage = stage().await?;
    let (port, authority) = encrypted(&["localhost", ELSEWHERE], address(&stage.origin)?).await?;
    let (proxy, tunnels) = proxy(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    stage.origin = format!("https://{ELSEWHERE}");
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), authority)?;
    stage.environment.push(("SSL_CERT_FILE".to_owned(), file.path().display().to_string()));
    stage.environment.push(("HTTPS_PROXY".to_owned(), format!("http://127.0.0.1:{proxy}")));
    stage.collect("users", "out", &[]).await?.ended_with(0)?;
    assert!(tunnels.load(Ordering::Relaxed) > 0);
    Ok(())
}

/// A proxy that wants a login by NTLM. Gives its port and counts the logins that it got.
async fn refusing_proxy() -> Result<(u16, Arc<AtomicUsize>)> {
    const ANSWER: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\n\r\n";
    let logins = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let counted = Arc::clone(&logins);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut client = BufReader::new(stream);
            let mut line = String::new();
            while client.read_line(&mut line).await.is_ok_and(|it| it > 2) {
                if line.to_ascii_lowercase().starts_with("proxy-authorization: basic ") {
                    counted.fetch_add(1, Ordering::Relaxed);
                }
                line.clear();
            }
            drop(client.write_all(ANSWER).await);
        }
    });
    Ok((port, logins))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_a_proxy_refuses_is_sent_once_by_a_collection_and_by_a_check() -> Result<()> {
    for command in ["collect", "check"] {
        let mut stage = stage().await?;
        let (proxy, logins) = refusing_proxy().await?;
        stage.origin = format!("https://{ELSEWHERE}");
        let url = format!("http://svc_grc:wr0ng@127.0.0.1:{proxy}");
        stage.environment.push(("HTTPS_PROXY".to_owned(), url));
        let called = match command {
            "check" => stage.connected(&["check"]).await?,
            _ => stage.collect("users", "out", &[]).await?,
        };
        let called = called.ended_with(3)?;
        let said =
            [&called.stdout, &called.stderr].map(|it| it.split_whitespace().collect::<Vec<_>>().join(" "));
        let said = said.join(" ");
        assert_eq!(logins.load(Ordering::Relaxed), 1, "{command}: {said}");
        assert!(
            said.contains("407 Proxy Authentication Required and wants a login by NTLM"),
            "{command}: {said}"
        );
        assert!(said.contains(&format!("127.0.0.1:{proxy}")), "{command}: {said}");
        assert!(!said.contains("wr0ng") && !said.contains("svc_grc"), "{command}: {said}");
        assert!(stage.source.requests().is_empty(), "{command}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_certificates_that_cannot_be_used_is_named() -> Result<()> {
    let mut stage = stage().await?;
    let (port, authority) = encrypted(&["localhost"], address(&stage.origin)?).await?;
    stage.origin = format!("https://localhost:{port}");
    let folder = tempfile::tempdir()?;
    let before = stage.environment.clone();
    for (name, content, expected) in [
        ("bom.pem", format!("\u{feff}{authority}").into_bytes(), "begins with a byte order mark (BOM)"),
        ("empty.pem", vec![], "is empty"),
        ("binary.pem", vec![0x30, 0x82, 1, 2, 3], "is binary (DER or PKCS)"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, content)?;
        stage.environment.clone_from(&before);
        stage.environment.push(("SSL_CERT_FILE".to_owned(), path.display().to_string()));
        let called = stage.collect("users", "out", &[]).await?.ended_with(3)?;
        let named = format!("the file of trusted certificates {} {expected}", path.display());
        assert!(called.stderr.contains(&named), "{}", called.stderr);
        assert!(called.stderr.contains("SSL_CERT_FILE"), "{}", called.stderr);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_is_for_this_machine() -> Result<()> {
    let mut stage = stage().await?;
    stage.origin = "http://api.example".to_owned();
    let called = stage.collect("users", "out", &[]).await?.ended_with(2)?;
    insta::assert_snapshot!(called.stderr.trim_end(), @"
    error: the origin `api`: `http://api.example` is not https, so passwords and answers could be read on the way; http is for this machine only, or where you say so for that origin
    next: write https://…; where only http is to be had and others may read the traffic, add --plain-http api
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_services_are_never_asked() -> Result<()> {
    for origin in ["https://169.254.169.254", "https://[::ffff:a9fe:a9fe]", "http://0.0.0.0:80"] {
        let mut stage = stage().await?;
        stage.origin = origin.to_owned();
        let called = stage
            .collect("users", "out", &["--plain-http", "api", "--plain-http", "gateway"])
            .await?
            .ended_with(2)?;
        assert!(called.stderr.contains("requests to it are blocked"), "{}", called.stderr);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn networks_are_allowed_and_denied_by_options() -> Result<()> {
    let mut stage = stage().await?;
    let port = address(&stage.origin)?.port();
    let called = stage.collect("users", "out", &["--deny-network", "127.0.0.0/8"]).await?.ended_with(2)?;
    insta::assert_snapshot!(called.stderr.trim_end(), @r"
    error: the origin `api`: 127.0.0.1 is in the denied network 127.0.0.0/8; requests to it are blocked
    next: if that address is meant, add --allow-network 127.0.0.1/32, or leave out --deny-network 127.0.0.0/8
    ");
    let called = stage.collect("users", "out", &["--deny-network", "all"]).await?.ended_with(2)?;
    assert!(called.stderr.contains("add --allow-network 127.0.0.1/32"), "{}", called.stderr);
    let called = stage.collect("users", "out", &["--allow-network", "10.20.1.1/16"]).await?.ended_with(2)?;
    assert!(called.stderr.contains("write 10.20.0.0/16 for the whole network"), "{}", called.stderr);
    assert!(stage.source.requests().is_empty(), "no request went to a denied address");

    let only = ["--deny-network", "all", "--allow-network", "127.0.0.1", "--allow-network", "::1"];
    stage.collect("users", "out", &only).await?.ended_with(0)?;
    assert_eq!(stage.kept("out").rows()?.len(), 5);
    // A name is judged by what it resolves to.
    stage.origin = format!("http://localhost:{port}");
    let denied = ["--deny-network", "127.0.0.0/8", "--deny-network", "::1"];
    let called = stage.collect("users", "named", &denied).await?.ended_with(3)?;
    assert!(called.stderr.contains("`localhost` resolves to "), "{}", called.stderr);
    assert!(called.stderr.contains("--deny-network"), "{}", called.stderr);
    Ok(())
}
