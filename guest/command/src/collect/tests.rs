//! A collection over a network that does what the test says.

use std::cell::RefCell;
use std::collections::VecDeque;

use exhibit_plugin::catalog::{
    Auth, AuthScheme, BasicAuth, Manifest, Origin as Resolved, ProofType, TokenExchange,
};
use exhibit_plugin::collection::{
    Body as RequestBody, Effect, Method, Pause, PauseReason, Request, Response,
};
use exhibit_plugin::column::{Cell, Column, column};
use exhibit_plugin::session::Order;
use exhibit_plugin::types::{Error, Kind, Value};
use exhibit_plugin::{Answer, Arguments, Outcome, Page, Source};
use std::time::Duration;

use super::*;
use crate::network::Reply;
use crate::request::Prepared;
use crate::transport::{Body, TransportError};

const FIELD: Column<fn() -> Cell> = column("name", "Name", Kind::Text, || Ok(Value::Absent));

/// A plugin whose answers are names, a line each; a last line `more` stands for another page, and
/// the status 409 for a pause.
struct Lines;

impl Plugin for Lines {
    fn manifest() -> Manifest {
        let auth = |name: &str, scheme| Auth { name: name.to_owned(), scheme };
        let text = str::to_owned;
        Manifest {
            id: "lines".to_owned(),
            version: "0.0.0".to_owned(),
            label: "Lines".to_owned(),
            vendor: "Example".to_owned(),
            settings: vec![
                exhibit_plugin::catalog::Parameter::text("auth", "", "")
                    .default(Value::Text("basic".to_owned())),
            ],
            secrets: ["user", "pass"].map(|it| exhibit_plugin::catalog::Parameter::text(it, "", "")).to_vec(),
            auth: vec![
                auth(
                    "basic",
                    AuthScheme::Basic(BasicAuth { username: text("user"), password: text("pass") }),
                ),
                auth(
                    "token",
                    AuthScheme::Token(TokenExchange {
                        origin: text("api"),
                        path: text("/token"),
                        form: vec![(text("u"), text("{user}")), (text("kind"), text("x"))],
                        lifetime: 3_600,
                    }),
                ),
            ],
            answer_headers: vec![],
            proof_types: vec![ProofType {
                name: "names".to_owned(),
                label: "Names".to_owned(),
                help: String::new(),
                fields: vec![FIELD.field()],
                key: vec!["name".to_owned()],
                criteria: vec![],
                window: None,
                changes: Err("Its source is not asked for changes.".to_owned()),
                needs: vec![],
                link: None,
                schedule: "0 6 * * 1".to_owned(),
                suggested: vec![],
                blanked: vec!["secret".to_owned()],
            }],
            operations: vec![],
            lookups: vec![],
            inventories: vec![],
            guide: String::new(),
        }
    }

    fn resolve(_: &Arguments) -> Result<Vec<Resolved>, Error> {
        let url = Some("https://api.example".to_owned());
        Ok(vec![Resolved { name: "api".to_owned(), url, portal: None }])
    }

    fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
        Ok(Box::new(Names { auth: order.settings.text("auth").unwrap_or_default().to_owned() }))
    }
}

struct Names {
    auth: String,
}

impl Source for Names {
    fn request(&self, cursor: Option<&str>) -> Request {
        Request {
            origin: "api".to_owned(),
            method: Method::Post,
            path: "/names".to_owned(),
            query: vec![],
            headers: vec![],
            body: RequestBody::Form(vec![("from".to_owned(), cursor.unwrap_or("a&b").to_owned())]),
            auth: Some(self.auth.clone()),
            effect: Effect::Read,
        }
    }

    fn answer(&self, _: Option<&str>, head: &Response, _: u32) -> Result<Box<dyn Answer>, Error> {
        Ok(Box::new(Reading { status: head.status, text: String::new() }))
    }
}

struct Reading {
    status: u16,
    text: String,
}

impl Answer for Reading {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        self.text.push_str(&String::from_utf8_lossy(chunk));
        while self.status == 200
            && let Some((line, rest)) = self.text.split_once('\n')
        {
            page.row(vec![Value::Text(line.to_owned())]);
            self.text = rest.to_owned();
        }
        Ok(())
    }

    fn end(self: Box<Self>, _: &mut Page) -> Result<Outcome, Error> {
        if self.status == 409 {
            let message = "busy".to_owned();
            let reason = PauseReason::RateLimit;
            return Ok(Outcome::Again(Pause { seconds: 60, reason, connection_wide: true, message }));
        }
        Ok(match self.text.as_str() {
            "more" => Outcome::Next { cursor: "2".to_owned(), pause: None },
            _ => Outcome::Last,
        })
    }
}

/// What the network does next: a status, chunks, and whether the answer is interrupted after them.
type Next = (u16, Vec<&'static str>, bool);

#[derive(Clone)]
struct Script {
    next: Rc<RefCell<VecDeque<Next>>>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl Wire for Script {
    fn exchange(&mut self, request: &Prepared<'_>) -> Result<Reply, TransportError> {
        let headers: Vec<String> = request
            .headers
            .iter()
            .filter(|(name, _)| name != "user-agent" && name != "content-type")
            .map(|(name, value)| format!(" {name}: {value}"))
            .collect();
        let body = String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()).into_owned();
        let asked = format!("{}{}{} {body}", request.origin, request.path_with_query, headers.join(""));
        self.asked.borrow_mut().push(asked.trim_end().to_owned());
        match self.next.borrow_mut().pop_front() {
            None => Err(TransportError::Transient("no answer".to_owned())),
            Some((status, chunks, breaks)) => {
                Ok(Reply { status, headers: vec![], body: Box::new(Chunks(chunks.into(), breaks)) })
            }
        }
    }
}

struct Chunks(VecDeque<&'static str>, bool);

impl Body for Chunks {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match self.0.pop_front() {
            Some(chunk) => Ok(Some(chunk.into())),
            None if self.1 => Err(TransportError::Transient("the answer was interrupted".to_owned())),
            None => Ok(None),
        }
    }
}

/// A clock that only sleeping advances.
#[derive(Default)]
struct Still(RefCell<Duration>);

impl Clock for Still {
    fn now(&self) -> Instant {
        Instant::try_from(self.0.borrow().as_millis()).expect("not so long")
    }

    fn sleep(&self, duration: Duration) {
        *self.0.borrow_mut() += duration;
    }
}

/// The result, the rows, the requests, and how many seconds were slept.
struct Collected {
    result: Result<u8, Failure>,
    rows: String,
    asked: Vec<String>,
    slept: u64,
}

fn collect(next: Vec<Next>, further: &[&str]) -> Collected {
    let folder = tempfile::tempdir().expect("a folder");
    let mut arguments = vec!["collect".to_owned(), "names".to_owned()];
    for name in ["user", "pass"] {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("my-{name}\n")).expect("a file");
        if !further.contains(&"--signer") {
            arguments.extend(["--secret".to_owned(), format!("{name}=file:{}", path.display())]);
        }
    }
    arguments.extend(further.iter().map(|it| (*it).to_owned()));
    let call =
        arguments::read(lexopt::Parser::from_args(arguments), &Lines::manifest()).expect("a good call");
    let arguments::Call::Collect(order) = call else { panic!("another call") };
    let script = Script { next: Rc::new(RefCell::new(next.into())), asked: Rc::default() };
    let clock = Rc::new(Still::default());
    let mut out = Vec::new();
    let result = run::<Lines>(&order, Rc::clone(&clock) as Rc<dyn Clock>, script.clone(), &mut out);
    let slept = clock.0.borrow().as_secs();
    Collected { result, rows: String::from_utf8(out).expect("text"), asked: script.asked.take(), slept }
}

#[test]
fn signs_by_basic_and_follows_the_pages() {
    let it = collect(vec![(200, vec!["a\nb\n", "more"], false), (200, vec!["c\n"], false)], &[]);
    assert_eq!(it.result, Ok(0));
    assert_eq!(it.rows, "{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":\"c\"}\n");
    assert_eq!(
        it.asked,
        [
            "https://api.example/names authorization: Basic bXktdXNlcjpteS1wYXNz from=a%26b",
            "https://api.example/names authorization: Basic bXktdXNlcjpteS1wYXNz from=2",
        ]
    );
}

#[test]
fn the_plugin_does_not_see_what_must_not_be_kept() {
    let pages = vec![(200, vec!["<A><SECRET>x\n", "y</SEC", "RET>\n<B/>\n"], false)];
    let it = collect(pages, &[]);
    assert_eq!(it.result, Ok(0));
    assert_eq!(it.rows, "{\"name\":\"<A><SECRET>[blanked]</SECRET>\"}\n{\"name\":\"<B/>\"}\n");
}

#[test]
fn gets_a_token_and_a_new_one_where_it_is_refused() {
    let pages = vec![
        (201, vec!["one\n"], false),
        (200, vec!["a\n", "more"], false),
        (401, vec![], false),
        (200, vec!["two"], false),
        (200, vec!["b\n"], false),
    ];
    let it = collect(pages, &["--set", "auth=token"]);
    assert_eq!(it.result, Ok(0));
    assert_eq!(
        it.asked,
        [
            "https://api.example/token u=my-user&kind=x",
            "https://api.example/names authorization: Bearer one from=a%26b",
            "https://api.example/names authorization: Bearer one from=2",
            "https://api.example/token u=my-user&kind=x",
            "https://api.example/names authorization: Bearer two from=2",
        ]
    );
}

#[test]
fn a_collection_that_takes_too_long_is_stopped_between_two_steps() {
    // A second, then two, before the next attempts.
    let said = collect(vec![], &["--max-time", "2"]).result.expect_err("it takes three").to_string();
    assert!(said.contains("the collection took longer than 2s") && said.contains("--max-time"), "{said}");
    let said = collect(vec![], &[]).result.expect_err("no answer").to_string();
    assert!(said.contains("attempt 5 of 5"), "{said}");
}

#[test]
fn leaves_the_signature_and_the_body_to_the_signer() {
    let it = collect(vec![(200, vec!["a\n"], false)], &["--signer"]);
    assert_eq!(it.result, Ok(0));
    assert_eq!(
        it.asked,
        ["https://api.example/names exhibit-sign: basic exhibit-sign-body: ZnJvbT1hJTI2Yg=="]
    );
    let token = collect(vec![], &["--signer", "--set", "auth=token"]);
    let refused = token.result.expect_err("another scheme").to_string();
    assert!(refused.contains("the signing component supports HTTP Basic only"), "{refused}");
    assert!(token.asked.is_empty());
}

#[test]
fn an_interrupted_answer_is_requested_again_and_leaves_nothing() {
    let broken = (200, vec!["a\nb\n"], true);
    let it = collect(vec![broken.clone(), broken.clone(), (200, vec!["a\nb\nc\n"], false)], &[]);
    assert_eq!(it.result, Ok(0));
    assert_eq!(it.rows.lines().count(), 3);
    assert_eq!(it.slept, 1 + 2);

    let it = collect(vec![(200, vec!["x\ny\n", "more"], false), broken.clone(), broken.clone(), broken], &[]);
    let said = it.result.expect_err("it never comes").to_string();
    // Its last row waits, in case the next page begins with the same.
    assert_eq!(it.rows, "{\"name\":\"x\"}\n", "the page before stays");
    assert!(said.contains("the output is incomplete: rows written so far: 1"), "{said}");
    assert!(said.contains("attempt 5 of 5"), "{said}");
    assert_eq!(it.slept, 1 + 2 + 4 + 8);
}

#[test]
fn waits_as_long_as_asked_up_to_the_limit() {
    let busy = (409, vec![], false);
    let it = collect(vec![busy.clone(), (200, vec!["a\n"], false)], &[]);
    assert_eq!((it.result, it.slept), (Ok(0), 60));
    let it = collect(vec![busy.clone(), busy], &["--max-wait", "100"]);
    let said = it.result.expect_err("too long").to_string();
    assert!(said.contains("--max-wait"), "{said}");
    assert_eq!(it.slept, 60);
}
