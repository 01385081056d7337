//! Checks of sources that do not answer.

use std::sync::Mutex;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::Instant;

use super::watch::TIME;
use super::*;
use crate::clock::FixedClock;
use crate::collect::CollectError;
use crate::collect::progress::Event;
use crate::plugin::tests::good;
use crate::plugin::{Engine, Plugin};
use crate::remedy::Remedy;

/// What a check of this origin finds of the one proof type, and what is heard of it.
async fn checked(origin: &str) -> anyhow::Result<(CheckProblem, Vec<String>)> {
    let plugin = Plugin::load(&Engine::new()?, &good()?, None).await?;
    let connection = Connection::builder(plugin).origin("api", origin).build().await?;
    let heard = Mutex::new(Vec::new());
    let mut checks = check(&connection, &[], &FixedClock(0), &|event| {
        let text = match event {
            CheckEvent::Began(name) => format!("began {name}"),
            CheckEvent::Asked(Event::Asking(origin, path)) => format!("asking {origin} {path}"),
            CheckEvent::Asked(Event::Again(_, attempt)) => format!("again {attempt}"),
            CheckEvent::Asked(event) => format!("{event:?}"),
            CheckEvent::Done(check) => format!("done {}", check.result.is_ok()),
        };
        heard.lock().expect("unpoisoned").push(text);
    })
    .await?;
    let problem = checks.pop().and_then(|it| it.result.err());
    Ok((problem.ok_or_else(|| anyhow::anyhow!("it can be collected"))?, heard.into_inner()?))
}

#[tokio::test(start_paused = true)]
async fn where_nothing_listens_it_is_tried_twice() -> anyhow::Result<()> {
    let gone = TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?;
    let begun = Instant::now();
    let (problem, heard) = checked(&format!("http://{gone}")).await?;
    assert!(matches!(problem, CheckProblem::Failed(CollectError::Send { attempts: 2, .. })), "{problem:?}");
    let expected = ["began things", "asking api /things", "again 2", "asking api /things", "done false"];
    assert_eq!(heard, expected);
    assert!(begun.elapsed() < TIME, "{:?}", begun.elapsed());
    Ok(())
}

/// Where nothing else is left to do, paused time passes at once.
#[tokio::test(start_paused = true)]
async fn a_source_that_does_not_answer_is_waited_for_no_longer_than_a_person_waits() -> anyhow::Result<()> {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://{}", silent.local_addr()?);
    let begun = Instant::now();
    let (problem, heard) = checked(&origin).await?;
    assert_eq!(problem.to_string(), format!("{origin} gave no answer within 14s"));
    assert_eq!(problem.remedy(), Some(Remedy::CheckFirewall));
    assert_eq!(heard, ["began things", "asking api /things", "done false"]);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    Ok(())
}
