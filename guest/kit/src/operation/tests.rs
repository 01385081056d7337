use super::*;
use crate::contract::catalog::{Field, Origin};
use crate::contract::collection::{Body, Change, Method};
use crate::contract::types::Kind;

use crate::{Plugin, Source, Work, session};

/// Counts up at the source: reads a number, writes the next one, and reads again where the answer to that is lost.
struct Counter;

#[derive(Clone, Serialize, Deserialize)]
enum Counting {
    Read,
    Write(u64),
    Look(u64),
    Done,
}

impl Plugin for Counter {
    fn manifest() -> Manifest {
        Manifest {
            operations: vec![Operation {
                name: "count".to_owned(),
                label: "Count".to_owned(),
                help: String::new(),
                parameters: Vec::new(),
                fields: vec![Field {
                    name: OUTCOME.to_owned(),
                    aliases: Vec::new(),
                    label: String::new(),
                    kind: Kind::Text,
                    help: String::new(),
                    shown: true,
                    personal: false,
                }],
                confirm: String::new(),
                needs: Vec::new(),
                blanked: Vec::new(),
            }],
            id: "counter".to_owned(),
            version: "1".to_owned(),
            label: String::new(),
            vendor: String::new(),
            settings: Vec::new(),
            secrets: Vec::new(),
            auth: Vec::new(),
            answer_headers: Vec::new(),
            proof_types: Vec::new(),
            lookups: Vec::new(),
            inventories: vec![],
            guide: String::new(),
        }
    }

    fn resolve(_: &Arguments) -> Result<Vec<Origin>, Error> {
        Ok(Vec::new())
    }

    fn open(_: &session::Order) -> Result<Box<dyn Source>, Error> {
        Err(invalid("there is nothing to list"))
    }

    fn operate(_: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
        Ok(Box::new(match saved {
            None => Counting::Read,
            Some(saved) => serde_json::from_str(saved).map_err(|error| invalid(error.to_string()))?,
        }))
    }
}

fn request(effect: Effect) -> Need {
    Need::Send(Request {
        origin: "api".to_owned(),
        method: Method::Get,
        path: "/number".to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Body::None,
        auth: None,
        effect,
    })
}

impl Procedure for Counting {
    fn next(&self) -> Result<Need, Error> {
        Ok(match self {
            Self::Read | Self::Look(_) => request(Effect::Read),
            Self::Write(to) => {
                let details = vec![("Number".to_owned(), to.to_string())];
                request(Effect::Write(Change { summary: "Counts.".to_owned(), details }))
            }
            Self::Done => Need::Done,
        })
    }

    fn answered(&mut self, answer: &WholeAnswer<'_>, report: &mut Report) -> Result<(), Error> {
        let number = std::str::from_utf8(answer.body).ok().and_then(|it| it.parse::<u64>().ok());
        let number = number.ok_or_else(|| malformed("no number"))?;
        *self = match *self {
            Self::Read => Self::Write(number + 1),
            Self::Write(to) | Self::Look(to) => {
                let outcome = if number == to { DONE } else { NOT_DONE };
                report.row(vec![Value::Text(outcome.to_owned())]);
                report.note("counted");
                Self::Done
            }
            Self::Done => Self::Done,
        };
        Ok(())
    }

    fn waited(&mut self) {}

    fn interrupted(&mut self, _: bool) {
        if let Self::Write(to) = *self {
            *self = Self::Look(to);
        }
    }

    fn save(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn job(checkpoint: Option<Vec<u8>>) -> Job {
    Job {
        task: Task::Operate("count".to_owned()),
        settings: Vec::new(),
        criteria: Vec::new(),
        window: None,
        since: None,
        as_of: 0,
        id: Some("1".to_owned()),
        checkpoint,
    }
}

fn answer(work: &mut Work, body: &str) -> Vec<Row> {
    work.accept(&Response { status: 200, headers: Vec::new() }).expect("asked for");
    for chunk in body.as_bytes().chunks(1) {
        work.feed(chunk).expect("small");
    }
    work.end().expect("readable").rows
}

/// What it asks for is a write.
fn writes(work: &mut Work) -> bool {
    matches!(work.next(), Ok(Step::Send(Request { effect: Effect::Write(_), .. })))
}

#[test]
fn goes_on_from_each_of_its_checkpoints() {
    let mut work = Work::open::<Counter>(job(None)).expect("opens");
    for (body, is_write) in [("7", false), ("8", true)] {
        work = Work::open::<Counter>(job(Some(work.checkpoint()))).expect("resumes");
        assert_eq!(writes(&mut work), is_write);
        let rows = answer(&mut work, body);
        assert_eq!(rows.len(), usize::from(is_write));
    }
    let mut work = Work::open::<Counter>(job(Some(work.checkpoint()))).expect("resumes");
    let Ok(Step::Finished(summary)) = work.next() else { panic!("not done") };
    assert_eq!(summary.outcome, Some(OperationOutcome::Done));
    assert_eq!((summary.pages, summary.rows, summary.notes.as_slice()), (2, 1, &["counted".to_owned()][..]));
}

#[test]
fn a_write_whose_answer_is_lost_is_looked_for_and_not_repeated() {
    for never_came in [true, false] {
        let mut work = Work::open::<Counter>(job(None)).expect("opens");
        answer(&mut work, "7");
        assert!(writes(&mut work));
        if !never_came {
            work.accept(&Response { status: 200, headers: Vec::new() }).expect("asked for");
            work.feed(b"8").expect("small");
        }
        work.interrupted();
        let mut other = Work::open::<Counter>(job(Some(work.checkpoint()))).expect("resumes");
        for work in [&mut work, &mut other] {
            assert!(!writes(work));
            // A read that breaks off is asked for again.
            work.accept(&Response { status: 200, headers: Vec::new() }).expect("asked for");
            work.interrupted();
            assert_eq!(answer(work, "7"), [vec![Value::Text(NOT_DONE.to_owned())]]);
            let Ok(Step::Finished(summary)) = work.next() else { panic!("not done") };
            assert_eq!(summary.outcome, Some(OperationOutcome::NotDone));
        }
    }
}

#[test]
fn refuses_what_is_not_its_own() {
    let refused = |job: Job| Work::open::<Counter>(job).err().map(|it| it.problem().message.clone());
    let without = refused(Job { id: None, ..job(None) }).expect("refused");
    assert!(without.contains("without an id"), "{without}");
    let unknown = refused(Job { task: Task::Operate("sing".to_owned()), ..job(None) }).expect("refused");
    assert_eq!(unknown, "unknown operation \"sing\": choose from count");
    let checkpoint = Work::open::<Counter>(job(None)).expect("opens").checkpoint();
    for other in [Job { id: Some("2".to_owned()), ..job(Some(checkpoint)) }, job(Some(b"{}".to_vec()))] {
        assert!(refused(other).expect("refused").contains("of another job"));
    }
}
