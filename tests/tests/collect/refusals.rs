//! Answers that are no data: each ends a collection with a clear word, and nothing is kept.

use crate::stage::Stage;
use anyhow::Result;
use exhibit_simulator::{Fault, Rule, World};

/// What a person reads when every answer is this one.
async fn told(proof: &str, fault: Fault) -> Result<String> {
    let stage = Stage::new(World { assets: 300, ..World::default() }).await?;
    stage.source.faults().set([Rule::always(fault)]);
    let called = stage.collect(proof, "out", &["--as-of", "2026-11-01"]).await?.ended_with(3)?;
    stage.nothing_kept()?;
    // Ports change with every run.
    Ok(called.stderr.replace(&stage.origin, "http://source").trim_end().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password() -> Result<()> {
    let mut stage = Stage::new(World::default()).await?;
    stage.login.1 = "wrong-one".to_owned();
    let called = stage.collect("users", "out", &[]).await?.ended_with(3)?;
    insta::assert_snapshot!(called.stderr.replace(&stage.origin, "http://source").trim_end(), @"");
    assert_eq!(stage.source.requests().len(), 1, "a wrong password is not tried again");
    stage.nothing_kept()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_account() -> Result<()> {
    insta::assert_snapshot!(told("assets", Fault::AccountExpired).await?, @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn api_access_switched_off() -> Result<()> {
    insta::assert_snapshot!(told("users", Fault::Empty).await?, @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_licence_that_is_missing() -> Result<()> {
    insta::assert_snapshot!(told("pc-scans", Fault::Forbidden).await?, @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_parameter() -> Result<()> {
    insta::assert_snapshot!(told("assets", Fault::BadRequest { code: 1905 }).await?, @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page() -> Result<()> {
    insta::assert_snapshot!(told("assets", Fault::Html { status: 200 }).await?, @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_page_elsewhere() -> Result<()> {
    let elsewhere = Fault::RedirectTo("https://sso.example/login?next=secret".to_owned());
    insta::assert_snapshot!(told("assets", elsewhere).await?, @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_under_status_200() -> Result<()> {
    insta::assert_snapshot!(told("tickets", Fault::V1Error { number: 999 }).await?, @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_that_is_no_list() -> Result<()> {
    for fault in [
        Fault::Garbage,
        Fault::UnknownRoot,
        Fault::EntityDoctype,
        Fault::TruncateAt(20_000),
        Fault::StuckPaging,
        Fault::ServerError,
        Fault::BadGateway,
        Fault::RetryLater,
        Fault::GenericReturn { number: 2012 },
    ] {
        let said = told("assets", fault.clone()).await?;
        assert!(said.starts_with("error: ") && said.len() > 60, "{fault:?}: {said}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_not_there() -> Result<()> {
    let mut stage = Stage::new(World::default()).await?;
    // The discard port: nobody listens there.
    stage.origin = "http://127.0.0.1:9".to_owned();
    let called = stage.collect("assets", "out", &[]).await?.ended_with(3)?;
    insta::assert_snapshot!(called.stderr.trim_end(), @"");
    stage.nothing_kept()
}
