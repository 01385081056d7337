//! A list of certificates over HTTP, as crt.sh writes it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What `example.com` has: in the second, what crt.sh leaves out or has as nothing; the third once more;
/// one that cannot be read; and one with a formula for a name.
const EXAMPLE: &str = r#"[
{"issuer_ca_id":295814,"issuer_name":"C=US, O=Let's Encrypt, CN=E7","common_name":"www.example.com","name_value":"*.example.com\nwww.example.com","id":27925475296,"entry_timestamp":"2026-09-14T12:08:19.1","not_before":"2026-09-14T11:09:47","not_after":"2026-12-13T11:09:46","serial_number":"05e3a32fa27096fe00ecf39b8077799f4b5e","result_count":3},
{"issuer_ca_id":16418,"issuer_name":"C=DE, O=Müller & Söhne, CN=\"Intern\"","common_name":null,"name_value":"grün.example.com","id":11,"not_before":"2024-11-01T00:00:00","not_after":"2026-11-20T23:59:59","result_count":2},
{"issuer_ca_id":13,"issuer_name":"C=ZA, O=Thawte, CN=Premium","common_name":"old.example.com","name_value":"old.example.com","id":12,"entry_timestamp":"2013-04-23T11:19:42.045","not_before":"2008-09-03T00:00:00","not_after":"2011-10-28T23:59:59","serial_number":"62d0a79b","result_count":2},
{"issuer_ca_id":13,"issuer_name":"C=ZA, O=Thawte, CN=Premium","common_name":"old.example.com","name_value":"old.example.com","id":12,"entry_timestamp":"2013-04-23T11:19:42.045","not_before":"2008-09-03T00:00:00","not_after":"2011-10-28T23:59:59","serial_number":"62d0a79b","result_count":2},
{"issuer_name":"CN=?","id":13,"not_before":"2026-13-01T00:00:00","not_after":"2027-01-01T00:00:00"},
{"issuer_name":"CN=x","common_name":"=HYPERLINK(\"http://evil.example\")","name_value":"a.example.com","id":14,"entry_timestamp":"2026-10-01T00:00:00","not_before":"2026-10-01T00:00:00","not_after":"2027-02-01T00:00:00","serial_number":"0e"}
]
"#;
/// `user:canary-51`, as HTTP Basic has it.
const LOGIN: &str = "authorization: Basic dXNlcjpjYW5hcnktNTE=";

/// Answers until dropped.
pub(crate) struct Source {
    port: u16,
    asked: Asked,
    task: JoinHandle<()>,
}

/// The targets of the requests so far.
type Asked = Arc<Mutex<Vec<String>>>;

impl Source {
    pub(crate) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let asked = Asked::default();
        let seen = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&seen)));
            }
        });
        Ok(Self { port, asked, task })
    }

    /// As `--origin` takes it.
    pub(crate) fn origin(&self) -> String {
        format!("list=http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request after the other, none of which has a body.
async fn answer(mut stream: TcpStream, seen: Asked) -> std::io::Result<()> {
    let mut request = Vec::new();
    while stream.read_buf(&mut request).await? > 0 {
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let earlier = {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.push(target.clone());
            seen.len() - 1
        };
        let (status, headers, body) = said(&target, head, earlier);
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        request.clear();
    }
    Ok(())
}

/// Status, headers and body for a target, after so many earlier requests.
fn said(target: &str, head: &str, earlier: usize) -> (&'static str, &'static str, String) {
    let domain = target.split(['?', '&']).find_map(|it| it.strip_prefix("q=")).unwrap_or_default();
    match domain {
        "private.example" if !head.lines().any(|it| it == LOGIN) => {
            ("401 Unauthorized", "www-authenticate: Basic\r\n", String::new())
        }
        "page.example" => ("200 OK", "", "<!DOCTYPE html><p>Sorry".to_owned()),
        "busy.example" if earlier == 0 => {
            ("429 Too Many Requests", "retry-after: 1\r\n", "<p>Later".to_owned())
        }
        "many.example" => ("200 OK", "", many(20_000)),
        _ => ("200 OK", "", EXAMPLE.to_owned()),
    }
}

fn many(count: u32) -> String {
    let records: Vec<String> = (0..count)
        .map(|id| {
            format!(
                r#"{{"issuer_ca_id":295814,"issuer_name":"C=US, O=Let's Encrypt, CN=E7","common_name":"host-{id}.example.com","name_value":"host-{id}.example.com\nwww.host-{id}.example.com","id":{id},"entry_timestamp":"2026-09-14T12:08:19.1","not_before":"2026-09-14T11:09:47","not_after":"2026-12-13T11:09:46","serial_number":"{id:036x}","result_count":3}}"#
            )
        })
        .collect();
    format!("[{}]", records.join(","))
}
