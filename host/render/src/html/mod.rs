//! One page for a browser: what the proof is, the tests, and a table that sorts and filters. It needs
//! nothing else and makes no requests, which its own policy forbids, too.

mod bar;
mod escape;

use std::io::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit::format;
use exhibit::testing::compared_in_words;
use exhibit_records::{Digest, Tested, Verdict};
use exhibit_rows::{SHOWN_CHARS, Value, shown_fields};

use self::escape::Escaped;
use super::about::{self, Fact, Place};
use super::entries::{Entries, Entry, ROWS};
use super::error::RenderError;
use super::findings::Reason;
use super::headline::Headline;
use super::order::{Order, Out};
use super::{Subject, marks};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn write(
    subject: &Subject,
    order: &Order,
    entries: &mut Entries,
    out: &mut Out<'_>,
) -> Result<(), RenderError> {
    let mut page = Page { out, shown: shown(subject), tests: tests(subject) };
    let facts = about::facts(subject, order);
    page.begin(subject, &facts).map_err(RenderError::Write)?;
    for (entry, number) in entries.zip(1..) {
        page.row(number, &entry?).map_err(RenderError::Write)?;
    }
    page.end(subject, &facts).map_err(RenderError::Write)
}

struct Page<'a, 'o> {
    out: &'a mut Out<'o>,
    /// For each field, whether it is shown at first.
    shown: Vec<bool>,
    tests: &'a [Tested],
}

fn shown(subject: &Subject) -> Vec<bool> {
    let places = shown_fields(subject.fields().iter().map(|it| it.shown));
    (0..subject.fields().len()).map(|it| places.contains(&it)).collect()
}

fn tests(subject: &Subject) -> &[Tested] {
    subject.run.as_ref().map_or(&[], |it| &it.run.tests)
}

impl Page<'_, '_> {
    fn begin(&mut self, subject: &Subject, facts: &[Fact]) -> io::Result<()> {
        let title = format::line(&subject.proof.proof_type.label);
        let title = Escaped(&title);
        let (style, script) = (source(STYLE), source(SCRIPT));
        write!(
            self.out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {style}; \
             script-src {script}; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        )?;
        self.headline(&Headline::of(subject))?;
        self.out.write_all(b"<section class=\"summary\" aria-label=\"Summary\">\n")?;
        self.about(facts, Place::Summary)?;
        self.out.write_all(b"</section>\n")?;
        self.tests()?;
        if facts.iter().any(|it| it.place == Place::Notes) {
            self.out.write_all(
                b"<section class=\"notes\" aria-labelledby=\"notes-heading\">\n<h2 id=\"notes-heading\">Notes</h2>\n",
            )?;
            self.about(facts, Place::Notes)?;
            self.out.write_all(b"</section>\n")?;
        }
        self.table_begins(subject)
    }

    /// The verdict, which comes before all else.
    fn headline(&mut self, it: &Headline) -> io::Result<()> {
        let (word, mark, text) = (it.outcome.word(), marks::mark(it.outcome), Escaped(&it.text));
        write!(self.out, "<div class=\"verdict {word}\">\n<p>")?;
        if !self.tests.is_empty() {
            write!(self.out, "<span class=\"mark\"><span aria-hidden=\"true\">{mark} </span>{word}</span> ")?;
        }
        writeln!(self.out, "{text}</p>")?;
        if let [_, _, ..] = self.tests {
            let said = it.tally_in_words();
            bar::write(self.out, it.tally.iter().map(|(outcome, number)| (outcome.word(), *number)))?;
            writeln!(self.out, "<p class=\"tally\">{}</p>", Escaped(&said))?;
        }
        self.out.write_all(b"</div>\n")
    }

    fn about(&mut self, facts: &[Fact], place: Place) -> io::Result<()> {
        self.out.write_all(b"<dl>\n")?;
        for fact in facts.iter().filter(|it| it.place == place) {
            let class = match fact.term {
                _ if fact.warns => " class=\"warns\"",
                term if term.ends_with("digest") => " class=\"digest\"",
                _ => "",
            };
            write!(self.out, "<dt>{}</dt><dd{class}>", fact.term)?;
            let text = Escaped(&fact.text);
            match &fact.link {
                Some(link) => {
                    write!(self.out, "<a href=\"{}\" rel=\"noreferrer noopener\">{text}</a>", Escaped(link))?;
                }
                None => write!(self.out, "{text}")?,
            }
            self.out.write_all(b"</dd>\n")?;
        }
        self.out.write_all(b"</dl>\n")
    }

    fn tests(&mut self) -> io::Result<()> {
        if self.tests.is_empty() {
            return Ok(());
        }
        self.out.write_all(
            b"<section class=\"tests\" aria-labelledby=\"tests-heading\">\n<h2 id=\"tests-heading\">Tests</h2>\n<table>\n<thead><tr>\
              <th scope=\"col\">Outcome</th><th scope=\"col\">Test</th><th scope=\"col\">Result</th>\
              <th scope=\"col\">Controls</th></tr></thead>\n<tbody>\n",
        )?;
        for test in self.tests {
            let (label, why) = (format::line(&test.label), format::line(&test.why));
            let (message, controls) = (format::line(&test.message), format::line(&test.controls.join(", ")));
            write!(
                self.out,
                "<tr class=\"{word}\"><td><span class=\"mark\"><span aria-hidden=\"true\">{mark} </span>{word}</span>\
                 </td><th scope=\"row\">{}<br><span class=\"why\">{}</span></th><td>{}",
                Escaped(&label),
                Escaped(&why),
                Escaped(&message),
                word = test.outcome.word(),
                mark = marks::mark(test.outcome),
            )?;
            let rows = [
                (Verdict::Fail, test.failed),
                (Verdict::Inconclusive, test.inconclusive),
                (Verdict::Pass, test.passed),
            ];
            bar::write(
                self.out,
                rows.map(|(verdict, rows)| (marks::Result::of(test, verdict).word(), rows)),
            )?;
            if test.since.is_some() {
                let since = compared_in_words(test.since.as_ref());
                write!(self.out, "<span class=\"why\">Since the last run: {}</span>", Escaped(&since))?;
            }
            writeln!(self.out, "</td><td>{}</td></tr>", Escaped(&controls))?;
        }
        self.out.write_all(b"</tbody>\n</table>\n</section>\n")
    }

    fn table_begins(&mut self, subject: &Subject) -> io::Result<()> {
        self.out.write_all(
            b"<section aria-labelledby=\"rows-heading\">\n<h2 id=\"rows-heading\">Rows</h2>\n<div class=\"tools\">\
              <span id=\"filters\" class=\"tools\" hidden><label>Filter <input type=\"search\" id=\"search\" \
              autocomplete=\"off\" spellcheck=\"false\"></label>",
        )?;
        if !self.tests.is_empty() {
            self.out.write_all(b"<label>Result <select id=\"verdict\"><option value=\"\">all</option>")?;
            for it in marks::Result::ALL {
                write!(self.out, "<option>{}</option>", it.word())?;
            }
            self.out.write_all(b"</select></label>")?;
        }
        self.out.write_all(b"</span>")?;
        if self.shown.contains(&false) {
            self.out.write_all(b"<label><input type=\"checkbox\" id=\"all\"> All fields</label>")?;
        }
        self.out.write_all(
            b"<span id=\"said\" role=\"status\"></span></div>\n\
              <div class=\"scroll\" role=\"region\" aria-labelledby=\"rows-heading\" tabindex=\"0\">\n\
              <table id=\"rows\">\n<thead><tr><th scope=\"col\">No.</th>",
        )?;
        if !self.tests.is_empty() {
            self.out.write_all(b"<th scope=\"col\">Result</th>")?;
        }
        for (field, shown) in subject.fields().iter().zip(&self.shown) {
            let class = if *shown { "" } else { " class=\"more\"" };
            let help = format::line(&field.help);
            let unit = if field.kind == "instant" { " (UTC)" } else { "" };
            write!(self.out, "<th scope=\"col\"{class}")?;
            if !help.is_empty() {
                write!(self.out, " title=\"{}\"", Escaped(&help))?;
            }
            write!(self.out, ">{}{unit}</th>", Escaped(&format::line(&field.label)))?;
        }
        self.out.write_all(b"</tr></thead>\n<tbody>\n")
    }

    fn row(&mut self, number: u64, entry: &Entry) -> io::Result<()> {
        let (worst, why) = marks::in_words(self.tests, &entry.verdicts);
        if self.tests.is_empty() {
            write!(self.out, "<tr>")?;
        } else {
            write!(self.out, "<tr class=\"{}\">", worst.word())?;
        }
        write!(self.out, "<td class=\"n\" data-k=\"{number}\">{number}</td>")?;
        if !self.tests.is_empty() {
            // The reasons below the mark name the tests.
            let said = if entry.reasons.is_empty() { why.as_str() } else { worst.word() };
            let (mark, said) = (worst.mark(), Escaped(said));
            write!(
                self.out,
                "<td><span class=\"mark\"><span aria-hidden=\"true\">{mark} </span>{said}</span>"
            )?;
            self.reasons(worst, &entry.reasons)?;
            self.out.write_all(b"</td>")?;
        }
        for (value, shown) in entry.values.iter().zip(&self.shown) {
            cell(self.out, value, *shown)?;
        }
        self.out.write_all(b"</tr>\n")
    }

    /// Why a row with this result did not pass: an item for each test.
    fn reasons(&mut self, worst: marks::Result, reasons: &[Reason]) -> io::Result<()> {
        if reasons.is_empty() {
            return Ok(());
        }
        self.out.write_all(b"<ul class=\"found\">")?;
        for reason in reasons {
            self.out.write_all(b"<li>")?;
            if let Some(test) = self.tests.get(reason.test) {
                write!(self.out, "<b>{}</b>", Escaped(&format::line(&test.label)))?;
                let result = marks::Result::of(test, reason.verdict);
                if result != worst {
                    write!(self.out, " ({})", result.word())?;
                }
                self.out.write_all(b": ")?;
            }
            match reason.found.as_slice() {
                [found] => write!(self.out, "{}", Escaped(&found.in_words()))?,
                all => {
                    self.out.write_all(b"any of:<ul>")?;
                    for found in all {
                        write!(self.out, "<li>{}</li>", Escaped(&found.in_words()))?;
                    }
                    self.out.write_all(b"</ul>")?;
                }
            }
            self.out.write_all(b"</li>")?;
        }
        self.out.write_all(b"</ul>")
    }

    fn end(&mut self, subject: &Subject, facts: &[Fact]) -> io::Result<()> {
        let absent = exhibit_rows::spreadsheet::ABSENT;
        self.out.write_all(
            b"</tbody>\n</table>\n</div>\n</section>\n<section class=\"provenance\" \
              aria-labelledby=\"provenance-heading\">\n<h2 id=\"provenance-heading\">Provenance</h2>\n",
        )?;
        self.about(facts, Place::Provenance)?;
        write!(
            self.out,
            "</section>\n</main>\n<footer>{absent}: the source did not say, or a \
             note says why it is missing; that is not the same as nothing ({}). This page is an export; the evidence is the folder whose proof.json \
             has the digest <span class=\"digest\">{}</span>.</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
            format::EMPTY,
            subject.digest
        )
    }
}

fn cell(out: &mut Out<'_>, value: &Value, shown: bool) -> io::Result<()> {
    let (class, key) = match value {
        Value::Absent | Value::Empty => ("a", None),
        Value::Integer(it) => ("n", Some(it.to_string())),
        Value::Number(it) => ("n", Some(it.to_string())),
        Value::Duration(it) => ("n", Some(it.to_string())),
        Value::Instant(it) => ("t", Some(it.to_string())),
        Value::Boolean(_) | Value::Text(_) | Value::Texts(_) => ("", None),
    };
    let more = if shown { "" } else { "more" };
    let class = [class, more].join(" ");
    match class.trim() {
        "" => write!(out, "<td")?,
        class => write!(out, "<td class=\"{class}\"")?,
    }
    if let Some(key) = key {
        write!(out, " data-k=\"{key}\"")?;
    }
    write!(out, ">{}", Escaped(&format::value(value.cell())))?;
    let characters = match value {
        Value::Text(it) => it.trim_end().chars().count(),
        Value::Texts(it) => it.join(", ").trim_end().chars().count(),
        _ => 0,
    };
    if characters > SHOWN_CHARS {
        let all = format::counted(characters as u64, "character", "characters");
        write!(out, " <span class=\"why\">(cut here: the text has {all}, and {ROWS} has all of it)</span>")?;
    }
    out.write_all(b"</td>")
}

/// What a policy calls a piece of style or script that is part of the page.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Digest::of(text.as_bytes()).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{NAMES, evidence, evidence_of, rendered};
    use crate::{Format, Order, Persons};

    fn page(folder: &tempfile::TempDir, persons: Persons) -> String {
        let order = Order { persons, ..Order::new(Format::Html) };
        let (page, _) = rendered(folder, &order).expect("a page");
        String::from_utf8(page).expect("UTF-8")
    }

    #[test]
    fn a_row_that_did_not_pass_says_why_and_alternatives_are_not_joint_requirements() {
        let page = page(&evidence(), Persons::Named);
        let one = "</span><ul class=\"found\"><li><b>Hosts are scanned</b>: Last Scan is –, wanted: is not empty</li></ul></td>";
        assert_eq!(page.matches(one).count(), 3);
        let alternatives = "</span><ul class=\"found\"><li><b>Hosts are scanned</b>: any of:<ul><li>Last Scan is –, wanted: is not \
                            empty</li><li>Active is no, wanted: is yes</li><li>Owner is ada@example.com, \
                            wanted: is not ada@example.com</li></ul></li></ul></td>";
        assert_eq!(page.matches(alternatives).count(), 1);
        assert_eq!(page.matches("class=\"found\"").count(), 4);
    }

    #[test]
    fn the_verdict_comes_first_then_the_tests_and_provenance_last() {
        let page = page(&evidence(), Persons::Named);
        let places = [
            "1 of 2 tests failed: Hosts are scanned. Of 6 rows in scope 2 fail.",
            "✘ 1 fail, ✔ 1 pass",
            "<dt>Window</dt>",
            ">Tests</h2>",
            ">Notes</h2>",
            ">Rows</h2>",
            ">Provenance</h2>",
            "<dt>Evidence's digest</dt>",
        ];
        let places = places.map(|it| page.find(it).unwrap_or_else(|| panic!("no {it} in {page}")));
        assert!(places.is_sorted(), "{places:?}");
    }

    #[test]
    fn a_text_that_is_cut_says_so() {
        let long = "x".repeat(SHOWN_CHARS + 1);
        let mut names = NAMES;
        names[1] = &long;
        let page = page(&evidence_of(names), Persons::Named);
        let said = "x … <span class=\"why\">(cut here: the text has 2,001 characters, and rows.ndjson.zst has all of it)";
        assert!(page.contains(said));
        assert_eq!(page.matches("cut here").count(), 1);
    }

    #[test]
    fn nothing_of_a_source_is_markup_and_nothing_hides() {
        let page = page(&evidence(), Persons::Named);
        assert_eq!(page.matches("<script>").count(), 1);
        assert!(page.contains("&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;"));
        assert!(page.contains(r"🚀 nüll\u{0}\u{202e}txt"));
        assert!(page.contains("東京-サーバー 서울 上海"));
    }

    #[test]
    fn the_page_runs_its_own_script_and_no_other() {
        let page = page(&evidence(), Persons::Named);
        let between = |from: &str, to: &str| {
            let rest = &page[page.find(from).expect("such a tag") + from.len()..];
            rest[..rest.find(to).expect("its end")].to_owned()
        };
        assert!(page.contains(&format!("script-src {}", source(&between("<script>", "</script>")))));
        assert!(page.contains(&format!("style-src {}", source(&between("<style>", "</style>")))));
        assert!(page.contains("default-src 'none'"));
    }
}
