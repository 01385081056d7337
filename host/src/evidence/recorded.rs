//! Reads back what a collection was asked for and what it was answered: all that it takes,
//! with the plugin, to make the same rows again.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use crate::digest::Digester;
use crate::plugin::contract::collection::{Job, Task};
use crate::plugin::contract::types::{Instant, Setting, Value, Window};

use super::answers::{AnswerRecord, file_name};
use super::instant;
use super::proof::{Argument, Proof};
use super::read::{invalid, kind, value};

/// A longer line is none of an index: a request has at most 8 MiB, and JSON may write a
/// byte of it as six.
const LONGEST_LINE: u64 = 64 << 20;

/// The job of a proof, from its beginning on.
pub fn job(proof: &Proof) -> io::Result<Job> {
    let it = &proof.job;
    let window = it.window.as_ref().map(|it| {
        Ok::<_, io::Error>(Window { start: at("window", &it.start)?, end: at("window", &it.end)? })
    });
    Ok(Job {
        task: Task::Collect(proof.proof_type.name.clone()),
        settings: it.settings.iter().map(setting).collect::<io::Result<_>>()?,
        criteria: it.criteria.iter().map(setting).collect::<io::Result<_>>()?,
        window: window.transpose()?,
        as_of: at("as-of", &it.as_of)?,
        checkpoint: None,
    })
}

fn setting(argument: &Argument) -> io::Result<Setting> {
    let read = match &argument.kind {
        None => Some(Value::Empty),
        Some(word) => kind(word).and_then(|kind| value(kind, argument.value.clone())),
    };
    let value = read.ok_or_else(|| invalid(format!("the job's {:?} is not of its kind", argument.name)))?;
    Ok(Setting { name: argument.name.clone(), value })
}

fn at(what: &str, text: &str) -> io::Result<Instant> {
    instant::parse(text).ok_or_else(|| invalid(format!("the job's {what} {text:?} is no instant")))
}

/// When the head of an answer arrived.
pub fn received(record: &AnswerRecord) -> io::Result<Instant> {
    let number = record.answer;
    instant::parse(&record.received)
        .ok_or_else(|| invalid(format!("answer {number} came at {:?}, which is no instant", record.received)))
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
    let file = File::open(folder.join("answers").join("index.ndjson"))?;
    Ok(Index { lines: BufReader::new(file), line: Vec::new(), count: 0, failed: false })
}

impl Index {
    fn read(&mut self) -> io::Result<Option<AnswerRecord>> {
        self.line.clear();
        self.lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if self.line.is_empty() {
            return Ok(None);
        }
        self.count += 1;
        let bad = |why: String| invalid(format!("answers/index.ndjson, line {}: {why}", self.count));
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

/// The body of a whole answer. What is not as long as the index says, or has another
/// digest, ends in an error: whoever reads to the end knows that it is what came.
pub struct Body {
    path: PathBuf,
    bytes: zstd::Decoder<'static, BufReader<File>>,
    left: u64,
    digester: Option<Digester>,
    record: AnswerRecord,
}

/// The body of this answer of the evidence in this folder.
pub fn body(folder: &Path, record: &AnswerRecord) -> io::Result<Body> {
    let name = file_name(record.answer);
    // The index is not to lead anywhere else.
    if record.file.as_deref() != Some(name.as_str()) {
        return Err(invalid(format!("answer {} should be in {name}, and is not", record.answer)));
    }
    let path = folder.join("answers").join(&name);
    let file = File::open(&path).map_err(|error| super::part::at(&path, error))?;
    Ok(Body {
        bytes: zstd::Decoder::new(file)?,
        left: record.bytes,
        digester: Some(Digester::default()),
        record: record.clone(),
        path,
    })
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(into).map_err(|error| super::part::at(&self.path, error))?;
        let came = into.get(..read).unwrap_or_default();
        match self.left.checked_sub(came.len() as u64) {
            Some(left) => self.left = left,
            None => return Err(self.differs("longer")),
        }
        if let Some(digester) = &mut self.digester {
            digester.update(came);
        }
        if came.is_empty() && !into.is_empty() {
            let digest = self.digester.take().map(Digester::finish);
            if self.left > 0 {
                return Err(self.differs("shorter"));
            }
            if digest.is_some() && digest != self.record.digest {
                return Err(self.differs("another"));
            }
        }
        Ok(read)
    }
}

impl Body {
    fn differs(&self, how: &str) -> io::Error {
        invalid(format!(
            "{}: the answer is {how} than its index says: it was changed, or the index was",
            self.path.display()
        ))
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("path", &self.path).finish_non_exhaustive()
    }
}
