//! How a body was encoded for the way (RFC 9110, 8.4), undone: all that HTTP names and sources are known to send.
//!
//! The HTTP client could do it, but ends a body at the end of its first gzip member, and takes no `deflate` and no `x-gzip`.

use std::io::{self, Write};

use bytes::{Buf, Bytes};
use exhibit_rows::Shown;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

use super::transport_error::{TransportError, TransportErrorKind};

/// Bytes decoded at a time. These formats grow by a factor of about a thousand at most, so that what is in memory
/// stays at a few MiB whatever is sent.
const STEP_BYTES: usize = 4 << 10;
/// HTTP allows several on top of each other. No source has them, and a few bytes would grow without bound.
const MOST_CODINGS: usize = 1;
/// How much of a coding's name an error shows.
const NAME_CHARS: usize = 60;
/// So much that decodes to nothing is no body: all formats give something every 64 KiB, but for empty blocks.
const MOST_WITHOUT_CONTENT: usize = 1 << 20;

/// Undoes the codings of one body.
#[derive(Debug)]
pub(super) struct Decoding {
    /// `None` where it was not encoded.
    layer: Option<Layer>,
    received: Bytes,
    began: bool,
    /// How much was decoded since something came of it.
    without_content: usize,
}

#[derive(Debug)]
enum Layer {
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zlib(ZlibDecoder<Vec<u8>>),
    Raw(DeflateDecoder<Vec<u8>>),
    /// Whether `deflate` is what RFC 9110 says or, as some servers have it, without its head, shows in the first two bytes.
    Deflate(Vec<u8>),
}

impl Decoding {
    /// That of an answer with these headers.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, TransportError> {
        let mut layers = Vec::new();
        for value in headers.get_all(CONTENT_ENCODING) {
            for coding in value.as_bytes().split(|it| *it == b',') {
                match coding.trim_ascii().to_ascii_lowercase().as_slice() {
                    b"" | b"identity" => {}
                    b"gzip" | b"x-gzip" => layers.push(Layer::gzip()),
                    b"deflate" => layers.push(Layer::Deflate(Vec::new())),
                    other => return Err(unknown(&String::from_utf8_lossy(other))),
                }
            }
        }
        if layers.len() > MOST_CODINGS {
            return Err(unknown(&format!("{} codings on top of each other", layers.len())));
        }
        Ok(Self { layer: layers.pop(), received: Bytes::new(), began: false, without_content: 0 })
    }

    /// Takes what came. What came before is decoded.
    pub(super) fn received(&mut self, bytes: Bytes) {
        self.began |= !bytes.is_empty();
        self.received = bytes;
    }

    /// The next bytes of what was received, decoded; `None` where more must come first.
    pub(super) fn decoded(&mut self) -> Result<Option<Bytes>, TransportError> {
        let Some(layer) = &mut self.layer else {
            let all = std::mem::take(&mut self.received);
            return Ok((!all.is_empty()).then_some(all));
        };
        while !self.received.is_empty() {
            let step = self.received.len().min(STEP_BYTES);
            let bytes = self.received.copy_to_bytes(step);
            let decoded = layer.decode(&bytes).map_err(|error| layer.damaged(&error))?;
            if !decoded.is_empty() {
                self.without_content = 0;
                return Ok(Some(decoded.into()));
            }
            self.without_content += step;
            if self.without_content > MOST_WITHOUT_CONTENT {
                let why = "the encoded data of its body has no content".to_owned();
                return Err(TransportError { kind: TransportErrorKind::BrokenOff, why });
            }
        }
        Ok(None)
    }

    /// What was left until the end: nothing more comes. Bodies without a byte, as of a HEAD request, are whole.
    pub(super) fn end(&mut self) -> Result<Option<Bytes>, TransportError> {
        let Some(mut layer) = self.layer.take().filter(|_| self.began) else { return Ok(None) };
        let left = layer.finish().map_err(|error| layer.damaged(&error))?;
        Ok((!left.is_empty()).then(|| left.into()))
    }
}

impl Layer {
    fn gzip() -> Self {
        Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
    }

    fn decode(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(it) => through(it.as_mut(), bytes, |it| std::mem::take(it.get_mut())),
            Self::Zlib(it) => through(it, bytes, |it| std::mem::take(it.get_mut())),
            Self::Raw(it) => through(it, bytes, |it| std::mem::take(it.get_mut())),
            Self::Deflate(begun) => {
                begun.extend_from_slice(bytes);
                let &mut [first, second, ..] = begun.as_mut_slice() else { return Ok(Vec::new()) };
                let begun = std::mem::take(begun);
                // RFC 1950, 2.2: method 8, and a check over both bytes.
                let is_zlib = first & 0x0f == 8 && u16::from_be_bytes([first, second]).is_multiple_of(31);
                *self = match is_zlib {
                    true => Self::Zlib(ZlibDecoder::new(Vec::new())),
                    false => Self::Raw(DeflateDecoder::new(Vec::new())),
                };
                self.decode(&begun)
            }
        }
    }

    /// Its last bytes: nothing more comes, and it must be complete.
    fn finish(&mut self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(it) => it.try_finish().map(|()| std::mem::take(it.get_mut())),
            Self::Zlib(it) => it.try_finish().map(|()| std::mem::take(it.get_mut())),
            Self::Raw(it) => it.try_finish().map(|()| std::mem::take(it.get_mut())),
            Self::Deflate(_) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn damaged(&self, error: &io::Error) -> TransportError {
        let coding = match self {
            Self::Gzip(_) => "gzip",
            Self::Zlib(_) | Self::Raw(_) | Self::Deflate(_) => "deflate",
        };
        let why = match error.kind() {
            io::ErrorKind::UnexpectedEof => "ends early",
            io::ErrorKind::WriteZero => "is followed by other bytes",
            _ => "is damaged",
        };
        TransportError {
            kind: TransportErrorKind::BrokenOff,
            why: format!("the {coding} data of its body {why}"),
        }
    }
}

fn through<D: Write>(
    decoder: &mut D,
    bytes: &[u8],
    take: impl FnOnce(&mut D) -> Vec<u8>,
) -> io::Result<Vec<u8>> {
    decoder.write_all(bytes)?;
    decoder.flush()?;
    Ok(take(decoder))
}

fn unknown(coding: &str) -> TransportError {
    let coding: String = coding.chars().take(NAME_CHARS).collect();
    let why = format!("its body is encoded as `{}`, which was not asked for", Shown::line(&coding));
    TransportError { kind: TransportErrorKind::Coding, why }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    type Encode = fn(&[u8]) -> Vec<u8>;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut it = GzEncoder::new(Vec::new(), Compression::fast());
        it.write_all(bytes).and_then(|()| it.finish()).expect("in memory")
    }

    fn members(bytes: &[u8]) -> Vec<u8> {
        bytes.chunks(bytes.len().div_ceil(3).max(1)).flat_map(gzip).collect()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut it = ZlibEncoder::new(Vec::new(), Compression::fast());
        it.write_all(bytes).and_then(|()| it.finish()).expect("in memory")
    }

    fn raw(bytes: &[u8]) -> Vec<u8> {
        let mut it = DeflateEncoder::new(Vec::new(), Compression::fast());
        it.write_all(bytes).and_then(|()| it.finish()).expect("in memory")
    }

    const CODINGS: [(&str, Encode); 6] = [
        ("identity", <[u8]>::to_vec),
        ("gzip", gzip),
        ("X-GZip", members),
        ("deflate", zlib),
        ("deflate", raw),
        ("", <[u8]>::to_vec),
    ];

    fn headers(coding: &str) -> HeaderMap {
        let value = HeaderValue::from_str(coding).expect("a header");
        HeaderMap::from_iter([(CONTENT_ENCODING, value)])
    }

    /// What comes out where the bytes come in pieces of this size, and the largest piece of it.
    fn decoded(coding: &str, bytes: &[u8], piece: usize) -> Result<(Vec<u8>, usize), TransportError> {
        let mut decoding = Decoding::of(&headers(coding))?;
        let (mut all, mut largest) = (Vec::new(), 0);
        for piece in bytes.chunks(piece) {
            decoding.received(Bytes::copy_from_slice(piece));
            while let Some(out) = decoding.decoded()? {
                largest = largest.max(out.len());
                all.extend_from_slice(&out);
            }
        }
        all.extend(decoding.end()?.unwrap_or_default());
        Ok((all, largest))
    }

    proptest! {
        #[test]
        fn what_comes_is_what_was_encoded_in_pieces_of_any_size(
            text in proptest::collection::vec(0u8..4, 0..20_000), piece in 1usize..6_000, which in 0..CODINGS.len(),
        ) {
            let (coding, encode) = CODINGS[which];
            let (out, _) = decoded(coding, &encode(&text), piece).map_err(|it| TestCaseError::fail(it.why))?;
            prop_assert_eq!(out, text);
        }

        #[test]
        fn what_is_cut_or_changed_is_never_a_shorter_body(
            text in proptest::collection::vec(any::<u8>(), 1..3_000), cut in 1usize..50, which in 1usize..4,
        ) {
            let (coding, encode) = CODINGS[which];
            let encoded = encode(&text);
            let shorter = &encoded[..encoded.len() - cut.min(encoded.len() - 1)];
            // Members end where they end: a cut between two of them does not show here, but by the layer below.
            if let Ok((out, _)) = decoded(coding, shorter, 100) {
                prop_assert!(which == 2 && text.starts_with(&out), "{} of {}", out.len(), text.len());
            }
        }
    }

    #[test]
    fn a_body_that_grows_without_bound_is_given_in_pieces() {
        let zeros = vec![0; 64 << 20];
        for (coding, encode) in [("gzip", gzip as Encode), ("deflate", zlib)] {
            let (all, largest) = decoded(coding, &encode(&zeros), 64 << 10).expect("decodes");
            assert_eq!(all.len(), zeros.len());
            assert!(largest <= 1_100 * STEP_BYTES, "{largest}");
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_named() {
        let why = |coding, bytes: &[u8]| decoded(coding, bytes, 7).expect_err("does not decode").why;
        let mut flipped = gzip(b"<HOST_LIST_OUTPUT/>");
        let last = flipped.len() - 5;
        flipped[last] ^= 1;
        let followed = [zlib(b"<HOST_LIST_OUTPUT/>"), b"</html>".to_vec()].concat();
        let all = [
            why("br", b""),
            why("gzip, zstd", b""),
            why("gzip, gzip", b""),
            why("gzip", &gzip(b"").repeat(60_000)),
            why("gzip", b"<HOST_LIST_OUTPUT/>"),
            why("gzip", &flipped),
            why("gzip", &gzip(b"<HOST_LIST_OUTPUT/>")[..20]),
            why("deflate", b"<"),
            why("deflate", &followed),
        ];
        insta::assert_snapshot!(all.join("\n"), @r"
        its body is encoded as `br`, which was not asked for
        its body is encoded as `zstd`, which was not asked for
        its body is encoded as `2 codings on top of each other`, which was not asked for
        the encoded data of its body has no content
        the gzip data of its body is damaged
        the gzip data of its body is damaged
        the gzip data of its body ends early
        the deflate data of its body ends early
        the deflate data of its body is followed by other bytes
        ");
    }
}
