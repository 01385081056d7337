//! Operations over a network that does what the test says, in processes that end at any moment.

mod doing;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use self::doing::Doing;
use super::*;
use crate::arguments::{self, Call as Called};
use crate::files;
use crate::network::Reply;
use crate::request::Prepared;
use crate::transport::{Body, TransportError};

/// What the network does next.
#[derive(Clone, Copy)]
enum Next {
    Says(&'static str),
    /// The answer breaks off after this.
    BreaksOff(&'static str),
    /// The request may have arrived, and no answer comes.
    Lost,
    /// The request did not arrive.
    NotSent,
    /// The process ends, once the request is sent.
    Killed,
}

#[derive(Clone)]
struct Script {
    next: Rc<RefCell<VecDeque<Next>>>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl Wire for Script {
    fn exchange(&mut self, request: &Prepared<'_>) -> Result<Reply, TransportError> {
        self.asked.borrow_mut().push(request.path_with_query.clone());
        let (text, breaks) = match self.next.borrow_mut().pop_front().expect("no more requests than these") {
            Next::Says(text) => (text, false),
            Next::BreaksOff(text) => (text, true),
            Next::Lost => return Err(TransportError::Transient("no answer".to_owned())),
            Next::NotSent => return Err(TransportError::NotSent("refused".to_owned())),
            Next::Killed => std::panic::panic_any("killed"),
        };
        Ok(Reply { status: 200, headers: vec![], body: Box::new(Text(Some(text), breaks)) })
    }
}

struct Text(Option<&'static str>, bool);

impl Body for Text {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match self.0.take() {
            Some(text) => Ok(Some(text.into())),
            None if self.1 => Err(TransportError::Transient("it broke off".to_owned())),
            None => Ok(None),
        }
    }
}

/// A clock that only sleeping advances.
#[derive(Default)]
struct Still(RefCell<Duration>);

impl Clock for Still {
    fn now(&self) -> Instant {
        1_793_491_200_000 + Instant::try_from(self.0.borrow().as_millis()).expect("not so long")
    }

    fn sleep(&self, duration: Duration) {
        *self.0.borrow_mut() += duration;
    }
}

/// A machine on which the operation is called, again and again.
struct Machine {
    folder: tempfile::TempDir,
    clock: Rc<Still>,
    calls: usize,
}

/// What became of a call: `None` where it was killed.
struct Ended {
    result: Option<Result<u8, String>>,
    said: String,
    asked: Vec<String>,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["user", "pass"] {
            std::fs::write(folder.path().join(name), format!("my-{name}\n")).expect("a file");
        }
        Self { folder, clock: Rc::default(), calls: 0 }
    }

    fn out(&self) -> std::path::PathBuf {
        self.folder.path().join("evidence").join("out")
    }

    fn call(&mut self, next: &[Next], further: &[&str]) -> Ended {
        let mut all = ["operate", "do", "--with", "title=It"].map(str::to_owned).to_vec();
        for name in ["user", "pass"] {
            let place = self.folder.path().join(name);
            all.extend(["--secret".to_owned(), format!("{name}=file:{}", place.to_string_lossy())]);
        }
        all.extend(further.iter().map(|it| it.replace("OUT", &self.out().to_string_lossy())));
        let called =
            arguments::read(lexopt::Parser::from_args(all), &Doing::manifest()).expect("a good call");
        let Called::Operate(order) = called else { panic!("another call") };
        let script = Script { next: Rc::new(RefCell::new(next.to_vec().into())), asked: Rc::default() };
        self.calls += 1;
        let world = World {
            clock: Rc::clone(&self.clock) as Rc<dyn Clock>,
            wire: script.clone(),
            nonce: format!("id-{}", self.calls),
            plugin: Some(Digest::of(b"plugin")),
        };
        let mut said = Vec::new();
        let result = catch_unwind(AssertUnwindSafe(|| run::<Doing>(&order, world, &mut said)));
        Ended {
            result: result.ok().map(|it| it.map_err(|failure| failure.to_string())),
            said: String::from_utf8(said).expect("text"),
            asked: script.asked.take(),
        }
    }

    /// With both keys.
    fn confirmed(&mut self, next: &[Next], further: &[&str]) -> Ended {
        self.call(next, &[&["--allow-operate", "--confirm", "It", "--out", "OUT"], further].concat())
    }

    fn proof(&self) -> records::Proof {
        let json = files::read(&self.out().join("proof.json"), 1 << 20).expect("a proof");
        records::Proof::parse(&json).expect("a proof")
    }
}

impl Ended {
    fn refusal(&self) -> &str {
        match &self.result {
            Some(Err(said)) => said,
            _ => panic!("it was not refused: {}", self.said),
        }
    }
}

#[test]
fn it_is_shown_and_not_sent_without_both_keys() {
    let mut machine = Machine::new();
    let shown = machine.call(&[Next::Says("It")], &[]);
    insta::assert_snapshot!(shown.said, @r"
    Do it: nothing was sent yet.

    Does it.
      What  It

    POST https://api.example/do
      title  It [id-1]

    Text by which this run is known, such as in a title, is another one in each run.
    ");
    insta::assert_snapshot!(shown.refusal(), @r"
    error: not confirmed: nothing was sent
    next: to send it, add: --allow-operate --confirm It --out DIR
    ");
    assert_eq!(shown.asked, ["/names"]);
    for (further, why) in [
        (&["--confirm", "It", "--out", "OUT"][..], "may not change anything"),
        (
            &["--allow-operate", "--confirm", "Else", "--out", "OUT"],
            "`Else` was repeated, and `title` is `It`",
        ),
        (&["--allow-operate", "--confirm", "It"], "no place is given"),
        (&["--allow-operate", "--confirm", "It", "--out", "OUT", "--resume"], "nothing to resume"),
    ] {
        let refused = machine.call(&[], further);
        assert!(refused.refusal().contains(why), "{}", refused.refusal());
        assert!(refused.asked.is_empty());
    }
}

#[test]
fn it_is_sent_once_and_kept_as_evidence() {
    let mut machine = Machine::new();
    let done = machine.confirmed(&[Next::Says("It"), Next::Says("ok")], &["--account", "ours"]);
    assert_eq!(done.result, Some(Ok(0)));
    assert!(done.said.starts_with("Do it: done\n"), "{}", done.said);
    assert_eq!(done.asked, ["/names", "/do"]);
    let proof = machine.proof();
    assert_eq!(proof.outcome, Some(OperationOutcome::Done));
    assert_eq!((proof.job.id.as_deref(), proof.account.as_deref()), (Some("id-1"), Some("ours")));
    assert_eq!((proof.counts.requests, proof.counts.answers, proof.rows), (2, 2, 1));
    let names = files::names(&machine.out()).expect("a folder").expect("a folder");
    assert!(!names.contains(&"operation".to_owned()), "{names:?}");
    let again = machine.confirmed(&[], &[]);
    assert!(again.refusal().contains("already: nothing was sent"), "{}", again.refusal());
}

#[test]
fn a_lost_or_broken_answer_is_found_out_about() {
    for next in [Next::Lost, Next::BreaksOff("o")] {
        let mut machine = Machine::new();
        let done = machine.confirmed(&[Next::Says("It"), next, Next::Says("there")], &[]);
        assert_eq!(done.result, Some(Ok(0)));
        assert_eq!(done.asked, ["/names", "/do", "/state"]);
        let not_done = Machine::new().confirmed(&[Next::Says("It"), next, Next::Says("nothing")], &[]);
        assert!(not_done.refusal().contains("Do it: NOT done"), "{}", not_done.refusal());
    }
}

#[test]
fn what_did_not_arrive_is_sent_again() {
    let mut machine = Machine::new();
    let all = [Next::Says("It"), Next::NotSent, Next::NotSent, Next::Says("ok")];
    let done = machine.confirmed(&all, &[]);
    assert_eq!(done.result, Some(Ok(0)));
    // Also where the process ends in between.
    let mut machine = Machine::new();
    let refused = machine.confirmed(&[Next::Says("It"), Next::NotSent, Next::Killed], &[]);
    assert_eq!(refused.result, None);
    let done = machine.confirmed(&[Next::Says("there")], &["--take-over"]);
    assert_eq!((done.result, done.asked), (Some(Ok(0)), vec!["/state".to_owned()]));
}

#[test]
fn a_killed_call_is_gone_on_with_and_sends_nothing_again() {
    let mut machine = Machine::new();
    let killed = machine.confirmed(&[Next::Says("It"), Next::Killed], &[]);
    assert_eq!((killed.result, killed.asked.len()), (None, 2));
    let other = machine.confirmed(&[], &["--account", "ours"]);
    assert!(other.refusal().contains("this call has another name of the account"), "{}", other.refusal());
    // It may still be under way, as far as is known.
    let before = machine.clock.now();
    let done = machine.confirmed(&[Next::Says("there")], &[]);
    assert_eq!((done.result, done.asked), (Some(Ok(0)), vec!["/state".to_owned()]));
    assert_eq!(machine.clock.now() - before, 330_000);
    let proof = machine.proof();
    assert_eq!(proof.job.id.as_deref(), Some("id-1"), "that of the call that had sent it");
    assert!(proof.host_notes.iter().any(|it| it.contains("was interrupted")), "{:?}", proof.host_notes);
    assert_eq!((proof.counts.requests, proof.counts.answers), (3, 2));
}

#[test]
fn wherever_a_call_is_killed_it_is_sent_once() {
    let whole = [Next::Says("It"), Next::Says("ok"), Next::Says("there")];
    for at in 0..whole.len() {
        let mut machine = Machine::new();
        let cut = [&whole[..at], &[Next::Killed]].concat();
        let killed = machine.confirmed(&cut, &["--wait"]);
        assert_eq!(killed.result, None);
        // What follows the kept answers: the one that was cut is asked for again, or found out about.
        let rest = if at == 1 { vec![Next::Says("there")] } else { whole[at..].to_vec() };
        let done = machine.confirmed(&rest, &["--wait", "--take-over"]);
        assert_eq!(done.result, Some(Ok(0)), "killed at request {at}");
        let sent = [killed.asked, done.asked].concat().iter().filter(|it| *it == "/do").count();
        assert_eq!(sent, 1, "killed at request {at}");
    }
}

#[test]
fn a_wait_beyond_the_limit_is_gone_on_with() {
    let mut machine = Machine::new();
    let further = ["--wait", "--max-wait", "30"];
    let waits = machine.confirmed(&[Next::Says("It"), Next::Says("ok")], &further);
    let said = waits.refusal();
    assert!(said.contains("the same command goes on with it; what it had sent is not sent again"), "{said}");
    machine.clock.sleep(Duration::from_secs(20));
    let before = machine.clock.now();
    let done = machine.confirmed(&[Next::Says("there")], &["--wait"]);
    assert_eq!((done.result, done.asked), (Some(Ok(0)), vec!["/state".to_owned()]));
    assert_eq!(machine.clock.now() - before, 40_000, "what is left of the minute");
    assert_eq!(machine.proof().counts.waited, Duration::from_secs(60));
}

#[test]
fn an_answer_that_repeats_the_password_is_not_kept() {
    let mut machine = Machine::new();
    let all = [Next::Says("It"), Next::Says("ok, my-pass"), Next::Says("there")];
    let done = machine.confirmed(&all, &[]);
    assert_eq!(done.result, Some(Ok(0)));
    let index = files::read(&machine.out().join("answers/index.ndjson"), 1 << 20).expect("an index");
    let index = String::from_utf8(index).expect("text");
    assert!(index.contains("repeats a secret") && !index.contains("my-pass"), "{index}");
    let bodies = files::names(&machine.out().join("answers")).expect("a folder").expect("a folder");
    assert_eq!(bodies.len(), 3, "the index and two answers: {bodies:?}");
}

#[test]
fn a_step_is_taken_by_one_process() {
    let machine = Machine::new();
    let (out, clock) = (machine.out(), &*machine.clock);
    let begun = |id: &str| {
        let terms = Terms {
            host: String::new(),
            plugin: PluginRecord { id: String::new(), version: String::new(), digest: Digest::of(b"") },
            operation: "do".to_owned(),
            settings: vec![],
            parameters: vec![],
            origins: vec![],
            secrets: vec![],
            caller: None,
            account: None,
        };
        Begun { terms, id: id.to_owned(), as_of: clock.now() }
    };
    let mut one = Journal::begin(&out, "one", begun("one")).expect("it begins");
    let late = Journal::begin(&out, "other", begun("other")).expect_err("it has begun");
    assert!(late.to_string().contains("another process goes on with this operation"), "{late}");
    let mut other = Journal::open(&out, "other").expect("it is read").expect("it is there");
    let step = |why: &str| journal::Step::Unsent { why: why.to_owned() };
    other.append(step("taken over"), None).expect("it goes on");
    let late = one.append(step("late"), None).expect_err("it is late");
    assert!(late.to_string().contains("another process goes on with this operation"), "{late}");
    // Nor does it remove what the other one needs.
    assert!(one.close(&out).is_err());
    let steps = Journal::open(&out, "third").expect("it is read").expect("it is there").steps;
    assert_eq!(steps.last(), Some(&step("taken over")));
}
