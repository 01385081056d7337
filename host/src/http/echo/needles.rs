//! What is searched for.

use std::sync::Arc;

use secrecy::zeroize::Zeroizing;

use super::forms::{base64, forms};

/// What stands where a secret was. No character of it means anything to XML, JSON or CSV.
pub const MARK: &str = "[redacted]";

/// A secret of fewer bytes is found with its user name in a Basic value only: it may be a word, which would be replaced
/// all over ordinary answers.
const SHORTEST: usize = 8;

/// Secrets in all of their forms. Cloning it copies none of them.
#[derive(Clone, Default)]
pub(super) struct Needles(Arc<[Needle]>);

/// A secret in one of the forms that it may come back in.
pub(super) struct Needle {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// What it is replaced by.
    pub(super) mark: Mark,
}

/// The mark in the encoding of what it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// UTF-8, and all that has ASCII in it.
    Narrow,
    /// UTF-16 of either order of bytes, without the zero byte that comes first or last: what is replaced has none, too,
    /// so what follows it keeps its place within its pair.
    Wide,
    /// UTF-16LE.
    LittleEndian,
    /// UTF-16BE.
    BigEndian,
}

impl Mark {
    pub(super) fn write(self, out: &mut bytes::BytesMut) {
        match self {
            Self::Narrow => out.extend_from_slice(MARK.as_bytes()),
            Self::Wide => {
                for (at, byte) in MARK.bytes().enumerate() {
                    out.extend((at > 0).then_some(0));
                    out.extend([byte]);
                }
            }
            Self::LittleEndian => out.extend(MARK.bytes().flat_map(|byte| [byte, 0])),
            Self::BigEndian => out.extend(MARK.bytes().flat_map(|byte| [0, byte])),
        }
    }
}

impl Needles {
    /// Of these secrets, and of the value of HTTP Basic of this pair.
    pub(super) fn of<'a>(secrets: impl IntoIterator<Item = &'a str>, pair: Option<&str>) -> Self {
        let mut needles = Vec::new();
        for secret in secrets.into_iter().filter(|it| it.len() >= SHORTEST) {
            add_forms(&mut needles, secret);
            base64(secret).iter().for_each(|it| add_forms(&mut needles, it));
        }
        // That of a name and a password of a letter each is as good as a word.
        for value in pair.into_iter().flat_map(base64).filter(|it| it.len() >= SHORTEST) {
            add_forms(&mut needles, &value);
        }
        needles.sort_by(|a, b| (&*a.bytes, a.mark).cmp(&(&*b.bytes, b.mark)));
        needles.dedup_by(|a, b| a.bytes == b.bytes);
        Self(needles.into())
    }

    pub(super) fn all(&self) -> &[Needle] {
        &self.0
    }
}

fn add_forms(needles: &mut Vec<Needle>, text: &str) {
    for form in forms(text) {
        let mut add = |bytes, mark| needles.push(Needle { bytes, mark });
        add(Zeroizing::new(form.as_bytes().to_vec()), Mark::Narrow);
        if form.chars().all(|it| u32::from(it) <= 0xff) {
            // Either order of bytes has this in it, and a zero byte before or after it.
            let mut wide = Zeroizing::new(Vec::with_capacity(2 * form.len()));
            for char in form.chars() {
                if !wide.is_empty() {
                    wide.push(0);
                }
                wide.extend(u8::try_from(char).ok());
            }
            add(wide, Mark::Wide);
            if !form.is_ascii() {
                let mut latin = Zeroizing::new(Vec::with_capacity(form.len()));
                latin.extend(form.chars().filter_map(|it| u8::try_from(it).ok()));
                add(latin, Mark::Narrow);
            }
        } else {
            for (mark, order) in [
                (Mark::LittleEndian, u16::to_le_bytes as fn(u16) -> [u8; 2]),
                (Mark::BigEndian, u16::to_be_bytes),
            ] {
                let mut wide = Zeroizing::new(Vec::with_capacity(2 * form.len()));
                form.encode_utf16().for_each(|unit| wide.extend(order(unit)));
                add(wide, mark);
            }
        }
    }
}
