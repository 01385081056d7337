//! Encoded bodies, undone without a connection.

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderValue};

use super::decoding::Decoding;
use super::transport_error::TransportError;

/// The body of an answer with this `content-encoding`, which came in these pieces.
///
/// # Errors
///
/// Where the coding is unknown, or the body is not encoded in it.
///
/// # Panics
///
/// Where a piece makes more of the body at once than may be in memory, or the coding is no value of a header.
pub fn decode<'a>(
    coding: &str,
    pieces: impl Iterator<Item = &'a [u8]>,
    most_at_once: usize,
) -> Result<Vec<u8>, TransportError> {
    let value = HeaderValue::from_str(coding).expect("a value of a header");
    let mut decoding = Decoding::of(&HeaderMap::from_iter([(CONTENT_ENCODING, value)]))?;
    let mut body = Vec::new();
    for piece in pieces {
        decoding.received(Bytes::copy_from_slice(piece));
        while let Some(decoded) = decoding.decoded()? {
            assert!(decoded.len() <= most_at_once, "{} bytes at once", decoded.len());
            body.extend_from_slice(&decoded);
        }
    }
    if let Some(left) = decoding.end()? {
        assert!(left.len() <= most_at_once, "{} bytes at the end", left.len());
        body.extend_from_slice(&left);
    }
    Ok(body)
}
