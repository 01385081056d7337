//! How a request asks to be signed by another component on its way out.
//!
//! In WASI 0.2 a component can neither read the body nor change the headers of a request that
//! another one made. So the signer makes a request of its own, and the body of the first one
//! travels in a header.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Its value is the name of the manifest's auth. Taken off by the signer.
pub const AUTH: &str = "exhibit-sign";
/// The body, base64. Taken off by the signer.
pub const BODY: &str = "exhibit-sign-body";

/// A body's bytes, encoded. Runtimes take 128 KiB of headers by default: far more than a
/// request's form has.
const BODY_BYTES: usize = 96 << 10;

/// The body as the header's value; `None` for one that fits into no header.
pub fn body(bytes: &[u8]) -> Option<String> {
    Some(BASE64_STANDARD.encode(bytes)).filter(|it| it.len() <= BODY_BYTES)
}

/// The body that the header's value says; `None` for what says none.
pub fn read_body(value: &[u8]) -> Option<Vec<u8>> {
    BASE64_STANDARD.decode(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_travels_in_a_header() {
        let value = body(b"ids=1,2&\r\n\xff").expect("a small body");
        assert!(value.bytes().all(|it| it.is_ascii_graphic()));
        assert_eq!(read_body(value.as_bytes()).as_deref(), Some(b"ids=1,2&\r\n\xff".as_slice()));
        assert_eq!(body(&vec![0; BODY_BYTES]), None);
        assert_eq!(read_body(b"not base64"), None);
    }
}
