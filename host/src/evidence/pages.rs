//! Pages on their way into files: an answer with its rows counts when its end came, and
//! one that broke off leaves nothing but a line in the index.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use exhibit_records::{AnswerRecord, PartRecord, RejectionRecord, source_clock};
use serde::{Deserialize, Serialize};

use crate::contract::catalog::Field;
use crate::contract::collection::Rejection;
use crate::contract::types::Row;
use crate::disk::{AppendFile, Reached, ReachedFrames, ZstdFrameWriter};

use super::answers::{Answers, Failed};
use super::{ndjson, spreadsheet};

/// So many rejections are listed; beyond it they are counted. A thousand is more than a
/// person reads, and keeps `proof.json` small enough for any tool.
pub(crate) const LISTED_REJECTIONS: usize = 1_000;

/// Where the rows are, in the folder.
pub const ROWS: &str = "rows.ndjson.zst";
/// Its shown columns.
pub(crate) const TABLE: &str = "proof.csv";
/// Where the answers are.
pub(super) const ANSWERS: &str = "answers";

/// Writes pages. Its calls come in the order of `Sink`.
#[derive(Debug)]
pub(super) struct Pages {
    lines: ndjson::Encoder,
    table: spreadsheet::Encoder,
    /// A frame a page.
    rows: ZstdFrameWriter,
    csv: AppendFile,
    answers: Answers,
    counts: Kept,
    /// The counts when the page began.
    before: Kept,
    rejections: Vec<RejectionRecord>,
    received: Received,
}

/// What came of it all.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) counts: Kept,
    pub(super) rejections: Vec<RejectionRecord>,
    pub(super) received: Received,
    pub(super) parts: Vec<PartRecord>,
}

/// How far the files of the evidence reach, as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Position {
    rows: ReachedFrames,
    csv: Reached,
    index: Reached,
    /// Lines of the index.
    answers: u32,
    /// Those of them whose files are on the disk for good.
    synced: u32,
    counts: Kept,
    rejections: Vec<RejectionRecord>,
    received: Received,
}

/// What was handed over and kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) answers: u32,
    pub(super) rows: u64,
    pub(super) rejected: u64,
}

/// When the first and the last answer came, RFC 3339, and what is to be said of all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Received {
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    /// How far the source's clock was from this machine's, in seconds, where that is too far.
    #[serde(default)]
    pub(super) clock_offset: Option<i64>,
    /// How many times a secret was replaced in them, those included that broke off: the sum over the index.
    #[serde(default)]
    pub(super) redacted: u64,
    /// How many values were blanked in them, by name, those included that broke off: the sum over the index.
    #[serde(default)]
    pub(super) blanked: BTreeMap<String, u64>,
    /// The names of the origins that they came from.
    #[serde(default)]
    pub(super) origins: BTreeSet<String>,
}

impl Pages {
    /// Into this folder.
    pub(super) fn create(folder: &Path, fields: &[Field]) -> io::Result<Self> {
        let table = spreadsheet::Encoder::new(fields);
        let mut csv = AppendFile::create(folder.join(TABLE))?;
        csv.append(|out| table.header(out))?;
        csv.checkpoint()?;
        Ok(Self {
            lines: ndjson::Encoder::new(fields),
            table,
            rows: ZstdFrameWriter::create(folder.join(ROWS))?,
            csv,
            answers: Answers::create(folder.join(ANSWERS))?,
            counts: Kept::default(),
            before: Kept::default(),
            rejections: Vec::new(),
            received: Received::default(),
        })
    }

    /// Into this folder, where pages were committed until then. Whatever came after that goes.
    ///
    /// # Errors
    /// Where that is not there any more as it was.
    pub(super) fn reopen(folder: &Path, fields: &[Field], at: &Position) -> io::Result<Self> {
        Ok(Self {
            lines: ndjson::Encoder::new(fields),
            table: spreadsheet::Encoder::new(fields),
            rows: ZstdFrameWriter::reopen(folder.join(ROWS), &at.rows)?,
            csv: AppendFile::reopen(folder.join(TABLE), &at.csv)?,
            answers: Answers::reopen(folder.join(ANSWERS), &at.index, at.answers, at.synced)?,
            counts: at.counts,
            before: at.counts,
            rejections: at.rejections.clone(),
            received: at.received.clone(),
        })
    }

    /// How far it all reaches after a commit.
    pub(super) fn position(&self) -> Position {
        let (index, answers, synced) = self.answers.position();
        Position {
            rows: self.rows.reached(),
            csv: self.csv.reached(),
            index,
            answers,
            synced,
            counts: self.before,
            rejections: self.rejections.clone(),
            received: self.received.clone(),
        }
    }

    /// What was committed, on the disk for good.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.rows.sync()?;
        self.csv.sync()?;
        self.answers.sync()
    }

    pub(super) fn begin(&mut self, answer: AnswerRecord) -> io::Result<()> {
        self.received.first.get_or_insert_with(|| answer.received.clone());
        self.received.last = Some(answer.received.clone());
        let offset = source_clock::offset(&answer);
        self.received.clock_offset = source_clock::further(self.received.clock_offset, offset);
        if !self.received.origins.contains(&answer.request.origin) {
            self.received.origins.insert(answer.request.origin.clone());
        }
        self.answers.begin(answer)
    }

    pub(super) fn body(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.answers.body(chunk)
    }

    pub(super) fn rows(&mut self, rows: &[Row], rejected: Vec<Rejection>) -> io::Result<()> {
        let lines = &self.lines;
        self.rows.append(|out| rows.iter().try_for_each(|row| lines.row(row, out)))?;
        let table = &self.table;
        self.csv.append(|out| table.rows(rows, out))?;
        self.counts.rows += rows.len() as u64;
        self.counts.rejected += rejected.len() as u64;
        let room = LISTED_REJECTIONS.saturating_sub(self.rejections.len());
        self.rejections.extend(rejected.into_iter().take(room).map(RejectionRecord::from));
        Ok(())
    }

    /// In the answer at hand.
    pub(super) fn redacted(&mut self, times: u64) -> io::Result<()> {
        self.received.redacted = self.received.redacted.saturating_add(times);
        self.answers.redacted(times)
    }

    /// In the answer at hand.
    pub(super) fn blanked(&mut self, by_name: BTreeMap<String, u64>) -> io::Result<()> {
        for (name, times) in &by_name {
            let sum = self.received.blanked.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*times);
        }
        self.answers.blanked(by_name)
    }

    pub(super) fn commit(&mut self) -> io::Result<()> {
        self.rows.checkpoint()?;
        self.csv.checkpoint()?;
        self.counts.answers += 1;
        self.before = self.counts;
        self.answers.commit()
    }

    pub(super) fn abandon(&mut self, why: &str) -> io::Result<()> {
        self.roll_back()?;
        self.answers.abandon(why)
    }

    /// As [`Self::abandon`], and nothing of the answer stays.
    pub(super) fn discard(&mut self) -> io::Result<()> {
        self.roll_back()?;
        self.answers.discard()
    }

    fn roll_back(&mut self) -> io::Result<()> {
        self.rows.roll_back()?;
        self.csv.roll_back()?;
        self.counts = self.before;
        let listed = usize::try_from(self.counts.rejected).unwrap_or(usize::MAX);
        self.rejections.truncate(listed);
        Ok(())
    }

    /// The last answer, if it broke off or was refused.
    pub(super) fn failed(&self) -> Option<&Failed> {
        self.answers.failed()
    }

    /// On the disk for good.
    pub(crate) fn finish(self) -> io::Result<Written> {
        let parts = vec![
            self.rows.finish()?.record(ROWS),
            PartRecord::new(TABLE, self.csv.finish()?),
            PartRecord::new(super::index::INDEX, self.answers.finish()?),
        ];
        Ok(Written { counts: self.counts, rejections: self.rejections, received: self.received, parts })
    }
}
