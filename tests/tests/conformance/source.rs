//! A source of things: three pages, in HTTP as it is on the wire. What is rejected of the first must not
//! hide what is wrong with the second.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What comes after each place.
const PAGES: [(&str, &str); 3] = [
    ("", "things\nanvil,3\naxle,few\nbolt,1200\ncrate,7\nmore after crate\n"),
    ("crate", "things\ndrill,2\neyelet,many\nfile,9\nmore after file\n"),
    ("file", "things\ngear,41\nhammer,5\nend\n"),
];

/// Names as long as they may be, and so many of them that they are no sample: more than 16 MiB.
const LONG: (usize, usize) = (4_000, 4_500);

/// One page of long names.
fn long() -> String {
    let (length, count) = LONG;
    let things: String = (0..count).map(|it| format!("{it:0length$},{it}\n")).collect();
    format!("things\n{things}end\n")
}

/// Answers until dropped.
pub(crate) struct Source {
    port: u16,
    task: JoinHandle<()>,
}

impl Source {
    pub(crate) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream));
            }
        });
        Ok(Self { port, task })
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

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut asked = Vec::new();
    loop {
        if stream.read_buf(&mut asked).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&asked).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let after = head.split(' ').nth(1).and_then(|it| it.strip_prefix("/things?after="));
        let after = after.map(|it| it.split('&').next().unwrap_or_default());
        let page = PAGES.iter().find(|(place, _)| Some(*place) == after).map_or("", |(_, page)| page);
        let page = if head.contains("least=0") { long() } else { page.to_owned() };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", page.len());
        stream.write_all((head + &page).as_bytes()).await?;
        asked.clear();
    }
}
