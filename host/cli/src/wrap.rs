//! Sentences on a terminal, broken between words, as wide as it is.

use unicode_width::UnicodeWidthStr as _;

/// So far into a line, two blanks are the end of what the rest of it is about, such as a mark and a verdict.
const LABEL: usize = 30;
/// A line has room for some words beside what it is indented by.
const LEAST: usize = 20;

/// The text with lines that are no wider than this, where words allow it: what goes on does so below the beginning of its
/// sentence. What stands in backticks, as commands do, is one word. `None`: as it is, for programs that read it.
pub(super) fn wrap(text: &str, width: Option<u16>) -> String {
    let Some(width) = width.map(usize::from) else { return text.to_owned() };
    text.split('\n').map(|it| line(it, width)).collect::<Vec<_>>().join("\n")
}

fn line(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let hanging = hanging(text).min(width.saturating_sub(LEAST));
    let (head, rest) = text.split_at(text.len() - text.trim_start().len());
    let mut out = head.to_owned();
    let mut used = head.width();
    for (place, word) in words(rest).into_iter().enumerate() {
        let blanks = word.len() - word.trim_start().len();
        let bare = word.trim_start();
        if place > 0 && used + blanks + bare.width() > width {
            out.push('\n');
            out.push_str(&" ".repeat(hanging));
            out.push_str(bare);
            used = hanging + bare.width();
        } else {
            out.push_str(word);
            used += blanks + bare.width();
        }
    }
    out
}

/// How far the lines after the first one are indented.
fn hanging(text: &str) -> usize {
    let indent = text.len() - text.trim_start().len();
    let sentence = text.get(indent..).unwrap_or_default();
    let Some(at) = sentence.find("  ").filter(|it| *it <= LABEL) else { return indent + marker(sentence) };
    let rest = sentence.get(at..).unwrap_or_default().trim_start();
    text.strip_suffix(rest).unwrap_or_default().width()
}

/// How wide the mark of a list's item is, such as `1. ` or `- `.
fn marker(sentence: &str) -> usize {
    let after = sentence.trim_start_matches(|it: char| it.is_ascii_digit());
    let is_item = match sentence.len() - after.len() {
        0 => after.starts_with("- "),
        _ => after.starts_with(". "),
    };
    if is_item { sentence.len() - after.len() + 2 } else { 0 }
}

/// Words with the blanks before them.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut from, mut is_quoted, mut was_blank) = (0, false, true);
    for (at, char) in text.char_indices() {
        if char == '`' {
            // One that is never closed quotes nothing.
            is_quoted = !is_quoted && text.get(at + 1..).is_some_and(|it| it.contains('`'));
        }
        let is_blank = char == ' ' && !is_quoted;
        if is_blank && !was_blank {
            words.push(text.get(from..at).unwrap_or_default());
            from = at;
        }
        was_blank = is_blank;
    }
    words.push(text.get(from..).unwrap_or_default());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = "\
✔ pass  record: proof.json says what follows from the answers and the rows [as stated: account, host version, beginning]
✘ fail  files: every file is as it was written, and none was added
        rows.ndjson.zst was altered: sha256:00 was written, and it is sha256:11; it is a sentence of some length
        next: name one with `exhibit keys new --out FILE --and-some-more-options-that-are-long` and try again";

    #[test]
    fn lines_fit_and_go_on_below_their_sentence() {
        let wrapped = wrap(LINES, Some(80));
        assert!(wrapped.lines().all(|it| it.width() <= 80), "{wrapped}");
        insta::assert_snapshot!(wrapped, @"
        ✔ pass  record: proof.json says what follows from the answers and the rows [as
                stated: account, host version, beginning]
        ✘ fail  files: every file is as it was written, and none was added
                rows.ndjson.zst was altered: sha256:00 was written, and it is sha256:11;
                it is a sentence of some length
                next: name one with
                `exhibit keys new --out FILE --and-some-more-options-that-are-long` and
                try again
        ");
    }

    #[test]
    fn items_of_lists_go_on_below_their_text() {
        let list = "12. a step that is longer than it may be\n- another one of that kind, too\n1.5 is no item but a number";
        insta::assert_snapshot!(wrap(list, Some(24)), @"
        12. a step that is
            longer than it may
            be
        - another one of that
          kind, too
        1.5 is no item but a
        number
        ");
    }

    #[test]
    fn nothing_is_lost_and_what_fits_stays_as_it_is() {
        let bare = |it: &str| it.split_whitespace().collect::<Vec<_>>().join(" ");
        for width in 1..140 {
            assert_eq!(bare(&wrap(LINES, Some(width))), bare(LINES), "{width}");
        }
        assert_eq!(wrap(LINES, None), LINES);
        assert_eq!(wrap(LINES, Some(200)), LINES);
        let word = "a-word-that-is-longer-than-the-line";
        assert_eq!(wrap(&format!("{word} {word}"), Some(10)), format!("{word}\n{word}"));
    }
}
