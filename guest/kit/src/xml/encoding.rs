//! What a document's bytes stand for: UTF-8 nearly always, and what else HTTP and XML name for texts of the West.
//!
//! A byte order mark decides, then the head of the answer (RFC 7303, 3), then the XML declaration, then UTF-8. A
//! library for all encodings would be four times as large as the plugin, for scripts that sources write in UTF-8.

use std::borrow::Cow;

/// An XML declaration is shorter, or is none.
const DECLARATION_BYTES: usize = 256;

/// How bytes become text.
#[derive(Debug)]
pub(super) enum Encoding {
    /// Shows in the first bytes, which are these; a label is what the head of the answer says.
    Undecided {
        begun: Vec<u8>,
        label: Option<String>,
    },
    Utf8,
    /// Of windows-1252, which contains ISO-8859-1: as the WHATWG Encoding Standard reads both labels.
    Western,
    Utf16 {
        big_endian: bool,
        cut: Vec<u8>,
        high: Option<u16>,
    },
    Unknown(String),
}

/// Bytes of UTF-8, or the text of any other encoding with the number of characters in it that stand for what could not
/// be read.
pub(super) enum Decided<'a> {
    Utf8(Cow<'a, [u8]>),
    Other(String, u64),
}

impl Default for Encoding {
    fn default() -> Self {
        Self::labelled(None)
    }
}

impl Encoding {
    pub(super) fn labelled(charset: Option<&str>) -> Self {
        Self::Undecided { begun: Vec::new(), label: charset.map(str::to_owned) }
    }

    fn utf16(big_endian: bool) -> Self {
        Self::Utf16 { big_endian, cut: Vec::new(), high: None }
    }

    pub(super) fn unknown(&self) -> Option<&str> {
        match self {
            Self::Unknown(name) => Some(name),
            _ => None,
        }
    }

    /// What these bytes stand for. `None` where more must come first, or the encoding is unknown.
    pub(super) fn decide<'a>(&mut self, chunk: &'a [u8]) -> Option<Decided<'a>> {
        if let Self::Undecided { begun, label } = self {
            begun.extend_from_slice(chunk);
            let encoding = of_beginning(begun, label.as_deref(), false)?;
            let begun = std::mem::take(begun);
            *self = encoding;
            return self.decoded(Cow::Owned(begun));
        }
        self.decoded(Cow::Borrowed(chunk))
    }

    /// What is left when the bytes are over.
    pub(super) fn end(&mut self) -> Option<Decided<'static>> {
        match self {
            Self::Undecided { begun, label } => {
                let encoding = of_beginning(begun, label.as_deref(), true).unwrap_or(Self::Utf8);
                let begun = std::mem::take(begun);
                *self = encoding;
                let Some(Decided::Other(mut text, mut replaced)) = self.decoded(Cow::Owned(begun.clone()))
                else {
                    return matches!(self, Self::Utf8).then(|| Decided::Utf8(Cow::Owned(begun)));
                };
                if let Some(Decided::Other(rest, more)) = self.end() {
                    text.push_str(&rest);
                    replaced += more;
                }
                Some(Decided::Other(text, replaced))
            }
            Self::Utf16 { cut, high, .. } if !cut.is_empty() || high.is_some() => {
                cut.clear();
                *high = None;
                Some(Decided::Other(char::REPLACEMENT_CHARACTER.to_string(), 1))
            }
            _ => None,
        }
    }

    fn decoded<'a>(&mut self, bytes: Cow<'a, [u8]>) -> Option<Decided<'a>> {
        match self {
            Self::Utf8 => Some(Decided::Utf8(bytes)),
            Self::Western => Some(Decided::Other(bytes.iter().copied().map(western).collect(), 0)),
            Self::Utf16 { big_endian, cut, high } => {
                cut.extend_from_slice(&bytes);
                let (pairs, rest) = cut.as_chunks::<2>();
                let units = pairs.iter().map(|it| match big_endian {
                    true => u16::from_be_bytes(*it),
                    false => u16::from_le_bytes(*it),
                });
                let mut units: Vec<u16> = high.take().into_iter().chain(units).collect();
                if units.last().is_some_and(|it| (0xD800..0xDC00).contains(it)) {
                    *high = units.pop();
                }
                let mut replaced = 0;
                let text = char::decode_utf16(units)
                    .map(|it| {
                        it.unwrap_or_else(|_| {
                            replaced += 1;
                            char::REPLACEMENT_CHARACTER
                        })
                    })
                    .collect();
                *cut = rest.to_vec();
                Some(Decided::Other(text, replaced))
            }
            Self::Undecided { .. } | Self::Unknown(_) => None,
        }
    }
}

/// The encoding of a document that begins so. `None` where that does not show yet.
fn of_beginning(begun: &[u8], label: Option<&str>, last: bool) -> Option<Encoding> {
    for (mark, encoding) in [
        (&b"\xef\xbb\xbf"[..], Encoding::Utf8),
        (b"\xfe\xff", Encoding::utf16(true)),
        (b"\xff\xfe", Encoding::utf16(false)),
    ] {
        if begun.starts_with(mark) {
            return Some(encoding);
        }
        if mark.starts_with(begun) && !last {
            return None;
        }
    }
    if let Some(label) = label {
        return Some(named(label).unwrap_or_else(|| Encoding::Unknown(label.to_owned())));
    }
    // XML 1.0, appendix F: what a declaration looks like in UTF-16 without a mark.
    for (beginning, big_endian) in [(b"\0<\0?", true), (b"<\0?\0", false)] {
        if begun.starts_with(beginning) {
            return Some(Encoding::utf16(big_endian));
        }
        if beginning.starts_with(begun) && !last {
            return None;
        }
    }
    const DECLARATION: &[u8] = b"<?xml";
    if !begun.starts_with(DECLARATION) {
        return (last || !DECLARATION.starts_with(begun)).then_some(Encoding::Utf8);
    }
    let within = &begun[..begun.len().min(DECLARATION_BYTES)];
    match within.windows(2).position(|it| it == b"?>") {
        Some(end) => match declared(&within[..end]) {
            None => Some(Encoding::Utf8),
            // One that is read as bytes is no UTF-16, whatever it says.
            Some(name) => match named(&name) {
                Some(Encoding::Utf16 { .. }) => Some(Encoding::Utf8),
                Some(encoding) => Some(encoding),
                None => Some(Encoding::Unknown(name)),
            },
        },
        None => (last || within.len() == DECLARATION_BYTES).then_some(Encoding::Utf8),
    }
}

/// What an XML declaration names.
fn declared(declaration: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(declaration);
    let (_, rest) = text.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    rest[1..].split(quote).next().map(str::to_owned)
}

/// An encoding by its name, as far as it is read here.
fn named(name: &str) -> Option<Encoding> {
    Some(match name.trim().to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" | "ansi_x3.4-1968" => Encoding::Utf8,
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "l1" | "windows-1252" | "cp1252"
        | "x-cp1252" => Encoding::Western,
        "utf-16le" => Encoding::utf16(false),
        // RFC 2781, 4.3: without a mark, the first byte is the more significant one.
        "utf-16" | "utf-16be" => Encoding::utf16(true),
        _ => return None,
    })
}

/// A character of windows-1252, as the WHATWG Encoding Standard maps it.
fn western(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
        '\u{2C6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}', '\u{90}',
        '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2DC}',
        '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
    ];
    match byte {
        0x80..=0x9F => FROM_80[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What bytes become in pieces that end there, and the name of an encoding that is not known.
    fn read(label: Option<&str>, bytes: &[u8], cuts: &[usize]) -> Result<String, String> {
        let mut encoding = Encoding::labelled(label);
        let mut utf8 = Vec::new();
        let mut take = |it: Option<Decided<'_>>| match it {
            Some(Decided::Utf8(bytes)) => utf8.extend_from_slice(&bytes),
            Some(Decided::Other(text, _)) => utf8.extend_from_slice(text.as_bytes()),
            None => {}
        };
        let mut from = 0;
        for &cut in cuts.iter().chain([&bytes.len()]) {
            let to = cut.clamp(from, bytes.len());
            take(encoding.decide(&bytes[from..to]));
            from = to;
        }
        take(encoding.end());
        match encoding.unknown() {
            Some(name) => Err(name.to_owned()),
            None => Ok(String::from_utf8_lossy(&utf8).trim_start_matches('\u{FEFF}').to_owned()),
        }
    }

    fn utf16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(|it| if big_endian { it.to_be_bytes() } else { it.to_le_bytes() }).collect()
    }

    const TEXT: &str = "<?xml version=\"1.0\" encoding='UTF-16'?><A>Zoë – 𝄞</A>";

    #[test]
    fn reads_what_the_head_the_mark_or_the_declaration_say() {
        let latin = b"<?xml version=\"1.0\" encoding = 'ISO-8859-1'?><A>Zo\xeb \x96</A>";
        assert_eq!(
            read(None, latin, &[]).expect("known"),
            "<?xml version=\"1.0\" encoding = 'ISO-8859-1'?><A>Zoë –</A>"
        );
        assert_eq!(read(Some("Latin1"), b"Zo\xeb", &[]).expect("known"), "Zoë");
        assert_eq!(
            read(Some("ISO-8859-1"), "\u{FEFF}Zoë".as_bytes(), &[]).expect("known"),
            "Zoë",
            "a mark decides"
        );
        for big_endian in [true, false] {
            for mark in [true, false] {
                assert_eq!(read(None, &utf16(TEXT, big_endian, mark), &[]).expect("known"), TEXT);
            }
        }
        assert_eq!(read(Some("utf-16le"), &utf16("<A/>", false, false), &[]).expect("known"), "<A/>");
        // What came as bytes is read as bytes.
        assert_eq!(read(None, TEXT.as_bytes(), &[]).expect("known"), TEXT);
        assert_eq!(read(None, b"", &[]).expect("known"), "");
    }

    #[test]
    fn names_what_it_cannot_read() {
        assert_eq!(read(Some("shift_jis"), b"<A/>", &[]), Err("shift_jis".to_owned()));
        assert_eq!(read(None, b"<?xml version='1.0' encoding='KOI8-R'?><A/>", &[]), Err("KOI8-R".to_owned()));
    }

    proptest! {
        #[test]
        fn cutting_makes_no_difference(text in "(<\\?xml encoding='(utf-8|iso-8859-1|x)'\\?>)?[a<\u{e4}\u{20ac}\u{1d11e}]{0,12}",
            how in 0..5, cuts in proptest::collection::vec(0usize..60, 0..4))
        {
            let mut cuts = cuts;
            cuts.sort_unstable();
            let bytes = match how {
                0 => text.clone().into_bytes(),
                1 => text.chars().map(|it| u8::try_from(u32::from(it)).unwrap_or(b'?')).collect(),
                2 => utf16(&text, true, true),
                3 => utf16(&text, false, true),
                _ => utf16(&text, true, false),
            };
            for label in [None, Some("iso-8859-1"), Some("utf-16")] {
                prop_assert_eq!(read(label, &bytes, &cuts), read(label, &bytes, &[]));
            }
        }
    }
}
