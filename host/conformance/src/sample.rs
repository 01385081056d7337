//! Answers to try a plugin with, few enough to keep in memory.

use std::collections::VecDeque;
use std::io::{self, Read};

use exhibit::contract::catalog::Field;
use exhibit::contract::collection::{Job, Response, Step};
use exhibit::contract::types::Instant;
use exhibit::plugin::Plugin;
use exhibit::replay::{AnswerSource, Recorded, Recording};
use exhibit_records::RequestRecord;

use super::payload::Payload;

/// So many bytes of answers are played again and again. More would find nothing else, and take
/// minutes.
const SAMPLE_BYTES: u64 = 16 << 20;
/// And so many answers.
const SAMPLE_ANSWERS: usize = 64;

/// The first answers of a recording.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) job: Job,
    pub(super) fields: Vec<Field>,
    pub(super) key: Vec<String>,
    pub(super) answers: Vec<Playable>,
    /// The request of a session that has had no answer yet, where there are no answers.
    pub(super) first: RequestRecord,
    /// Whether there are no more.
    pub(super) whole: bool,
}

/// An answer with its body.
#[derive(Debug, Clone)]
pub(super) struct Playable {
    pub(super) recorded: Recorded,
    pub(super) body: Payload,
}

impl Playable {
    /// A made-up answer to this request.
    pub(super) fn synthetic(number: u32, request: RequestRecord, head: Response, body: Payload) -> Self {
        let origin = "https://origin.invalid".to_owned();
        let bytes = body.bytes();
        let received: Instant = super::synthetic::AS_OF;
        Self {
            recorded: Recorded {
                number,
                request,
                origin,
                redirected: Vec::new(),
                received,
                head,
                bytes,
                broken: VecDeque::new(),
            },
            body,
        }
    }
}

impl Sample {
    /// Of kept evidence. An error where not even its first answer is small enough.
    pub(super) fn of(plugin: &Plugin, recording: &mut Recording) -> io::Result<Self> {
        let name = recording.proof().proof_type.name.clone();
        let is_operation = recording.proof().proof_type.operation;
        let Some(proof_type) = plugin.manifest().evidence_type(&name, is_operation) else {
            let what = if is_operation { "operation" } else { "proof type" };
            return Err(io::Error::other(format!("the plugin has no {what} {name:?} any more")));
        };
        let (fields, key, job) = (proof_type.fields.clone(), proof_type.key.clone(), recording.job().clone());
        let (mut answers, mut bytes, mut whole) = (Vec::new(), 0, true);
        while let Some(recorded) = recording.advance()? {
            bytes += recorded.bytes;
            if bytes > SAMPLE_BYTES || answers.len() == SAMPLE_ANSWERS {
                whole = false;
                break;
            }
            let mut body = Vec::new();
            recording.body()?.read_to_end(&mut body)?;
            answers.push(Playable { recorded, body: Payload::Bytes(body) });
        }
        let Some(first) = answers.first().map(|it: &Playable| it.recorded.request.clone()) else {
            let limit = SAMPLE_BYTES >> 20;
            return Err(io::Error::other(format!(
                "the evidence has no answer, or none of at most {limit} MiB: collect less of it"
            )));
        };
        Ok(Self { job, fields, key, answers, first, whole })
    }

    /// Without any answer: what the plugin asks first. Says why, where it asks nothing.
    pub(super) async fn of_first_request(plugin: &Plugin, job: &Job) -> Result<Self, String> {
        let name = job.task.name();
        let proof_type = plugin.manifest().proof_type(name).ok_or("there is no such proof type")?;
        let mut session = plugin.open(job).await.map_err(|error| error.to_string())?;
        match session.next().await.map_err(|error| error.to_string())? {
            Step::Send(request) => Ok(Self {
                job: job.clone(),
                fields: proof_type.fields.clone(),
                key: proof_type.key.clone(),
                answers: Vec::new(),
                first: RequestRecord::from(&request),
                whole: true,
            }),
            Step::Wait(_) | Step::Finished(_) => Err("it does not begin with a request".to_owned()),
        }
    }

    /// So much of it: answers of so many bytes together, or its first one.
    pub(super) fn first(&self, bytes: u64) -> Self {
        let mut left = bytes;
        let fits = |it: &&Playable| {
            let fits = it.recorded.bytes <= left;
            left = left.saturating_sub(it.recorded.bytes);
            fits
        };
        let count = self.answers.iter().take_while(fits).count().max(1);
        let answers: Vec<Playable> = self.answers.iter().take(count).cloned().collect();
        let whole = self.whole && answers.len() == self.answers.len();
        let Self { job, fields, key, first, .. } = self;
        Self {
            job: job.clone(),
            fields: fields.clone(),
            key: key.clone(),
            answers,
            first: first.clone(),
            whole,
        }
    }

    /// How much it is, for people.
    pub(super) fn extent(&self) -> String {
        let bytes: u64 = self.answers.iter().map(|it| it.recorded.bytes).sum();
        let first = if self.whole { "" } else { "the first " };
        format!("{first}{} answers, {bytes} bytes", self.answers.len())
    }
}

/// Plays answers from memory.
#[derive(Debug)]
pub(super) struct Playing<'a> {
    left: std::slice::Iter<'a, Playable>,
    at: Option<&'a Playable>,
}

impl<'a> Playing<'a> {
    pub(super) fn new(answers: &'a [Playable]) -> Self {
        Self { left: answers.iter(), at: None }
    }
}

impl AnswerSource for Playing<'_> {
    fn advance(&mut self) -> io::Result<Option<Recorded>> {
        self.at = self.left.next();
        Ok(self.at.map(|it| it.recorded.clone()))
    }

    fn body(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        match self.at {
            Some(playable) => Ok(playable.body.read()),
            None => Err(io::Error::other("the body of no answer was asked for")),
        }
    }
}
