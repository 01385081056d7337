//! Kept evidence, as a source.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use exhibit_records::{AnswerRecord, Proof};

use crate::contract::collection::{Job, Response};
use crate::disk::invalid;
use crate::evidence::read;
use crate::evidence::recorded::{self, Index};

use super::answer_source::{AnswerSource, MAX_BROKEN, Recorded};

/// The answers in a folder of evidence. One of them is in memory at a time, and none of
/// their bodies.
#[derive(Debug)]
pub struct Recording {
    folder: PathBuf,
    proof: Proof,
    job: Job,
    index: Index,
    at: Option<AnswerRecord>,
    broken_at_end: VecDeque<Recorded>,
}

impl Recording {
    /// Of the evidence in this folder.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let proof = read::proof(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            job: recorded::job(&proof)?,
            proof,
            index: recorded::index(folder)?,
            at: None,
            broken_at_end: VecDeque::new(),
        })
    }

    /// What the evidence says of itself.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The job that was carried out, from its beginning on.
    pub fn job(&self) -> &Job {
        &self.job
    }
}

impl AnswerSource for Recording {
    fn advance(&mut self) -> io::Result<Option<Recorded>> {
        let mut broken = VecDeque::new();
        let record = loop {
            let Some(record) = self.index.next().transpose()? else {
                self.at = None;
                self.broken_at_end.append(&mut broken);
                return Ok(None);
            };
            if record.broken.is_none() {
                break record;
            }
            // It was asked for again, and its body was not kept.
            push(&mut broken, &record)?;
        };
        let recorded = Recorded { broken, ..without_body(&record)? };
        self.at = Some(record);
        Ok(Some(recorded))
    }

    fn broken_at_end(&mut self) -> VecDeque<Recorded> {
        std::mem::take(&mut self.broken_at_end)
    }

    fn body(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        match &self.at {
            Some(record) => Ok(Box::new(recorded::body(&self.folder, record)?)),
            None => Err(io::Error::other("the body of no answer was asked for")),
        }
    }
}

fn without_body(record: &AnswerRecord) -> io::Result<Recorded> {
    Ok(Recorded {
        number: record.answer,
        request: record.request.clone(),
        origin: record.origin.clone(),
        redirected: record.redirected.clone(),
        received: recorded::received(record)?,
        head: Response { status: record.status, headers: record.headers.clone() },
        bytes: record.bytes,
        broken: VecDeque::new(),
    })
}

/// An answer that broke off, after others that did.
fn push(broken: &mut VecDeque<Recorded>, record: &AnswerRecord) -> io::Result<()> {
    if broken.len() < MAX_BROKEN {
        broken.push_back(without_body(record)?);
    } else if broken.back().is_some_and(|it| it.request != record.request) {
        let (answer, most) = (record.answer, MAX_BROKEN);
        return Err(invalid(format!(
            "answer {answer} is to another request, after more than {most} that broke off in a row"
        )));
    }
    Ok(())
}
