//! What a terminal is shown. Texts of plugins and sources are escaped here: they could
//! otherwise move the cursor, change colours, or turn what is read around.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use exhibit_rows::Shown;
use exhibit_rows::text::with_hidden;

use super::environment::Environment;
use super::output::{self, WarningOutput};
use super::prompt;

/// Where a terminal does not say how wide it is.
const USUAL_COLUMNS: u16 = 80;

/// Why something could not be written to standard output. There is one of that in a process.
static UNWRITTEN: OnceLock<String> = OnceLock::new();

/// Why not all was written to standard output, such as a full disk. `None` where all was, or its reader has gone.
pub(super) fn unwritten() -> Option<&'static str> {
    UNWRITTEN.get().map(String::as_str)
}

/// Standard output and standard error, and what may be done with them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    json: bool,
    /// Columns of the terminal, where there is one.
    columns: Option<u16>,
    /// Whether standard output is a terminal.
    seen: bool,
    /// Whether standard error is a terminal, and may be drawn on.
    draws: bool,
    colour: bool,
    /// Whether standard output has colours.
    colour_out: bool,
}

impl Terminal {
    pub(super) fn new(environment: &Environment, json: bool) -> Self {
        let draws = io::stderr().is_terminal() && !json;
        let columns = terminal_size::terminal_size().map(|(width, _)| width.0);
        let seen = io::stdout().is_terminal();
        let colour_out = seen && !json && !environment.no_colour;
        Self { json, columns, seen, draws, colour: draws && !environment.no_colour, colour_out }
    }

    /// Whether results and errors are for machines.
    pub(super) fn json(&self) -> bool {
        self.json
    }

    /// How wide a table may be. `None` where standard output is no terminal: what is searched and cut by other programs
    /// has a line for each row.
    pub(super) fn width(&self) -> Option<u16> {
        self.seen.then(|| self.columns.unwrap_or(USUAL_COLUMNS))
    }

    /// How long a line on standard error may be.
    pub(super) fn line(&self) -> usize {
        self.columns.unwrap_or(USUAL_COLUMNS).into()
    }

    /// Whether progress may be drawn on standard error.
    pub(super) fn draws(&self) -> bool {
        self.draws
    }

    /// Whether a person can be asked.
    pub(super) fn converses(&self) -> bool {
        self.draws && io::stdin().is_terminal()
    }

    /// Asks on standard error; anything but yes is no.
    pub(super) async fn confirms(&self, question: &str) -> bool {
        drop(write!(io::stderr().lock(), "{question}"));
        prompt::line().await.is_some_and(|it| prompt::is_yes(&it))
    }

    /// Whether standard error has colours.
    pub(super) fn colours(&self) -> bool {
        self.colour
    }

    /// Writes to standard output, the marks of verdicts in their colours.
    pub(super) fn say(&self, text: &str) {
        let text = if self.json { Cow::Borrowed(text) } else { seen(text) };
        let text = if self.colour_out { Cow::Owned(with_colours(&text)) } else { text };
        written(writeln!(io::stdout().lock(), "{text}"));
    }

    /// Writes a file's bytes to standard output, as they are: for other programs.
    pub(super) fn give(&self, bytes: &[u8]) {
        let mut out = io::stdout().lock();
        written(out.write_all(bytes).and_then(|()| out.flush()));
    }

    /// Writes to standard error.
    pub(super) fn tell(&self, text: &str) {
        drop(writeln!(io::stderr().lock(), "{text}"));
    }

    /// Writes to standard error what is no error, and yet to be known.
    pub(super) fn warn(&self, text: &str) {
        self.tell(&if self.json {
            output::json(&WarningOutput { warning: text }).unwrap_or_else(|_| text.to_owned())
        } else {
            format!("{} {}", self.strong("warning:"), shown_lines(text))
        });
    }

    /// For standard error: something went wrong. The words say so, too.
    pub(super) fn alarm(&self, text: &str) -> String {
        self.coloured("1;31", text)
    }

    /// For standard error: worth a look.
    pub(super) fn strong(&self, text: &str) -> String {
        self.coloured("1", text)
    }

    fn coloured(&self, code: &str, text: &str) -> String {
        coloured(self.colour, code, text)
    }
}

/// The text with all made visible that acts on a terminal, but for line breaks and tabs: whatever comes this way, by
/// whatever name it is called, acts on none.
fn seen(text: &str) -> Cow<'_, str> {
    let acts = |(char, hidden): (char, bool)| hidden && !matches!(char, '\n' | '\t');
    if !with_hidden(text).any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for it in with_hidden(text) {
        if acts(it) { out.extend(it.0.escape_unicode()) } else { out.push(it.0) }
    }
    Cow::Owned(out)
}

fn coloured(colour: bool, code: &str, text: &str) -> String {
    if colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// The marks that lines and cells of tables begin with, and the colours that they and the word after them get. The words say
/// the same.
const MARKS: [(&str, &str); 3] = [("✔ ", "32"), ("✘ ", "1;31"), ("? ", "33")];

fn with_colours(text: &str) -> String {
    text.split('\n').map(line_with_colours).collect::<Vec<_>>().join("\n")
}

fn line_with_colours(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    // Cells are two blanks apart.
    let mut begins = true;
    while let Some(next) = rest.chars().next() {
        let mark = MARKS.iter().find(|(mark, _)| begins && rest.starts_with(mark));
        if let Some((mark, code)) = mark {
            let word = rest[mark.len()..].split(' ').next().unwrap_or_default();
            let (marked, after) = rest.split_at(mark.len() + word.len());
            out.push_str(&coloured(true, code, marked));
            (rest, begins) = (after, false);
        } else {
            out.push(next);
            rest = &rest[next.len_utf8()..];
            begins = out.ends_with("  ");
        }
    }
    out
}

/// Remembers why standard output could not be written, the first time. A reader that has gone, as `head` does, is no error.
fn written(result: io::Result<()>) {
    if let Err(error) = result
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = UNWRITTEN.set(error.to_string());
    }
}

/// The text on one line, with everything that is not seen made visible.
pub(super) fn shown(text: &str) -> String {
    Shown::line(text).to_string()
}

/// The same, with its line breaks.
pub(super) fn shown_lines(text: &str) -> String {
    Shown::lines(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_lines_and_cells_have_colours_and_nothing_else_has() {
        let text = "✘ fail  acme_1  ✔ good for 3 days\n  ? not counted: a ✔ b\nwhat?  is ✘ this\n";
        let shown = with_colours(text).replace('\u{1b}', "^");
        insta::assert_snapshot!(shown, @"
        ^[1;31m✘ fail^[0m  acme_1  ^[32m✔ good^[0m for 3 days
          ^[33m? not^[0m counted: a ✔ b
        what?  is ✘ this
        ");
        assert_eq!(with_colours(""), "");
    }

    #[test]
    fn nothing_that_is_said_acts_on_a_terminal_but_its_lines() {
        assert_eq!(seen("✔ a\n\tb, علی\u{200c}رضا"), "✔ a\n\tb, علی\u{200c}رضا");
        assert_eq!(seen("in \u{1b}[31m\u{202e}x\r\nand so on"), "in \\u{1b}[31m\\u{202e}x\\u{d}\nand so on");
    }

    #[test]
    fn what_acts_on_a_terminal_is_made_visible() {
        let texts = [
            "plain, with ümläuts and 漢字",
            "\u{1b}[2J\u{1b}[1;1Hcleared",
            "\u{1b}]0;title\u{7}",
            "\u{9b}31mred",
            "over\rwritten",
            "one\ntwo\tthree",
            "null\0",
            "admin\u{202e}txt.exe",
            "\u{2066}isolated\u{2069}",
            "zero\u{200b}width\u{feff}",
            "soft\u{ad}hyphen",
            "tags\u{e0041}",
        ];
        let lines: Vec<String> = texts.iter().map(|it| shown(it)).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        plain, with ümläuts and 漢字
        \u{1b}[2J\u{1b}[1;1Hcleared
        \u{1b}]0;title\u{7}
        \u{9b}31mred
        over written
        one two three
        null\u{0}
        admin\u{202e}txt.exe
        \u{2066}isolated\u{2069}
        zero\u{200b}width\u{feff}
        soft\u{ad}hyphen
        tags\u{e0041}
        ");
    }
}
