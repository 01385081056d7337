//! A very small HTTP client that sees what really came over the wire.

// Each test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

use std::time::Duration;

use exhibit_simulator::{Simulator, World};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// No test waits longer than this for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// `acme_sim1:not-a-secret`.
const LOGIN: &str = "Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==";

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    /// The body without its chunks, as far as it came.
    pub body: Vec<u8>,
    /// The sizes of its chunks.
    pub chunks: Vec<usize>,
    /// Whether the body came to its proper end.
    pub complete: bool,
    /// Whether the connection was reset.
    pub reset: bool,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The contents of all elements of a name, trimmed and without CDATA marks.
    pub fn all(&self, element: &str) -> Vec<String> {
        let (start, end) = (format!("<{element}>"), format!("</{element}>"));
        let text = self.text();
        let contents = text.split(&start).skip(1);
        let contents = contents.map(|rest| rest.split(&end).next().unwrap_or_default());
        contents
            .map(|content| {
                let content = content.trim();
                let content = content.strip_prefix("<![CDATA[").unwrap_or(content);
                content.strip_suffix("]]>").unwrap_or(content).to_owned()
            })
            .collect()
    }

    pub fn first(&self, element: &str) -> Option<String> {
        self.all(element).into_iter().next()
    }
}

/// A world that the tests do not run into the limits of.
pub fn generous() -> World {
    World { rate_limit: 1_000_000, ..World::default() }
}

/// Gets a path with the usual headers.
pub async fn get(simulator: &Simulator, target: &str) -> Answer {
    let headers = format!("Authorization: {LOGIN}\r\nX-Requested-With: test\r\n");
    send(simulator, "GET", target, &headers, "").await
}

/// Posts a form with the usual headers.
pub async fn post(simulator: &Simulator, target: &str, form: &str) -> Answer {
    let headers = format!(
        "Authorization: {LOGIN}\r\nX-Requested-With: test\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n"
    );
    send(simulator, "POST", target, &headers, form).await
}

/// Sends a request with exactly these headers.
pub async fn send(simulator: &Simulator, method: &str, target: &str, headers: &str, body: &str) -> Answer {
    let mut stream = open(simulator, method, target, headers, body).await;
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    let reset = read.expect("an answer in time").is_err();
    parse(&bytes, reset)
}

/// Sends a request and leaves the answer unread.
pub async fn open(simulator: &Simulator, method: &str, target: &str, headers: &str, body: &str) -> TcpStream {
    let url = simulator.url();
    let host = url.strip_prefix("http://").expect("a URL");
    let mut stream = TcpStream::connect(host).await.expect("a connection");
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("a request");
    stream
}

fn parse(bytes: &[u8], reset: bool) -> Answer {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.expect("a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let rest = &bytes[end + 4..];
    let chunked = headers.iter().any(|(name, _)| name == "transfer-encoding");
    let mut chunks = Vec::new();
    let (body, complete) = if chunked { dechunk(rest, &mut chunks) } else { (rest.to_vec(), !reset) };
    Answer {
        status: status.and_then(|status| status.parse().ok()).expect("a status"),
        headers,
        body,
        chunks,
        complete,
        reset,
    }
}

fn dechunk(mut rest: &[u8], chunks: &mut Vec<usize>) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(line) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = String::from_utf8_lossy(&rest[..line]).into_owned();
        let size = usize::from_str_radix(&size, 16).expect("the size of a chunk");
        if size == 0 {
            return (body, true);
        }
        chunks.push(size);
        let chunk = &rest[line + 2..];
        body.extend_from_slice(&chunk[..size.min(chunk.len())]);
        rest = chunk.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}
