//! A time stamp authority of `openssl ts`, behind the least of HTTP.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_skipped::skip;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// A key of 2048 bits takes a moment.
const PATIENCE: Duration = Duration::from_secs(60);
/// In days. Evidence that is kept as a fixture is checked for many years.
const VALID: &str = "36500";
/// A query has some seventy bytes.
const REQUEST_BYTES: usize = 64 << 10;

const CONFIG: &str = "\
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
";

/// What it signs with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    /// An RSA key of so many bits.
    Rsa(u16),
    /// A key on this curve.
    Ec(&'static str),
}

impl Key {
    /// What most authorities of today have.
    pub(crate) const P256: Self = Self::Ec("P-256");
}

/// Answers until dropped.
pub(crate) struct Authority {
    folder: Arc<TempDir>,
    port: u16,
    task: JoinHandle<()>,
}

impl Authority {
    /// `None` where there is no openssl: the caller's test is skipped.
    pub(crate) async fn start(key: Key) -> Result<Option<Self>> {
        let folder = Arc::new(tempfile::tempdir()?);
        if let Err(error) = openssl(folder.path(), &["version"]).await {
            skip("openssl", format!("{error:#}"))?;
            return Ok(None);
        }
        certify(folder.path(), key).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let within = Arc::clone(&folder);
        let task = tokio::spawn(async move {
            // One after the other: they share a file of serial numbers.
            while let Ok((stream, _)) = listener.accept().await {
                if let Err(error) = answer(stream, within.path()).await {
                    eprintln!("the authority: {error:#}");
                }
            }
        });
        Ok(Some(Self { folder, port, task }))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/tsr", self.port)
    }

    /// The file of its root certificate.
    pub(crate) fn root(&self) -> String {
        self.folder.path().join("root.pem").display().to_string()
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A root, and a certificate for time stamps that it signs.
async fn certify(folder: &Path, key: Key) -> Result<()> {
    std::fs::write(folder.join("ts.cnf"), CONFIG)?;
    let own = new(key);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    // A root of a usual kind, whatever the authority's own key is.
    let usual = new(Key::P256);
    let usual: Vec<&str> = usual.iter().map(String::as_str).collect();
    let root =
        ["req", "-x509", "-days", VALID, "-subj", "/CN=Root", "-keyout", "root.key", "-out", "root.pem"];
    openssl(folder, &[&root[..], &usual].concat()).await?;
    let request = ["req", "-new", "-subj", "/CN=Time", "-keyout", "tsa.key", "-out", "tsa.csr"];
    openssl(folder, &[&request[..], &own].concat()).await?;
    let sign = ["x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"];
    let to = ["-days", VALID, "-extfile", "ts.cnf", "-extensions", "leaf", "-out", "tsa.pem"];
    openssl(folder, &[&sign[..], &to].concat()).await.map(drop)
}

/// The options that make a new key.
fn new(key: Key) -> Vec<String> {
    let options = match key {
        Key::Rsa(bits) => vec!["-newkey".to_owned(), format!("rsa:{bits}")],
        Key::Ec(curve) => {
            vec![
                "-newkey".to_owned(),
                "ec".to_owned(),
                "-pkeyopt".to_owned(),
                format!("ec_paramgen_curve:{curve}"),
            ]
        }
    };
    [options, vec!["-nodes".to_owned()]].concat()
}

/// What it says on both of its outputs, where it ends well.
pub(crate) async fn openssl(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new("openssl");
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    let ended = timeout(PATIENCE, command.output()).await.context("openssl does not end")?;
    let ended = ended.context("openssl does not start")?;
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    ensure!(ended.status.success(), "openssl {arguments:?}: {said}");
    Ok(said)
}

async fn answer(mut stream: TcpStream, folder: &Path) -> Result<()> {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        ensure!(bytes.len() < REQUEST_BYTES && stream.read_buf(&mut bytes).await? > 0, "half a request");
        let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|it| it.strip_prefix("content-length: ")?.parse().ok());
        if bytes.len() >= end + 4 + length.unwrap_or(0) {
            break (head, bytes[end + 4..].to_vec());
        }
    };
    ensure!(head.starts_with("post /tsr "), "{head}");
    ensure!(head.contains("content-type: application/timestamp-query"), "{head}");
    std::fs::write(folder.join("query.tsq"), body)?;
    let reply = [
        "ts",
        "-reply",
        "-config",
        "ts.cnf",
        "-section",
        "one",
        "-queryfile",
        "query.tsq",
        "-out",
        "reply.tsr",
    ];
    openssl(folder, &reply).await?;
    let reply = std::fs::read(folder.join("reply.tsr"))?;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        reply.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&reply).await?;
    Ok(stream.shutdown().await?)
}
