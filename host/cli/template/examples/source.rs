//! A source for this plugin to collect from: it answers with `fixtures/`, to whoever gives a user
//! name and a password. On port 8000 of this machine, or on the one that is named.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

const FIRST: &str = include_str!("../fixtures/users.json");
const SECOND: &str = include_str!("../fixtures/users-after-2.json");

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|it| it.parse().ok()).unwrap_or(8000);
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    println!("listening on http://{}", listener.local_addr()?);
    for stream in listener.incoming() {
        // A caller that hangs up is no reason to stop.
        if let Err(error) = stream.and_then(answer) {
            eprintln!("{error}");
        }
    }
    Ok(())
}

/// One request, one answer.
fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let asked = lines.next().transpose()?.unwrap_or_default();
    let mut signed = false;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        signed |= line.starts_with("authorization: basic ");
        if line.is_empty() {
            break;
        }
    }
    let path = asked.split(' ').nth(1).unwrap_or_default();
    let (status, body) = match path {
        _ if !signed => ("401 Unauthorized", "{\"error\":\"who asks?\"}"),
        _ if !path.starts_with("/api/v1/users?") => ("404 Not Found", "{\"error\":\"no such place\"}"),
        _ if path.contains("after=2") => ("200 OK", SECOND),
        _ => ("200 OK", FIRST),
    };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}
