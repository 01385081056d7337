//! A session, and what it does at each call.

use std::cell::RefCell;
use std::time::Duration;

use crate::Plugin;
use crate::acts::{eat, evil, recurse, row, scan, spin, surroundings};
use crate::bindings::exports::exhibit::plugin::collection::{
    Batch, Body, Change, Effect, Guest, GuestSession, Job, Method, Pause, PauseReason, Request, Response,
    Session, Step, Summary,
};
use crate::bindings::exports::exhibit::plugin::types::{Error, Problem, Row, Value, Window};

pub(crate) struct Hostile {
    evil: String,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    line: Vec<u8>,
    rows: u64,
    pages: u32,
    done: bool,
    waited: bool,
}

impl Guest for Plugin {
    type Session = Hostile;
}

impl GuestSession for Hostile {
    fn open(job: Job) -> Result<Session, Error> {
        let evil = evil(&job.settings);
        match evil.as_str() {
            "loop-in-open" => spin(),
            "recursion" => drop(recurse(0)),
            "exit" => std::process::exit(0),
            _ => {}
        }
        Ok(Session::new(Self { evil, state: RefCell::default() }))
    }

    fn next(&self) -> Result<Step, Error> {
        let mut state = self.state.borrow_mut();
        let once = !state.waited;
        match self.evil.as_str() {
            "loop-in-next" => spin(),
            "waits-without-end" => return Ok(pause(0)),
            "a-wait-of-a-century" => return Ok(pause(u32::MAX)),
            "a-wait-of-a-day" => return Ok(pause(24 * 60 * 60)),
            "loop-in-waited" | "a-short-wait" if once => return Ok(pause(0)),
            "a-summary-without-end" if state.done => {
                return Ok(Step::Finished(Summary {
                    notes: vec![String::new(); 100_000],
                    ..summary(&state)
                }));
            }
            "miscounts" if state.done => {
                return Ok(Step::Finished(Summary { rows: state.rows + 1, ..summary(&state) }));
            }
            "miscounts-what-it-rejected" if state.done => {
                return Ok(Step::Finished(Summary { rejected: 1, ..summary(&state) }));
            }
            "miscounts-its-pages" if state.done => {
                return Ok(Step::Finished(Summary { pages: 2, ..summary(&state) }));
            }
            "counts-without-end" if state.done => {
                return Ok(Step::Finished(Summary { duplicates: u64::MAX, ..summary(&state) }));
            }
            "a-window-of-what-has-none" if state.done => {
                let window = Some(Window { start: 0, end: 1 });
                return Ok(Step::Finished(Summary { window, ..summary(&state) }));
            }
            "steps-without-end" => state.done = false,
            _ => {}
        }
        if state.done {
            return Ok(Step::Finished(summary(&state)));
        }
        Ok(Step::Send(self.request()))
    }

    fn waited(&self) {
        if self.evil == "loop-in-waited" {
            spin();
        }
        self.state.borrow_mut().waited = true;
    }

    fn accept(&self, head: Response) -> Result<(), Error> {
        match self.evil.as_str() {
            "loop-in-accept" => spin(),
            "words-that-act" => Err(Error::Denied(Problem {
                message: format!(
                    "HTTP {}\u{1b}[2J\u{1b}]0;owned\u{7}\nerror: all is well\u{202e}",
                    head.status
                ),
                remedy: Some("run \u{1b}[31mthis".to_owned()),
                code: Some("a\rb".to_owned()),
                subject: None,
            })),
            _ => Ok(()),
        }
    }

    fn feed(&self, chunk: Vec<u8>) -> Result<Batch, Error> {
        match self.evil.as_str() {
            "loop-in-feed" => spin(),
            "sleep" => std::thread::sleep(Duration::from_secs(60 * 60)),
            "memory" => eat(),
            "one-big-allocation" => drop(std::hint::black_box(vec![1_u8; 1 << 30])),
            "panic" => panic!("as told\u{1b}[2J"),
            "standard-error" => shout(),
            _ => {}
        }
        let mut state = self.state.borrow_mut();
        let mut rows = vec![];
        for byte in chunk {
            if byte != b'\n' {
                state.line.push(byte);
                continue;
            }
            let line = String::from_utf8_lossy(&std::mem::take(&mut state.line)).into_owned();
            rows.append(&mut self.rows(&line));
        }
        state.rows += rows.len() as u64;
        Ok(Batch { rows, rejected: vec![] })
    }

    fn end(&self) -> Result<Batch, Error> {
        if self.evil == "loop-in-end" {
            spin();
        }
        let mut state = self.state.borrow_mut();
        state.done = true;
        state.pages += 1;
        Ok(Batch { rows: vec![], rejected: vec![] })
    }

    fn interrupted(&self) {
        if self.evil == "loop-in-interrupted" {
            spin();
        }
        *self.state.borrow_mut() = State::default();
    }

    fn checkpoint(&self) -> Vec<u8> {
        match self.evil.as_str() {
            "loop-in-checkpoint" => spin(),
            "a-giant-checkpoint" => vec![0; 20 << 20],
            _ => vec![],
        }
    }
}

impl Hostile {
    fn request(&self) -> Request {
        let mut request = Request {
            origin: "api".to_owned(),
            method: Method::Get,
            path: "/things".to_owned(),
            query: vec![],
            headers: vec![],
            body: Body::None,
            auth: Some("login".to_owned()),
            effect: Effect::Read,
        };
        let header = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        match self.evil.as_str() {
            "an-unknown-origin" => request.origin = "169.254.169.254".to_owned(),
            "dots-in-a-path" => request.path = "/things/../../admin".to_owned(),
            "encoded-dots-in-a-path" => request.path = "/things/%2e%2E/admin".to_owned(),
            "dots-encoded-twice" => request.path = "/things/%252e%252e/admin".to_owned(),
            "a-path-that-is-a-host" => request.path = "//evil.example/things".to_owned(),
            "a-line-in-a-path" => request.path = "/things HTTP/1.1\r\nhost: evil".to_owned(),
            "a-line-in-a-header" => request.headers = header("x-a", "1\r\nauthorization: Basic evil"),
            "a-header-of-the-host" => request.headers = header("Authorization", "Basic evil"),
            "a-header-that-disguises" => request.headers = header("X-HTTP-Method-Override", "DELETE"),
            "an-unknown-auth" => request.auth = Some("root".to_owned()),
            "a-write" => request.effect = write(),
            "a-giant-request" => request.query = header("a", &"a".repeat(20 << 20)),
            "broken-answers" | "loop-in-interrupted" => request.path = "/broken".to_owned(),
            "a-redirect" => request.path = "/elsewhere".to_owned(),
            "a-refused-token" | "a-write-with-a-refused-token" => {
                request.path = "/refusing".to_owned();
                request.auth = Some("token".to_owned());
                if self.evil == "a-write-with-a-refused-token" {
                    (request.method, request.effect) = (Method::Post, write());
                }
            }
            _ => {}
        }
        request
    }

    fn rows(&self, line: &str) -> Vec<Row> {
        let good = row(line, 1.0);
        let with = |index: usize, value| {
            let mut row = good.clone();
            row[index] = value;
            vec![row]
        };
        if let Some((first, second)) = self.evil.strip_prefix("scan:").and_then(|it| it.split_once('+')) {
            return vec![row("found", scan(first, second) as f64)];
        }
        match self.evil.as_str() {
            "surroundings" => surroundings(),
            "a-row-too-wide" => vec![vec![Value::Empty; 4]],
            "a-row-too-narrow" => vec![vec![]],
            "another-kind" => with(1, Value::Text("1".to_owned())),
            "not-a-number" => with(1, Value::Number(f64::NAN)),
            "no-instant" => with(2, Value::Instant(i64::MIN)),
            "a-giant-string" => with(0, Value::Text("a".repeat(2 << 20))),
            "a-giant-row" => vec![vec![Value::Empty; 1_000_000]],
            "a-giant-batch" => (0..20).flat_map(|_| with(0, Value::Text("a".repeat(1 << 20)))).collect(),
            "giant-batches" => vec![with(0, Value::Text("a".repeat(1 << 20))); 50].concat(),
            _ => vec![good],
        }
    }
}

fn pause(seconds: u32) -> Step {
    Step::Wait(Pause {
        seconds,
        reason: PauseReason::Polling,
        connection_wide: true,
        message: "waiting for Godot".to_owned(),
    })
}

fn summary(state: &State) -> Summary {
    Summary {
        pages: state.pages,
        rows: state.rows,
        declared: None,
        rejected: 0,
        duplicates: 0,
        outside_window: 0,
        point: None,
        outcome: None,
        repeated_keys: None,
        window: None,
        notes: vec![],
    }
}

/// Megabytes, and then an end.
fn shout() {
    let line = "all work and no play ".repeat(50);
    for _ in 0..4_000 {
        eprintln!("{line}");
        println!("{line}");
    }
    panic!("hoarse");
}

fn write() -> Effect {
    Effect::Write(Change { summary: "Something.".to_owned(), details: vec![] })
}
