//! What changed since an earlier job: which records are of this one.

use super::*;
use crate::contract::catalog::ChangesUse;

/// Numbers that changed at the instant that they are. `@7` dates the answer.
struct Changing;

impl Plugin for Changing {
    fn manifest() -> Manifest {
        let mut manifest = Numbers::manifest();
        let constant = ProofType { name: "constants".to_owned(), ..manifest.proof_types[0].clone() };
        manifest.proof_types[0].changes = Ok(ChangesUse::of("Another number.", &[]));
        manifest.proof_types.push(constant);
        manifest
    }

    fn resolve(_: &Arguments) -> Result<Vec<Origin>, Error> {
        Ok(Vec::new())
    }

    fn open(_: &Order) -> Result<Box<dyn Source>, Error> {
        Ok(Box::new(Self))
    }
}

struct ReadingChanges(String);

impl Source for Changing {
    fn request(&self, cursor: Option<&str>) -> Request {
        Numbers.request(cursor)
    }

    fn answer(&self, _: Option<&str>, _: &Response, _: u32) -> Result<Box<dyn Answer>, Error> {
        Ok(Box::new(ReadingChanges(String::new())))
    }
}

impl Answer for ReadingChanges {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        self.0.push_str(&String::from_utf8_lossy(chunk));
        while let Some((word, rest)) = self.0.split_once(' ') {
            if let Some(at) = word.strip_prefix('@') {
                page.dated(at.parse().expect("an instant"))?;
            } else {
                let number = word.parse().expect("a number");
                if !page.is_of_other_job(Some(number), 10, false) {
                    page.row(vec![Value::Integer(number)]);
                }
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

fn since(since: Option<i64>) -> Work {
    Work::open::<Changing>(Job { since, ..job(None) }).expect("opens")
}

/// The error that an answer ends in.
fn refused(session: &mut Work, body: &str) -> String {
    session.accept(&Response { status: 200, headers: Vec::new() }).expect("accepts");
    let read = session.feed(body.as_bytes()).and_then(|_| session.end());
    read.expect_err("refused").problem().message.clone()
}

#[test]
fn a_job_has_what_changed_from_the_earlier_point_on_and_before_its_own() {
    let mut session = since(Some(100));
    // Asked for ten earlier than said: 95 is of the earlier job. 40 is older than anything that was asked for.
    assert_eq!(answer(&mut session, "@200 40 95 99 100 199 200 250 >b"), [40, 100], "one row is held");
    assert_eq!(answer(&mut session, "@300 150 205 "), [199, 150]);
    let summary = summary(&mut session);
    assert_eq!((summary.point, summary.rows, summary.outside_window), (Some(200), 4, 5));
    assert_eq!(
        summary.notes,
        [
            "3 records are left for the next proof of changes: changed at or after 1970-01-01T00:00:00Z, while the list was read."
        ]
    );
}

#[test]
fn a_whole_list_leaves_nothing_out_and_has_a_point() {
    let mut session = since(None);
    assert_eq!(answer(&mut session, "@200 40 250 "), [40, 250]);
    assert_eq!(summary(&mut session).point, Some(200));
    let mut undated = since(None);
    assert_eq!(answer(&mut undated, "1 >b"), Vec::<i64>::new());
    assert_eq!(answer(&mut undated, "@200 2 "), [1, 2]);
    assert_eq!(summary(&mut undated).point, None, "records were read before that date");
}

#[test]
fn equal_seconds_are_of_the_later_job() {
    let mut first = since(Some(100));
    assert_eq!(answer(&mut first, "@200 200 "), Vec::<i64>::new());
    let mut second = since(Some(200));
    assert_eq!(answer(&mut second, "@300 200 "), [200]);
    let mut at_once = since(Some(200));
    assert_eq!(answer(&mut at_once, "@200 199 200 "), Vec::<i64>::new(), "no time has passed");
    assert_eq!(summary(&mut at_once).point, Some(200));
}

#[test]
fn the_first_whole_answer_dates_the_job() {
    let mut session = since(Some(100));
    assert_eq!(answer(&mut session, "@150 !"), Vec::<i64>::new());
    session.waited();
    session.accept(&Response { status: 200, headers: Vec::new() }).expect("accepts");
    session.feed(b"@160 120 ").expect("reads");
    session.interrupted();
    assert_eq!(answer(&mut session, "@170 @180 120 171 >b"), Vec::<i64>::new());
    let mut other =
        Work::open::<Changing>(Job { since: Some(100), ..job(Some(session.checkpoint())) }).expect("opens");
    assert_eq!(answer(&mut other, "@190 169 170 "), [120, 169]);
    assert_eq!(summary(&mut other).point, Some(170));
    let another = Job { since: Some(101), ..job(Some(session.checkpoint())) };
    assert!(Work::open::<Changing>(another).is_err(), "the checkpoint is of another job");
}

#[test]
fn a_clock_that_was_set_back_and_an_answer_without_a_date_are_refused() {
    let back = refused(&mut since(Some(100_000)), "@99000 1 ");
    assert!(back.contains("clock of the source was set back"), "{back}");
    let undated = refused(&mut since(Some(100)), "1 ");
    assert!(undated.contains("did not date its first answer"), "{undated}");
}

#[test]
fn only_a_collection_without_a_window_of_a_type_that_can_be_asked_has_changes() {
    let window = Some(Window { start: 0, end: 9 });
    for wrong in [
        Job { task: Task::Probe("numbers".to_owned()), ..job(None) },
        Job { window, ..job(None) },
        Job { task: Task::Collect("constants".to_owned()), ..job(None) },
    ] {
        assert!(Work::open::<Changing>(Job { since: Some(1), ..wrong }).is_err());
    }
}
