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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::evidence::examples;

    fn recording(folder: &Path, answers: &[(&str, bool)]) -> io::Result<Recording> {
        std::fs::create_dir_all(folder.join("answers"))?;
        std::fs::write(folder.join("proof.json"), examples::record().to_string())?;
        let mut lines = String::new();
        for (at, (path, broken)) in answers.iter().enumerate() {
            let line = json!({
                "answer": at + 1, "origin": "https://api.example", "redirected": [], "received": "2026-11-01T00:00:00Z",
                "request": { "origin": "api", "method": "GET", "path": path, "query": [], "headers": [], "body": null,
                             "auth": null, "effect": "read" },
                "status": 200, "headers": [], "bytes": 0, "digest": null, "file": null, "stored": null,
                "broken": broken.then_some("reset"), "redacted": null,
            });
            lines += &format!("{line}\n");
        }
        std::fs::write(folder.join("answers/index.ndjson"), lines)?;
        Recording::open(folder)
    }

    #[test]
    fn every_answer_that_broke_off_is_given_with_its_request() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let all = [("/a", true), ("/b", true), ("/b", false), ("/b", true), ("/c", true)];
        let mut recording = recording(folder.path(), &all)?;
        let said = |broken: &VecDeque<Recorded>| -> Vec<(u32, String)> {
            broken.iter().map(|it| (it.number, it.request.path.clone())).collect()
        };
        let whole = recording.advance()?.expect("a whole one");
        assert_eq!(
            (whole.number, said(&whole.broken)),
            (3, vec![(1, "/a".to_owned()), (2, "/b".to_owned())])
        );
        assert_eq!(recording.advance()?, None);
        assert_eq!(said(&recording.broken_at_end()), [(4, "/b".to_owned()), (5, "/c".to_owned())]);
        Ok(())
    }

    #[test]
    fn of_more_than_are_told_apart_none_is_to_another_request() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let mut all = vec![("/a", true); 10 * MAX_BROKEN];
        all.push(("/a", false));
        let whole = recording(folder.path(), &all)?.advance()?.expect("a whole one");
        assert_eq!(whole.broken.len(), MAX_BROKEN);
        all[5 * MAX_BROKEN].0 = "/b";
        let error = recording(folder.path(), &all)?.advance().expect_err("it was not asked for");
        assert!(error.to_string().contains("answer 321 is to another request"), "{error}");
        Ok(())
    }
}
