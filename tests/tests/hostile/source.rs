//! The least of a source: one page, in HTTP as it is on the wire.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What is at `/things`.
const THINGS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\nx-note: a\r\nset-cookie: b\r\n\r\none\ntwo\n";
/// What is at `/broken`: less than it says.
const BROKEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\none\n";
/// What is at `/elsewhere`: the way to another host.
const ELSEWHERE: &str =
    "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest?token=1\r\ncontent-length: 0\r\n\r\n";

/// What gives out tokens, at `/token`.
const TOKEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\ntoken";
/// What is at `/refusing`, whatever the token.
const REFUSING: &str = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 8\r\n\r\none\ntwo\n";

/// Answers until dropped.
pub(crate) struct Source {
    port: u16,
    asked: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Source {
    pub(crate) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let asked = Arc::new(Notify::new());
        let asking = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&asking)));
            }
        });
        Ok(Self { port, asked, task })
    }

    /// Waits for a request; returns at once for one that came since the last wait.
    pub(crate) async fn asked(&self) {
        self.asked.notified().await;
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request after the other, until one is answered by hanging up.
async fn answer(mut stream: TcpStream, asking: Arc<Notify>) -> std::io::Result<()> {
    let mut asked = Vec::new();
    loop {
        if stream.read_buf(&mut asked).await? == 0 {
            return Ok(());
        }
        let Some(path) = complete(&asked) else { continue };
        asking.notify_one();
        let answer = match path.as_str() {
            "/broken" => return stream.write_all(BROKEN.as_bytes()).await,
            "/elsewhere" => ELSEWHERE,
            "/token" => TOKEN,
            "/refusing" => REFUSING,
            _ => THINGS,
        };
        stream.write_all(answer.as_bytes()).await?;
        asked.clear();
    }
}

/// The path of a request of which all is there.
fn complete(asked: &[u8]) -> Option<String> {
    let asked = String::from_utf8_lossy(asked);
    let (head, body) = asked.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|it| it.strip_prefix("content-length: ")?.parse().ok());
    let path = head.split(' ').nth(1)?;
    (body.len() >= length.unwrap_or(0)).then(|| path.to_owned())
}
