//! Answers in another charset than UTF-8.

use std::fmt::Write as _;

const DECLARED: &str = "encoding=\"UTF-8\"";
const CDATA: &str = "<![CDATA[";
const CDATA_END: &str = "]]>";

/// A charset that answers are sent in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// ISO-8859-1. What it does not have is written as character references.
    Latin1,
    /// UTF-16 with a byte order mark, the less significant byte first.
    Utf16LittleEndian,
    /// UTF-16 with a byte order mark, the more significant byte first.
    Utf16BigEndian,
}

impl Charset {
    /// Its name in a declaration and in a content type.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Latin1 => "ISO-8859-1",
            Self::Utf16LittleEndian | Self::Utf16BigEndian => "UTF-16",
        }
    }
}

/// Writes an answer in another charset, block by block.
pub(crate) struct Transcoding {
    charset: Charset,
    begun: bool,
    /// Bytes at the end of a block that begin a character.
    cut: Vec<u8>,
}

impl Transcoding {
    pub(crate) fn new(charset: Charset) -> Self {
        Self { charset, begun: false, cut: Vec::new() }
    }

    /// Changes the next block of an answer.
    pub(crate) fn apply(&mut self, block: &mut Vec<u8>) {
        let mut bytes = std::mem::take(&mut self.cut);
        bytes.append(block);
        if let Err(error) = std::str::from_utf8(&bytes)
            && error.error_len().is_none()
        {
            self.cut = bytes.split_off(error.valid_up_to());
        }
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if !self.begun && !text.is_empty() {
            self.begun = true;
            if text.starts_with("<?xml") {
                text = text.replacen(DECLARED, &format!("encoding=\"{}\"", self.charset.name()), 1);
            }
            if self.charset != Charset::Latin1 {
                text.insert(0, '\u{FEFF}');
            }
        }
        *block = match self.charset {
            Charset::Latin1 => latin1(&text),
            Charset::Utf16LittleEndian => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Charset::Utf16BigEndian => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        };
    }
}

/// A CDATA section has no references, so it ends before one and begins again behind it.
fn latin1(text: &str) -> Vec<u8> {
    let mut written = String::with_capacity(text.len());
    let mut in_cdata = false;
    for (at, character) in text.char_indices() {
        let rest = &text[at..];
        if in_cdata {
            in_cdata = !rest.starts_with(CDATA_END);
        } else {
            in_cdata = rest.starts_with(CDATA);
        }
        match u32::from(character) {
            // From 0x80 to 0x9F many read windows-1252 instead.
            0..0x80 | 0xA0..0x100 => written.push(character),
            // Writing to a text does not fail.
            code if in_cdata => drop(write!(written, "{CDATA_END}&#{code};{CDATA}")),
            code => drop(write!(written, "&#{code};")),
        }
    }
    // All that is left has one byte.
    written.chars().map(|it| u32::from(it) as u8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcoded(charset: Charset, blocks: &[&[u8]]) -> Vec<u8> {
        let mut transcoding = Transcoding::new(charset);
        let blocks = blocks.iter().flat_map(|block| {
            let mut block = block.to_vec();
            transcoding.apply(&mut block);
            block
        });
        blocks.collect()
    }

    #[test]
    fn what_latin1_does_not_have_is_referred_to() {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><A>\u{fc}\u{2013}</A><B><![CDATA[\u{fc}\u{1f5fc}<]]>\u{85}</B>";
        let wanted = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?><A>\xfc&#8211;</A>\
            <B><![CDATA[\xfc]]>&#128508;<![CDATA[<]]>&#133;</B>";
        assert_eq!(transcoded(Charset::Latin1, &[xml.as_bytes()]), wanted);
    }

    #[test]
    fn utf16_begins_with_a_mark_once_and_no_character_is_cut() {
        let blocks: [&[u8]; 3] = [b"", b"<A>\xf0\x9f", b"\x97\xbc</A>"];
        for (charset, read) in [
            (Charset::Utf16LittleEndian, u16::from_le_bytes as fn([u8; 2]) -> u16),
            (Charset::Utf16BigEndian, u16::from_be_bytes),
        ] {
            let bytes = transcoded(charset, &blocks);
            let units: Vec<_> = bytes.as_chunks::<2>().0.iter().map(|it| read(*it)).collect();
            assert_eq!(String::from_utf16(&units).expect("whole characters"), "\u{feff}<A>\u{1f5fc}</A>");
        }
    }
}
