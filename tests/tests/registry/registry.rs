//! The least of a registry: what the OCI distribution specification asks for pushing and pulling by
//! tag and digest, in HTTP as it is on the wire, and the two ways in which registries want a login.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// No request of a test has more.
const REQUEST_BYTES: usize = 64 << 20;

/// Whom it lets in.
pub(crate) const USERNAME: &str = "ada";
pub(crate) const PASSWORD: &str = "canary-7f3a91";
/// What it gives for these.
const TOKEN: &str = "canary-5d20c8";

/// Whom it lets in, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    /// Everybody.
    None,
    /// By name and password with each request.
    Basic,
    /// By a token, which name and password are exchanged for.
    Token,
}

/// Answers until dropped.
pub(crate) struct Registry {
    port: u16,
    /// Blobs and manifests by path.
    kept: Kept,
    task: JoinHandle<()>,
}

type Kept = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

struct Request {
    method: String,
    path: String,
    query: String,
    authorization: Option<String>,
    body: Vec<u8>,
}

struct Answer {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Registry {
    pub(crate) async fn start(login: Login) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let kept = Kept::default();
        let store = Arc::clone(&kept);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&store), login, port));
            }
        });
        Ok(Self { port, kept, task })
    }

    /// The name of an artifact here.
    pub(crate) fn reference(&self, rest: &str) -> String {
        format!("127.0.0.1:{}/{rest}", self.port)
    }

    /// What is kept under a path that ends so.
    pub(crate) fn kept(&self, end: &str) -> Option<Vec<u8>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(path, _)| path.ends_with(end)).map(|(_, bytes)| bytes.clone())
    }

    /// Keeps something else there.
    pub(crate) fn replace(&self, end: &str, change: impl Fn(&mut Vec<u8>)) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter_mut().filter(|(path, _)| path.ends_with(end)).for_each(|(_, bytes)| change(bytes));
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, kept: Kept, login: Login, port: u16) -> std::io::Result<()> {
    let Some(request) = read(&mut stream).await? else { return Ok(()) };
    let basic = format!("Basic {}", STANDARD.encode(format!("{USERNAME}:{PASSWORD}")));
    let is_token = request.path == "/token" && login == Login::Token;
    let (wanted, challenge) = match login {
        Login::None => (None, String::new()),
        Login::Token if !is_token => (
            Some(format!("Bearer {TOKEN}")),
            format!("Bearer realm=\"http://127.0.0.1:{port}/token\",service=\"registry\""),
        ),
        Login::Basic | Login::Token => (Some(basic), "Basic realm=\"registry\"".to_owned()),
    };
    let answer = if wanted.is_some() && request.authorization != wanted {
        Answer {
            status: "401 Unauthorized",
            headers: format!("www-authenticate: {challenge}\r\n"),
            body: br#"{"errors":[{"code":"UNAUTHORIZED","message":"log in first"}]}"#.to_vec(),
        }
    } else if is_token {
        let body = format!("{{\"token\":\"{TOKEN}\"}}").into_bytes();
        Answer { status: "200 OK", headers: String::new(), body }
    } else {
        answer(&request, &kept)
    };
    let head = format!(
        "HTTP/1.1 {}\r\n{}content-length: {}\r\nconnection: close\r\n\r\n",
        answer.status,
        answer.headers,
        answer.body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    if request.method != "HEAD" {
        stream.write_all(&answer.body).await?;
    }
    stream.shutdown().await
}

fn answer(request: &Request, kept: &Kept) -> Answer {
    let path = request.path.as_str();
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let plain = |status, headers: String| Answer { status, headers, body: vec![] };
    match (request.method.as_str(), path.rsplit_once('/')) {
        ("GET", _) if path == "/v2/" => plain("200 OK", String::new()),
        ("POST", Some((place, ""))) if place.ends_with("/blobs/uploads") => {
            plain("202 Accepted", format!("location: {place}/one\r\n"))
        }
        ("PUT", Some((place, "one"))) if place.ends_with("/blobs/uploads") => {
            let digest = request.query.replace("digest=", "").replace("%3A", ":");
            let blob = format!("{}/{digest}", place.trim_end_matches("/uploads"));
            kept.insert(blob.clone(), request.body.clone());
            plain("201 Created", format!("location: {blob}\r\n"))
        }
        ("PUT", Some((place, tag))) if place.ends_with("/manifests") => {
            kept.insert(format!("{place}/{tag}"), request.body.clone());
            plain("201 Created", format!("location: {place}/{tag}\r\n"))
        }
        ("GET" | "HEAD", Some((place, name))) => {
            let found = kept.get(path).cloned().or_else(|| {
                // By digest: whichever tag has it.
                let by_digest = |it: &&Vec<u8>| format!("sha256:{}", sha256(it)) == name;
                kept.iter()
                    .filter(|(path, _)| path.starts_with(place))
                    .map(|(_, it)| it)
                    .find(by_digest)
                    .cloned()
            });
            let kind = "content-type: application/vnd.oci.image.manifest.v1+json\r\n";
            match found {
                Some(body) => Answer { status: "200 OK", headers: kind.to_owned(), body },
                None => Answer {
                    status: "404 Not Found",
                    headers: String::new(),
                    body: br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no such manifest"}]}"#
                        .to_vec(),
                },
            }
        }
        _ => plain("405 Method Not Allowed", String::new()),
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    exhibit::digest::Digest::of(bytes).hex()
}

async fn read(stream: &mut TcpStream) -> std::io::Result<Option<Request>> {
    let mut bytes = Vec::new();
    while bytes.len() < REQUEST_BYTES {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
        let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let header = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(": ")?;
                key.eq_ignore_ascii_case(name).then(|| value.to_owned())
            })
        };
        let length = header("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
        while bytes.len() < end + 4 + length && bytes.len() < REQUEST_BYTES {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(None);
            }
        }
        let mut words = head.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        return Ok(Some(Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            authorization: header("authorization"),
            body: bytes[end + 4..].to_vec(),
        }));
    }
    Ok(None)
}
