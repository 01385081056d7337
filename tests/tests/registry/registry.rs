//! The least of a registry: what the OCI distribution specification asks for pushing and pulling by
//! tag and digest, and the two ways in which registries want a login. And what bad ones do.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::wire::{Answer, Request, read};

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
    /// By a token, which everybody gets.
    AnyToken,
}

/// How it behaves.
#[derive(Debug, Clone)]
pub(crate) struct ReplayOptions {
    pub(crate) login: Login,
    /// Where tokens are given, if not here.
    pub(crate) realm: Option<String>,
    /// Whoever asks for a path with this in it is sent to the same path there.
    pub(crate) moved: Option<(&'static str, String)>,
    /// Where uploads go, if not here.
    pub(crate) uploads: Option<String>,
    /// The answer to a path with this in it has this status, begins so, and does not end.
    pub(crate) endless: Option<(&'static str, &'static str, &'static str)>,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: Option<String>,
}

/// Answers until dropped.
pub(crate) struct Registry {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    manner: Mutex<ReplayOptions>,
    /// Blobs and manifests by path.
    kept: Mutex<BTreeMap<String, Vec<u8>>>,
    heard: Mutex<Vec<Heard>>,
    /// Bytes of answers that do not end.
    endless: Mutex<usize>,
}

fn locked<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    pub(crate) async fn start(login: Login) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let manner = ReplayOptions { login, realm: None, moved: None, uploads: None, endless: None };
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            kept: Mutex::default(),
            heard: Mutex::default(),
            endless: Mutex::default(),
        });
        let answering = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answering), port));
            }
        });
        Ok(Self { port, shared, task })
    }

    /// The name of an artifact here.
    pub(crate) fn reference(&self, rest: &str) -> String {
        format!("127.0.0.1:{}/{rest}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on it behaves otherwise.
    pub(crate) fn behave(&self, change: impl Fn(&mut ReplayOptions)) {
        change(&mut locked(&self.shared.manner));
    }

    /// What was asked since the last time that this was.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut locked(&self.shared.heard))
    }

    /// Bytes that were given of answers that do not end.
    pub(crate) fn endless_bytes(&self) -> usize {
        *locked(&self.shared.endless)
    }

    /// What is kept under a path that ends so.
    pub(crate) fn kept(&self, end: &str) -> Option<Vec<u8>> {
        let kept = locked(&self.shared.kept);
        kept.iter().find(|(path, _)| path.ends_with(end)).map(|(_, bytes)| bytes.clone())
    }

    /// Keeps something else there.
    pub(crate) fn replace(&self, end: &str, change: impl Fn(&mut Vec<u8>)) {
        let mut kept = locked(&self.shared.kept);
        kept.iter_mut().filter(|(path, _)| path.ends_with(end)).for_each(|(_, bytes)| change(bytes));
    }

    /// Keeps all that the other one does.
    pub(crate) fn copy(&self, other: &Self) {
        let kept = locked(&other.shared.kept).clone();
        locked(&self.shared.kept).extend(kept);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>, port: u16) -> std::io::Result<()> {
    let Some(request) = read(&mut stream).await? else { return Ok(()) };
    locked(&shared.heard).push(Heard {
        method: request.method.clone(),
        path: request.path.clone(),
        query: request.query.clone(),
        authorization: request.authorization.clone(),
    });
    let manner = locked(&shared.manner).clone();
    let answer = answer(&request, &shared, &manner, port);
    let given = answer.write(&mut stream, request.method != "HEAD").await?;
    *locked(&shared.endless) += given;
    Ok(())
}

fn answer(request: &Request, shared: &Shared, manner: &ReplayOptions, port: u16) -> Answer {
    if let Some((part, there)) = &manner.moved
        && request.path.contains(part)
    {
        let location = format!("location: {there}{}?signature=canary-url\r\n", request.path);
        return Answer::new("307 Temporary Redirect", location, *b"");
    }
    let is_endless = manner.endless.filter(|(part, ..)| request.path.contains(part));
    if let Some(refused) = refused(request, manner, port) {
        return refused;
    }
    if let Some((_, status, begins)) = is_endless {
        return Answer { endless: true, ..Answer::new(status, String::new(), begins) };
    }
    if request.path == "/token" {
        let body = format!("{{\"token\":\"{TOKEN}\"}}");
        return Answer::new("200 OK", String::new(), body);
    }
    served(request, &mut locked(&shared.kept), manner)
}

/// The answer to a client that is not let in.
fn refused(request: &Request, manner: &ReplayOptions, port: u16) -> Option<Answer> {
    let basic = || Some(format!("Basic {}", STANDARD.encode(format!("{USERNAME}:{PASSWORD}"))));
    let is_token = request.path == "/token";
    let realm = manner.realm.clone().unwrap_or_else(|| format!("http://127.0.0.1:{port}/token"));
    let (wanted, challenge) = match manner.login {
        Login::None => (None, String::new()),
        Login::AnyToken if is_token => (None, String::new()),
        Login::Token | Login::AnyToken if !is_token => {
            (Some(format!("Bearer {TOKEN}")), format!("Bearer realm=\"{realm}\",service=\"registry\""))
        }
        Login::Basic | Login::Token | Login::AnyToken => (basic(), "Basic realm=\"registry\"".to_owned()),
    };
    (wanted.is_some() && request.authorization != wanted).then(|| {
        let body = r#"{"errors":[{"code":"UNAUTHORIZED","message":"log in first"}]}"#;
        Answer::new("401 Unauthorized", format!("www-authenticate: {challenge}\r\n"), body)
    })
}

fn served(request: &Request, kept: &mut BTreeMap<String, Vec<u8>>, manner: &ReplayOptions) -> Answer {
    let path = request.path.as_str();
    let plain = |status, headers: String| Answer::new(status, headers, *b"");
    match (request.method.as_str(), path.rsplit_once('/')) {
        ("GET", _) if path == "/v2/" => plain("200 OK", String::new()),
        ("POST", Some((place, ""))) if place.ends_with("/blobs/uploads") => {
            let there = manner.uploads.clone().unwrap_or_default();
            plain("202 Accepted", format!("location: {there}{place}/one?state=1\r\n"))
        }
        ("PUT", Some((place, "one"))) if place.ends_with("/blobs/uploads") => {
            let digest = request.query.replace("state=1&digest=", "").replace("%3A", ":");
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
            let none = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no such manifest"}]}"#;
            match found {
                Some(body) => Answer::new("200 OK", kind.to_owned(), body),
                None => Answer::new("404 Not Found", String::new(), none),
            }
        }
        _ => plain("405 Method Not Allowed", String::new()),
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    exhibit::records::Digest::of(bytes).hex()
}
