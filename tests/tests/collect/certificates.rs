//! Certificates, by the gateway and its tokens.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use exhibit_simulator::{Fault, Received, Rule, World};

use crate::stage::{Kept, Stage};

const AS_OF: [&str; 2] = ["--as-of", "2026-11-01"];
const LIST: &str = "/certview/v2.1/certificates";
/// What every token of the simulator begins with.
const TOKEN: &[u8] = b"simulated.";
/// As many as a large subscription has.
const MANY: u64 = 100_000;
const PATIENCE: Duration = Duration::from_secs(900);

fn world() -> World {
    World { certificates: 450, rate_limit: 1_000_000, concurrency_limit: 10, ..World::default() }
}

/// How many requests came to a path.
fn asked(requests: &[Received], path: &str) -> usize {
    requests.iter().filter(|it| it.path == path).count()
}

/// No token is in any file of the evidence.
fn has_no_token(kept: &Kept) -> Result<()> {
    for (file, bytes) in kept.files()? {
        let found = bytes.windows(TOKEN.len()).any(|it| it == TOKEN);
        ensure!(!found, "there is a token in {}", file.display());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_on_the_way_is_renewed_and_the_page_repeated() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.collect("certificates", "calm", &AS_OF).await?.ended_with(0)?;
    stage.source.faults().set([Rule::on_request(3, Fault::RevokeToken).on("/certview/")]);
    let before = stage.source.requests().len();
    stage.collect("certificates", "rough", &AS_OF).await?.ended_with(0)?;
    let requests = &stage.source.requests()[before..];
    assert_eq!(
        (asked(requests, "/auth"), asked(requests, LIST)),
        (2, 5),
        "four pages, and one of them twice"
    );
    let (calm, rough) = (stage.kept("calm"), stage.kept("rough"));
    assert!(calm.text("rows.ndjson.zst")? == rough.text("rows.ndjson.zst")?, "the rows differ");
    has_no_token(&rough)?;
    let proof = rough.proof()?;
    assert_eq!(proof["rows"], 450);
    assert_eq!(
        proof["origins"].as_array().map(Vec::len),
        Some(1),
        "it names what was asked: {}",
        proof["origins"]
    );
    assert_eq!(proof["origins"][0]["name"], "gateway");
    stage.exhibit(&["verify", "rough"]).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_of_another_type_does_not_name_the_gateway() -> Result<()> {
    let stage = Stage::new(World { users: 3, ..world() }).await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    let origins = &stage.kept("users").proof()?["origins"];
    assert_eq!(origins.as_array().map(Vec::len), Some(1), "{origins}");
    assert_eq!(origins[0]["name"], "api");
    assert_eq!(asked(&stage.source.requests(), "/auth"), 0, "no token is needed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_that_is_refused_ends_the_collection_after_one_try() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.source.faults().set([Rule::always(Fault::RevokeToken).on("/certview/")]);
    let called = stage.collect("certificates", "out", &AS_OF).await?.ended_with(3)?;
    assert!(called.stderr.contains("refused the token, and a new one as well"), "{}", called.stderr);
    assert!(called.stderr.contains("JWT expired") && called.stderr.contains("next: "), "{}", called.stderr);
    let requests = stage.source.requests();
    assert_eq!((asked(&requests, "/auth"), asked(&requests, LIST)), (2, 2));
    assert!(!stage.path("out").exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_the_gateway_refuses_is_tried_once() -> Result<()> {
    let mut stage = Stage::new(world()).await?;
    stage.login.1 = "wrong-one".to_owned();
    let called = stage.collect("certificates", "out", &AS_OF).await?.ended_with(3)?;
    assert!(called.stderr.contains("gave no token: HTTP 401"), "{}", called.stderr);
    assert!(called.stderr.contains("check the user name and the password"), "{}", called.stderr);
    assert!(!called.stderr.contains("wrong-one"), "{}", called.stderr);
    assert_eq!(stage.source.requests().len(), 1, "further ones could lock the account");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_gives_no_token_for_a_moment_is_asked_again() -> Result<()> {
    let stage = Stage::new(world()).await?;
    for status in [500, 503, 429] {
        stage.source.faults().set([Rule::once(Fault::Html { status }).on("/auth")]);
        let name = status.to_string();
        stage.collect("certificates", &name, &AS_OF).await?.ended_with(0)?;
        assert_eq!(stage.kept(&name).rows()?.len(), 450);
    }
    stage.source.faults().set([Rule::always(Fault::Html { status: 503 }).on("/auth")]);
    let called = stage.collect("certificates", "out", &[&AS_OF[..], &["--attempts", "2"]].concat()).await?;
    let called = called.ended_with(3)?;
    assert!(called.stderr.contains("gave no token: HTTP 503"), "{}", called.stderr);
    assert!(called.stderr.contains("next: try again later"), "{}", called.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_in_which_a_list_comes_make_no_difference() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.collect("certificates", "plain", &AS_OF).await?.ended_with(0)?;
    let plain = stage.kept("plain").text("rows.ndjson.zst")?;
    for (name, fault) in [
        ("padded", Fault::NulInNames),
        ("wrapped", Fault::DataEnvelope),
        ("shifted", Fault::ShiftedPages),
        ("pieces", Fault::Pieces(7)),
    ] {
        stage.source.faults().set([Rule::always(fault).on("/certview/")]);
        stage.collect("certificates", name, &AS_OF).await?.ended_with(0)?;
        assert!(stage.kept(name).text("rows.ndjson.zst")? == plain, "{name}: the rows differ");
    }
    let shifted = &stage.kept("shifted").proof()?["completeness"];
    // The last one of the first page is the first one of the second, too.
    assert_eq!((&shifted["duplicates"], &shifted["declared"]), (&1.into(), &serde_json::Value::Null));
    let notes = stage.kept("padded").proof()?["notes"].to_string();
    assert!(notes.contains("NUL"), "{notes}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_gives_the_same_page_for_ever_is_not_asked_for_ever() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.source.faults().set([Rule::always(Fault::StuckPaging)]);
    let called = stage
        .collect("certificates", "out", &[&AS_OF[..], &["--attempts", "1"]].concat())
        .await?
        .ended_with(3)?;
    assert!(called.stderr.contains("3 pages in a row"), "{}", called.stderr);
    assert!(stage.source.requests().len() < 10);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_gateway_repeats_is_in_no_row() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.source.faults().set([Rule::always(Fault::EchoInRecord).on("/certview/")]);
    let called = stage.collect("certificates", "out", &[&AS_OF[..], &["--log", "trace"]].concat()).await?;
    let called = called.ended_with(0)?;
    has_no_token(&stage.kept("out"))?;
    assert!(!called.stderr.contains("simulated."), "on standard error");
    assert!(stage.kept("out").text("rows.ndjson.zst")?.contains("[redacted]"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_says_what_the_gateway_refuses_and_asks_it_once() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.source.faults().set([Rule::always(Fault::Html { status: 401 }).on("/auth")]);
    let called = stage.connected(&["check"]).await?.ended_with(3)?;
    assert!(called.stdout.contains("gave no token: HTTP 401"), "{}", called.stdout);
    let types = stage.types().await?;
    // The API server accepted the same login before: only what needs a token is in doubt.
    assert_eq!(called.stdout.matches("can be collected").count(), types.len() - 1, "{}", called.stdout);
    let words = called.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("accepted the same credentials, so they are right"), "{words}");
    assert_eq!(asked(&stage.source.requests(), "/auth"), 1, "further ones could lock the account");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_soon_is_what_is_asked_for() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.collect("certificates", "all", &AS_OF).await?.ended_with(0)?;
    stage
        .collect("certificates", "soon", &[&AS_OF[..], &["--with", "expiring-in=30"]].concat())
        .await?
        .ended_with(0)?;
    let ends_soon =
        |it: &serde_json::Value| it["valid-to"].as_str().is_some_and(|it| it <= "2026-12-01T00:00:00Z");
    let expected: Vec<_> = stage.kept("all").rows()?.into_iter().filter(ends_soon).collect();
    assert!(!expected.is_empty() && expected.len() < 100, "{}", expected.len());
    assert_eq!(stage.kept("soon").rows()?, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a minute or two: a hundred thousand certificates in 501 pages"]
async fn a_hundred_thousand_with_four_revocations_take_five_tokens() -> Result<()> {
    let stage = Stage::new(World { certificates: MANY, ..world() }).await?;
    let revoked = [50, 170, 300, 420].map(|it| Rule::on_request(it, Fault::RevokeToken).on("/certview/"));
    stage.source.faults().set(revoked);
    let out = stage.path("out").display().to_string();
    let mut command = stage.connecting(&["collect", "certificates", "--out", &out, "--as-of", AS_OF[1]]);
    // Longer than any other collection of these tests.
    let output = tokio::time::timeout(PATIENCE, command.output()).await??;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let requests = stage.source.requests();
    let (tokens, pages) = (asked(&requests, "/auth"), asked(&requests, LIST));
    println!("{MANY} certificates: {tokens} tokens, {pages} requests for pages");
    ensure!(tokens <= 5, "{tokens} token requests");
    let proof = stage.kept("out").proof()?;
    assert_eq!((&proof["rows"], &proof["completeness"]["duplicates"]), (&MANY.into(), &0.into()));
    let rows = stage.kept("out").rows()?;
    let hashes: BTreeSet<&str> = rows.iter().filter_map(|it| it["certhash"].as_str()).collect();
    assert_eq!(hashes.len() as u64, MANY, "each of them once");
    has_no_token(&stage.kept("out"))?;
    Ok(())
}
