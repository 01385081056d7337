//! A document to print, to sign and to file: tagged, so that it can be read aloud, with fonts for any
//! script in it, and with the evidence's digest as text and as a QR code.

mod catalog;
mod ending;
mod fonts;
mod layout;
mod lines;
mod paint;
mod style;
mod table;

use std::io::{self, Write as _};

use exhibit::format::{self, counted};
use exhibit::testing::compared_in_words;
use exhibit_records::Verdict;
use exhibit_rows::{Kind, shown_fields};
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::metadata::{DateTime, Metadata};
use krilla::tagging::Tag;
use krilla::{Document, SerializeSettings};

use self::fonts::{Files, Fonts};
use self::layout::{Layout, MARGIN, Node, Piece, WIDTH};
use self::lines::Style;
use self::style::{
    BAD, BETWEEN, CELL, CELL_HEADING, GOOD, HEADING, LINK, OPEN, QUIET, SOFT, TERM, TEXT, TITLE, VERDICT,
    WARNING, heading,
};
use self::table::{Cell, Column};
use super::about::{Fact, Place};
use super::entries::Entries;
use super::error::RenderError;
use super::headline::Headline;
use super::order::{Order, Out};
use super::{Subject, about, findings, marks, subject};

/// Of each test, what so many rows stumbled on is shown: who mends them all has the evidence.
const FINDINGS: usize = 10;
/// More columns are too narrow to read.
const MOST_COLUMNS: usize = 12;
/// Where the text of a fact begins, from the margin.
const FACTS: f32 = 110.0;
/// How wide and high the bar of tests is, in points.
const BAR: f32 = 220.0;
const BAR_HEIGHT: f32 = 5.0;

pub(super) fn write(
    subject: &Subject,
    order: &Order,
    entries: &mut Entries,
    out: &mut Out<'_>,
) -> Result<(), RenderError> {
    let files = Files::unpack().map_err(RenderError::Write)?;
    let fonts = Fonts::load(&files).ok_or_else(|| refuse("a font cannot be read"))?;
    let mut layout = Layout::new(&fonts);
    let label = format::line(&subject.proof.proof_type.label);
    let known = about::facts(subject, order);
    heading(&mut layout, 1, &label, TITLE);
    verdict_first(&mut layout, &Headline::of(subject));
    facts(&mut layout, &known, Place::Summary);
    tests(&mut layout, subject);
    findings(&mut layout, subject, order)?;
    if known.iter().any(|it| it.place == Place::Notes) {
        heading(&mut layout, 2, "Notes", HEADING);
        facts(&mut layout, &known, Place::Notes);
    }
    rows(&mut layout, subject, entries)?;
    heading(&mut layout, 2, "Provenance", HEADING);
    facts(&mut layout, &known, Place::Provenance);
    ending::digest(&mut layout, subject);
    ending::sign_off(&mut layout);

    let accessible = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = accessible.map_err(|error| refuse(&format!("{error:?}")))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(metadata(subject, &fonts.legible(&label)));
    let foot = fonts.legible(&format!("{label} · evidence {}", subject.digest));
    paint::paint(&mut document, layout, &foot).map_err(RenderError::Write)?;
    let mut bytes = document.finish().map_err(|error| refuse(&format!("{error:?}")))?;
    catalog::leave_out_suspects(&mut bytes);
    out.write_all(&bytes).map_err(RenderError::Write)
}

fn refuse(what: &str) -> RenderError {
    RenderError::Write(io::Error::other(format!("no PDF can be made: {what}")))
}

fn metadata(subject: &Subject, title: &str) -> Metadata {
    let metadata = Metadata::new()
        .title(title.to_owned())
        .language("en".to_owned())
        .creator(format!("Exhibit {}", subject.proof.host))
        .description(format!("Evidence {}", subject.digest));
    // That of the evidence: that of this export would make each differ.
    match subject.proof.last_answer.as_deref().or(Some(&subject.proof.job.as_of)).and_then(date) {
        Some(date) => metadata.creation_date(date),
        None => metadata,
    }
}

fn date(instant: &str) -> Option<DateTime> {
    let number = |range: std::ops::Range<usize>| instant.get(range)?.parse::<u8>().ok();
    let date = DateTime::new(instant.get(0..4)?.parse().ok()?).month(number(5..7)?).day(number(8..10)?);
    let time = date.hour(number(11..13)?).minute(number(14..16)?).second(number(17..19)?);
    Some(time.utc_offset_hour(0).utc_offset_minute(0))
}

/// The verdict, and how many tests came to what, as a bar and in words.
fn verdict_first(layout: &mut Layout<'_>, headline: &Headline) {
    let text = match headline.outcome {
        Verdict::NotApplicable => headline.text.clone(),
        outcome => format!("{} {}: {}", marks::mark(outcome), outcome.word(), headline.text),
    };
    let style = Style { colour: colour(headline.outcome), ..VERDICT };
    layout.paragraph(Tag::P.into(), None, &text, style, 0.0);
    let all: u64 = headline.tally.iter().map(|it| it.1).sum();
    if all > 1 {
        layout.y += BETWEEN;
        let (mut x, y) = (MARGIN, layout.y);
        for (outcome, number) in &headline.tally {
            let width = BAR * *number as f32 / all as f32;
            layout
                .place(None, Piece::Rectangle { x, y, width, height: BAR_HEIGHT, colour: colour(*outcome) });
            x += width;
        }
        layout.y += BAR_HEIGHT + BETWEEN;
        layout.paragraph(Tag::P.into(), None, &headline.tally_in_words(), TERM, 0.0);
    }
    layout.y += TITLE.size * 0.4;
}

fn facts(layout: &mut Layout<'_>, facts: &[Fact], place: Place) {
    for fact in facts.iter().filter(|it| it.place == place) {
        let style = match &fact.link {
            Some(_) => Style { colour: LINK, ..TEXT },
            None if fact.warns => WARNING,
            None => TEXT,
        };
        let first = layout.paragraph(Tag::P.into(), Some((fact.term, TERM)), &fact.text, style, FACTS);
        layout.y += BETWEEN;
        let Some((link, (y, height))) = fact.link.clone().zip(first) else { continue };
        let width = lines::width(layout.fonts, &fact.text, style).min(WIDTH - 2.0 * MARGIN - FACTS);
        let leaf = layout.leaf();
        layout.place(Some(leaf), Piece::Link { x: MARGIN + FACTS, y, width, height, url: link });
        // Within the paragraph that it is on.
        if let Some(Node::Group(_, nodes)) = layout.tree.last_mut()
            && let Some(text) = nodes.pop()
        {
            nodes.push(Node::Group(Tag::Link.into(), vec![text, Node::Leaf(leaf)]));
        }
    }
}

fn tests(layout: &mut Layout<'_>, subject: &Subject) {
    let Some(run) = &subject.run else { return };
    heading(layout, 2, "Tests", HEADING);
    let columns = ["Outcome", "Test", "Why", "Result", "Controls"];
    let columns = columns.map(|it| Column { label: it.to_owned(), right: false });
    let row = |it: &exhibit_records::Tested| {
        let cell = |text: &str| Cell { text: format::line(text), style: CELL };
        vec![
            verdict(it.outcome, it.outcome.word()),
            cell(&it.label),
            cell(&it.why),
            cell(&result(it)),
            cell(&it.controls.join(", ")),
        ]
    };
    let rows: Vec<Vec<Cell>> = run.run.tests.iter().map(row).collect();
    table(layout, &columns, &rows);
}

/// What a test came to, and what changed since its last run.
fn result(test: &exhibit_records::Tested) -> String {
    match &test.since {
        Some(_) => {
            format!("{} Since the last run: {}.", test.message, compared_in_words(test.since.as_ref()))
        }
        None => test.message.clone(),
    }
}

/// What the first rows of each test stumbled on.
fn findings(layout: &mut Layout<'_>, subject: &Subject, order: &Order) -> Result<(), RenderError> {
    let Some(run) = &subject.run else { return Ok(()) };
    let all = findings::first(subject, run, order, FINDINGS)?;
    if all.is_empty() {
        return Ok(());
    }
    heading(layout, 2, "What did not pass", HEADING);
    let cut = run.run.tests.iter().any(|it| it.failed + it.inconclusive > FINDINGS as u64);
    if cut {
        let text = format!("Of each test the first {FINDINGS} rows; the evidence has all of them.");
        layout.paragraph(Tag::P.into(), None, &text, TERM, 0.0);
        layout.y += TERM.size * 0.4;
    }
    let columns = ["Result", "Row", "Field", "Seen", "Wanted"];
    let columns = columns.map(|it| Column { label: it.to_owned(), right: false });
    let tests = &run.run.tests;
    let cell = |text: String| Cell { text, style: CELL };
    let mut rows = Vec::new();
    for (row, reason) in all {
        let Some(test) = tests.get(reason.test) else { continue };
        let result = marks::Result::of(test, reason.verdict);
        for (at, found) in reason.found.iter().enumerate() {
            let verdict = marked(result, &format!("{}: {}", result.word(), test.label));
            let (field, seen) = (cell(found.field.clone()), cell(format::value(found.seen.cell())));
            rows.push(vec![verdict, cell(row.clone()), field, seen, cell(reason.wanted(at))]);
        }
    }
    table(layout, &columns, &rows);
    Ok(())
}

/// The mark and the word: not everybody sees colours.
fn verdict(verdict: Verdict, text: &str) -> Cell {
    let style = Style { colour: colour(verdict), ..CELL };
    Cell { text: format!("{} {}", marks::mark(verdict), format::line(text)), style }
}

/// The same of a row.
fn marked(result: marks::Result, text: &str) -> Cell {
    let colour = match result {
        marks::Result::Fail => BAD,
        marks::Result::Inconclusive | marks::Result::Exception => OPEN,
        marks::Result::Pass => GOOD,
        marks::Result::NotApplicable => SOFT,
    };
    Cell { text: format!("{} {}", result.mark(), format::line(text)), style: Style { colour, ..CELL } }
}

fn colour(verdict: Verdict) -> [u8; 3] {
    match verdict {
        Verdict::Pass => GOOD,
        Verdict::Fail => BAD,
        Verdict::Inconclusive => OPEN,
        Verdict::NotApplicable => SOFT,
    }
}

fn rows(layout: &mut Layout<'_>, subject: &Subject, entries: &mut Entries) -> Result<(), RenderError> {
    heading(layout, 2, "Rows", HEADING);
    let fields = subject.fields();
    let shown = shown_fields(fields.iter().map(|it| it.shown));
    let places: Vec<usize> = shown.into_iter().take(MOST_COLUMNS).collect();
    let left: Vec<String> = (0..fields.len())
        .filter(|it| !places.contains(it))
        .map(|it| format::line(&fields[it].label))
        .collect();
    if !left.is_empty() {
        let text = format!("Further fields are in the evidence: {}.", left.join(", "));
        layout.paragraph(Tag::P.into(), None, &text, TERM, 0.0);
        layout.y += TERM.size * 0.4;
    }
    let tests = subject.run.as_ref().map_or(&[][..], |it| &it.run.tests);
    let mut columns = vec![Column { label: "No.".to_owned(), right: true }];
    if !tests.is_empty() {
        columns.push(Column { label: "Result".to_owned(), right: false });
    }
    for &place in &places {
        let kind = subject::kind(&fields[place])?;
        let unit = if kind == Kind::Instant { " (UTC)" } else { "" };
        let right = matches!(kind, Kind::Integer | Kind::Number | Kind::Duration);
        columns.push(Column { label: format!("{}{unit}", format::line(&fields[place].label)), right });
    }
    let mut rows = Vec::new();
    for (number, entry) in (1_u64..).zip(entries) {
        let entry = entry?;
        let mut cells = vec![Cell { text: number.to_string(), style: CELL }];
        if !tests.is_empty() {
            let (worst, why) = marks::in_words(tests, &entry.verdicts);
            cells.push(marked(worst, &why));
        }
        let values = places.iter().filter_map(|it| entry.values.get(*it));
        cells.extend(values.map(|it| Cell { text: format::value(it.cell()), style: CELL }));
        rows.push(cells);
    }
    table(layout, &columns, &rows);
    Ok(())
}

/// A table, and whether texts are cut in it: a cut text must not look complete.
fn table(layout: &mut Layout<'_>, columns: &[Column], rows: &[Vec<Cell>]) {
    let cells = table::table(layout, columns, CELL_HEADING, rows);
    if cells > 0 {
        let text = format!(
            "{} cut, and ends in “…”: the evidence and the other exports have all of it.",
            counted(cells, "long text is", "long texts are")
        );
        layout.y += QUIET;
        layout.paragraph(Tag::P.into(), None, &text, WARNING, 0.0);
    }
}

#[cfg(test)]
mod tests;
