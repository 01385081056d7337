//! A plugin's request, as one that may be sent.

use exhibit_rows::Shown;
use http::Method;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::contract::collection::{Body, Method as ContractMethod, Request};
use crate::contract::may_set;

use super::message::Outgoing;
use super::origin::{Origin, Origins};

/// A path, as it is written.
const PATH_BYTES: usize = 2 << 10;
/// What servers commonly take in a request's first line.
const URL_BYTES: usize = 16 << 10;
/// What servers commonly take as a request's head.
const HEADER_BYTES: usize = 16 << 10;
/// More headers say nothing to an API.
const HEADERS: usize = 50;
/// Decoding a path's segment this often must come to an end.
const DECODINGS: usize = 4;

/// Why a plugin's request is not sent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// To nowhere that the connection knows.
    #[error(
        "it asked to talk to the origin `{origin}`, which this connection does not have (it has: {known})"
    )]
    UnknownOrigin {
        /// What it asked for.
        origin: String,
        /// What there is.
        known: String,
    },
    /// Not a path of the origin.
    #[error("it asked for the path `{path}`, which {why}")]
    Path {
        /// What it asked for.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A header that it may not set, or that is not a header.
    #[error("it asked for the header `{name}`, {why}")]
    Header {
        /// What it asked for.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Longer than a server would take.
    #[error("its request is too long: {what} has {size} bytes, and at most {limit} are allowed")]
    TooLong {
        /// Which part of it.
        what: &'static str,
        /// Bytes.
        size: usize,
        /// Bytes.
        limit: usize,
    },
    /// A body where there should be none, or of no media type.
    #[error("its request's body {0}")]
    Body(&'static str),
}

/// The request to send, not yet signed, and the origin that it goes to.
///
/// # Errors
/// Where a request of this kind is not sent.
pub fn build<'a>(origins: &'a Origins, request: &Request) -> Result<(Outgoing, &'a Origin), RequestError> {
    let origin = origins.get(&request.origin).ok_or_else(|| RequestError::UnknownOrigin {
        origin: Shown::line(&request.origin).to_string(),
        known: origins.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
    })?;
    let method = match request.method {
        ContractMethod::Get => Method::GET,
        ContractMethod::Post => Method::POST,
    };
    let (body, content_type) = body(request)?;
    let mut built = Outgoing::new(method, url(origin, &request.path, &request.query)?);
    built.headers = headers(&request.headers)?;
    if let Some(content_type) = content_type {
        built.headers.insert(CONTENT_TYPE, content_type);
    }
    built.body = body.map(Into::into);
    Ok((built, origin))
}

/// The address of a path at an origin.
pub(crate) fn url(origin: &Origin, path: &str, query: &[(String, String)]) -> Result<Url, RequestError> {
    let refuse = |why| RequestError::Path { path: Shown::line(path).to_string(), why };
    check_path(path).map_err(refuse)?;
    let mut url = origin.url().clone();
    url.set_path(path);
    // The rules above leave nothing to normalise; if they did, it would be an attack.
    if url.path() != path {
        return Err(refuse("is not in its simplest form"));
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    match url.as_str().len() {
        size if size > URL_BYTES => Err(RequestError::TooLong { what: "its URL", size, limit: URL_BYTES }),
        _ => Ok(url),
    }
}

fn check_path(path: &str) -> Result<(), &'static str> {
    if path.len() > PATH_BYTES {
        return Err("is too long");
    }
    let Some(segments) = path.strip_prefix('/') else { return Err("does not begin with /") };
    if segments.starts_with('/') {
        return Err("begins with //");
    }
    if !path.bytes().all(is_path_byte) {
        return Err("has characters that belong into no path");
    }
    segments.split('/').try_for_each(check_segment)
}

/// What RFC 3986 allows in a path, and its separator.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&byte)
}

/// A server may decode more than once, so no decoding may bring out what acts on a path.
fn check_segment(segment: &str) -> Result<(), &'static str> {
    let mut segment = segment.to_owned();
    for _ in 0..DECODINGS {
        // Some servers drop `;` and what follows before they look at the dots.
        if matches!(segment.split(';').next(), Some("." | "..")) {
            return Err("has a segment that leads elsewhere");
        }
        if segment.contains(['/', '\\']) {
            return Err("hides a separator in a segment");
        }
        if segment.chars().any(char::is_control) {
            return Err("hides a control character");
        }
        let Ok(decoded) = percent_decode_str(&segment).decode_utf8() else {
            return Err("has bytes that are no text");
        };
        if decoded == segment {
            return Ok(());
        }
        segment = decoded.into_owned();
    }
    Err("is encoded too often")
}

fn headers(all: &[(String, String)]) -> Result<HeaderMap, RequestError> {
    let size: usize = all.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > HEADER_BYTES || all.len() > HEADERS {
        return Err(RequestError::TooLong { what: "the list of its headers", size, limit: HEADER_BYTES });
    }
    let mut headers = HeaderMap::with_capacity(all.len());
    for (name, value) in all {
        let refuse = |why| RequestError::Header { name: Shown::line(name).to_string(), why };
        let parsed: HeaderName = name.parse().map_err(|_| refuse("which is no header's name"))?;
        may_set(&parsed).map_err(refuse)?;
        // Printable ASCII: what else a server reads into a value is anybody's guess.
        if !value.bytes().all(|it| matches!(it, b' '..=b'~')) {
            return Err(refuse("with a value that no header may have"));
        }
        let value =
            HeaderValue::from_str(value).map_err(|_| refuse("with a value that no header may have"))?;
        if headers.insert(parsed, value).is_some() {
            return Err(refuse("which is there twice"));
        }
    }
    Ok(headers)
}

type Encoded = (Option<Vec<u8>>, Option<HeaderValue>);

fn body(request: &Request) -> Result<Encoded, RequestError> {
    if request.method == ContractMethod::Get && !matches!(request.body, Body::None) {
        return Err(RequestError::Body("belongs into no GET"));
    }
    match &request.body {
        Body::None => Ok((None, None)),
        Body::Form(form) => Ok((Some(encode_form(form).into_bytes()), Some(form_type()))),
        Body::Content(content) => {
            let media_type = Some(content.media_type.as_str())
                .filter(|it| it.contains('/') && it.bytes().all(|it| matches!(it, b' '..=b'~')))
                .and_then(|it| HeaderValue::from_str(it).ok())
                .ok_or(RequestError::Body("has no media type"))?;
            Ok((Some(content.bytes.clone()), Some(media_type)))
        }
    }
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn encode_form<K: AsRef<str>, V: AsRef<str>>(form: &[(K, V)]) -> String {
    // Room for the worst from the start, since there may be a secret in it: a text that
    // grows leaves copies behind.
    let most = |it: &(K, V)| 3 * (it.0.as_ref().len() + it.1.as_ref().len()) + "&=".len();
    Serializer::new(String::with_capacity(form.iter().map(most).sum())).extend_pairs(form).finish()
}

/// The media type of a form.
pub(crate) fn form_type() -> HeaderValue {
    HeaderValue::from_static("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::super::origin::OriginSource;
    use super::*;
    use crate::contract::DISGUISES;
    use crate::contract::collection::Effect;

    fn origins() -> Origins {
        let origin = Origin::parse("https://api.example", OriginSource::ByPlugin).expect("an origin");
        Origins::from([("api".to_owned(), origin)])
    }

    fn request() -> Request {
        Request {
            origin: "api".to_owned(),
            method: ContractMethod::Get,
            path: "/list".to_owned(),
            query: vec![],
            headers: vec![],
            body: Body::None,
            auth: None,
            effect: Effect::Read,
        }
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    fn sent(request: &Request) -> String {
        match build(&origins(), request) {
            Ok((built, _)) => format!("{} {}", built.method, built.url),
            Err(error) => error.to_string(),
        }
    }

    fn path(path: &str) -> String {
        sent(&Request { path: path.to_owned(), ..request() })
    }

    fn header(name: &str, value: &str) -> String {
        sent(&Request { headers: vec![pair(name, value)], ..request() })
    }

    #[test]
    fn encodes_queries_and_forms() {
        let query = vec![pair("tag", "a&b=c#d"), pair("name", "Grüße ?"), pair("id min", "1")];
        assert_eq!(
            sent(&Request { query, ..request() }),
            "GET https://api.example/list?tag=a%26b%3Dc%23d&name=Gr%C3%BC%C3%9Fe+%3F&id+min=1"
        );
        let form = Request {
            method: ContractMethod::Post,
            body: Body::Form(vec![pair("a", "1&2"), pair("b", "")]),
            ..request()
        };
        let (built, _) = build(&origins(), &form).expect("can be sent");
        assert_eq!(built.body.as_deref(), Some(&b"a=1%262&b="[..]));
        assert_eq!(built.headers[CONTENT_TYPE], "application/x-www-form-urlencoded");
    }

    #[test]
    fn takes_paths_as_they_are() {
        for it in
            ["/", "/api/2.0/fo/asset/host/", "/a.b/..c/d..", "/a%20b/%C3%BC", "/q;v=1/(x)", "/...", "/a//b"]
        {
            assert_eq!(path(it), format!("GET https://api.example{it}"));
        }
    }

    #[test]
    fn refuses_paths_that_lead_elsewhere() {
        for it in [
            "",
            "list",
            "//evil.example/",
            "/..",
            "/.",
            "/a/../b",
            "/a/..",
            "/a/./b",
            "/%2e%2e/b",
            "/a/%2E./b",
            "/a/.%2e/b",
            "/%252e%252e/b",
            "/%25252e%25252e/b",
            "/..;/b",
            "/..%3bx/b",
            "/a%2fb",
            "/..%2f..%2fb",
            "/..%5c..%5cb",
            "/a\\b",
            "/a?b",
            "/a#b",
            "/a b",
            "/a\r\nhost: evil",
            "/a%0d%0ab",
            "/a%00",
            "/a%ff",
            "/ü",
            "@evil.example/",
            "https://evil.example/",
            &format!("/{}", "a".repeat(PATH_BYTES)),
        ] {
            assert!(path(it).starts_with("it asked for the path"), "{it:?}: {}", path(it));
        }
    }

    #[test]
    fn refuses_headers_that_are_not_the_plugins() {
        for name in [
            "Authorization",
            "cookie",
            "Host",
            "content-length",
            "Transfer-Encoding",
            "proxy-authorization",
            "X-Forwarded-For",
            "accept-encoding",
            "user-agent",
        ] {
            assert_eq!(
                header(name, "x"),
                format!("it asked for the header `{name}`, which is the host's to set")
            );
        }
        for name in DISGUISES {
            assert!(header(name, "x").ends_with("which would make another request of it"), "{name}");
        }
        for name in ["", "a b", "a:b", "a\r\nb", "ü"] {
            assert!(header(name, "x").ends_with("which is no header's name"), "{name:?}");
        }
        for value in ["a\r\nauthorization: x", "a\nb", "a\0b", "a\tb", "ü"] {
            assert!(header("x-a", value).ends_with("with a value that no header may have"), "{value:?}");
        }
        assert_eq!(header("X-Requested-With", "exhibit"), "GET https://api.example/list");
    }

    #[test]
    fn refuses_the_rest() {
        let form = Body::Form(vec![]);
        let verdicts = [
            sent(&Request { origin: "evil".to_owned(), ..request() }),
            sent(&Request { body: form, ..request() }),
            sent(&Request { headers: vec![pair("x-a", "1"), pair("X-A", "2")], ..request() }),
            sent(&Request { query: vec![pair("a", &"a".repeat(URL_BYTES))], ..request() }),
            sent(&Request { headers: vec![pair("x-a", &"a".repeat(HEADER_BYTES))], ..request() }),
        ];
        assert_eq!(
            verdicts,
            [
                "it asked to talk to the origin `evil`, which this connection does not have (it has: api)",
                "its request's body belongs into no GET",
                "it asked for the header `X-A`, which is there twice",
                "its request is too long: its URL has 16411 bytes, and at most 16384 are allowed",
                "its request is too long: the list of its headers has 16387 bytes, and at most 16384 are allowed",
            ]
        );
    }
}
