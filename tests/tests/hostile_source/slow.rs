//! Sources that take their time. The program has minutes of patience with them, so here the library is called, with less.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use exhibit::clock::FixedClock;
use exhibit::collect::progress::Silent;
use exhibit::collect::sink::{Answer as Begun, Sink};
use exhibit::collect::spool::Spool;
use exhibit::collect::{Connection, Limits, Order};
use exhibit::contract::collection::{Rejection, Task};
use exhibit::contract::types::{Row, Setting, Value};
use exhibit::http::ClientOptions;
use exhibit::plugin::{Engine, Plugin};

use crate::documents::{gzip, two};
use crate::server::{Answer, Server};

/// 2026-11-01T00:00:00Z.
const AS_OF: i64 = 1_793_491_200_000;
/// For the head of an answer.
const IDLE: Duration = Duration::from_millis(1_000);
/// For the next byte of its body.
const STALL: Duration = Duration::from_millis(500);
/// Between two bytes of a source that is slow, and does not stop.
const SLOW: Duration = Duration::from_millis(5);
/// What a source does that stops: longer than anything is waited for here, and no longer than a test may take.
const LONG: Duration = Duration::from_secs(20);
/// All that a case waits for, and time for a busy machine.
const LONGEST: Duration = Duration::from_secs(10);

/// Counts the rows of complete pages.
#[derive(Default)]
struct Rows {
    page: usize,
    kept: usize,
}

impl Sink for Rows {
    fn begin(&mut self, _: &Begun<'_>) -> io::Result<()> {
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn rows(&mut self, rows: Vec<Row>, _: Vec<Rejection>) -> io::Result<()> {
        self.page += rows.len();
        Ok(())
    }

    fn redacted(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn blanked(&mut self, _: &BTreeMap<String, u64>) -> io::Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        self.kept += std::mem::take(&mut self.page);
        Ok(())
    }

    fn abandon(&mut self, _: &str) -> io::Result<()> {
        self.page = 0;
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.abandon("")
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        None
    }
}

async fn collected(plugin: &Plugin, answer: Answer) -> Result<usize, String> {
    let server = Server::start(vec![answer]).map_err(|error| error.to_string())?;
    let mut client = ClientOptions::default();
    (client.idle, client.stall) = (IDLE, STALL);
    let connection = Connection::builder(plugin.clone())
        .settings(vec![Setting { name: "platform".to_owned(), value: Value::Text("US2".to_owned()) }])
        .origin("api", server.origin())
        .client(client)
        .secret("username", "env:CARGO_PKG_NAME".parse().expect("a reference"))
        .secret("password", "env:CARGO_PKG_VERSION".parse().expect("a reference"))
        .clock(Arc::new(FixedClock(AS_OF)))
        .build();
    let connection = connection.await.map_err(|error| error.to_string())?;
    let order = Order {
        task: Task::Collect("users".to_owned()),
        id: None,
        criteria: vec![],
        window: None,
        since: None,
        as_of: AS_OF,
    };
    let mut limits = Limits::default();
    limits.attempts = 1;
    let mut rows = Rows::default();
    let run = exhibit::collect::run(&connection, &order, &mut rows, &Silent, &limits);
    run.await.map(|_| rows.kept).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_take_their_time_are_waited_for_and_no_longer() -> Result<()> {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    let component = std::fs::read(env!("QUALYS_PLUGIN"))?;
    let plugin = Plugin::load(&Engine::new()?, &component, Some(&cache)).await?;
    let whole = Answer::good(two()).bytes();
    let half = &whole[..whole.len() / 2];
    let headed = "HTTP/1.1 200 OK\r\n\r\n";
    let zipped = || "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let (rows, none, early) = (Ok(2), Err("gave no answer"), Err("broke off"));
    let cases = [
        ("nothing", Answer::default().wait(LONG), none),
        ("half of a status line", Answer::raw("HTTP/1.1 2").wait(LONG), none),
        ("half of a head", Answer::raw("HTTP/1.1 200 OK\r\nx-a: b\r\n").wait(LONG), none),
        (
            "a head whose bytes come slowly",
            Answer::default().slowly("HTTP/1.1 200 OK\r\n".repeat(100), SLOW * 4),
            none,
        ),
        (
            "answers before the answer, slowly",
            Answer::default().slowly("HTTP/1.1 102 X\r\n\r\n".repeat(100), SLOW * 4),
            none,
        ),
        ("a head and nothing", Answer::raw(headed).wait(LONG), early),
        ("half of a body", Answer::raw(half).wait(LONG), early),
        ("a body without its end", Answer::raw(headed).and(two()).wait(LONG), early),
        ("half of a chunk", Answer::raw(chunked).and("ff\r\n<USER_LIST_OUTPUT>").wait(LONG), early),
        ("half of the size of a chunk", Answer::raw(chunked).and("f").wait(LONG), early),
        ("the size of a chunk, without end", Answer::raw(chunked).endless("0"), early),
        ("half of gzip", Answer::raw(zipped()).and(&gzip(two())[..40]).wait(LONG), early),
        ("gzip whose bytes make nothing", Answer::raw(zipped()).and(&gzip(two())[..10]).wait(LONG), early),
        ("a whole answer whose bytes come slowly", Answer::default().slowly(&whole, SLOW / 5), rows),
        ("a whole body whose bytes come slowly", Answer::raw(headed).slowly(two(), SLOW).close(), rows),
        ("gzip whose bytes come slowly", Answer::raw(zipped()).slowly(gzip(two()), SLOW).close(), rows),
    ];
    for (what, answer, expected) in cases {
        let began = Instant::now();
        let ended = collected(&plugin, answer).await;
        ensure!(began.elapsed() < LONGEST, "{what}: it took {:?}", began.elapsed());
        match (&ended, expected) {
            (Ok(kept), Ok(expected)) => ensure!(*kept == expected, "{what}: {kept} rows"),
            (Err(error), Err(says)) => ensure!(error.contains(says), "{what}: {error}"),
            _ => anyhow::bail!("{what}: {ended:?}, expected {expected:?}"),
        }
    }
    Ok(())
}
