//! What comes of the source's answers.

use exhibit_plugin::collection::{Job, Response, Step, Summary, Task};
use exhibit_plugin::Work;
use exhibit_plugin::{Error, Row, Value};

use crate::{{Type}};

const FIRST: &str = include_str!("../fixtures/users.json");
const SECOND: &str = include_str!("../fixtures/users-after-2.json");

/// Collects from these answers, fed in pieces of this size.
fn collect(answers: &[(u16, &str)], size: usize) -> Result<(Vec<Row>, Summary), Error> {
    let mut session = Work::open::<{{Type}}>(Job {
        task: Task::Collect("users".to_owned()),
        settings: vec![],
        criteria: vec![],
        window: None,
        since: None,
        as_of: 0,
        id: None,
        checkpoint: None,
    })?;
    let (mut rows, mut answers) = (vec![], answers.iter());
    loop {
        match session.next()? {
            Step::Finished(summary) => return Ok((rows, summary)),
            Step::Wait(_) => session.waited(),
            Step::Send(_) => {
                let (status, body) = answers.next().expect("one more answer than was given");
                session.accept(&Response { status: *status, headers: vec![] })?;
                for chunk in body.as_bytes().chunks(size) {
                    rows.extend(session.feed(chunk)?.rows);
                }
                rows.extend(session.end()?.rows);
            }
        }
    }
}

#[test]
fn all_pages_become_rows() {
    let (rows, summary) = collect(&[(200, FIRST), (200, SECOND)], usize::MAX).expect("collects");
    let logins: Vec<&Value> = rows.iter().map(|row| &row[1]).collect();
    assert_eq!(logins, ["ada", "bob", "eve"].map(|it| Value::Text(it.to_owned())).iter().collect::<Vec<_>>());
    assert_eq!((summary.pages, summary.rows, summary.declared), (2, 3, Some(3)));
}

#[test]
fn never_and_not_told_are_two_things() {
    let (rows, _) = collect(&[(200, FIRST), (200, SECOND)], 7).expect("collects");
    assert_eq!(rows[1][5], Value::Empty, "bob never signed in");
    assert_eq!(rows[2][4], Value::Absent, "the source does not say whether eve has a second factor");
}

#[test]
fn what_is_no_list_is_no_empty_proof() {
    for body in ["", "{}", "[]", "<html></html>", "{\"users\":[", "{\"error\":\"try again\"}"] {
        assert!(matches!(collect(&[(200, body)], 1), Err(Error::Malformed(_))), "{body}");
    }
    let (rows, _) = collect(&[(200, "{\"users\":[]}")], 1).expect("an empty list is one");
    assert!(rows.is_empty());
}

#[test]
fn refusals_are_errors_or_waited_out() {
    assert!(matches!(collect(&[(401, "")], 1), Err(Error::Denied(_))));
    assert!(matches!(collect(&[(500, "")], 1), Err(Error::Unavailable(_))));
    assert!(collect(&[(429, "slow down"), (200, FIRST), (200, SECOND)], 1).is_ok());
}
