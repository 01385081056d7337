//! HTTP as it is on the wire.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// No request of a test has more.
const REQUEST_BYTES: usize = 64 << 20;
/// What does not end ends here: a client that reads all of it has no bound.
const ENDLESS_BYTES: usize = 256 << 20;
/// Of it at once.
static PIECE: [u8; 64 << 10] = [b'a'; 64 << 10];

pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Answer {
    pub(crate) status: &'static str,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
    /// Whether more and more comes after the body.
    pub(crate) endless: bool,
}

impl Answer {
    pub(crate) fn new(status: &'static str, headers: String, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers, body: body.into(), endless: false }
    }

    /// Gives how many bytes there were, of what does not end.
    pub(crate) async fn write(&self, stream: &mut TcpStream, with_body: bool) -> std::io::Result<usize> {
        let length =
            if self.endless { String::new() } else { format!("content-length: {}\r\n", self.body.len()) };
        let head = format!("HTTP/1.1 {}\r\n{}{length}connection: close\r\n\r\n", self.status, self.headers);
        stream.write_all(head.as_bytes()).await?;
        if with_body {
            stream.write_all(&self.body).await?;
        }
        let mut given = 0;
        while self.endless && given < ENDLESS_BYTES {
            if stream.write_all(&PIECE).await.is_err() {
                return Ok(given);
            }
            given += PIECE.len();
        }
        stream.shutdown().await?;
        Ok(given)
    }
}

pub(crate) async fn read(stream: &mut TcpStream) -> std::io::Result<Option<Request>> {
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
