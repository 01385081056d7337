//! What characters in a text of unknown origin can hide.

/// Whether the character takes part in a text without being seen: controls, bidi
/// overrides and isolates, zero-width joiners and spaces, tags, variation selectors.
/// Line ends and tabs are among them, common spaces are not.
pub fn is_invisible(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::is_invisible;

    #[test]
    fn tells_what_is_seen_from_what_is_not() {
        for seen in ['a', ' ', 'ä', '漢', '=', '\u{00A0}', '€', 'ع'] {
            assert!(!is_invisible(seen), "{seen:?}");
        }
        for unseen in
            ['\0', '\n', '\t', '\u{1b}', '\u{7f}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}']
        {
            assert!(is_invisible(unseen), "{unseen:?}");
        }
    }
}
