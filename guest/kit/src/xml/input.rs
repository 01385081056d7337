//! From bytes to text that an XML parser can take.

use std::borrow::Cow;

use super::encoding::{Decided, Encoding};

/// The sequence that stands for what could not be read.
const REPLACEMENT: &str = "\u{FFFD}";

/// Turns bytes into text, in pieces of any size. What is not allowed in XML becomes
/// U+FFFD.
#[derive(Debug, Default)]
pub(super) struct Input {
    encoding: Encoding,
    /// The beginning of a character whose rest has not come yet: three bytes at most.
    cut: Vec<u8>,
    /// Whether any text was read before.
    begun: bool,
    /// Characters that were replaced.
    pub(super) repaired: u64,
}

impl Input {
    /// Bytes in the encoding that the head of the answer names, where it names one.
    pub(super) fn labelled(charset: Option<&str>) -> Self {
        Self { encoding: Encoding::labelled(charset), ..Self::default() }
    }

    /// The name of the encoding, where it is one that cannot be read.
    pub(super) fn unknown(&self) -> Option<&str> {
        self.encoding.unknown()
    }

    /// Appends what `chunk` says to `text`.
    pub(super) fn read(&mut self, chunk: &[u8], text: &mut String) {
        let decided = self.encoding.decide(chunk);
        self.take(decided, text);
    }

    /// The bytes are over: a character that is still cut stays so.
    pub(super) fn end(&mut self, text: &mut String) {
        let decided = self.encoding.end();
        self.take(decided, text);
        if !std::mem::take(&mut self.cut).is_empty() {
            self.repaired += 1;
            text.push_str(REPLACEMENT);
        }
    }

    fn take(&mut self, decided: Option<Decided<'_>>, text: &mut String) {
        match decided {
            Some(Decided::Utf8(bytes)) => self.utf8(&bytes, text),
            Some(Decided::Other(decoded, replaced)) => {
                self.repaired += replaced;
                self.push(&decoded, text);
            }
            None => {}
        }
    }

    fn utf8(&mut self, chunk: &[u8], text: &mut String) {
        let chunk = if self.cut.is_empty() {
            Cow::Borrowed(chunk)
        } else {
            let mut whole = std::mem::take(&mut self.cut);
            whole.extend_from_slice(chunk);
            Cow::Owned(whole)
        };
        match str::from_utf8(&chunk) {
            Ok(good) => self.push(good, text),
            Err(_) => self.repair(&chunk, text),
        }
    }

    fn repair(&mut self, bytes: &[u8], text: &mut String) {
        let mut rest = bytes;
        loop {
            let error = match str::from_utf8(rest) {
                Ok(good) => return self.push(good, text),
                Err(error) => error,
            };
            let (good, bad) = rest.split_at(error.valid_up_to());
            self.push(&String::from_utf8_lossy(good), text);
            let Some(length) = error.error_len() else {
                self.cut = bad.to_vec();
                return;
            };
            self.repaired += 1;
            text.push_str(REPLACEMENT);
            rest = &bad[length..];
        }
    }

    fn push(&mut self, good: &str, text: &mut String) {
        let good = if self.begun { good } else { good.strip_prefix('\u{FEFF}').unwrap_or(good) };
        self.begun |= !good.is_empty();
        if is_clean(good.as_bytes()) {
            text.push_str(good);
            return;
        }
        let mut rest = good;
        while let Some((at, bad)) = rest.char_indices().find(|(_, it)| !is_xml(*it)) {
            text.push_str(&rest[..at]);
            text.push_str(REPLACEMENT);
            self.repaired += 1;
            rest = &rest[at + bad.len_utf8()..];
        }
        text.push_str(rest);
    }
}

/// Whether a character may stand in an XML 1.0 document.
pub(super) fn is_xml(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Whether there is nothing that XML forbids: no control character, no U+FFFE and no
/// U+FFFF. Nearly all pieces pass, and compilers vectorise what these go through.
fn is_clean(bytes: &[u8]) -> bool {
    let odd = |byte: u8| byte < 0x20 && byte != b'\n' && byte != b'\r' && byte != b'\t';
    let any = |is: &dyn Fn(u8) -> bool, block: &[u8]| block.iter().fold(false, |any, &byte| any | is(byte));
    bytes.chunks(256).all(|block| !any(&odd, block))
        && (bytes.chunks(256).all(|block| !any(&|byte| byte == 0xEF, block))
            || !bytes.windows(3).any(|it| matches!(it, [0xEF, 0xBF, 0xBE | 0xBF])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> (String, u64) {
        let (mut input, mut text) = (Input::default(), String::new());
        for piece in pieces {
            input.read(piece, &mut text);
        }
        input.end(&mut text);
        (text, input.repaired)
    }

    #[test]
    fn replaces_what_xml_forbids() {
        assert_eq!(read(&[b"a\x00b\x1bc\td"]), ("a\u{FFFD}b\u{FFFD}c\td".to_owned(), 2));
        assert_eq!(read(&[b"a\xffb"]), ("a\u{FFFD}b".to_owned(), 1));
        assert_eq!(read(&["a\u{FFFE}b".as_bytes()]), ("a\u{FFFD}b".to_owned(), 1));
    }

    #[test]
    fn joins_characters_that_were_cut() {
        let [a, b, c] = *"€".as_bytes() else { panic!("three bytes") };
        assert_eq!(read(&[&[a], &[b], &[c]]), ("€".to_owned(), 0));
        assert_eq!(read(&[&[a, b]]), ("\u{FFFD}".to_owned(), 1));
    }

    #[test]
    fn drops_a_byte_order_mark_only_at_the_start() {
        assert_eq!(read(&[b"\xef\xbb", b"\xbf<a/>"]).0, "<a/>");
        assert_eq!(read(&["<a>\u{FEFF}</a>".as_bytes()]).0, "<a>\u{FEFF}</a>");
    }

    proptest! {
        #[test]
        fn cutting_makes_no_difference(bytes: Vec<u8>, cut: prop::sample::Index) {
            let cut = cut.index(bytes.len() + 1);
            prop_assert_eq!(read(&[&bytes]), read(&[&bytes[..cut], &bytes[cut..]]));
        }
    }
}
