//! A case: what the source sends, and what is right to come of it.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value as Json;

use crate::program::{Ended, Program};
use crate::server::{Answer, Server};

/// Exit codes that are a clear error: of the call or this machine, or of the source.
const ERRORS: [i32; 2] = [2, 3];
/// What only a mistake in the program says.
const MISTAKES: [&str; 5] = ["panicked", "crashed", "wasm", "unwrap", "RUST_BACKTRACE"];

/// One case of the catalogue.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) proof: &'static str,
    /// In their order; the last one again and again.
    pub(crate) answers: Vec<Answer>,
    expected: Expected,
}

/// What is right.
enum Expected {
    /// These cells, row by row: cells that are not named are not looked at.
    Rows(Vec<Json>),
    /// An error that says this.
    Error(&'static str),
}

impl Case {
    /// Rows of users.
    pub(crate) fn rows(name: impl Into<String>, answer: Answer, rows: Vec<Json>) -> Self {
        Self { name: name.into(), proof: "users", answers: vec![answer], expected: Expected::Rows(rows) }
    }

    /// An error instead of users.
    pub(crate) fn error(name: impl Into<String>, answer: Answer, says: &'static str) -> Self {
        Self { name: name.into(), proof: "users", answers: vec![answer], expected: Expected::Error(says) }
    }

    /// The same of another proof type.
    pub(crate) fn of(self, proof: &'static str) -> Self {
        Self { proof, ..self }
    }

    /// The same, with these answers after the first.
    pub(crate) fn then(mut self, answers: impl IntoIterator<Item = Answer>) -> Self {
        self.answers.extend(answers);
        self
    }

    /// Runs the program against the source. Gives how it ended, where it ended as it should.
    pub(crate) fn run(&self, program: &Program) -> Result<Ended> {
        let server = Server::start(self.answers.clone())?;
        let folder = tempfile::tempdir()?;
        let out = folder.path().join("out");
        let ended = program.collect(self.proof, &server, folder.path(), &out)?;
        ended.bounded()?;
        let said = format!("{}{}", ended.stdout, ended.stderr);
        check_text(&said)?;
        for request in server.requests() {
            let head = request.to_ascii_lowercase();
            ensure!(!head.contains("\r\ncookie:"), "it gives a cookie back: {head}");
        }
        ensure!(server.strangers() == 0, "it called a place that only an answer names");
        match &self.expected {
            Expected::Rows(rows) => {
                ensure!(ended.code == Some(0), "exit code {:?} instead of rows: {said}", ended.code);
                let kept = zstd::decode_all(fs::File::open(out.join("rows.ndjson.zst"))?)?;
                let kept: Vec<Json> =
                    String::from_utf8(kept)?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
                ensure!(kept.len() == rows.len(), "{} rows, expected {}: {kept:?}", kept.len(), rows.len());
                for (kept, expected) in kept.iter().zip(rows) {
                    for (field, value) in expected.as_object().context("a row")? {
                        ensure!(kept[field] == *value, "{field} is {}, expected {value}", kept[field]);
                    }
                }
                check_table(&fs::read_to_string(out.join("proof.csv"))?)?;
            }
            Expected::Error(says) => {
                ensure!(
                    ended.code.is_some_and(|it| ERRORS.contains(&it)),
                    "exit code {:?}: {said}",
                    ended.code
                );
                ensure!(ended.stderr.starts_with("error: "), "no error: {said}");
                ensure!(said.len() <= SAID_BYTES, "it says {} bytes: {}", said.len(), &ended.stderr[..200]);
                ensure!(ended.stderr.contains("\nnext: "), "what to do is not said: {said}");
                ensure!(ended.stderr.contains(says), "it does not say {says:?}: {said}");
                ensure!(!out.exists(), "what failed is kept as evidence");
                let mistake = MISTAKES.iter().find(|it| said.contains(**it));
                ensure!(mistake.is_none(), "the error is one of the program itself: {said}");
            }
        }
        Ok(ended)
    }
}

/// More is no message: some sources would have a megabyte repeated.
const SAID_BYTES: usize = 8 << 10;

/// What people see has nothing in it that a terminal or an eye takes for something else.
fn check_text(said: &str) -> Result<()> {
    let bad = |it: &char| {
        it.is_control() && *it != '\n'
            || matches!(*it, '\u{200b}'..='\u{200c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let found = said.chars().find(bad);
    ensure!(found.is_none(), "{found:?} is printed: {said:?}");
    Ok(())
}

/// No cell of the table for spreadsheets is a formula.
fn check_table(table: &str) -> Result<()> {
    let table = table.strip_prefix('\u{feff}').context("the table has no byte order mark")?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
    for row in reader.records() {
        for cell in &row? {
            let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            ensure!(!is_formula, "{cell:?} is a formula");
        }
    }
    Ok(())
}
