//! Short runs of bytes, looked at several at a time. In WebAssembly a loop asks at each turn whether
//! its time is up, and comparing is a call that goes byte by byte: for names that costs more than
//! all the rest of reading them.

/// Bytes that are looked at together.
const WORD: usize = size_of::<u64>();
/// The bit of each byte in a word that holds the result of a comparison.
const FLAGS: u64 = every(0x80);

/// How many bytes precede the first one that does not match: `are` compares a word, by [`within`].
/// It must not match zeros.
pub(super) fn leading(bytes: &[u8], are: impl Fn(u64) -> u64) -> usize {
    let (words, rest) = bytes.as_chunks::<WORD>();
    let mut last = [0; WORD];
    last[..rest.len()].copy_from_slice(rest);
    let mut length = 0;
    for word in words.iter().chain([&last]) {
        let others = !are(u64::from_le_bytes(*word)) & FLAGS;
        if others != 0 {
            return length + others.trailing_zeros() as usize / 8;
        }
        length += WORD;
    }
    length
}

/// Whether each byte in a word lies from `first` to `last`, which are ASCII: its highest bit
/// is the result, the other bits are 0.
pub(super) const fn within(word: u64, first: u8, last: u8) -> u64 {
    // Sums of seven bits each, so that none carries into the next byte.
    let ascii = word & !FLAGS;
    let from_first = ascii + every(0x80 - first);
    let beyond_last = ascii + every(0x7F - last);
    from_first & !beyond_last & !word & FLAGS
}

/// A word of the same byte.
pub(super) const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; WORD])
}

/// Whether two names are the same, to the letter.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.last_chunk::<WORD>(), b.last_chunk::<WORD>()) {
        (Some(end_of_a), Some(end_of_b)) => {
            let (words_of_a, words_of_b) = (a.as_chunks::<WORD>().0, b.as_chunks::<WORD>().0);
            end_of_a == end_of_b && words_of_a.iter().zip(words_of_b).all(|(a, b)| a == b)
        }
        _ => a.iter().zip(b).all(|(a, b)| a == b),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_lie_within_or_not_whatever_is_beside_them() {
        for byte in 0..=u8::MAX {
            for beside in [0, b'a', b'z', 0x7F, 0x80, 0xFF] {
                let word = u64::from_le_bytes([beside, byte, beside, byte, byte, beside, beside, byte]);
                let said = within(word, b'a', b'z').to_le_bytes();
                let expected = word.to_le_bytes().map(|it| if it.is_ascii_lowercase() { 0x80 } else { 0 });
                assert_eq!(said, expected, "{word:x}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_run_ends_where_the_first_other_is(bytes in "[a-c]{0,40}") {
            let expected = bytes.find('c').unwrap_or(bytes.len());
            prop_assert_eq!(leading(bytes.as_bytes(), |it| within(it, b'a', b'b')), expected);
        }

        #[test]
        fn the_same_is_what_is_equal(a in "[ab]{0,20}", b in "[ab]{0,20}", at in 0_usize..20) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            prop_assert_eq!(same(a, b), a == b);
            let mut other = a.to_vec();
            prop_assert!(same(a, &other));
            if let Some(byte) = other.get_mut(at) {
                *byte = b'c';
                prop_assert!(!same(a, &other));
            }
        }
    }
}
