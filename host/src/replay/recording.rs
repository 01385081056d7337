//! Kept evidence, as a source.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use exhibit_records::{AnswerRecord, Proof};

use crate::contract::collection::{Job, Response};
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
                return Ok(None);
            };
            if record.broken.is_none() {
                break record;
            }
            // It was asked for again, and its body was not kept.
            if broken.len() < MAX_BROKEN {
                broken.push_back(Response { status: record.status, headers: record.headers });
            }
        };
        let recorded = Recorded {
            number: record.answer,
            request: record.request.clone(),
            origin: record.origin.clone(),
            redirected: record.redirected.clone(),
            received: recorded::received(&record)?,
            head: Response { status: record.status, headers: record.headers.clone() },
            bytes: record.bytes,
            broken,
        };
        self.at = Some(record);
        Ok(Some(recorded))
    }

    fn body(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        match &self.at {
            Some(record) => Ok(Box::new(recorded::body(&self.folder, record)?)),
            None => Err(io::Error::other("the body of no answer was asked for")),
        }
    }
}
