//! A host of a few lines, for tests: it answers a session's requests with given bodies.

mod answers;

use std::fmt;

use exhibit_plugin::Work;
use exhibit_plugin::catalog::Field;
use exhibit_plugin::collection::{Body, Effect, Job, Pause, Request, Response, Step, Summary, Task};
use exhibit_plugin::problem::unavailable;
use exhibit_plugin::types::{Instant, Setting, Window};
use exhibit_plugin::{Error, Row, Value, instant};

use crate::Qualys;

pub(crate) use answers::service_response;

/// The instant that counts as now in all tests.
const AS_OF: &str = "2026-11-01T00:00:00Z";
/// No test asks for more.
const MAX_STEPS: usize = 100;
/// A wait of a day asks for the state some 300 times.
const MAX_OPERATION_STEPS: usize = 2_000;

/// What a test collects, and with what.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    task: Task,
    settings: Vec<Setting>,
    criteria: Vec<Setting>,
    window: Option<Window>,
    since: Option<Instant>,
    id: Option<String>,
    chunk: usize,
    checkpoint: Option<Vec<u8>>,
}

/// An answer of the source.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    is_broken: bool,
}

/// The result of a collection.
#[derive(Debug)]
pub(crate) struct Collected {
    fields: Vec<Field>,
    pub(crate) requests: Vec<Request>,
    pub(crate) pauses: Vec<Pause>,
    pub(crate) rows: Vec<Row>,
    pub(crate) rejected: Vec<String>,
    pub(crate) summary: Summary,
}

impl Setup {
    pub(crate) fn new(proof: &str) -> Self {
        Self {
            task: Task::Collect(proof.to_owned()),
            settings: vec![setting("platform", Value::Text("US2".to_owned()))],
            criteria: Vec::new(),
            window: None,
            since: None,
            id: None,
            chunk: usize::MAX,
            checkpoint: None,
        }
    }

    pub(crate) fn look_up(name: &str) -> Self {
        Self { task: Task::LookUp(name.to_owned()), ..Self::new(name) }
    }

    /// An operation, whose parameters are given as criteria are.
    pub(crate) fn operate(name: &str) -> Self {
        Self { task: Task::Operate(name.to_owned()), id: Some("job-1".to_owned()), ..Self::new(name) }
    }

    pub(crate) fn probe(self, proof: &str) -> Self {
        Self { task: Task::Probe(proof.to_owned()), ..self }
    }

    pub(crate) fn set(mut self, name: &str, value: Value) -> Self {
        self.settings.push(setting(name, value));
        self
    }

    pub(crate) fn with(self, name: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|it| (*it).to_owned()).collect();
        self.with_value(name, Value::Texts(values))
    }

    pub(crate) fn with_text(self, name: &str, value: &str) -> Self {
        self.with_value(name, Value::Text(value.to_owned()))
    }

    /// A criterion of one value.
    pub(crate) fn with_value(mut self, name: &str, value: Value) -> Self {
        self.criteria.push(setting(name, value));
        self
    }

    /// Of this platform, and not of the usual one.
    pub(crate) fn platform(mut self, platform: &str) -> Self {
        self.settings = vec![setting("platform", Value::Text(platform.to_owned()))];
        self
    }

    /// From this checkpoint.
    pub(crate) fn resumed(self, checkpoint: Vec<u8>) -> Self {
        Self { checkpoint: Some(checkpoint), ..self }
    }

    pub(crate) fn window(self, window: Window) -> Self {
        Self { window: Some(window), ..self }
    }

    /// What changed since then.
    pub(crate) fn since(self, since: &str) -> Self {
        Self { since: instant::parse(since), ..self }
    }

    /// Bodies come in pieces of this size.
    pub(crate) fn chunks_of(self, chunk: usize) -> Self {
        Self { chunk, ..self }
    }

    /// The session that collects it, for tests that are the host themselves.
    pub(crate) fn session(self) -> Result<Work, Error> {
        let checkpoint = self.checkpoint.clone();
        Work::open::<Qualys>(self.job(checkpoint))
    }

    fn job(self, checkpoint: Option<Vec<u8>>) -> Job {
        Job {
            task: self.task,
            settings: self.settings,
            criteria: self.criteria,
            window: self.window,
            since: self.since,
            as_of: instant::parse(AS_OF).expect("a date"),
            id: self.id,
            checkpoint,
        }
    }
}

impl Reply {
    pub(crate) fn new(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.as_bytes().to_vec(), is_broken: false }
    }

    pub(crate) fn bytes(body: &[u8]) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.to_vec(), is_broken: false }
    }

    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The connection breaks after its head.
    pub(crate) fn broken(self) -> Self {
        Self { is_broken: true, ..self }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

fn setting(name: &str, value: Value) -> Setting {
    Setting { name: name.to_owned(), value }
}

/// Collects from these bodies, each with status 200.
pub(crate) fn collect(setup: Setup, bodies: &[&str]) -> Result<Collected, Error> {
    let replies: Vec<Reply> = bodies.iter().map(|it| Reply::new(200, it)).collect();
    collect_from(setup, &replies)
}

/// Collects from these answers, in their order.
pub(crate) fn collect_from(setup: Setup, replies: &[Reply]) -> Result<Collected, Error> {
    let manifest = crate::catalog::manifest();
    let fields = match &setup.task {
        Task::Collect(name) | Task::Probe(name) => {
            manifest.proof_types.into_iter().find(|it| it.name == *name).map(|it| it.fields)
        }
        Task::LookUp(name) => manifest.lookups.into_iter().find(|it| it.name == *name).map(|it| it.fields),
        Task::Operate(_) => None,
    };
    let fields = fields.unwrap_or_default();
    let chunk = setup.chunk;
    let mut session = setup.session()?;
    let mut replies = replies.iter();
    let (mut requests, mut pauses, mut rows, mut rejected) = (vec![], vec![], vec![], vec![]);
    for _ in 0..MAX_STEPS {
        let request = match session.next()? {
            Step::Send(request) => request,
            Step::Wait(pause) => {
                pauses.push(pause);
                session.waited();
                continue;
            }
            Step::Finished(summary) => {
                assert!(replies.next().is_none(), "not all answers were asked for");
                return Ok(Collected { fields, requests, pauses, rows, rejected, summary });
            }
        };
        requests.push(request);
        let Some(reply) = replies.next() else {
            return Err(unavailable("there is one more request than there are answers"));
        };
        let head = Response { status: reply.status, headers: reply.headers.clone() };
        session.accept(&head)?;
        let mut batches = Vec::new();
        for chunk in reply.body.chunks(chunk) {
            batches.push(session.feed(chunk)?);
        }
        batches.push(session.end()?);
        for batch in batches {
            rows.extend(batch.rows);
            rejected.extend(batch.rejected.into_iter().map(|it| format!("{}: {}", it.subject, it.reason)));
        }
    }
    panic!("no end after {MAX_STEPS} steps");
}

/// How an operation went.
#[derive(Debug)]
pub(crate) struct Operated {
    operation: String,
    pub(crate) requests: Vec<Request>,
    pub(crate) pauses: Vec<Pause>,
    pub(crate) rows: Vec<Row>,
    pub(crate) notes: Vec<String>,
    /// All checkpoints, as texts.
    pub(crate) checkpoints: String,
}

/// Carries an operation out at a source, which gives no answer where it is `None`; pauses are in the answers' stead, too. With
/// `resumed`, another session goes on after each step.
pub(crate) fn operate(
    setup: &Setup,
    resumed: bool,
    mut source: impl FnMut(Result<&Request, &Pause>) -> Option<Reply>,
) -> Result<Operated, Error> {
    let Task::Operate(operation) = setup.task.clone() else { panic!("no operation") };
    let mut session = setup.clone().session()?;
    let (mut requests, mut pauses, mut rows, mut checkpoints) = (vec![], vec![], vec![], String::new());
    for _ in 0..MAX_OPERATION_STEPS {
        let step = session.next()?;
        let checkpoint = session.checkpoint();
        checkpoints.push_str(&String::from_utf8_lossy(&checkpoint));
        if let Step::Wait(pause) = &step {
            source(Err(pause));
            pauses.push(pause.clone());
            session.waited();
        }
        if resumed {
            // What is opened again goes on where a pause is over.
            session = Work::open::<Qualys>(setup.clone().job(Some(checkpoint)))?;
        }
        let request = match step {
            Step::Send(request) => request,
            Step::Wait(_) => continue,
            Step::Finished(Summary { notes, .. }) => {
                return Ok(Operated { operation, requests, pauses, rows, notes, checkpoints });
            }
        };
        requests.push(request.clone());
        let Some(reply) = source(Ok(&request)) else {
            session.interrupted();
            continue;
        };
        session.accept(&Response { status: reply.status, headers: reply.headers })?;
        if reply.is_broken {
            session.interrupted();
            continue;
        }
        for chunk in reply.body.chunks(setup.chunk) {
            rows.extend(session.feed(chunk)?.rows);
        }
        rows.extend(session.end()?.rows);
    }
    panic!("no end after {MAX_OPERATION_STEPS} steps");
}

impl Operated {
    /// The only row's cell of this name, as a text.
    pub(crate) fn cell(&self, name: &str) -> String {
        let [row] = self.rows.as_slice() else { panic!("{} rows", self.rows.len()) };
        let manifest = crate::catalog::manifest();
        let operation =
            manifest.operations.iter().find(|it| it.name == self.operation).expect("an operation");
        let at = operation.fields.iter().position(|it| it.name == name).expect("a field");
        display(&row[at])
    }

    /// What changes something among the requests.
    pub(crate) fn writes(&self) -> Vec<&Request> {
        self.requests.iter().filter(|it| matches!(it.effect, Effect::Write(_))).collect()
    }
}

impl fmt::Display for Operated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = |pairs: &[(String, String)]| {
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        };
        for request in &self.requests {
            let line = format!("{:?} {} {}", request.method, request.path, pairs(&request.query));
            writeln!(f, "{}", line.trim_end())?;
            if let Body::Form(form) = &request.body {
                writeln!(f, "  form: {}", pairs(form))?;
            }
            if let Body::Content(content) = &request.body {
                writeln!(f, "  {}", String::from_utf8_lossy(&content.bytes))?;
            }
            if let Effect::Write(change) = &request.effect {
                writeln!(f, "  {}", change.summary)?;
                for (label, text) in &change.details {
                    writeln!(f, "    {label}: {text}")?;
                }
            }
        }
        let manifest = crate::catalog::manifest();
        let operation =
            manifest.operations.iter().find(|it| it.name == self.operation).expect("an operation");
        for row in &self.rows {
            writeln!(f, "row")?;
            for (field, value) in operation.fields.iter().zip(row) {
                if *value != Value::Absent {
                    writeln!(f, "  {}: {}", field.name, display(value))?;
                }
            }
        }
        for note in &self.notes {
            writeln!(f, "note {note}")?;
        }
        write!(f, "pauses {:?}", self.pauses.iter().map(|it| it.seconds).collect::<Vec<_>>())
    }
}

/// The error of a collection that must fail.
pub(crate) fn refused(setup: Setup, replies: &[Reply]) -> Error {
    collect_from(setup, replies).expect_err("must fail")
}

impl fmt::Display for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for request in &self.requests {
            let form = if let Body::Form(form) = &request.body { form.as_slice() } else { &[] };
            let query: Vec<String> =
                request.query.iter().chain(form).map(|(name, value)| format!("{name}={value}")).collect();
            writeln!(f, "{:?} {} {}", request.method, request.path, query.join(" "))?;
            if let Body::Content(content) = &request.body {
                writeln!(f, "  {}: {}", content.media_type, String::from_utf8_lossy(&content.bytes))?;
            }
        }
        for row in &self.rows {
            writeln!(f, "row")?;
            for (field, value) in self.fields.iter().zip(row) {
                if *value != Value::Absent {
                    writeln!(f, "  {}: {}", field.name, display(value))?;
                }
            }
        }
        for rejected in &self.rejected {
            writeln!(f, "rejected {rejected}")?;
        }
        for note in &self.summary.notes {
            writeln!(f, "note {note}")?;
        }
        if let Some(window) = self.summary.window {
            writeln!(f, "window {} to {}", instant::write(window.start), instant::write(window.end))?;
        }
        let Summary { pages, rows, rejected, duplicates, outside_window, .. } = &self.summary;
        write!(
            f,
            "pages {pages}, rows {rows}, rejected {rejected}, duplicates {duplicates}, outside {outside_window}"
        )
    }
}

fn display(value: &Value) -> String {
    match value {
        Value::Absent => "absent".to_owned(),
        Value::Empty => "empty".to_owned(),
        Value::Text(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Instant(at) => instant::write(*at),
        Value::Duration(seconds) => format!("{seconds} s"),
        Value::Texts(texts) => texts.join(" | "),
    }
}
