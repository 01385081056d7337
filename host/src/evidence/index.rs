//! The index of answers, line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use exhibit_records::AnswerRecord;
use exhibit_records::weight::{self, Weight};

use crate::disk::{self, invalid};

/// Where it is, from the folder of the evidence on.
pub(crate) const INDEX: &str = "answers/index.ndjson";
/// A line of the index, with the line break. One byte more, so that a longer one is seen.
const LONGEST_LINE: u64 = Weight::ANSWER.bytes + 1;

/// The name of the file with the body of the answer of this number.
pub(crate) fn file_name(answer: u32) -> String {
    format!("{answer:06}.zst")
}

/// The lines of `answers/index.ndjson`, in their order, broken answers included. Ends
/// after the first error.
#[derive(Debug)]
pub struct Index {
    lines: BufReader<File>,
    line: Vec<u8>,
    count: u32,
    failed: bool,
}

/// The answers of the evidence in this folder.
pub fn index(folder: &Path) -> io::Result<Index> {
    index_in(&folder.join("answers"))
}

/// The same, of the folder of answers.
pub(super) fn index_in(answers: &Path) -> io::Result<Index> {
    let file = disk::open_regular_file(&answers.join("index.ndjson"))?;
    Ok(Index { lines: BufReader::new(file), line: Vec::new(), count: 0, failed: false })
}

impl Index {
    /// The line of the last answer, as it is written.
    pub(crate) fn line(&self) -> &[u8] {
        &self.line
    }

    fn read(&mut self) -> io::Result<Option<AnswerRecord>> {
        self.line.clear();
        self.lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(None);
        }
        self.count += 1;
        let bad = |why: String| invalid(format!("{INDEX}, line {}: {why}", self.count));
        weight::check(&self.line, &Weight::ANSWER).map_err(|it| bad(it.to_string()))?;
        let record: AnswerRecord = serde_json::from_slice(&self.line).map_err(|it| bad(it.to_string()))?;
        if record.answer != self.count {
            return Err(bad(format!("it is answer {}, out of turn", record.answer)));
        }
        Ok(Some(record))
    }
}

impl Iterator for Index {
    type Item = io::Result<AnswerRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let record = self.read().transpose();
        self.failed = matches!(record, Some(Err(_)));
        record
    }
}
