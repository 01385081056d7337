//! Pages on their way into files: an answer with its rows counts when its end came, and
//! one that broke off leaves nothing but a line in the index.

use std::io;
use std::path::Path;

use exhibit_records::{AnswerRecord, PartRecord, RejectionRecord};

use crate::contract::catalog::Field;
use crate::contract::collection::Rejection;
use crate::contract::types::Row;
use crate::disk::{AppendFile, ZstdFrameWriter};

use super::answers::{Answers, Failed};
use super::{ndjson, spreadsheet};

/// So many rejections are listed; beyond it they are counted. A thousand is more than a
/// person reads, and keeps `proof.json` small enough for any tool.
const LISTED_REJECTIONS: usize = 1_000;

/// Where the rows are, in the folder.
pub const ROWS: &str = "rows.ndjson.zst";

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

/// What was handed over and kept.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kept {
    pub(super) answers: u32,
    pub(super) rows: u64,
    pub(super) rejected: u64,
}

/// When the first and the last answer came, RFC 3339.
#[derive(Debug, Clone, Default)]
pub(super) struct Received {
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
}

impl Pages {
    /// Into this folder.
    pub(super) fn create(folder: &Path, fields: &[Field]) -> io::Result<Self> {
        let table = spreadsheet::Encoder::new(fields);
        let mut csv = AppendFile::create(folder.join("proof.csv"))?;
        csv.append(|out| table.header(out))?;
        csv.checkpoint()?;
        Ok(Self {
            lines: ndjson::Encoder::new(fields),
            table,
            rows: ZstdFrameWriter::create(folder.join(ROWS))?,
            csv,
            answers: Answers::create(folder.join("answers"))?,
            counts: Kept::default(),
            before: Kept::default(),
            rejections: Vec::new(),
            received: Received::default(),
        })
    }

    pub(super) fn begin(&mut self, answer: AnswerRecord) -> io::Result<()> {
        self.received.first.get_or_insert_with(|| answer.received.clone());
        self.received.last = Some(answer.received.clone());
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
        let room = LISTED_REJECTIONS - self.rejections.len();
        self.rejections.extend(rejected.into_iter().take(room).map(RejectionRecord::from));
        Ok(())
    }

    pub(super) fn commit(&mut self) -> io::Result<()> {
        self.rows.checkpoint()?;
        self.csv.checkpoint()?;
        self.counts.answers += 1;
        self.before = self.counts;
        self.answers.commit()
    }

    pub(super) fn abandon(&mut self, why: &str) -> io::Result<()> {
        self.rows.roll_back()?;
        self.csv.roll_back()?;
        self.counts = self.before;
        let listed = usize::try_from(self.counts.rejected).unwrap_or(usize::MAX);
        self.rejections.truncate(listed);
        self.answers.abandon(why)
    }

    /// The last answer, if it broke off or was refused.
    pub(super) fn failed(&self) -> Option<&Failed> {
        self.answers.failed()
    }

    /// On the disk for good.
    pub(crate) fn finish(self) -> io::Result<Written> {
        let parts = vec![
            self.rows.finish()?.record(ROWS),
            PartRecord::new("proof.csv", self.csv.finish()?),
            PartRecord::new("answers/index.ndjson", self.answers.finish()?),
        ];
        Ok(Written { counts: self.counts, rejections: self.rejections, received: self.received, parts })
    }
}
