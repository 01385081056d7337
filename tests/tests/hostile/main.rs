//! Plugins that misbehave end in an error that says so, and the host does not mind: the
//! same engine and the same plugin collect well right afterwards.

#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod binary;
mod source;
mod stage;
mod testers;

use std::time::Duration;

use exhibit::collect::progress::Silent;
use exhibit::collect::{Connection, Order};
use exhibit::contract::collection::{Response, Step, Task};
use exhibit::contract::types::{Row, Value};
use exhibit::plugin::{LoadError, Plugin, PluginError, TimeBudget};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use self::source::Source;
use self::stage::{
    ENGINE, IMPATIENT, Rows, all, carry_out, collect, connection, described, ends_in, impatient, is_ended_in,
    job, limits, order, plain, plugin, session, session_soon_ended, settings,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_well_behaved_one_collects() -> anyhow::Result<()> {
    let (outcome, rows) = collect("nothing").await?;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1][0], Value::Text("two".to_owned()));
    let counts = outcome.counts;
    assert_eq!((counts.requests, counts.answers, counts.bytes, counts.rows), (1, 1, 8, 2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_loops_end() {
    let mut ends = vec![];
    for export in ["resolve", "open", "next", "waited", "accept", "feed", "end", "interrupted"] {
        ends.push(is_ended_in(&format!("loop-in-{export}")).await);
    }
    insta::assert_snapshot!(ends.join("\n"), @r"
    the plugin did not return from `resolve` within 1s
    the plugin did not return from `open` within 1s
    the plugin did not return from `next` within 1s
    the plugin did not return from `waited` within 1s
    the plugin did not return from `accept` within 1s
    the plugin did not return from `feed` within 1s
    the plugin did not return from `end` within 1s
    the plugin did not return from `interrupted` within 1s
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_loop_in_describe_or_checkpoint_ends() -> anyhow::Result<()> {
    let error = Plugin::load(&IMPATIENT, &described(b"describe:loops!!"), None).await.expect_err("loops");
    assert!(matches!(error, LoadError::Describe(PluginError::TimedOut { call: "describe", .. })), "{error}");

    let mut session = session_soon_ended("loop-in-checkpoint").await?;
    let error = session.checkpoint().await.expect_err("loops");
    assert!(matches!(error, PluginError::TimedOut { call: "checkpoint", .. }), "{error}");
    let error = session.next().await.expect_err("is over");
    assert!(matches!(error, PluginError::Over), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn other_ways_to_stop() {
    insta::assert_snapshot!(all(&["panic", "exit"]).await, @r"
    panic: the plugin crashed in `feed`: wasm trap: wasm `unreachable` instruction executed; it wrote: panicked at tests/hostile/src/collection.rs:N as told\u{1b}[2J
    exit: the plugin crashed in `open`: Exited with i32 exit status 0
    ");

    // Which of its stacks is full first is the compiler's affair.
    let end = ends_in("recursion").await;
    assert!(end.starts_with("the plugin crashed in `open`: wasm trap: "), "{end}");
}

/// It sleeps for an hour. Where nothing else is left to do, paused time goes to what comes first.
#[tokio::test(start_paused = true)]
async fn sleep_is_ended() -> anyhow::Result<()> {
    let mut session = session("sleep").await?;
    assert!(matches!(session.next().await?, Step::Send(_)));
    session.accept(&Response { status: 200, headers: vec![] }).await?;
    insta::assert_snapshot!(session.feed(b"one\n").await.expect_err("sleeps"), @"the plugin did not return from `feed` within 30s");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_of_standard_error_is_kept() {
    let end = ends_in("standard-error").await;
    assert!(end.ends_with("panicked at tests/hostile/src/collection.rs:N hoarse"), "{end}");
    assert!(end.len() < 1_500, "{end}");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded() {
    for evil in ["memory", "one-big-allocation", "giant-batches"] {
        let end = ends_in(evil).await;
        assert!(end.starts_with("the plugin exceeded its 64 MiB of memory in `feed`"), "{evil}: {end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_fit_their_fields() {
    let evils = [
        "a-row-too-wide",
        "a-row-too-narrow",
        "another-kind",
        "not-a-number",
        "no-instant",
        "a-giant-string",
        "a-giant-row",
        "a-giant-batch",
        "miscounts",
        "miscounts-what-it-rejected",
        "miscounts-its-pages",
        "counts-without-end",
        "a-summary-without-end",
        "a-window-of-what-has-none",
    ];
    insta::assert_snapshot!(all(&evils).await, @r"
    a-row-too-wide: the plugin broke the contract in `feed`: row 0 of a batch has 4 values, and the proof type has 3 fields
    a-row-too-narrow: the plugin broke the contract in `feed`: row 0 of a batch has 0 values, and the proof type has 3 fields
    another-kind: the plugin broke the contract in `feed`: row 0 of a batch has a value in field 1 that is of kind text, and the field of kind number
    not-a-number: the plugin broke the contract in `feed`: row 0 of a batch has a value in field 1 that is NaN, and a number must be finite
    no-instant: the plugin broke the contract in `feed`: row 0 of a batch has a value in field 2 that is -9223372036854775808 ms after 1970, which is in no year from 0 to 9999
    a-giant-string: the plugin broke the contract in `feed`: row 0 of a batch has a value in field 0 that has 2097152 bytes; at most 1048576 are allowed
    a-giant-row: the plugin broke the contract in `feed`: row 0 of a batch has 1000000 values, and the proof type has 3 fields
    a-giant-batch: the plugin broke the contract in `feed`: the text of a batch has the size 41943040; at most 33554432 is allowed
    miscounts: the plugin broke the contract in `next`: it says that it gave 3 rows, and gave 2
    miscounts-what-it-rejected: the plugin broke the contract in `next`: it says that it rejected 1 records, and gave 0 as rejected
    miscounts-its-pages: the plugin broke the contract in `next`: it says that it read 2 pages, and got 1 answers
    counts-without-end: the plugin broke the contract in `next`: a summary counts 18446744073709551615 records; at most 9007199254740992 are allowed
    a-summary-without-end: the plugin broke the contract in `next`: the list of notes has the size 100000; at most 1000 is allowed
    a-window-of-what-has-none: the plugin broke the contract in `next`: a summary has a window, and the proof type's window does not prove events
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_where_they_may() {
    let evils = [
        "an-unknown-origin",
        "dots-in-a-path",
        "encoded-dots-in-a-path",
        "dots-encoded-twice",
        "a-path-that-is-a-host",
        "a-line-in-a-path",
        "a-line-in-a-header",
        "a-header-of-the-host",
        "a-header-that-disguises",
        "an-unknown-auth",
        "a-write",
        "a-giant-request",
        "a-redirect",
    ];
    insta::assert_snapshot!(all(&evils).await, @r"
    an-unknown-origin: the plugin's request was refused: it asked to talk to the origin `169.254.169.254`, which this connection does not have (it has: api)
    dots-in-a-path: the plugin's request was refused: it asked for the path `/things/../../admin`, which has a segment that leads elsewhere
    encoded-dots-in-a-path: the plugin's request was refused: it asked for the path `/things/%2e%2E/admin`, which has a segment that leads elsewhere
    dots-encoded-twice: the plugin's request was refused: it asked for the path `/things/%252e%252e/admin`, which has a segment that leads elsewhere
    a-path-that-is-a-host: the plugin's request was refused: it asked for the path `//evil.example/things`, which begins with //
    a-line-in-a-path: the plugin's request was refused: it asked for the path `/things HTTP/1.1  host: evil`, which has characters that belong into no path
    a-line-in-a-header: the plugin's request was refused: it asked for the header `x-a`, with a value that no header may have
    a-header-of-the-host: the plugin's request was refused: it asked for the header `Authorization`, which is the host's to set
    a-header-that-disguises: the plugin's request was refused: it asked for the header `X-HTTP-Method-Override`, which would make another request of it
    an-unknown-auth: the plugin asked to sign with `root`, which its manifest does not declare
    a-write: the plugin's request was refused: it would change something at the source, and only operations may do that
    a-giant-request: the plugin broke the contract in `next`: a request has the size 20971536; at most 8388608 is allowed
    a-redirect: http://127.0.0.1:N redirected to http://169.254.169.254/latest, and that was not followed: it leads to another origin
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_not_sent_twice_when_its_token_is_refused() -> anyhow::Result<()> {
    let (read, _) = collect("a-refused-token").await?;
    assert_eq!(read.counts.requests, 2);

    let operate = Order { task: Task::Operate("act".to_owned()), id: Some("job-1".to_owned()), ..order() };
    let (written, _) = carry_out("a-write-with-a-refused-token", operate).await?;
    assert_eq!(written.counts.requests, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn origins_are_what_a_plugin_may_name() {
    let mut ends = vec![];
    for evil in ["origin-of-metadata", "origin-of-this-machine", "origin-with-a-path"] {
        let built = Connection::builder(plugin().await)
            .settings(settings(evil))
            .secret("username", "env:A".parse().expect("a reference"))
            .secret("password", "env:B".parse().expect("a reference"))
            .build();
        ends.push(format!("{evil}: {}", built.await.expect_err("should be refused")));
    }
    insta::assert_snapshot!(ends.join("\n"), @r"
    origin-of-metadata: the origin `api`: `https://[::ffff:169.254.169.254]` is a link-local address; requests to it are blocked
    origin-of-this-machine: the origin `api`: `https://localhost` is this machine; requests to it are blocked
    origin-with-a-path: the origin `api`: `https://api.example/../` has more than a host and a port: write https://host or https://host:port, without a path
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_is_ended() {
    let evils =
        ["steps-without-end", "waits-without-end", "a-wait-of-a-century", "a-wait-of-a-day", "a-short-wait"];
    insta::assert_snapshot!(all(&evils).await, @r"
    steps-without-end: stopped: more than 100 requests
    waits-without-end: stopped: more than 100 waits in a row
    a-wait-of-a-century: the plugin broke the contract in `next`: a pause has 4294967295 seconds; at most 86400 are allowed
    a-wait-of-a-day: waiting for Godot: the source asks for a wait of 24h 00m 00s, but this collection may wait 1m 00s in all and has waited 0s
    a-short-wait: 2 rows
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_end_in_time_end_together_too() -> anyhow::Result<()> {
    let source = Source::start().await?;
    let connection = connection("steps-without-end", &source).await?;
    let (mut limits, mut rows) = (limits(Duration::from_secs(60)), Rows::default());
    (limits.max_requests, limits.max_plugin_time) = (u64::MAX, Duration::from_millis(50));
    let ended = exhibit::collect::run(&connection, &order(), &mut rows, &Silent, &limits).await;
    let error = ended.expect_err("without end");
    let said = "the plugin's calls together took longer than 0.05s, which is all that they may take; the last one was `";
    assert!(error.to_string().starts_with(said), "{error}");
    assert!(matches!(error.remedy(), Some(exhibit::Remedy::AllowPluginTime)), "{:?}", error.remedy());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_where_the_time_of_all_of_them_does() -> anyhow::Result<()> {
    let (plugin, budget) = (plugin().await, TimeBudget::new(Duration::from_millis(100)));
    let began = std::time::Instant::now();
    let mut session = plugin.with_budget(&budget).open(&job("loop-in-next")).await?;
    let error = session.next().await.expect_err("it loops");
    assert!(matches!(error, PluginError::BudgetUsedUp { call: "next", .. }), "{error}");
    // A tenth of the time that one call may take.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let again = plugin.with_budget(&budget).open(&job("nothing")).await;
    assert!(matches!(again, Err(PluginError::BudgetUsedUp { .. })), "another session has none of it");
    assert!(plugin.open(&job("nothing")).await.is_ok(), "nor does one without a budget need any");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_trickles_is_ended() -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let trickle = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        // An answer before the request would be none.
        let asked = stream.read(&mut [0; 4096]).await?;
        assert!(asked > 0, "it asks for something");
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await?;
        for _ in 0..100_000 {
            stream.write_all(b"\n").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        std::io::Result::Ok(())
    });
    // Never silent for so long.
    let connection = impatient(&origin, Duration::from_secs(60)).await?;
    let (mut limits, mut rows) = (limits(Duration::from_secs(60)), Rows::default());
    limits.max_time = Duration::from_millis(500);
    let began = std::time::Instant::now();
    let ended = exhibit::collect::run(&connection, &order(), &mut rows, &Silent, &limits).await;
    let error = ended.expect_err("it takes half an hour");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    insta::assert_snapshot!(error, @"stopped: the collection took longer than 0.5s, which is all that it may take; waits that the source asked for are not counted in that");
    trickle.abort();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_another_without_end() -> anyhow::Result<()> {
    let source = Source::start().await?;
    // Keeps the connection's one place from its request on, for longer than this test takes.
    let connection = connection("sleep", &source).await?;
    let collect = async |max_wait| {
        let (order, limits, mut rows) = (order(), limits(max_wait), Rows::default());
        exhibit::collect::run(&connection, &order, &mut rows, &Silent, &limits).await
    };
    let mut first = std::pin::pin!(collect(Duration::from_secs(60)));
    tokio::select! {
        ended = &mut first => anyhow::bail!("the first has ended: {}", ended.is_ok()),
        () = source.asked() => {}
    }
    let second = collect(Duration::ZERO).await;
    insta::assert_snapshot!(second.expect_err("should be held"), @"timed out waiting for other collections on this connection: all that it may wait is used up, 0s");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_answers_are_asked_for_again() {
    insta::assert_snapshot!(ends_in("broken-answers").await, @r"
    the answer of http://127.0.0.1:N to /broken broke off: end of file before message length reached (tried 5 times)
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_silent_is_asked_once() -> anyhow::Result<()> {
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://{}", silent.local_addr()?);
    // However long that takes: no answer will come.
    let connection = impatient(&origin, Duration::from_millis(50)).await?;
    let (order, limits, mut rows) = (order(), limits(Duration::from_secs(60)), Rows::default());
    let ended = exhibit::collect::run(&connection, &order, &mut rows, &Silent, &limits).await;
    let error = ended.expect_err("no answer").to_string();
    assert!(error.contains("gave no answer") && !error.contains("tried"), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_shown_and_do_nothing() {
    insta::assert_snapshot!(all(&["words-that-act"]).await, @r"words-that-act: HTTP 200\u{1b}[2J\u{1b}]0;owned\u{7} error: all is well\u{202e} (code a b)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_makes_sense() {
    let mut ends = vec![];
    for mood in [b"describe:panics!", b"describe:absurd!"] {
        let error = Plugin::load(&ENGINE, &described(mood), None).await.expect_err("no plugin");
        ends.push(plain(&error.to_string()));
    }
    insta::assert_snapshot!(ends.join("\n"), @r"
    the plugin cannot describe itself: the plugin crashed in `describe`: wasm trap: wasm `unreachable` instruction executed; it wrote: panicked at tests/hostile/src/catalog.rs:N as told
    the plugin's manifest is invalid: id: `\u{1b}[2J` is no name; it should have a to z, 0 to 9 and - only
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_machine_can_be_seen() -> anyhow::Result<()> {
    let (_, rows) = collect("surroundings").await?;
    let seen = |rows: &[Row]| -> Vec<String> {
        rows.iter().map(|row| format!("{:?} {:?}", row[0], row[1])).collect()
    };
    insta::assert_snapshot!(seen(&rows[..6]).join("\n"), @r#"
    Value::Text("variables") Value::Number(0.0)
    Value::Text("arguments") Value::Number(0.0)
    Value::Text("files") Value::Number(0.0)
    Value::Text("bytes of standard input") Value::Number(0.0)
    Value::Text("seconds since 1970") Value::Number(1767225600.0)
    Value::Text("seconds gone by") Value::Number(0.0)
    "#);

    let (_, again) = collect("surroundings").await?;
    assert_eq!(rows[6], again[6], "the same job sees the same randomness");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_not_in_a_plugins_memory() -> anyhow::Result<()> {
    // The plugin looks for the two parts in a row while the request that was signed with
    // them is answered. It finds its own setting, so it knows how to look.
    let (_, rows) = collect("scan:canary-+7f3a91").await?;
    assert_eq!(rows[0][1], Value::Number(0.0));
    let (_, rows) = collect("scan:sca+n:").await?;
    assert_ne!(rows[0][1], Value::Number(0.0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_are_bounded() -> anyhow::Result<()> {
    let mut session = session("a-giant-checkpoint").await?;
    insta::assert_snapshot!(session.checkpoint().await.expect_err("too large"), @r"
    the plugin broke the contract in `checkpoint`: a checkpoint has the size 20971520; at most 8388608 is allowed
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_dropped_ends_the_session() -> anyhow::Result<()> {
    let mut session = session("loop-in-next").await?;
    // It gives way to others from time to time, and is dropped when it does so.
    tokio::select! {
        biased;
        step = session.next() => anyhow::bail!("it came back: {step:?}"),
        () = tokio::task::yield_now() => {}
    }
    assert!(matches!(session.next().await, Err(PluginError::Over)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_sees_nothing_of_another() -> anyhow::Result<()> {
    let (mut one, mut other) = (session("nothing").await?, session("nothing").await?);
    assert!(matches!(one.next().await?, Step::Send(_)));
    one.end().await?;
    assert!(matches!(one.next().await?, Step::Finished(_)));
    assert!(matches!(other.next().await?, Step::Send(_)));
    Ok(())
}
