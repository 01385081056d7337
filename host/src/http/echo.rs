//! Secrets that a source repeats: found in what it answers, and replaced before anything else sees it.
//!
//! A source may print a password in an error text, or return the `Authorization` header in a field of a record. What
//! is found is the secret as it was sent, and as servers write it: in base64, escaped for XML, JSON and URLs, and all of
//! these in UTF-8 and UTF-16. A source that means to hide a secret can write it in ways that no list has.

mod filter;
mod forms;

use std::fmt;
use std::sync::Arc;

use exhibit_secrets::Secret;
use secrecy::zeroize::Zeroizing;

pub(crate) use self::filter::EchoFilter;
use self::forms::{base64, forms};

/// What stands where a secret was. No character of it means anything to XML, JSON or CSV.
pub const MARK: &str = "[redacted]";

/// A secret of fewer bytes is found with its user name in a Basic value only: it may be a word, which would be replaced
/// all over ordinary answers.
const SHORTEST: usize = 8;

/// The secrets that signed a request. Cloning it copies none of them, and their memory is cleared with the last clone.
#[derive(Clone, Default)]
pub struct Echo(Arc<[Needle]>);

/// A secret in one of the forms that it may come back in.
struct Needle {
    bytes: Zeroizing<Vec<u8>>,
    /// What it is replaced by.
    mark: Mark,
}

/// The mark in the encoding of what it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
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
    fn write(self, out: &mut bytes::BytesMut) {
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

impl Echo {
    /// Of these secrets.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut needles = Vec::new();
        for secret in secrets {
            add_secret(&mut needles, secret.reveal());
        }
        Self::with(needles)
    }

    /// Of a password, and of the value of HTTP Basic that it makes with this user name.
    pub fn of_basic(username: &Secret, password: &Secret) -> Self {
        let mut needles = Vec::new();
        add_secret(&mut needles, password.reveal());
        for value in base64(username.joined(":", password).reveal()) {
            // That of a name and a password of a letter each is as good as a word.
            if value.len() >= SHORTEST {
                add_forms(&mut needles, &value);
            }
        }
        Self::with(needles)
    }

    fn with(mut needles: Vec<Needle>) -> Self {
        needles.sort_by(|a, b| (&*a.bytes, a.mark).cmp(&(&*b.bytes, b.mark)));
        needles.dedup_by(|a, b| a.bytes == b.bytes);
        Self(needles.into())
    }

    /// Whether there is nothing to replace.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// This text without the secrets, and how many times one was replaced.
    pub fn redact(&self, text: &str) -> (String, u64) {
        let mut filter = EchoFilter::new(self.clone());
        let mut out = bytes::BytesMut::with_capacity(text.len());
        filter.pass(text.as_bytes(), &mut out);
        filter.end(&mut out);
        (String::from_utf8_lossy(&out).into_owned(), filter.found())
    }
}

/// Shows nothing.
impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Echo").finish_non_exhaustive()
    }
}

fn add_secret(needles: &mut Vec<Needle>, secret: &str) {
    if secret.len() < SHORTEST {
        return;
    }
    add_forms(needles, secret);
    for value in base64(secret) {
        add_forms(needles, &value);
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

#[cfg(test)]
mod tests;
