//! Characters in Windows-1252 and in UTF-16.

/// What Windows-1252 has from 0x80 to 0x9f.
#[rustfmt::skip]
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The character of this byte in Windows-1252.
pub(super) fn windows(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// The byte of this character in Windows-1252, where it has one.
pub(super) fn in_windows(char: char) -> Option<u8> {
    let at = WINDOWS.iter().position(|it| *it == char);
    match at {
        Some(at) => u8::try_from(0x80 + at).ok(),
        None => u8::try_from(char).ok().filter(|it| !(0x80..=0x9f).contains(it)),
    }
}

/// The character of the two halves of a pair in UTF-16.
pub(super) fn pair(high: u32, low: u32) -> Option<char> {
    let high = (0xd800..0xdc00).contains(&high).then(|| high - 0xd800)?;
    let low = (0xdc00..0xe000).contains(&low).then(|| low - 0xdc00)?;
    char::from_u32(0x1_0000 + (high << 10) + low)
}
