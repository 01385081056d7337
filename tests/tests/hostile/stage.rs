//! What the tests are played on: a plugin that misbehaves as it is set to, a source, and a
//! collection that has them meet.

use std::collections::BTreeMap;
use std::io;
use std::sync::LazyLock;
use std::time::Duration;

use exhibit::clock::FixedClock;
use exhibit::collect::progress::Silent;
use exhibit::collect::sink::{Answer, Sink};
use exhibit::collect::spool::Spool;
use exhibit::collect::{Connection, ConnectionError, Limits, Order, Outcome};
use exhibit::contract::collection::{Job, Rejection, Task};
use exhibit::contract::types::{Row, Setting, Value};
use exhibit::http::ClientOptions;
use exhibit::plugin::{Engine, Plugin, PluginError, SandboxLimits, Session};

use crate::source::Source;

/// 2026-01-01T00:00:00Z.
const AS_OF: i64 = 1_767_225_600_000;

/// What no plugin ever sees.
const PASSWORD: &str = "canary-7f3a91";

/// Where it is kept.
static PASSWORD_FILE: LazyLock<&str> = LazyLock::new(|| {
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/hostile-password");
    std::fs::write(file, PASSWORD).expect("a file for the password");
    file
});

/// One engine for all plugins that come back by themselves, so that each runs beside the others' wreckage.
pub(crate) static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().expect("an engine"));
/// And one for those that do not. A call of a plugin that behaves takes a thousandth of this, which leaves room
/// for a machine that has other things to do.
pub(crate) static IMPATIENT: LazyLock<Engine> = LazyLock::new(|| {
    let mut limits = SandboxLimits::default();
    limits.deadline = Duration::from_secs(1);
    Engine::with(limits).expect("an engine")
});

/// Keeps the rows of complete pages.
#[derive(Default)]
pub(crate) struct Rows {
    page: Vec<Row>,
    kept: Vec<Row>,
}

impl Sink for Rows {
    fn begin(&mut self, _: &Answer<'_>) -> io::Result<()> {
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn rows(&mut self, mut rows: Vec<Row>, _: Vec<Rejection>) -> io::Result<()> {
        self.page.append(&mut rows);
        Ok(())
    }

    fn redacted(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn blanked(&mut self, _: &BTreeMap<String, u64>) -> io::Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        self.kept.append(&mut self.page);
        Ok(())
    }

    fn abandon(&mut self, _: &str) -> io::Result<()> {
        self.page.clear();
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.abandon("")
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        None
    }
}

fn component() -> Vec<u8> {
    std::fs::read(env!("HOSTILE_PLUGIN")).expect("the hostile plugin")
}

/// A component whose `describe` does as `mood` says.
pub(crate) fn described(mood: &[u8; 16]) -> Vec<u8> {
    let mut component = component();
    let at = component.windows(16).position(|it| it == b"describe:behaves").expect("the word in it");
    component[at..at + 16].copy_from_slice(mood);
    component
}

pub(crate) async fn plugin() -> Plugin {
    static PLUGIN: tokio::sync::OnceCell<Plugin> = tokio::sync::OnceCell::const_new();
    let load = async || Plugin::load(&ENGINE, &component(), None).await.expect("loads");
    PLUGIN.get_or_init(load).await.clone()
}

/// The same, whose calls are ended soon.
async fn plugin_soon_ended() -> Plugin {
    static PLUGIN: tokio::sync::OnceCell<Plugin> = tokio::sync::OnceCell::const_new();
    let load = async || Plugin::load(&IMPATIENT, &component(), None).await.expect("loads");
    PLUGIN.get_or_init(load).await.clone()
}

pub(crate) fn settings(evil: &str) -> Vec<Setting> {
    vec![Setting { name: "evil".to_owned(), value: Value::Text(evil.to_owned()) }]
}

pub(crate) async fn connection(evil: &str, source: &Source) -> Result<Connection, ConnectionError> {
    connection_of(plugin().await, evil, source).await
}

async fn connection_of(plugin: Plugin, evil: &str, source: &Source) -> Result<Connection, ConnectionError> {
    connection_to(plugin, evil, &source.origin(), ClientOptions::default()).await
}

/// To a source that is waited for only so long.
pub(crate) async fn impatient(origin: &str, idle: Duration) -> Result<Connection, ConnectionError> {
    let mut options = ClientOptions::default();
    options.idle = idle;
    connection_to(plugin().await, "nothing", origin, options).await
}

async fn connection_to(
    plugin: Plugin,
    evil: &str,
    origin: &str,
    client: ClientOptions,
) -> Result<Connection, ConnectionError> {
    Connection::builder(plugin)
        .may_operate(true)
        .settings(settings(evil))
        .origin("api", origin)
        .client(client)
        .secret("username", "env:CARGO_PKG_NAME".parse().expect("a reference"))
        .secret("password", format!("file:{}", *PASSWORD_FILE).parse().expect("a reference"))
        .clock(std::sync::Arc::new(FixedClock(AS_OF)))
        .build()
        .await
}

pub(crate) fn order() -> Order {
    Order {
        task: Task::Collect("things".to_owned()),
        id: None,
        criteria: vec![],
        window: None,
        since: None,
        as_of: AS_OF,
    }
}

pub(crate) async fn collect(evil: &str) -> anyhow::Result<(Outcome, Vec<Row>)> {
    carry_out(evil, order()).await
}

pub(crate) fn limits(max_wait: Duration) -> Limits {
    let mut limits = Limits::default();
    (limits.max_requests, limits.max_waits_in_a_row) = (100, 100);
    limits.max_wait = max_wait;
    limits.back_off = Duration::from_millis(1);
    limits
}

pub(crate) async fn carry_out(evil: &str, order: Order) -> anyhow::Result<(Outcome, Vec<Row>)> {
    carry_out_by(plugin().await, evil, order).await
}

async fn carry_out_by(plugin: Plugin, evil: &str, order: Order) -> anyhow::Result<(Outcome, Vec<Row>)> {
    let limits = limits(Duration::from_secs(60));
    let source = Source::start().await?;
    let connection = connection_of(plugin, evil, &source).await?;
    let mut rows = Rows::default();
    let outcome = sendable(exhibit::collect::run(&connection, &order, &mut rows, &Silent, &limits)).await?;
    Ok((outcome, rows.kept))
}

/// An embedder may move a collection from thread to thread.
fn sendable<T: Send>(future: T) -> T {
    future
}

/// What collecting ends in; afterwards, the well-behaved one must still work.
pub(crate) async fn ends_in(evil: &str) -> String {
    ends_by(plugin().await, evil).await
}

/// The same, where a call must be ended.
pub(crate) async fn is_ended_in(evil: &str) -> String {
    ends_by(plugin_soon_ended().await, evil).await
}

async fn ends_by(plugin: Plugin, evil: &str) -> String {
    let end = match carry_out_by(plugin.clone(), evil, order()).await {
        Ok((outcome, _)) => format!("{} rows", outcome.summary.rows),
        Err(error) => plain(&error.to_string()),
    };
    let (outcome, rows) = carry_out_by(plugin, "nothing", order()).await.expect("the host is unharmed");
    assert_eq!((outcome.counts.rows, rows.len()), (2, 2));
    end
}

/// Without the source's port, the lines of this plugin's source, and a thread's name.
pub(crate) fn plain(error: &str) -> String {
    let error = match (error.find("thread '"), error.find("panicked at ")) {
        (Some(thread), Some(panicked)) => &[&error[..thread], &error[panicked..]].concat(),
        _ => error,
    };
    let numbers =
        |text: &str| text.trim_start_matches(|it: char| it.is_ascii_digit() || it == ':').to_owned();
    let mut parts = error.split_inclusive("127.0.0.1:").flat_map(|it| it.split_inclusive(".rs:"));
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + "N" + &numbers(part))
}

pub(crate) async fn session(evil: &str) -> Result<Session, PluginError> {
    plugin().await.open(&job(evil)).await
}

/// The same, whose calls are ended soon.
pub(crate) async fn session_soon_ended(evil: &str) -> Result<Session, PluginError> {
    plugin_soon_ended().await.open(&job(evil)).await
}

pub(crate) fn job(evil: &str) -> Job {
    Job {
        task: Task::Collect("things".to_owned()),
        settings: settings(evil),
        criteria: vec![],
        window: None,
        since: None,
        as_of: AS_OF,
        id: None,
        checkpoint: None,
    }
}

pub(crate) async fn all(evils: &[&str]) -> String {
    let mut ends = vec![];
    for evil in evils {
        ends.push(format!("{evil}: {}", ends_in(evil).await));
    }
    ends.join("\n")
}
