use std::cell::{Cell, RefCell};
use std::io::{Cursor, Read as _};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use tempfile::TempDir;
use zip::ZipArchive;

use super::*;
use crate::examples::{NAMES, evidence, evidence_of, rendered};
use crate::{Format, Persons};

/// A sheet as its XML has it.
#[derive(Debug, Default)]
struct Read {
    name: String,
    dimension: String,
    filter: Option<String>,
    merged: Vec<String>,
    /// Of each row its number, and its cells: where each is, and its text or number.
    rows: Vec<(u32, Vec<(String, String)>)>,
}

impl Read {
    /// All cells of a column, by its letter.
    fn column(&self, letter: &str) -> Vec<&str> {
        let cells = self.rows.iter().flat_map(|(row, cells)| {
            cells.iter().filter(move |(place, _)| *place == format!("{letter}{row}"))
        });
        cells.map(|(_, text)| text.as_str()).collect()
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().flat_map(|it| &it.1).map(|(_, text)| text.as_str())
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).expect("an attribute")?;
    Some(found.value.into_owned())
}

/// Calls for each tag that begins, and for each text, with the names of the elements that it is in.
fn walk(xml: &str, mut tag: impl FnMut(&BytesStart<'_>), mut text: impl FnMut(&[String], &str)) {
    let mut reader = Reader::from_str(xml);
    let mut within: Vec<String> = Vec::new();
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(it) => {
                tag(&it);
                within.push(it.name().as_ref().to_owned());
            }
            Event::Empty(it) => tag(&it),
            Event::End(_) => drop(within.pop()),
            Event::Text(it) => text(&within, &it),
            Event::GeneralRef(it) => {
                let known = match &*it {
                    "lt" => "<",
                    "gt" => ">",
                    "amp" => "&",
                    "quot" => "\"",
                    other => panic!("&{other};"),
                };
                text(&within, known);
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

fn file(book: &mut ZipArchive<Cursor<Vec<u8>>>, path: &str) -> Option<String> {
    let mut text = String::new();
    book.by_name(path).ok()?.read_to_string(&mut text).expect("UTF-8");
    Some(text)
}

/// Texts that several cells may have.
fn shared(book: &mut ZipArchive<Cursor<Vec<u8>>>) -> Vec<String> {
    let all = RefCell::new(Vec::new());
    if let Some(xml) = file(book, "xl/sharedStrings.xml") {
        let begin = |tag: &BytesStart<'_>| {
            if tag.name().as_ref() == "si" {
                all.borrow_mut().push(String::new());
            }
        };
        walk(&xml, begin, |within, text| {
            if within.iter().any(|it| it == "si") {
                all.borrow_mut().last_mut().expect("an item").push_str(text);
            }
        });
    }
    all.into_inner()
}

fn sheets(folder: &TempDir, persons: Persons) -> Vec<Read> {
    let order = Order { persons, ..Order::new(Format::Xlsx) };
    let (bytes, _) = rendered(folder, &order).expect("a workbook");
    let mut book = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let shared = shared(&mut book);
    let mut names = Vec::new();
    let workbook = file(&mut book, "xl/workbook.xml").expect("a workbook");
    walk(
        &workbook,
        |tag| {
            if tag.name().as_ref() == "sheet" {
                names.extend(attribute(tag, "name"));
            }
        },
        |_, _| {},
    );
    let mut all = Vec::new();
    for (name, number) in names.into_iter().zip(1..) {
        let xml = file(&mut book, &format!("xl/worksheets/sheet{number}.xml")).expect("a sheet");
        all.push(sheet(&xml, name, &shared));
    }
    all
}

fn sheet(xml: &str, name: String, shared: &[String]) -> Read {
    let read = RefCell::new(Read { name, ..Read::default() });
    let is_shared = Cell::new(false);
    walk(
        xml,
        |tag| {
            let mut read = read.borrow_mut();
            let place = || attribute(tag, "ref").expect("a place");
            match tag.name().as_ref() {
                "dimension" => read.dimension = place(),
                "autoFilter" => read.filter = Some(place()),
                "mergeCell" => read.merged.push(place()),
                "row" => {
                    let number = attribute(tag, "r").expect("a number").parse().expect("a number");
                    read.rows.push((number, vec![]));
                }
                "c" => {
                    is_shared.set(attribute(tag, "t").as_deref() == Some("s"));
                    let place = attribute(tag, "r").expect("a place");
                    read.rows.last_mut().expect("a row").1.push((place, String::new()));
                }
                _ => {}
            }
        },
        |within, text| {
            if !within.iter().any(|it| it == "c") {
                return;
            }
            let text = match is_shared.get() {
                true => &shared[text.parse::<usize>().expect("a number")],
                false => text,
            };
            let mut read = read.borrow_mut();
            read.rows.last_mut().and_then(|it| it.1.last_mut()).expect("a cell").1.push_str(text);
        },
    );
    read.into_inner()
}

/// Column and row, from 1, of a place such as `AB12`.
fn place(text: &str) -> (u32, u32) {
    let digits = text.find(|it: char| it.is_ascii_digit()).expect("a row");
    let letters = text[..digits].bytes();
    let column = letters.fold(0, |all, it| all * 26 + u32::from(it - b'A') + 1);
    (column, text[digits..].parse().expect("a row"))
}

/// First and last place of a range.
fn range(text: &str) -> ((u32, u32), (u32, u32)) {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    (place(first), place(last))
}

#[test]
fn every_row_and_cell_is_there_once_in_its_place_and_within_the_dimension() {
    let long = "x".repeat(CELL_UNITS + 1);
    let mut names = NAMES;
    names[1] = &long;
    for folder in [evidence(), evidence_of(names)] {
        let sheets = sheets(&folder, Persons::Named);
        let named: Vec<&str> = sheets.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(named, ["Summary", "Tests", "What did not pass", "Rows"]);
        for sheet in sheets {
            let numbers: Vec<u32> = sheet.rows.iter().map(|it| it.0).collect();
            assert!(numbers.is_sorted_by(|one, other| one < other), "{}: {numbers:?}", sheet.name);
            let mut used = ((u32::MAX, u32::MAX), (0, 0));
            for (number, cells) in &sheet.rows {
                let places: Vec<(u32, u32)> = cells.iter().map(|(it, _)| place(it)).collect();
                assert!(
                    !places.is_empty() && places.iter().all(|it| it.1 == *number),
                    "{}: {cells:?}",
                    sheet.name
                );
                assert!(places.is_sorted_by(|one, other| one.0 < other.0), "{}: {cells:?}", sheet.name);
                for (column, row) in places {
                    used.0 = (used.0.0.min(column), used.0.1.min(row));
                    used.1 = (used.1.0.max(column), used.1.1.max(row));
                }
            }
            assert_eq!(range(&sheet.dimension), used, "{}", sheet.name);
            assert!(sheet.filter.is_none_or(|it| range(&it) == used), "{}", sheet.name);
            assert!(sheet.merged.is_empty(), "{}", sheet.name);
        }
    }
}

#[test]
fn what_did_not_pass_says_why_and_alternatives_are_not_joint_requirements() {
    const TEST: &str = "Hosts are scanned";
    let sheets = sheets(&evidence(), Persons::Named);
    let [_, _, reasons, rows] = &sheets[..] else { panic!("{sheets:?}") };
    let line =
        |number: usize| -> Vec<&str> { reasons.rows[number].1.iter().map(|it| it.1.as_str()).collect() };
    assert_eq!(line(0), ["Name", "Test", "Result", "Field", "Seen", "Wanted"]);
    assert_eq!(line(1), [NAMES[0], TEST, "✘ fail", "Last Scan", "–", "is not empty"]);
    assert_eq!(line(3), [NAMES[3], TEST, "✘ fail", "Last Scan", "–", "any of: is not empty"]);
    assert_eq!(line(4)[1..], [TEST, "✘ fail", "Active", "0", "or: is yes"]);
    assert_eq!(line(5)[1..], [TEST, "✘ fail", "Owner", "ada@example.com", "or: is not ada@example.com"]);
    assert_eq!(reasons.rows.len(), 1 + 6);
    let one = "Hosts are scanned: Last Scan is –, wanted: is not empty";
    let alternatives = "Hosts are scanned: any of: Last Scan is –, wanted: is not empty; or: Active is no, wanted: \
                        is yes; or: Owner is ada@example.com, wanted: is not ada@example.com";
    assert_eq!(rows.column("L"), ["What did not pass", one, one, alternatives, one]);
}

#[test]
fn the_verdict_is_above_all_else_and_provenance_below() {
    let sheets = sheets(&evidence(), Persons::Named);
    let terms = sheets[0].column("A");
    assert_eq!(terms[..3], ["List of Hosts <all>", "Verdict", "Tests"]);
    let place = |term: &str| terms.iter().position(|it| *it == term).expect("a term");
    assert!(place("Completeness") < place("Notes") && place("Notes") < place("Provenance"), "{terms:?}");
    assert!(place("Provenance") < place("Evidence's digest"), "{terms:?}");
    let verdict = "✘ fail: 1 of 2 tests failed: Hosts are scanned. Of 6 rows in scope 2 fail.";
    assert_eq!(sheets[0].column("B")[..2], [verdict, "✘ 1 fail, ✔ 1 pass"]);
    assert_eq!(sheets[1].column("A"), ["Outcome", "✘ fail", "✔ pass"]);
}

#[test]
fn texts_that_are_cut_are_counted_in_the_summary() {
    let long = "x".repeat(CELL_UNITS + 1);
    let mut names = NAMES;
    // It passes, so it is in one cell.
    names[1] = &long;
    let sheets = self::sheets(&evidence_of(names), Persons::Named);
    let note = "… (cut here: the text has 32,768 characters, and rows.ndjson.zst has all of it)";
    assert_eq!(sheets.iter().flat_map(Read::texts).filter(|it| it.ends_with(note)).count(), 1);
    let said = "1 text is longer than the 32,767 characters that a cell takes: the end of each says so, how long the text \
                is, and which file of the evidence has all of it";
    assert!(sheets[0].texts().any(|it| it == said), "{:?}", sheets[0]);
    let whole = self::sheets(&evidence(), Persons::Named);
    assert!(!whole[0].texts().any(|it| it == "Cut texts"));
}

#[test]
fn no_person_is_named_where_persons_are_hidden() {
    for sheet in sheets(&evidence(), Persons::LeftOut) {
        assert!(!sheet.texts().any(|it| it.to_lowercase().contains("ada@")), "{}", sheet.name);
    }
}
