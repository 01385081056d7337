//! A host of a few lines, for tests: it answers a session's requests with given bodies.

use std::fmt;

use exhibit_plugin::collection::{Body, Job, Pause, Request, Response, Step, Summary, Task};
use exhibit_plugin::problem::unavailable;
use exhibit_plugin::session::Session;
use exhibit_plugin::types::{Setting, Window};
use exhibit_plugin::{Error, Row, Value, instant};

use crate::Qualys;

/// The instant that counts as now in all tests.
const AS_OF: &str = "2026-11-01T00:00:00Z";
/// No test asks for more.
const MAX_STEPS: usize = 100;

/// What a test collects, and with what.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    task: Task,
    settings: Vec<Setting>,
    criteria: Vec<Setting>,
    window: Option<Window>,
    chunk: usize,
}

/// An answer of the source.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// The result of a collection.
#[derive(Debug)]
pub(crate) struct Collected {
    proof: String,
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
            chunk: usize::MAX,
        }
    }

    pub(crate) fn probe(self, proof: &str) -> Self {
        Self { task: Task::Probe(proof.to_owned()), ..self }
    }

    pub(crate) fn set(mut self, name: &str, value: Value) -> Self {
        self.settings.push(setting(name, value));
        self
    }

    pub(crate) fn with(mut self, name: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|it| (*it).to_owned()).collect();
        self.criteria.push(setting(name, Value::Texts(values)));
        self
    }

    /// A criterion of one value.
    pub(crate) fn choose(mut self, name: &str, value: Value) -> Self {
        self.criteria.push(setting(name, value));
        self
    }

    pub(crate) fn window(self, window: Window) -> Self {
        Self { window: Some(window), ..self }
    }

    /// Bodies come in pieces of this size.
    pub(crate) fn chunks_of(self, chunk: usize) -> Self {
        Self { chunk, ..self }
    }

    /// The session that collects it, for tests that are the host themselves.
    pub(crate) fn session(self) -> Result<Session, Error> {
        Session::open::<Qualys>(Job {
            task: self.task,
            settings: self.settings,
            criteria: self.criteria,
            window: self.window,
            as_of: instant::parse(AS_OF).expect("a date"),
            checkpoint: None,
        })
    }
}

impl Reply {
    pub(crate) fn new(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    pub(crate) fn bytes(body: &[u8]) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.to_vec() }
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
    let proof = match &setup.task {
        Task::Collect(name) | Task::Probe(name) | Task::Operate(name) => name.clone(),
    };
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
                return Ok(Collected { proof, requests, pauses, rows, rejected, summary });
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
        }
        let proof_type = crate::catalog::manifest().proof_types.into_iter().find(|it| it.name == self.proof);
        let fields = proof_type.expect("a proof type").fields;
        for row in &self.rows {
            writeln!(f, "row")?;
            for (field, value) in fields.iter().zip(row) {
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
