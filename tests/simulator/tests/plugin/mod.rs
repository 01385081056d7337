//! The plugin's requests over real sockets.

#![allow(unreachable_pub)]

use exhibit_plugin::collection::{Body, Job, Method, Request, Response, Task};
use exhibit_plugin::types::{Setting, Value};
use exhibit_simulator::{Simulator, World};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// `acme_sim1:not-a-secret`.
const LOGIN: &str = "Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==";

/// A parameter.
pub fn text(name: &str, value: &str) -> Setting {
    Setting { name: name.to_owned(), value: Value::Text(value.to_owned()) }
}

/// What the plugin is to do.
pub fn job(operation: &str, id: &str, parameters: &[Setting]) -> Job {
    Job {
        task: Task::Operate(operation.to_owned()),
        settings: vec![text("platform", "private")],
        criteria: parameters.to_vec(),
        window: None,
        since: None,
        as_of: World::default().now,
        id: Some(id.to_owned()),
        checkpoint: None,
    }
}

/// Sends a request; `None` where no whole answer comes.
pub async fn send(simulator: &Simulator, request: &Request) -> Option<(Response, Vec<u8>)> {
    send_as(simulator, request, LOGIN).await
}

/// The same, with this `Authorization`.
pub async fn send_as(
    simulator: &Simulator,
    request: &Request,
    authorization: &str,
) -> Option<(Response, Vec<u8>)> {
    let url = simulator.url();
    let host = url.strip_prefix("http://").expect("a URL");
    let encode = |pairs: &[(String, String)]| {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    };
    let form_type = "application/x-www-form-urlencoded";
    let (method, kind, body) = match (&request.method, &request.body) {
        (Method::Get, _) => ("GET", form_type, Vec::new()),
        (Method::Post, Body::Form(form)) => ("POST", form_type, encode(form).into_bytes()),
        (Method::Post, Body::Content(content)) => {
            ("POST", content.media_type.as_str(), content.bytes.clone())
        }
        (Method::Post, Body::None) => panic!("a post of nothing"),
    };
    let head = format!(
        "{method} {}?{} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: {authorization}\r\nX-Requested-With: test\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        request.path,
        encode(&request.query),
        body.len()
    );
    let mut stream = TcpStream::connect(host).await.ok()?;
    stream.write_all(&[head.as_bytes(), &body].concat()).await.ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let body = &bytes[end + 4..];
    let body = if head.to_ascii_lowercase().contains("chunked") { dechunk(body)? } else { body.to_vec() };
    Some((Response { status, headers }, body))
}

fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(line + 2..line + 2 + size)?);
        rest = rest.get(line + 4 + size..)?;
    }
}
