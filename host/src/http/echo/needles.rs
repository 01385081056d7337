//! What is searched for.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use secrecy::zeroize::Zeroizing;

use super::charset::in_windows;
use super::reading::{Encoding, Known, Text, is_open};

/// What stands where a secret was. No character of it means anything to XML, JSON or CSV.
pub const MARK: &str = "[redacted]";

/// A secret of fewer bytes is found with its user name in a Basic value only: it may be a word, which would be replaced
/// all over ordinary answers.
const SHORTEST: usize = 8;

/// A secret is looked for by so many of its first characters: where one of these is escaped, by the escape. More make
/// each escape of an answer slower, and fewer each word that begins alike.
const PREFIX: usize = 4;

/// Secrets, and what finds them. Cloning it copies none of them.
#[derive(Clone, Default)]
pub(super) struct Needles(Arc<Index>);

#[derive(Default)]
struct Index {
    all: Vec<Needle>,
    /// The first characters of all of them: those of ASCII as bits, and whether there are others.
    firsts: (u128, bool),
    prefixes: Vec<Prefix>,
    /// What stands before the first escape of a secret, by its last byte.
    leads: Vec<Vec<Prefix>>,
}

/// A text that is searched for.
pub(super) struct Needle {
    chars: Zeroizing<Vec<char>>,
    /// Of base64: the two characters that differ between its alphabets are the same.
    base64: Option<Tail>,
    /// Those in which its characters are other bytes.
    encodings: Vec<Encoding>,
}

/// Of the same text: that is all that the rest is made of.
impl PartialEq for Needles {
    fn eq(&self, other: &Self) -> bool {
        let texts =
            |it: &Self| it.all().iter().map(|it| (it.chars.clone(), it.base64.is_some())).collect::<Vec<_>>();
        texts(self) == texts(other)
    }
}

impl Eq for Needles {}

/// What follows the last whole character of base64: one of those whose value has these bits.
#[derive(Clone, Copy, Default)]
struct Tail {
    mask: u8,
    bits: u8,
}

/// The first characters of a needle, as they are.
pub(super) struct Prefix {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) needle: usize,
    pub(super) encoding: Encoding,
    /// How far its first character is from its first byte, as [`Text`] counts.
    pub(super) ahead: usize,
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

/// What a search at one place found.
#[derive(Default)]
pub(super) struct Match {
    /// Where it ends, and what it is replaced by.
    pub(super) end: Option<(usize, Mark)>,
    /// Whether it may become another one with more bytes.
    pub(super) hungry: bool,
}

impl Needles {
    /// Of these secrets, and of the value of HTTP Basic of this pair.
    pub(super) fn of<'a>(secrets: impl IntoIterator<Item = &'a str>, pair: Option<&str>) -> Self {
        let mut all = Vec::new();
        let mut is_short = true;
        for secret in secrets.into_iter().filter(|it| it.len() >= SHORTEST) {
            is_short = false;
            all.push(Needle::of(secret.chars(), None));
            all.extend((0..3).filter_map(|it| Needle::of_base64(secret, it)));
        }
        if let Some(pair) = pair {
            // That of a name and a password of a letter each is as good as a word. Within another text, its password is
            // found.
            all.extend((0..if is_short { 3 } else { 1 }).filter_map(|it| Needle::of_base64(pair, it)));
            let value = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(pair));
            if value.len() >= SHORTEST {
                all.extend((0..3).filter_map(|it| Needle::of_base64(&value, it)));
            }
        }
        let mut index = Index { all, ..Index::default() };
        index.leads.resize_with(256, Vec::new);
        for (number, needle) in index.all.iter().enumerate() {
            match needle.chars.first() {
                Some(first) if first.is_ascii() => {
                    index.firsts.0 |= bit(*first);
                    // The same in the other alphabet of base64.
                    index.firsts.0 |= if needle.base64.is_some() { bit('-') | bit('_') } else { 0 };
                }
                _ => index.firsts.1 = true,
            }
            for encoding in &needle.encodings {
                for chars in needle.prefixes() {
                    let prefix = |chars: &[char], at_escape| Prefix::new(chars, *encoding, number, at_escape);
                    index.prefixes.extend(prefix(&chars, false));
                    for lead in (1..chars.len()).filter_map(|it| prefix(&chars[..it], true)) {
                        let last = lead.bytes.last().copied().unwrap_or_default();
                        index.leads[usize::from(last)].push(lead);
                    }
                }
            }
        }
        Self(Arc::new(index))
    }

    pub(super) fn all(&self) -> &[Needle] {
        &self.0.all
    }

    /// Whether one of them may begin with one of these.
    pub(super) fn may_begin_with(&self, readings: &[(char, usize)]) -> bool {
        let (ascii, others) = self.0.firsts;
        readings.iter().any(|it| if it.0.is_ascii() { ascii & bit(it.0) != 0 } else { others })
    }

    /// What a secret begins with of which the first characters are as they are.
    pub(super) fn prefixes(&self) -> &[Prefix] {
        &self.0.prefixes
    }

    /// What a secret may begin with before its first escape, where that is early and this byte is before it.
    pub(super) fn leads(&self, last: u8) -> &[Prefix] {
        self.0.leads.get(usize::from(last)).map_or(&[], Vec::as_slice)
    }
}

impl Prefix {
    /// `None` where this encoding does not have them. Where an escape follows, what stands before that.
    fn new(chars: &[char], encoding: Encoding, needle: usize, at_escape: bool) -> Option<Self> {
        // At most four bytes for each, and two for what follows.
        let mut bytes = Zeroizing::new(Vec::with_capacity(4 * PREFIX + 2));
        let mut ahead = 0;
        for char in chars {
            match encoding {
                Encoding::Utf8 => bytes.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
                Encoding::Latin1 => bytes.push(in_windows(*char)?),
                Encoding::BigEndian => {
                    bytes.extend(char.encode_utf16(&mut [0; 2]).iter().flat_map(|it| it.to_be_bytes()));
                }
                Encoding::LittleEndian => {
                    bytes.extend(char.encode_utf16(&mut [0; 2]).iter().flat_map(|it| it.to_le_bytes()));
                }
            }
        }
        match encoding {
            Encoding::BigEndian => {
                if bytes.first() == Some(&0) {
                    bytes.remove(0);
                } else {
                    ahead = 1;
                }
                bytes.extend(at_escape.then_some(0));
            }
            // What comes last may be cut off.
            Encoding::LittleEndian if !at_escape && bytes.last() == Some(&0) => drop(bytes.pop()),
            _ => {}
        }
        Some(Self { bytes, needle, encoding, ahead })
    }
}

impl Needle {
    fn of(chars: impl Iterator<Item = char>, base64: Option<Tail>) -> Self {
        // Room for all of it from the start: a vector that grows leaves copies behind.
        let mut kept = Zeroizing::new(Vec::with_capacity(chars.size_hint().1.unwrap_or_default()));
        kept.extend(chars);
        let mut encodings = vec![Encoding::Utf8, Encoding::BigEndian];
        if kept.iter().any(|it| !it.is_ascii() && in_windows(*it).is_some()) {
            encodings.push(Encoding::Latin1);
        }
        if kept.iter().any(|it| u32::from(*it) > 0xff) {
            encodings.push(Encoding::LittleEndian);
        }
        Self { chars: kept, base64, encodings }
    }

    /// What base64 has of a text alone, where so many bytes come before it that were encoded with it, modulo three.
    fn of_base64(text: &str, before: usize) -> Option<Self> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(before + text.len()));
        bytes.resize(before, 0);
        bytes.extend_from_slice(text.as_bytes());
        let encoded = Zeroizing::new(BASE64_STANDARD_NO_PAD.encode(&*bytes));
        // Those that have bits of what comes before.
        let foreign = [0, 2, 3].get(before).copied()?;
        let whole = 8 * bytes.len() / 6;
        let mask = match 8 * bytes.len() % 6 {
            2 => 0b11_0000,
            4 => 0b11_1100,
            _ => 0,
        };
        let bits = encoded.chars().nth(whole).and_then(sextet).unwrap_or_default() & mask;
        let chars = encoded.get(foreign..whole)?;
        (chars.len() >= SHORTEST).then(|| Self::of(chars.chars(), Some(Tail { mask, bits })))
    }

    pub(super) fn encodings(&self) -> &[Encoding] {
        &self.encodings
    }

    /// Whether one of these is its first character.
    pub(super) fn begins_with(&self, readings: &[(char, usize)]) -> bool {
        self.chars.first().is_some_and(|first| readings.iter().any(|it| self.fits(*first, it.0)))
    }

    fn fits(&self, expected: char, read: char) -> bool {
        expected == read || (self.base64.is_some() && matches!((expected, read), ('+', '-') | ('/', '_')))
    }

    /// Its first characters, with each that may be another one.
    fn prefixes(&self) -> Vec<Zeroizing<Vec<char>>> {
        let mut prefixes = vec![Zeroizing::new(Vec::with_capacity(PREFIX))];
        for char in self.chars.iter().take(PREFIX) {
            let other = match (char, self.base64) {
                (' ', None) => Some('+'),
                ('+', Some(_)) => Some('-'),
                ('/', Some(_)) => Some('_'),
                _ => None,
            };
            let others: Vec<_> = other
                .map(|other| {
                    let with = |it: &Zeroizing<Vec<char>>| {
                        let mut with = Zeroizing::new(Vec::with_capacity(PREFIX));
                        with.extend_from_slice(it);
                        with.push(other);
                        with
                    };
                    prefixes.iter().map(with).collect()
                })
                .unwrap_or_default();
            prefixes.iter_mut().for_each(|it| it.push(*char));
            prefixes.extend(others);
        }
        prefixes
    }

    /// Whether it stands in `bytes` from `start` on, where its first character begins at `first`. The longest way to
    /// read it counts.
    pub(super) fn at(
        &self,
        bytes: &[u8],
        encoding: Encoding,
        (start, first): (usize, usize),
        complete: bool,
        known: &Known,
    ) -> Match {
        let text = Text::new(bytes, encoding, start, complete, known);
        let (mut ends, mut next) = (vec![first], Vec::new());
        let read = |at: usize, fits: &dyn Fn(char) -> bool, next: &mut Vec<usize>| match text.plain(at) {
            Some((char, end)) if !is_open(char) => next.extend(fits(char).then_some(end)),
            Some(_) => next.extend(text.readings(at).all().iter().filter(|it| fits(it.0)).map(|it| it.1)),
            None => {}
        };
        let step = |ends: &mut Vec<usize>, next: &mut Vec<usize>, fits: &dyn Fn(char) -> bool| {
            if self.base64.is_some() {
                // A line may end here, with one character or with two.
                for line_end in ['\r', '\n'] {
                    next.clear();
                    ends.iter().for_each(|at| read(*at, &|it| it == line_end, next));
                    ends.append(next);
                }
            }
            next.clear();
            ends.iter().for_each(|at| read(*at, fits, next));
            next.sort_unstable();
            next.dedup();
            std::mem::swap(ends, next);
        };
        for expected in self.chars.iter() {
            step(&mut ends, &mut next, &|it| self.fits(*expected, it));
            if ends.is_empty() {
                return Match { end: None, hungry: text.is_hungry() };
            }
        }
        if let Some(Tail { mask, bits }) = self.base64.filter(|it| it.mask != 0) {
            step(&mut ends, &mut next, &|it| sextet(it).is_some_and(|it| it & mask == bits));
        }
        let end = ends.last().map(|&end| match encoding {
            Encoding::Utf8 | Encoding::Latin1 => (end, Mark::Narrow),
            Encoding::BigEndian if start == first => (end - 1, Mark::Wide),
            Encoding::BigEndian => (end - 1, Mark::BigEndian),
            Encoding::LittleEndian if bytes.get(end - 1).is_some_and(|it| *it != 0) => {
                (end, Mark::LittleEndian)
            }
            Encoding::LittleEndian => (end - 1, Mark::Wide),
        });
        Match { end, hungry: text.is_hungry() }
    }
}

fn bit(ascii: char) -> u128 {
    1_u128.checked_shl(ascii.into()).unwrap_or_default()
}

/// The value of a character of base64, in either alphabet.
fn sextet(char: char) -> Option<u8> {
    Some(match u8::try_from(char).ok()? {
        it @ b'A'..=b'Z' => it - b'A',
        it @ b'a'..=b'z' => it - b'a' + 26,
        it @ b'0'..=b'9' => it - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}
