//! How operations change something: once, said before, and found out about afterwards.
//!
//! An operation that reads lists before its write comes to it by answers that were kept alone; one that needs none is tried without
//! any.

use std::io::Read as _;

use exhibit::checks::{CheckRunner, Fault, Verdict};
use exhibit::contract::Manifest;
use exhibit::contract::collection::{Effect, Job, Request, Response, Step};
use exhibit::contract::types::{Error, Kind, Setting, Value};
use exhibit::plugin::{Plugin, PluginError, Session};
use exhibit_records::RequestRecord;

use super::checkpoints::CHUNK_BYTES;
use super::open;
use super::sample::Playable;

/// The checks of this module that need a write.
pub(super) const OF_WRITES: [&str; 3] = ["write", "once", "found-out"];
/// An operation that finds out what became of its write looks a few times, and waits in between.
const MAX_STEPS: usize = 200;
/// A name that nothing at a source has.
const NO_NAME: &str = "no such name 7f3a91";
const NO_ANSWERS: &str =
    "it reads lists before its write: give evidence of a run, whose answers it is then tried with";

/// What is tried: an operation, and the answers that it is given before its write.
#[derive(Clone, Copy)]
pub(super) struct Trial<'a> {
    pub(super) plugin: &'a Plugin,
    pub(super) job: &'a Job,
    pub(super) answers: &'a [Playable],
}

/// Why an operation did not come to its write.
enum Ended {
    /// It failed, perhaps as it should.
    Failed(PluginError),
    /// There is no answer to what it asks for.
    NoAnswer,
    /// It asks for something else than was asked for when the answers were kept.
    AsksOtherwise(String),
    /// It was done without one.
    Finished,
    /// Its answers cannot be read.
    Unread(String),
}

impl From<PluginError> for Ended {
    fn from(error: PluginError) -> Self {
        Self::Failed(error)
    }
}

/// An operation at its write, which is not sent.
struct AtWrite {
    session: Session,
    request: Request,
    /// How many answers were given.
    given: usize,
}

/// What people read of an operation, and the words that a host goes by.
pub(super) fn says_what_people_need(manifest: &Manifest) -> Vec<Fault> {
    let next = "say it in the manifest: people confirm by it";
    let mut faults = Vec::new();
    for it in &manifest.operations {
        let name = &it.name;
        let mut text = |place: String, text: &str| {
            if text.trim().is_empty() {
                faults.push(Fault::new(format!("{place} is empty"), next));
            }
        };
        text(format!("the label of the operation {name}"), &it.label);
        text(format!("the help of the operation {name}"), &it.help);
        for parameter in &it.parameters {
            text(format!("the label of the parameter {} of {name}", parameter.name), &parameter.label);
            text(format!("the help of the parameter {} of {name}", parameter.name), &parameter.help);
        }
        for field in &it.fields {
            text(format!("the label of the field {} of {name}", field.name), &field.label);
        }
        let confirmed = it.parameters.iter().find(|parameter| parameter.name == it.confirm);
        if confirmed.is_some_and(|it| !it.required && it.default.is_none()) {
            let what =
                format!("the operation {name} is confirmed by `{}`, which may be left out", it.confirm);
            faults.push(Fault::new(what, "require that parameter"));
        }
    }
    faults
}

/// All that can be tried with these answers.
pub(super) async fn try_all(trial: Trial<'_>, about: &str, checks: &mut CheckRunner<'_>) {
    let about = Some(about);
    let reached = trial.until_write(trial.job).await;
    let at = match reached {
        Ok(at) => at,
        Err(Ended::NoAnswer) if trial.answers.is_empty() => {
            return checks.skipped(&OF_WRITES, about, &Verdict::skipped(NO_ANSWERS));
        }
        Err(Ended::Finished) => {
            return checks.skipped(&OF_WRITES, about, &Verdict::skipped("it changes nothing"));
        }
        Err(Ended::Failed(error)) if trial.answers.is_empty() && is_invalid(&error) => {
            let why = format!("it does not take made-up parameters: {error}");
            return checks.skipped(&OF_WRITES, about, &Verdict::skipped(why));
        }
        Err(ended) => {
            let verdict = Verdict::failed(ended.in_words(), "ask for what the job and the answers say alone");
            checks.done("write", about, verdict);
            return checks.skipped(
                &OF_WRITES[1..],
                about,
                &Verdict::skipped("it does not come to its write"),
            );
        }
    };
    checks.done("write", about, says_what_it_changes(&at.request));
    checks.done("once", about, trial.changes_once(&at).await);
    checks.done("found-out", about, trial.finds_out().await);
}

fn says_what_it_changes(request: &Request) -> Verdict {
    let Effect::Write(change) = &request.effect else { return Verdict::skipped("it changes nothing") };
    let next = "fill `change`: a person reads it before the request is sent";
    let mut faults = Vec::new();
    if change.summary.trim().is_empty() {
        faults.push(Fault::new("its request does not say what it changes", next));
    }
    if change.details.is_empty() {
        faults.push(Fault::new("its request does not say on what it changes something", next));
    }
    if change.details.iter().any(|(label, text)| label.trim().is_empty() || text.trim().is_empty()) {
        faults.push(Fault::new("a detail of its change has no label or no text", next));
    }
    Verdict::of(faults, "summary and details")
}

impl<'a> Trial<'a> {
    /// With answers in their order, up to the request that changes something.
    async fn until_write(&self, job: &Job) -> Result<AtWrite, Ended> {
        let mut session = self.plugin.open(job).await?;
        let mut given = 0;
        for _ in 0..MAX_STEPS {
            let request = match session.next().await? {
                Step::Send(request) => request,
                Step::Wait(_) => {
                    session.waited().await?;
                    continue;
                }
                Step::Finished(_) => return Err(Ended::Finished),
            };
            if matches!(request.effect, Effect::Write(_)) {
                return Ok(AtWrite { session, request, given });
            }
            let answer = self.answers.get(given).ok_or(Ended::NoAnswer)?;
            if answer.recorded.request != RequestRecord::from(&request) {
                return Err(Ended::AsksOtherwise(request.path));
            }
            feed(&mut session, answer).await?;
            given += 1;
        }
        Err(Ended::Unread(format!("no request that changes something comes in {MAX_STEPS} steps")))
    }

    /// The kept answer to the write.
    fn answer_to(&self, at: &AtWrite) -> Option<&'a Playable> {
        self.answers.get(at.given).filter(|it| it.recorded.request == RequestRecord::from(&at.request))
    }

    /// The kept answers after that.
    fn after(&self, given: usize, answered: Option<&Playable>) -> &'a [Playable] {
        self.answers.get(given + usize::from(answered.is_some())..).unwrap_or_default()
    }

    /// Whatever becomes of the write, no other one follows.
    async fn changes_once(&self, at: &AtWrite) -> Verdict {
        let next = "ask for a write once: afterwards, only reads find out what became of it";
        let mut faults = Vec::new();
        let answered = self.answer_to(at);
        let page = Fed { status: 502, body: b"<html><body>Bad gateway</body></html>".to_vec() };
        let empty = Fed { status: OK, body: Vec::new() };
        let mut cases =
            vec![("no answer", None), ("a web page", Some(page)), ("an empty answer", Some(empty))];
        match answered.map(Fed::of).transpose() {
            Ok(fed) => cases.extend(fed.map(|it| ("the kept answer", Some(it)))),
            Err(error) => return Verdict::skipped(format!("its answers cannot be read: {error}")),
        }
        let count = cases.len();
        for (case, fed) in cases {
            let Ok(AtWrite { mut session, given, .. }) = self.until_write(self.job).await else { continue };
            let taken = match &fed {
                None => session.interrupted().await,
                Some(fed) => fed.give(&mut session).await,
            };
            let after = self.after(given, answered);
            // An error ends the operation: a person looks.
            if taken.is_ok() && writes(&mut session, after).await {
                faults.push(Fault::new(format!("its write gets {case}, and it asks for one again"), next));
            }
        }
        Verdict::of(faults, format!("{count} answers to its write"))
    }

    /// Another session, which goes on where a process ended in the middle of the write, reads what became of it.
    async fn finds_out(&self) -> Verdict {
        match self.found_out().await {
            Ok(faults) => Verdict::of(faults, "resumed at the write, and after it"),
            Err(ended) => Verdict::failed(ended.in_words(), "take the checkpoints that the plugin gives"),
        }
    }

    async fn found_out(&self) -> Result<Vec<Fault>, Ended> {
        let mut faults = Vec::new();
        let at = self.until_write(self.job).await?;
        let after = self.after(at.given, self.answer_to(&at));
        let AtWrite { mut session, request, .. } = at;
        let resumed = |checkpoint| Job { checkpoint: Some(checkpoint), ..self.job.clone() };
        let mut session = self.plugin.open(&resumed(session.checkpoint().await?)).await?;
        if !matches!(session.next().await?, Step::Send(again) if again == request) {
            let next = "keep all that the request is made of in the checkpoint";
            faults.push(Fault::new("resumed at its write, it asks for something else", next));
            return Ok(faults);
        }
        session.interrupted().await?;
        let mut session = self.plugin.open(&resumed(session.checkpoint().await?)).await?;
        if writes(&mut session, after).await {
            let next = "keep in the checkpoint that the write was asked for: it may have taken effect";
            faults
                .push(Fault::new("resumed after a write without an answer, it asks for a write again", next));
        }
        Ok(faults)
    }

    /// A name that fits nothing is refused before the write. Of the parameters that a lookup of the plugin lists.
    pub(super) async fn refuses_unknown_names(&self) -> Verdict {
        let manifest = self.plugin.manifest();
        let Some(operation) = manifest.operation(self.job.task.name()) else {
            return Verdict::skipped("the plugin has no such operation any more");
        };
        let is_listed = |it: &&Setting| {
            let parameter = operation.parameters.iter().find(|parameter| parameter.name == it.name);
            parameter.is_some_and(|it| matches!(it.kind, Kind::Text | Kind::Texts) && it.choices.is_empty())
                && manifest.lookups.iter().any(|lookup| lookup.parameters.contains(&it.name))
        };
        let (mut faults, mut tried) = (Vec::new(), Vec::new());
        for setting in self.job.criteria.iter().filter(is_listed) {
            let mut job = self.job.clone();
            for it in job.criteria.iter_mut().filter(|it| it.name == setting.name) {
                it.value = match it.value {
                    Value::Texts(_) => Value::Texts(vec![NO_NAME.to_owned()]),
                    _ => Value::Text(NO_NAME.to_owned()),
                };
            }
            let name = &setting.name;
            match self.until_write(&job).await {
                Ok(_) => faults.push(Fault::new(
                    format!("`{name}` is a name that the source does not list, and it comes to its write"),
                    "look names up before the write, and answer `invalid` with the candidates",
                )),
                Err(Ended::Failed(error)) => faults.extend(open::taken::<()>(Err(error)).map(|how| {
                    let next = "answer `invalid`, with the candidates";
                    Fault::new(
                        format!("`{name}` is a name that the source does not list, and it {how}"),
                        next,
                    )
                })),
                // It asks for the name itself, of which there is no answer.
                Err(_) => continue,
            }
            tried.push(name.clone());
        }
        if tried.is_empty() {
            return Verdict::skipped("it has no parameter that is looked up in a list");
        }
        Verdict::of(faults, tried.join(", "))
    }
}

const OK: u16 = 200;

/// An answer to a write.
struct Fed {
    status: u16,
    body: Vec<u8>,
}

impl Fed {
    fn of(answer: &Playable) -> std::io::Result<Self> {
        let mut body = Vec::new();
        answer.body.read().read_to_end(&mut body)?;
        Ok(Self { status: answer.recorded.head.status, body })
    }

    async fn give(&self, session: &mut Session) -> Result<(), PluginError> {
        session.accept(&Response { status: self.status, headers: vec![] }).await?;
        for chunk in self.body.chunks(CHUNK_BYTES) {
            session.feed(chunk).await?;
        }
        session.end().await.map(drop)
    }
}

async fn feed(session: &mut Session, answer: &Playable) -> Result<(), Ended> {
    let mut body = Vec::new();
    answer.body.read().read_to_end(&mut body).map_err(|error| Ended::Unread(error.to_string()))?;
    session.accept(&answer.recorded.head).await?;
    for chunk in body.chunks(CHUNK_BYTES) {
        session.feed(chunk).await?;
    }
    session.end().await?;
    Ok(())
}

fn is_invalid(error: &PluginError) -> bool {
    matches!(error, PluginError::Said(Error::Invalid(_)))
}

/// Whether a session asks for a write, whatever these answers say. Where there are no more of them, the last one comes again.
async fn writes(session: &mut Session, answers: &[Playable]) -> bool {
    let mut answers = answers.iter();
    let mut last = None;
    for _ in 0..MAX_STEPS {
        match session.next().await {
            Ok(Step::Send(Request { effect: Effect::Write(_), .. })) => return true,
            Ok(Step::Send(_)) => {
                last = answers.next().or(last);
                let given = match last {
                    Some(answer) => feed(session, answer).await.is_ok(),
                    None => Fed { status: OK, body: Vec::new() }.give(session).await.is_ok(),
                };
                if !given {
                    return false;
                }
            }
            Ok(Step::Wait(_)) if session.waited().await.is_ok() => {}
            _ => return false,
        }
    }
    false
}

impl Ended {
    fn in_words(&self) -> String {
        match self {
            Self::Failed(error) => error.to_string(),
            Self::NoAnswer => "it asks for more than was kept before its write".to_owned(),
            Self::AsksOtherwise(path) => format!("it asks for {path:?}, and something else was kept"),
            Self::Finished => "it ends without a request that changes something".to_owned(),
            Self::Unread(why) => why.clone(),
        }
    }
}
