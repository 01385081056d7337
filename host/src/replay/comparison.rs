//! What a replay gives, held against the rows that were kept.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use exhibit_records::weight::{self, Weight};
use exhibit_records::{PartRecord, Proof, RejectionRecord};
use serde_json::{Map, Value as Json};

use crate::collect::sink::{Answer, Sink};
use crate::collect::spool::Spool;
use crate::contract::catalog::Field;
use crate::contract::collection::Rejection;
use crate::contract::types::Row;
use crate::evidence::{Content, Encoder, LISTED_REJECTIONS, ROWS, read};

/// A longer line is no row: one has at most 4 MiB of text, and JSON may write a byte of it as six.
const LONGEST_LINE: u64 = 32 << 20;
/// Of a row that has more, it is not said which fields differ.
const COMPARED: Weight = Weight::RECORD.with_bytes(LONGEST_LINE);

/// Takes rows, and holds each of them against the line of the kept rows in its place, byte by
/// byte. Keeps one line of either in memory.
#[derive(Debug)]
pub struct Comparison {
    path: PathBuf,
    part: PartRecord,
    encoder: Encoder,
    kept: BufReader<Content>,
    written: Vec<u8>,
    line: Vec<u8>,
    now: State,
    /// Where the answer at hand began.
    mark: State,
}

#[derive(Debug, Clone, Default)]
struct State {
    /// Bytes of the kept rows that were looked at.
    position: u64,
    rows: u64,
    rejected: u64,
    /// The first of them.
    rejections: Vec<RejectionRecord>,
    difference: Option<Difference>,
}

/// The first place where rows are not those that were kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The row, from 1.
    pub row: u64,
    /// How it differs, for people: fields by name, without what they hold.
    pub how: String,
}

impl Comparison {
    /// The rows of the evidence in this folder, which have these fields.
    pub fn rows(folder: &Path, proof: &Proof, fields: &[Field]) -> io::Result<Self> {
        Self::lines(folder.join(ROWS), read::kept_rows(proof)?.clone(), fields)
    }

    fn lines(path: PathBuf, part: PartRecord, fields: &[Field]) -> io::Result<Self> {
        Ok(Self {
            encoder: Encoder::new(fields),
            kept: Content::open(&path, &part)?,
            path,
            part,
            written: Vec::new(),
            line: Vec::new(),
            now: State::default(),
            mark: State::default(),
        })
    }

    /// The first difference, once all rows came: one that was kept and did not come is one, too.
    pub fn finish(mut self) -> io::Result<Option<Difference>> {
        if self.now.difference.is_none() && self.read_line()? {
            let how = "it was kept, and does not come any more".to_owned();
            self.now.difference = Some(Difference { row: self.now.rows + 1, how });
        }
        if self.now.difference.is_none() {
            let found = self.kept.into_inner().finish()?;
            if found != self.part.meaning() {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "they are not those of proof.json"));
            }
        }
        Ok(self.now.difference)
    }

    /// Records that came as rejected.
    pub fn rejected(&self) -> u64 {
        self.now.rejected
    }

    /// The first of them, as many as evidence lists.
    pub(super) fn rejections(&mut self) -> Vec<RejectionRecord> {
        std::mem::take(&mut self.now.rejections)
    }

    fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        let read = self.kept.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        self.now.position += read as u64;
        Ok(read > 0)
    }
}

impl Sink for Comparison {
    fn begin(&mut self, _: &Answer<'_>) -> io::Result<()> {
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn rows(&mut self, rows: Vec<Row>, rejected: Vec<Rejection>) -> io::Result<()> {
        self.now.rejected += rejected.len() as u64;
        let room = LISTED_REJECTIONS.saturating_sub(self.now.rejections.len());
        self.now.rejections.extend(rejected.into_iter().take(room).map(RejectionRecord::from));
        for row in &rows {
            self.now.rows += 1;
            if self.now.difference.is_some() {
                continue;
            }
            self.written.clear();
            self.encoder.row(row, &mut self.written)?;
            let how = if !self.read_line()? {
                "it comes now, and was not kept".to_owned()
            } else if self.line != self.written {
                differing(&self.line, &self.written)
            } else {
                continue;
            };
            self.now.difference = Some(Difference { row: self.now.rows, how });
        }
        Ok(())
    }

    fn redacted(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn blanked(&mut self, _: &BTreeMap<String, u64>) -> io::Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        self.mark = self.now.clone();
        Ok(())
    }

    fn abandon(&mut self, _: &str) -> io::Result<()> {
        self.now = self.mark.clone();
        // Frames are read in one direction; answers break off seldom where they are replayed.
        self.kept = Content::open(&self.path, &self.part)?;
        io::copy(&mut self.kept.by_ref().take(self.now.position), &mut io::sink()).map(drop)
    }

    fn discard(&mut self) -> io::Result<()> {
        self.abandon("")
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        None
    }
}

/// Which fields two lines do not have in common.
pub fn differing(one: &[u8], other: &[u8]) -> String {
    if [one, other].iter().any(|it| weight::check(it, &COMPARED).is_err()) {
        return "it is another one".to_owned();
    }
    let read = |line: &[u8]| serde_json::from_slice::<Map<String, Json>>(line).unwrap_or_default();
    let (one, other) = (read(one), read(other));
    let names = one.keys().chain(other.keys().filter(|it| !one.contains_key(*it)));
    let differing: Vec<&str> =
        names.filter(|it| one.get(*it) != other.get(*it)).map(String::as_str).collect();
    match differing.as_slice() {
        [] => "it is written in another way".to_owned(),
        names => format!("it differs in {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::types::{Kind, Value};
    use crate::evidence::examples::{framed, part};

    fn row(name: &str, count: i64) -> Row {
        vec![Value::Text(name.to_owned()), Value::Integer(count)]
    }

    /// What is different about these rows, a page each, where two others were kept.
    fn difference(pages: &[(&[Row], bool)]) -> io::Result<Option<String>> {
        let folder = tempfile::tempdir()?;
        let kept = "{\"name\":\"a\",\"count\":1}\n{\"name\":\"b\",\"count\":2}\n";
        let path = folder.path().join(ROWS);
        std::fs::write(&path, framed(kept.as_bytes()))?;
        let field = |name: &str, kind| Field {
            name: name.to_owned(),
            aliases: vec![],
            label: String::new(),
            kind,
            help: String::new(),
            shown: true,
            personal: false,
        };
        let fields = [field("name", Kind::Text), field("count", Kind::Integer)];
        let mut against = Comparison::lines(path, part(ROWS, kept.as_bytes()), &fields)?;
        for (rows, whole) in pages {
            against.rows(rows.to_vec(), vec![])?;
            if *whole { against.commit()? } else { against.abandon("broke off")? }
        }
        Ok(against.finish()?.map(|it| format!("row {}: {}", it.row, it.how)))
    }

    #[test]
    fn the_same_rows_are_the_same_however_they_come() -> io::Result<()> {
        assert_eq!(difference(&[(&[row("a", 1), row("b", 2)], true)])?, None);
        assert_eq!(difference(&[(&[row("a", 1)], true), (&[], true), (&[row("b", 2)], true)])?, None);
        let broken = [row("b", 2), row("c", 3)];
        let pages: [(&[Row], bool); 3] = [(&[row("a", 1)], true), (&broken, false), (&[row("b", 2)], true)];
        assert_eq!(difference(&pages)?, None, "what an abandoned page gave does not count");
        Ok(())
    }

    #[test]
    fn says_which_row_is_another() -> io::Result<()> {
        let said = |rows: &[Row]| difference(&[(rows, true)]);
        assert_eq!(said(&[row("a", 1), row("b", 3)])?.as_deref(), Some("row 2: it differs in count"));
        assert_eq!(said(&[row("a", 1)])?.as_deref(), Some("row 2: it was kept, and does not come any more"));
        let more = [row("a", 1), row("b", 2), row("c", 3)];
        assert_eq!(said(&more)?.as_deref(), Some("row 3: it comes now, and was not kept"));
        Ok(())
    }
}
