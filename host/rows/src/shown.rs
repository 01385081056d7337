//! Text of a plugin or a source on its way to a person.

use std::fmt;
use std::path::Path;

use crate::text::with_hidden;

/// Longer texts are cut: an error is read, not scrolled. In characters, without blanks at the end.
pub const SHOWN_CHARS: usize = 2_000;

/// Text from outside, safe to show on one line: what could move a cursor, start an
/// escape sequence or turn the reading direction around is shown as its code point,
/// and overlong text is cut.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    text: &'a str,
    lines: bool,
}

impl<'a> Shown<'a> {
    /// On one line.
    pub fn line(text: &'a str) -> Self {
        Self { text, lines: false }
    }

    /// With its line breaks.
    pub fn lines(text: &'a str) -> Self {
        Self { text, lines: true }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (shown, (char, hidden)) in with_hidden(self.text.trim_end()).enumerate() {
            if shown == SHOWN_CHARS {
                return f.write_str(" …");
            }
            match char {
                '\n' if self.lines => f.write_str("\n")?,
                '\n' | '\r' | '\t' => f.write_str(" ")?,
                char if hidden => write!(f, "{}", char.escape_unicode())?,
                char => fmt::Write::write_char(f, char)?,
            }
        }
        Ok(())
    }
}

/// A path on its way to a person: any program can make a folder with such a name, or send one in an archive.
#[derive(Clone, Copy)]
pub struct ShownPath<'a>(&'a Path);

/// Paths are shown by this, and by [`Path::display`] only to machines.
pub trait ShowPath {
    /// The path, whole, with all that could act on a screen or forge a line as its code point. What is no Unicode in it is
    /// U+FFFD.
    fn shown(&self) -> ShownPath<'_>;
}

impl ShowPath for Path {
    fn shown(&self) -> ShownPath<'_> {
        ShownPath(self)
    }
}

impl fmt::Display for ShownPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (char, hidden) in with_hidden(&self.0.to_string_lossy()) {
            if hidden {
                write!(f, "{}", char.escape_unicode())?;
            } else {
                fmt::Write::write_char(f, char)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_would_act_on_the_screen() {
        assert_eq!(Shown::line("a\u{1b}[2Jb\u{202e}c").to_string(), r"a\u{1b}[2Jb\u{202e}c");
        assert_eq!(Shown::line("one\r\ntwo\n").to_string(), "one  two");
        assert_eq!(Shown::lines("one\ntwo\n").to_string(), "one\ntwo");
        assert_eq!(Shown::line("Grüße, 東京").to_string(), "Grüße, 東京");
    }

    #[test]
    fn a_path_is_on_one_line_whatever_it_is_called() {
        let shown = |path: &str| Path::new(path).shown().to_string();
        assert_eq!(shown("my proofs/Grüße/東京 "), "my proofs/Grüße/東京 ");
        assert_eq!(shown("a\u{1b}[31m/b\nc\td\u{202e}"), r"a\u{1b}[31m/b\u{a}c\u{9}d\u{202e}");
        assert_eq!(shown(&"é".repeat(5_000)).chars().count(), 5_000);
    }

    #[test]
    fn cuts_what_is_too_long() {
        let shown = Shown::line(&"é".repeat(SHOWN_CHARS + 1)).to_string();
        assert_eq!(shown.chars().count(), SHOWN_CHARS + 2);
        assert!(shown.ends_with(" …"));
    }
}
