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

/// Whether one that is not seen belongs to the text where it is: the joiners that some scripts and emoji are
/// written with, and the selectors of how a sign looks, hide nothing between or after what is beyond ASCII.
fn belongs(before: Option<char>, char: char, after: Option<char>) -> bool {
    let is_beyond = |it: Option<char>| it.is_some_and(|it| !it.is_ascii() && !is_invisible(it));
    // A sign may have its selector before the joiner.
    let is_written = |it: Option<char>| is_beyond(it) || matches!(it, Some('\u{FE0E}' | '\u{FE0F}'));
    match char {
        '\u{200C}' | '\u{200D}' => is_written(before) && is_beyond(after),
        '\u{FE0E}' | '\u{FE0F}' => is_beyond(before),
        _ => false,
    }
}

/// Each character of a text, and whether it hides something where it is.
pub fn with_hidden(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut before = None;
    text.char_indices().map(move |(at, char)| {
        let after = || text[at + char.len_utf8()..].chars().next();
        let hidden = is_invisible(char) && !belongs(before, char, after());
        before = Some(char);
        (char, hidden)
    })
}

#[cfg(test)]
mod tests {
    use super::{is_invisible, with_hidden};

    #[test]
    fn what_scripts_and_emoji_are_written_with_hides_nothing() {
        for text in
            ["علی\u{200c}رضا", "👩\u{200d}💻", "❤\u{fe0f}", "🏳\u{fe0f}\u{200d}🌈", "क\u{94d}\u{200d}ष"]
        {
            assert!(with_hidden(text).all(|it| !it.1), "{text:?}");
        }
        for text in [
            "a\u{200d}b",
            "a\u{200c}",
            "\u{200d}é",
            "é\u{200d}\u{200d}é",
            "1\u{fe0f}",
            "é\u{200b}é",
            "é\u{202e}é",
        ] {
            assert!(with_hidden(text).any(|it| it.1), "{text:?}");
        }
    }

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
