//! Where in a file something is, as people find it: line, column, the line itself, and a
//! mark under what is meant.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use exhibit_rows::{ShowPath as _, Shown};

/// As much of a line as is shown: a bare array of many texts is longer than any screen.
const LINE_CHARS: usize = 120;
/// What of a longer one lies before the mark at most.
const BEFORE_CHARS: usize = 70;
/// What has been left out of a line.
const CUT: &str = "…";

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    file: PathBuf,
    line: usize,
    column: usize,
    /// The part of the line that is shown, safe to show: before the mark, above it, after it.
    shown: [String; 3],
}

impl Place {
    /// The place of these bytes of the text. A span of several lines is its first one.
    pub(super) fn of(file: &Path, text: &str, span: Range<usize>) -> Self {
        let start = floor(text, span.start);
        let end = floor(text, span.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |it| it + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |it| start + it);
        let before = &text[line_start..start];
        let meant = &text[start..end.min(line_end)];
        let after = text[start + meant.len()..line_end].trim_end();
        let column = before.chars().count() + 1;
        let whole = text[line_start..line_end].trim_end().chars().count() <= LINE_CHARS;
        let before_chars = if whole { LINE_CHARS } else { BEFORE_CHARS };
        let rest_chars = if whole { LINE_CHARS } else { LINE_CHARS - BEFORE_CHARS };
        let meant_chars = meant.trim_end().chars().count().min(rest_chars);
        Self {
            file: file.to_owned(),
            line: text[..start].bytes().filter(|it| *it == b'\n').count() + 1,
            column,
            shown: [
                end_of(before, before_chars),
                start_of(meant.trim_end(), meant_chars),
                start_of(after, rest_chars - meant_chars),
            ],
        }
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The character of the line, from 1.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let [before, meant, after] = &self.shown;
        let indent = " ".repeat(before.chars().count());
        let mark = "^".repeat(meant.chars().count().max(1));
        let file = self.file.shown().to_string();
        writeln!(f, "{margin}--> {}:{}:{}", Shown::line(&file), self.line, self.column)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{}", format!("{number} | {before}{meant}{after}").trim_end())?;
        write!(f, "{margin} | {indent}{mark}")
    }
}

/// A span that came from elsewhere may end within a character, or behind the text.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

fn start_of(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}{CUT}", safe(&text[..end])),
        None => safe(text),
    }
}

fn end_of(text: &str, chars: usize) -> String {
    match text.char_indices().rev().nth(chars) {
        Some((at, char)) => format!("{CUT}{}", safe(&text[at + char.len_utf8()..])),
        None => safe(text),
    }
}

/// Character by character, since blanks at an end must stay for the mark to be in its place.
fn safe(text: &str) -> String {
    text.chars()
        .map(|it| match it {
            ' ' | '\t' => " ".to_owned(),
            char => Shown::line(char.encode_utf8(&mut [0; 4])).to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str, meant: &str) -> String {
        let start = text.find(meant).expect("is there");
        Place::of(Path::new("tests/users.toml"), text, start..start + meant.len()).to_string()
    }

    #[test]
    fn marks_what_is_meant() {
        let long = format!("all = [{}\"here\", {}]", "\"x\", ".repeat(500), "\"y\", ".repeat(500));
        let places = [
            shown("version = 1\n\n[[test]]\r\nname = \"ä\" # no\n", "\"ä\""),
            shown("\tlabel = \"\u{1b}[2J\u{202e}\" # here", "here"),
            shown(&long, "\"here\""),
            shown("[[test]]\nname = [\n  1,\n]\n", "[\n  1,\n]"),
            Place::of(Path::new("a\u{1b}b"), "x = ", 4..4).to_string(),
        ];
        insta::assert_snapshot!(places.join("\n\n"), @r#"
         --> tests/users.toml:4:8
          |
        4 | name = "ä" # no
          |        ^^^

         --> tests/users.toml:1:20
          |
        1 |  label = "\u{1b}[2J\u{202e}" # here
          |                                ^^^^

         --> tests/users.toml:1:2508
          |
        1 | …"x", "x", "x", "x", "x", "x", "x", "x", "x", "x", "x", "x", "x", "x", "here", "y", "y", "y", "y", "y", "y", "y", "y", "y…
          |                                                                        ^^^^^^

         --> tests/users.toml:2:8
          |
        2 | name = [
          |        ^

         --> a\u{1b}b:1:5
          |
        1 | x =
          |     ^
        "#);
    }

    proptest! {
        #[test]
        fn any_span_of_any_text_is_some_place(text in "\\PC{0,40}(\n\\PC{0,200}){0,3}", start in 0..300_usize, end in 0..300_usize) {
            let place = Place::of(Path::new("file"), &text, start..end);
            prop_assert!(place.line() <= text.matches('\n').count() + 1);
            prop_assert_eq!(place.to_string().lines().count(), 4);
        }
    }
}
