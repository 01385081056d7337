//! A source of numbers, to see the session at work.

mod changes;

use super::*;
use crate::contract::catalog::Origin;
use crate::contract::catalog::{Field, WindowUse};
use crate::contract::collection::{Body, Effect, Method, PauseReason};
use crate::contract::types::{Kind, Value};
use crate::{Plugin, Work};

/// Reads pages such as `1 2 3 >4`: numbers, and where the next page is. A `!` asks for
/// a pause, an `x` is a record that cannot be read.
struct Numbers;

struct Reading(String);

impl Plugin for Numbers {
    fn manifest() -> Manifest {
        let number = Field {
            name: "number".to_owned(),
            aliases: Vec::new(),
            label: "Number".to_owned(),
            kind: Kind::Integer,
            help: String::new(),
            shown: true,
            personal: false,
        };
        let numbers = ProofType {
            name: "numbers".to_owned(),
            label: "Numbers".to_owned(),
            help: String::new(),
            fields: vec![number],
            key: vec!["number".to_owned()],
            criteria: Vec::new(),
            window: None,
            changes: Err("Its source is not asked for changes.".to_owned()),
            needs: Vec::new(),
            link: None,
            schedule: "0 6 * * *".to_owned(),
            suggested: Vec::new(),
            blanked: Vec::new(),
        };
        Manifest {
            id: "numbers".to_owned(),
            version: "0.1.0".to_owned(),
            label: "Numbers".to_owned(),
            vendor: "Example".to_owned(),
            settings: Vec::new(),
            secrets: Vec::new(),
            auth: Vec::new(),
            answer_headers: Vec::new(),
            proof_types: vec![numbers],
            operations: Vec::new(),
            lookups: vec![],
            inventories: vec![],
            guide: String::new(),
        }
    }

    fn resolve(_: &Arguments) -> Result<Vec<Origin>, Error> {
        Ok(Vec::new())
    }

    fn open(_: &Order) -> Result<Box<dyn Source>, Error> {
        Ok(Box::new(Self))
    }
}

impl Source for Numbers {
    fn request(&self, cursor: Option<&str>) -> Request {
        Request {
            origin: "api".to_owned(),
            method: Method::Get,
            path: format!("/{}", cursor.unwrap_or("first")),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::None,
            auth: None,
            effect: Effect::Read,
        }
    }

    fn answer(&self, _: Option<&str>, _: &Response, _: u32) -> Result<Box<dyn Answer>, Error> {
        Ok(Box::new(Reading(String::new())))
    }

    fn smaller(&self, cursor: Option<&str>) -> Option<String> {
        Some(format!("{}-", cursor?))
    }
}

impl Answer for Reading {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        self.0.push_str(&String::from_utf8_lossy(chunk));
        while let Some((word, rest)) = self.0.split_once(' ') {
            match word.parse() {
                Ok(number) => page.row(vec![Value::Integer(number)]),
                Err(_) => page.reject(word, "not a number"),
            }
            self.0 = rest.to_owned();
        }
        Ok(())
    }

    fn end(self: Box<Self>, _: &mut Page) -> Result<Outcome, Error> {
        Ok(match self.0.strip_prefix('>') {
            Some(cursor) => Outcome::Next { cursor: cursor.to_owned(), pause: None },
            None if self.0 == "!" => Outcome::Again(pause()),
            None => Outcome::Last,
        })
    }
}

fn pause() -> Pause {
    Pause {
        seconds: 5,
        reason: PauseReason::RateLimit,
        connection_wide: true,
        message: "slow down".to_owned(),
    }
}

fn job(checkpoint: Option<Vec<u8>>) -> Job {
    Job {
        id: None,
        task: Task::Collect("numbers".to_owned()),
        settings: Vec::new(),
        criteria: Vec::new(),
        window: None,
        since: None,
        as_of: 0,
        checkpoint,
    }
}

fn open() -> Work {
    Work::open::<Numbers>(job(None)).expect("opens")
}

/// Answers what the session asks for, and gives the numbers that it makes of it.
fn answer(session: &mut Work, body: &str) -> Vec<i64> {
    let head = Response { status: 200, headers: Vec::new() };
    session.accept(&head).expect("accepts");
    let mut rows = session.feed(body.as_bytes()).expect("reads").rows;
    rows.extend(session.end().expect("ends").rows);
    numbers(rows)
}

fn numbers(rows: Vec<crate::contract::types::Row>) -> Vec<i64> {
    let number = |row: crate::contract::types::Row| match row.as_slice() {
        [Value::Integer(number)] => *number,
        other => panic!("not a number: {other:?}"),
    };
    rows.into_iter().map(number).collect()
}

fn path(session: &mut Work) -> String {
    match session.next() {
        Ok(Step::Send(request)) => request.path,
        other => panic!("no request: {other:?}"),
    }
}

fn summary(session: &mut Work) -> crate::contract::collection::Summary {
    match session.next() {
        Ok(Step::Finished(summary)) => summary,
        other => panic!("not finished: {other:?}"),
    }
}

#[test]
fn follows_pages_to_the_end() {
    let mut session = open();
    assert_eq!(path(&mut session), "/first");
    assert_eq!(path(&mut session), "/first", "asked again, it says the same");
    assert_eq!(answer(&mut session, "1 2 3 >second"), [1, 2], "the last row waits for the border");
    assert_eq!(path(&mut session), "/second");
    assert_eq!(answer(&mut session, "4 x "), [3, 4]);
    let summary = summary(&mut session);
    assert_eq!((summary.pages, summary.rows, summary.rejected, summary.duplicates), (2, 4, 1, 0));
}

#[test]
fn counts_a_record_at_a_border_once() {
    let mut session = open();
    assert_eq!(answer(&mut session, "1 2 >b"), [1]);
    assert_eq!(answer(&mut session, "2 3 "), [2, 3]);
    assert_eq!(summary(&mut session).duplicates, 1);
}

#[test]
fn counts_a_key_that_comes_twice_on_a_page_once() {
    let mut session = open();
    assert_eq!(answer(&mut session, "1 1 >b"), Vec::<i64>::new(), "the key tells rows apart");
    assert_eq!(answer(&mut session, "2 "), [1, 2]);
    assert_eq!(summary(&mut session).duplicates, 1);
}

#[test]
fn a_page_that_breaks_off_again_and_again_is_asked_for_in_parts() {
    let mut session = open();
    assert_eq!(answer(&mut session, "1 2 >b"), [1]);
    let mut paths = Vec::new();
    for _ in 0..5 {
        paths.push(path(&mut session));
        session.accept(&Response { status: 200, headers: Vec::new() }).expect("accepts");
        session.interrupted();
    }
    assert_eq!(paths, ["/b", "/b", "/b", "/b", "/b--"]);
    assert_eq!(answer(&mut session, "3 >c"), [2]);
    session.accept(&Response { status: 200, headers: Vec::new() }).expect("accepts");
    session.interrupted();
    assert_eq!(path(&mut session), "/c", "another page, another count");
}

#[test]
fn an_interrupted_page_leaves_no_trace() {
    let mut session = open();
    assert_eq!(answer(&mut session, "1 2 >b"), [1]);
    let before = session.checkpoint();
    session.accept(&Response { status: 200, headers: Vec::new() }).expect("accepts");
    assert_eq!(numbers(session.feed(b"3 4 5 ").expect("reads").rows), [2, 3, 4]);
    session.interrupted();
    assert_eq!(session.checkpoint(), before);
    assert_eq!(path(&mut session), "/b");
    assert_eq!(answer(&mut session, "3 4 5 "), [2, 3, 4, 5]);
}

#[test]
fn a_checkpoint_goes_on_where_it_was_taken() {
    let mut session = open();
    assert_eq!(answer(&mut session, "1 2 >b"), [1]);
    let mut other = Work::open::<Numbers>(job(Some(session.checkpoint()))).expect("opens");
    assert_eq!(path(&mut other), "/b");
    assert_eq!(answer(&mut other, "3 "), [2, 3]);
    assert_eq!(summary(&mut other).rows, 3);
}

#[test]
fn waits_and_asks_again() {
    let mut session = open();
    assert!(answer(&mut session, "!").is_empty());
    assert!(matches!(session.next(), Ok(Step::Wait(_))));
    assert!(matches!(session.next(), Ok(Step::Wait(_))), "asked again, it says the same");
    session.waited();
    assert_eq!(path(&mut session), "/first");
    assert_eq!(answer(&mut session, "1 "), [1]);
    assert_eq!(summary(&mut session).pages, 1);
}

/// The numbers of a time: it says which it chose, or forgets to.
struct Timed<const CHOOSES: bool>;

impl<const CHOOSES: bool> Plugin for Timed<CHOOSES> {
    fn manifest() -> Manifest {
        let mut manifest = Numbers::manifest();
        let states = ProofType { name: "states".to_owned(), ..manifest.proof_types[0].clone() };
        manifest.proof_types[0].window = Some(WindowUse::of_events("when it was drawn"));
        manifest
            .proof_types
            .push(ProofType { window: Some(WindowUse::filter_of_state("when it changed")), ..states });
        manifest
    }

    fn resolve(_: &Arguments) -> Result<Vec<Origin>, Error> {
        Ok(Vec::new())
    }

    fn open(_: &Order) -> Result<Box<dyn Source>, Error> {
        Ok(Box::new(Self))
    }
}

impl<const CHOOSES: bool> Source for Timed<CHOOSES> {
    fn request(&self, cursor: Option<&str>) -> Request {
        Numbers.request(cursor)
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        Numbers.answer(cursor, head, attempt)
    }

    fn window(&self) -> Option<Window> {
        CHOOSES.then_some(Window { start: 0, end: 9 })
    }
}

#[test]
fn a_window_that_a_plugin_chooses_must_be_said_and_only_where_it_proves_events() {
    let window = Some(Window { start: 1, end: 5 });
    let states = || Job { task: Task::Collect("states".to_owned()), ..job(None) };
    let mut chosen = Work::open::<Timed<true>>(job(None)).expect("opens");
    answer(&mut chosen, "1 ");
    assert_eq!(summary(&mut chosen).window, Some(Window { start: 0, end: 9 }));
    assert!(Work::open::<Timed<false>>(Job { window, ..job(None) }).is_ok());
    assert!(Work::open::<Timed<false>>(states()).is_ok());
    let probe = Job { task: Task::Probe("numbers".to_owned()), ..job(None) };
    assert!(Work::open::<Timed<false>>(probe).is_ok(), "its rows are samples");
    for refused in [Work::open::<Timed<false>>(job(None)), Work::open::<Timed<true>>(states())] {
        let error = refused.err().expect("before a page is lost");
        assert!(error.problem().message.starts_with("the plugin contradicts its manifest"), "{error:?}");
    }
}

#[test]
fn refuses_a_host_that_breaks_the_order() {
    let mut session = open();
    assert!(session.feed(b"1 ").is_err());
    assert!(session.next().is_err(), "after an error only open helps");

    let unknown = Job { task: Task::Collect("letters".to_owned()), ..job(None) };
    let error = Work::open::<Numbers>(unknown).err().expect("refused");
    assert_eq!(error.problem().message, "unknown proof type \"letters\": choose from numbers");
    assert!(Work::open::<Numbers>(job(Some(b"{}".to_vec()))).is_err(), "a broken checkpoint");
}
