//! What is in a cell, and how it looks.

use std::fmt::Write as _;

use exhibit::format::counted;
use exhibit_rows::text::with_hidden;
use exhibit_rows::{Instant, Kind};
use rust_xlsxwriter::{Color, Format, FormatAlign};

use crate::marks::Result;

/// What Excel takes in a cell, in UTF-16 units.
pub(super) const CELL_UNITS: usize = 32_767;
/// Whole numbers beyond it are no longer exact in a spreadsheet.
const EXACT: u64 = 1 << 53;
/// 1970-01-01, in the days that spreadsheets count.
const EPOCH_DAYS: f64 = 25_569.0;
const MILLISECONDS_A_DAY: f64 = 86_400_000.0;
const SECONDS_A_DAY: f64 = 86_400.0;
/// Days from 1900-03-01, before which spreadsheets disagree, to before the year 10000.
const DAYS: std::ops::Range<f64> = 61.0..2_958_466.0;

/// Characters that a column of facts is wide.
pub(super) const WIDE: u16 = 110;
/// How high a line is, in points.
const LINE: f64 = 15.0;
/// No row can be higher than 409 points.
const MOST_LINES: usize = 27;

/// How cells look.
#[derive(Debug)]
pub(super) struct Styles {
    pub(super) title: Format,
    pub(super) heading: Format,
    pub(super) term: Format,
    pub(super) fact: Format,
    pub(super) warning: Format,
    pub(super) instant: Format,
    pub(super) duration: Format,
    pub(super) absent: Format,
    pub(super) verdict: Format,
    pass: Format,
    fail: Format,
    open: Format,
    plain: Format,
}

impl Styles {
    pub(super) fn new() -> Self {
        let plain = Format::new().set_align(FormatAlign::Top);
        let coloured = |it| plain.clone().set_font_color(Color::RGB(it));
        Self {
            title: plain.clone().set_bold().set_font_size(16),
            heading: plain.clone().set_bold().set_background_color(Color::RGB(0x00E8_ECF2)),
            term: plain.clone().set_font_color(Color::RGB(0x005A_6270)),
            fact: plain.clone().set_text_wrap(),
            warning: plain.clone().set_text_wrap().set_background_color(Color::RGB(0x00FF_F2CC)),
            instant: plain.clone().set_num_format("yyyy-mm-dd hh:mm:ss"),
            duration: plain.clone().set_num_format("[h]:mm:ss"),
            absent: plain.clone().set_italic().set_font_color(Color::RGB(0x0080_8080)),
            verdict: plain.clone().set_text_wrap().set_bold().set_font_size(12),
            pass: coloured(0x0014_6C2E),
            fail: coloured(0x00A8_071A),
            open: coloured(0x007A_4B00),
            plain,
        }
    }

    /// Of a result: a colour beside its mark and its word.
    pub(super) fn result(&self, it: Result) -> &Format {
        match it {
            Result::Pass => &self.pass,
            Result::Fail => &self.fail,
            Result::Inconclusive | Result::Exception => &self.open,
            Result::NotApplicable => &self.plain,
        }
    }
}

/// What a heading says after the label.
pub(super) fn unit(kind: Kind) -> &'static str {
    match kind {
        Kind::Instant => " (UTC)",
        Kind::Duration => " (h:mm:ss)",
        _ => "",
    }
}

/// How wide a column is, in characters.
pub(super) fn width(kind: Kind) -> u16 {
    match kind {
        Kind::Text => 28,
        Kind::Texts => 40,
        Kind::Instant => 20,
        Kind::Integer | Kind::Number | Kind::Duration => 14,
        Kind::Boolean => 10,
    }
}

/// How high a row with this text in the column of facts is, in points.
pub(super) fn height(text: &str) -> f64 {
    // Wide characters are about two others.
    let wide = |char: char| if char < '\u{1100}' { 1 } else { 2 };
    let characters: usize = text.chars().map(wide).sum();
    // A line that breaks between words is seldom full.
    let lines = (characters * 11 / 10).div_ceil(WIDE.into());
    LINE * lines.clamp(1, MOST_LINES) as f64
}

/// The instant as a spreadsheet counts it. `None` where it cannot.
pub(super) fn day(instant: Instant) -> Option<f64> {
    // Some 10^14 milliseconds at most, which is exact.
    let day = instant as f64 / MILLISECONDS_A_DAY + EPOCH_DAYS;
    DAYS.contains(&day).then_some(day)
}

/// The length of time as a spreadsheet counts it. `None` where it cannot.
pub(super) fn days(seconds: u64) -> Option<f64> {
    let days = seconds as f64 / SECONDS_A_DAY;
    (days < DAYS.end).then_some(days)
}

/// The number as a spreadsheet has it. `None` where it would be another.
pub(super) fn exact(number: i64) -> Option<f64> {
    (number.unsigned_abs() <= EXACT).then_some(number as f64)
}

/// What a cell has of a text.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) text: String,
    /// Whether that is not the whole. Its end says so, too.
    pub(super) cut: bool,
}

/// The text with everything visible that is not seen, line ends apart; cut where a cell is full. `whole` is the file
/// that has the whole of it then.
pub(super) fn text(text: &str, whole: &str) -> Text {
    let mut out = String::with_capacity(text.len());
    for (char, hidden) in with_hidden(text) {
        match char {
            '\n' | '\t' => out.push(char),
            '\r' => {}
            // XML has no word for the last two.
            char if hidden || matches!(char, '\u{FFFE}' | '\u{FFFF}') => {
                let _ = write!(out, "{}", char.escape_unicode());
            }
            char => out.push(char),
        }
    }
    // A byte is a unit at least.
    let cut = out.len() > CELL_UNITS && out.encode_utf16().count() > CELL_UNITS;
    if cut {
        let all = counted(text.chars().count() as u64, "character", "characters");
        let note = format!("… (cut here: the text has {all}, and {whole} has all of it)");
        shorten(&mut out, CELL_UNITS.saturating_sub(note.encode_utf16().count()));
        out.push_str(&note);
    }
    Text { text: out, cut }
}

/// To so many UTF-16 units, or one less where a character would be torn.
fn shorten(text: &mut String, most: usize) {
    let mut units = 0;
    let end = text.char_indices().find_map(|(at, char)| {
        units += char.len_utf16();
        (units > most).then_some(at)
    });
    text.truncate(end.unwrap_or(text.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_too_long_and_nothing_hides_in_one() {
        assert_eq!(text("a\u{0}b\u{202e}c\r\nd", "rows").text, "a\\u{0}b\\u{202e}c\nd");
        for long in ["a".repeat(CELL_UNITS + 1), "🚀".repeat(CELL_UNITS / 2 + 1), "漢".repeat(CELL_UNITS + 1)]
        {
            let Text { text, cut } = text(&long, "rows");
            let units = text.encode_utf16().count();
            assert!(cut && (units == CELL_UNITS || units == CELL_UNITS - 1), "{units}");
        }
        for fits in ["a".repeat(CELL_UNITS), "漢".repeat(CELL_UNITS)] {
            let Text { text, cut } = text(&fits, "rows");
            assert!(!cut);
            assert_eq!(text, fits);
        }
    }

    #[test]
    fn a_text_that_is_cut_says_so_how_long_it_is_and_where_the_whole_is() {
        let Text { text, .. } = text(&"漢".repeat(40_000), "rows.ndjson.zst");
        assert!(
            text.ends_with(
                "漢… (cut here: the text has 40,000 characters, and rows.ndjson.zst has all of it)"
            )
        );
    }

    #[test]
    fn numbers_that_would_change_stay_texts() {
        assert_eq!(day(1_793_491_200_000), Some(46_327.0));
        assert_eq!(day(-2_300_000_000_000), None);
        assert_eq!(exact(i64::MAX), None);
        assert_eq!(days(u64::MAX), None);
        assert_eq!(days(43_200), Some(0.5));
    }
}
