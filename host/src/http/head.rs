//! The head of an answer, cut down to what the plugin reads.

use http::{HeaderMap, StatusCode};

use crate::contract::collection::Response;

/// One header's value.
const VALUE_BYTES: usize = 4 << 10;
/// Headers of one name: a list of warnings, at most.
const VALUES: usize = 10;

/// What the plugin sees of an answer's head: the status, and those of `wanted` headers
/// that came. Values that are no text or too long are left out.
pub(super) fn head(status: StatusCode, headers: &HeaderMap, wanted: &[String]) -> Response {
    let headers = wanted.iter().flat_map(|name| {
        let values = headers.get_all(name.as_str()).iter().take(VALUES);
        values.filter_map(move |value| {
            let text = value.to_str().ok().filter(|it| it.len() <= VALUE_BYTES)?;
            Some((name.clone(), text.to_owned()))
        })
    });
    Response { status: status.as_u16(), headers: headers.collect() }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn passes_on_what_the_plugin_reads_and_nothing_else() {
        let mut headers = HeaderMap::new();
        headers.insert("Retry-After", HeaderValue::from_static("30"));
        headers.insert("set-cookie", HeaderValue::from_static("session=1"));
        headers.insert("x-odd", HeaderValue::from_bytes(b"\xff").expect("a value"));
        let wanted = ["retry-after".to_owned(), "x-odd".to_owned(), "x-missing".to_owned()];
        let expected = Response { status: 409, headers: vec![("retry-after".to_owned(), "30".to_owned())] };
        assert_eq!(head(StatusCode::CONFLICT, &headers, &wanted), expected);
    }
}
