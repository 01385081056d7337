//! The least of an object store: what S3's REST interface has for putting, getting, listing and deleting,
//! with the conditions on which it puts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// No request of a test has more.
const REQUEST_BYTES: usize = 64 << 20;
/// The only bucket, and the region that it says to be in.
pub(crate) const BUCKET: &str = "evidence-of-tests";

/// Answers until dropped.
pub(crate) struct Bucket {
    port: u16,
    kept: Kept,
    /// Whether somebody got no answer.
    cut: watch::Sender<bool>,
    task: JoinHandle<()>,
}

type Kept = Arc<Mutex<Objects>>;

#[derive(Default)]
struct Objects {
    objects: BTreeMap<String, (Vec<u8>, String)>,
    parts: BTreeMap<String, BTreeMap<u32, Vec<u8>>>,
    puts: u64,
    /// So many puts succeed; then the network is gone.
    left: Option<u64>,
    /// Since when each of them is there, RFC 3339.
    written: BTreeMap<String, String>,
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

struct Answer {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Bucket {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let (kept, cut) = (Kept::default(), watch::Sender::default());
        let (objects, cutting) = (Arc::clone(&kept), watch::Sender::clone(&cut));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&objects), cutting.clone()));
            }
        });
        Ok(Self { port, kept, cut, task })
    }

    /// What a command needs to find it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "somebody".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "canary-of-the-bucket".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// The names of its objects.
    pub(crate) fn names(&self) -> Vec<String> {
        self.objects().objects.keys().cloned().collect()
    }

    /// Changes an object behind everybody's back.
    pub(crate) fn alter(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
        let mut objects = self.objects();
        let (bytes, _) = objects.objects.get_mut(name).context("such an object")?;
        change(bytes);
        Ok(())
    }

    /// Puts an object behind everybody's back.
    pub(crate) fn put(&self, name: &str) {
        self.objects().keep(name.to_owned(), b"begun".to_vec());
    }

    /// Removes an object behind everybody's back.
    pub(crate) fn remove(&self, name: &str) -> Result<()> {
        ensure!(self.objects().objects.remove(name).is_some(), "there is no {name}");
        Ok(())
    }

    /// From now on so many puts succeed, and then nothing is; all are, where none is named.
    pub(crate) fn end_after(&self, puts: Option<u64>) {
        self.objects().left = puts;
        self.cut.send_replace(false);
    }

    /// Waits until somebody gets no answer, or got none since then.
    pub(crate) async fn cut(&self) {
        // The sender is the bucket's own, and so is not gone.
        let _ = self.cut.subscribe().wait_for(|cut| *cut).await;
    }

    /// All objects of now are said to have been there for years.
    pub(crate) fn age(&self) {
        for written in self.objects().written.values_mut() {
            *written = "2020-11-01T08:00:00Z".to_owned();
        }
    }

    fn objects(&self) -> std::sync::MutexGuard<'_, Objects> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, kept: Kept, cut: watch::Sender<bool>) {
    let Ok(Some(request)) = read(&mut stream).await else { return };
    let answer = {
        let mut objects = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = objects.left == Some(0);
        let answer = (!ended).then(|| objects.answer(&request));
        let is_kept = answer.as_ref().is_some_and(|it| request.method == "PUT" && it.status == "200 OK");
        if let (Some(left), true) = (&mut objects.left, is_kept) {
            *left = left.saturating_sub(1);
        }
        answer
    };
    let Some(answer) = answer else {
        cut.send_replace(true);
        return;
    };
    let head = format!(
        "HTTP/1.1 {}\r\ncontent-length: {}\r\nconnection: close\r\n{}\r\n",
        answer.status,
        answer.body.len(),
        answer.headers
    );
    // A client that went away does not want it.
    let _ = stream.write_all(head.as_bytes()).await;
    if request.method != "HEAD" {
        let _ = stream.write_all(&answer.body).await;
    }
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Result<Option<Request>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break at;
        }
        ensure!(bytes.len() < REQUEST_BYTES, "too long");
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec())?;
    let mut lines = text.split("\r\n");
    let mut first = lines.next().context("a line")?.split(' ');
    let method = first.next().context("a method")?.to_owned();
    let target = first.next().context("a target")?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|it| it.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(Ok(0), |it| it.parse())?;
    ensure!(length < REQUEST_BYTES, "too long");
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        ensure!(stream.read_buf(&mut body).await? > 0, "the body ends early");
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Ok(Some(Request { method, path: decoded(path), query: query.to_owned(), headers, body }))
}

impl Objects {
    fn answer(&mut self, request: &Request) -> Answer {
        // Signatures are the library's to make; that there is one is ours to ask for.
        let signed =
            request.headers.get("authorization").is_some_and(|it| it.starts_with("AWS4-HMAC-SHA256"));
        if !signed {
            return refusal("403 Forbidden", "AccessDenied");
        }
        let Some(path) = request.path.strip_prefix(&format!("/{BUCKET}")) else {
            return refusal("404 Not Found", "NoSuchBucket");
        };
        let name = path.trim_start_matches('/').to_owned();
        match (request.method.as_str(), name.as_str()) {
            ("GET", "") => self.list(request),
            ("POST", "") => self.delete_many(request),
            ("GET" | "HEAD", _) => self.get(&name),
            ("PUT", _) if request.parameter("partNumber").is_some() => self.put_part(request),
            ("PUT", _) => self.put(name, request),
            ("POST", _) => self.multipart(name, request),
            ("DELETE", _) => {
                self.objects.remove(&name);
                Answer { status: "204 No Content", headers: String::new(), body: Vec::new() }
            }
            _ => refusal("405 Method Not Allowed", "MethodNotAllowed"),
        }
    }

    fn get(&self, name: &str) -> Answer {
        match self.objects.get(name) {
            None => refusal("404 Not Found", "NoSuchKey"),
            Some((bytes, tag)) => {
                let headers = format!("etag: {tag}\r\nlast-modified: Sun, 01 Nov 2026 08:00:00 GMT\r\n");
                Answer { status: "200 OK", headers, body: bytes.clone() }
            }
        }
    }

    fn put(&mut self, name: String, request: &Request) -> Answer {
        let there = self.objects.get(&name).map(|it| it.1.clone());
        let unless_there = request.headers.get("if-none-match").is_some_and(|it| it == "*");
        let only_if = request.headers.get("if-match");
        if (unless_there && there.is_some()) || only_if.is_some_and(|it| there.as_ref() != Some(it)) {
            return refusal("412 Precondition Failed", "PreconditionFailed");
        }
        let headers = self.keep(name, request.body.clone());
        Answer { status: "200 OK", headers, body: Vec::new() }
    }

    fn keep(&mut self, name: String, bytes: Vec<u8>) -> String {
        self.puts += 1;
        let tag = format!("\"{:032x}\"", self.puts);
        let headers = format!("etag: {tag}\r\n");
        self.written.insert(name.clone(), jiff::Timestamp::now().to_string());
        self.objects.insert(name, (bytes, tag));
        headers
    }

    fn put_part(&mut self, request: &Request) -> Answer {
        let number = request.parameter("partNumber").and_then(|it| it.parse().ok()).unwrap_or_default();
        let upload = request.parameter("uploadId").unwrap_or_default();
        self.parts.entry(upload).or_default().insert(number, request.body.clone());
        Answer { status: "200 OK", headers: format!("etag: \"part-{number}\"\r\n"), body: Vec::new() }
    }

    fn multipart(&mut self, name: String, request: &Request) -> Answer {
        let body = match request.parameter("uploadId") {
            None => {
                self.puts += 1;
                let id = format!("upload-{}", self.puts);
                format!(
                    "<InitiateMultipartUploadResult><Bucket>{BUCKET}</Bucket><Key>{name}</Key><UploadId>{id}</UploadId>\
                     </InitiateMultipartUploadResult>"
                )
            }
            Some(upload) => {
                let parts = self.parts.remove(&upload).unwrap_or_default();
                self.keep(name.clone(), parts.into_values().flatten().collect());
                let tag = self.objects[&name].1.replace('"', "&quot;");
                format!(
                    "<CompleteMultipartUploadResult><Bucket>{BUCKET}</Bucket><Key>{name}</Key><ETag>{tag}</ETag>\
                     </CompleteMultipartUploadResult>"
                )
            }
        };
        xml(&body)
    }

    fn list(&self, request: &Request) -> Answer {
        let prefix = decoded(&request.parameter("prefix").unwrap_or_default());
        let mut body = format!("<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>");
        for (name, (bytes, tag)) in self.objects.iter().filter(|it| it.0.starts_with(&prefix)) {
            let tag = tag.replace('"', "&quot;");
            let size = bytes.len();
            let written = &self.written[name];
            // Writing into a text does not fail.
            let _ = write!(
                body,
                "<Contents><Key>{name}</Key><LastModified>{written}</LastModified><ETag>{tag}</ETag>\
                 <Size>{size}</Size></Contents>"
            );
        }
        body.push_str("</ListBucketResult>");
        xml(&body)
    }

    fn delete_many(&mut self, request: &Request) -> Answer {
        let text = String::from_utf8_lossy(&request.body).into_owned();
        let mut body = "<DeleteResult>".to_owned();
        for piece in text.split("<Key>").skip(1) {
            let name = piece.split("</Key>").next().unwrap_or_default();
            self.objects.remove(name);
            let _ = write!(body, "<Deleted><Key>{name}</Key></Deleted>");
        }
        body.push_str("</DeleteResult>");
        xml(&body)
    }
}

impl Request {
    fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').map(|it| it.split_once('=').unwrap_or((it, "")));
        pairs.find(|it| it.0 == name).map(|it| it.1.to_owned())
    }
}

fn xml(body: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{body}").into_bytes();
    Answer { status: "200 OK", headers: "content-type: application/xml\r\n".to_owned(), body }
}

fn refusal(status: &'static str, code: &str) -> Answer {
    Answer { status, ..xml(&format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>")) }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        let hex =
            hex.and_then(|it| std::str::from_utf8(it).ok()).and_then(|it| u8::from_str_radix(it, 16).ok());
        bytes.push(hex.unwrap_or(*first));
        rest = if hex.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
