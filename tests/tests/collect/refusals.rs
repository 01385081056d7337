//! Answers that are no data: each ends a collection with a clear word, and nothing is kept.

use crate::stage::Stage;
use anyhow::{Context as _, Result};
use exhibit_simulator::{Fault, Rule, World};

/// What a person reads when every answer is this one, after one attempt.
async fn told(proof: &str, fault: Fault) -> Result<String> {
    told_after(1, proof, fault).await
}

/// The same, after so many attempts.
async fn told_after(attempts: u32, proof: &str, fault: Fault) -> Result<String> {
    let stage = Stage::new(World { assets: 300, ..World::default() }).await?;
    stage.source.faults().set([Rule::always(fault.clone())]);
    let attempts = attempts.to_string();
    let arguments = ["--as-of", "2026-11-01", "--set", "page-size=100", "--attempts", &attempts];
    let called = stage.collect(proof, "out", &arguments).await?;
    let called = called.ended_with(3).with_context(|| format!("{fault:?}"))?;
    stage.nothing_kept()?;
    // Ports change with every run.
    Ok(called.stderr.replace(&stage.origin, "http://source").trim_end().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password() -> Result<()> {
    let mut stage = Stage::new(World::default()).await?;
    stage.login.1 = "wrong-one".to_owned();
    let called = stage.collect("users", "out", &[]).await?.ended_with(3)?;
    insta::assert_snapshot!(called.stderr.replace(&stage.origin, "http://source").trim_end(), @r#"
    error: Qualys rejected the user name or the password: "Bad Login/Password" (code 2000) [username]
      while collecting users from http://source/msp/user_list.php
    next: check both; Qualys answers alike on another platform (compare the console's address: step 1 of the guide, Find the platform), without API access (step 2 of the guide, Create the user), and for accounts that sign in by SSO (step 3 of the guide, Switch SSO off for it)
    "#);
    assert_eq!(stage.source.requests().len(), 1, "a wrong password is not tried again");
    stage.nothing_kept()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_account() -> Result<()> {
    insta::assert_snapshot!(told("assets", Fault::AccountExpired).await?, @r#"
    error: the account has expired: "This account has expired." (code 2001) [username]
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: have the account renewed, or use another one: step 2 of the guide, Create the user
    "#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn api_access_switched_off() -> Result<()> {
    insta::assert_snapshot!(told("users", Fault::Empty).await?, @"
    error: Qualys sent an empty answer, as it does when the account has no API access
      while collecting users from http://source/msp/user_list.php
    next: enable API access for the account
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_licence_that_is_missing() -> Result<()> {
    insta::assert_snapshot!(told("pc-scans", Fault::Forbidden).await?, @r#"
    error: the account's licence or role does not cover this API: "This account may not use this API." (code 2012)
      while collecting pc-scans from http://source/api/2.0/fo/scan/compliance/
    next: have the module added to the subscription, and give the user a role that may use it: step 6 of the guide, Give modules and permissions
    "#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_parameter() -> Result<()> {
    insta::assert_snapshot!(told("assets", Fault::BadRequest { code: 1905 }).await?, @r#"
    error: Qualys refused the request: "The request was refused." (code 1905)
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: check the settings and the criteria; if these are right, check the API version in the settings
    "#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_kept_where_that_is_asked_for() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    stage.source.faults().set([Rule::always(Fault::Html { status: 200 })]);
    let called = stage.collect("assets", "out", &["--keep-failed", "failed"]).await?.ended_with(3)?;
    assert!(called.stderr.contains("is kept in failed"), "{}", called.stderr);
    let body = zstd::decode_all(std::fs::File::open(stage.path("failed/answer.zst"))?)?;
    assert!(String::from_utf8(body)?.contains("<html"));
    assert!(!stage.path("out").exists());
    // The same call resumes what was collected, and may fail again.
    let again = stage.collect("assets", "out", &["--keep-failed", "failed"]).await?.ended_with(3)?;
    assert!(again.stderr.contains("is kept in failed-2"), "{}", again.stderr);
    assert!(stage.path("failed-2/answer.zst").exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_again_and_again() -> Result<()> {
    insta::assert_snapshot!(told_after(3, "assets", Fault::BadGateway).await?, @"
    error: Qualys, or a proxy or gateway in between, answered with a web page (HTTP 502) instead of data (tried 3 times)
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: check the address of the origin, and what the proxy or gateway allows; if both are right, try again later
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page() -> Result<()> {
    insta::assert_snapshot!(told("assets", Fault::Html { status: 200 }).await?, @"
    error: Qualys, or a proxy in between, sent a web page instead of data
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: check the address of the origin, and the proxy; during maintenance, try again later
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_page_elsewhere() -> Result<()> {
    let elsewhere = Fault::RedirectTo("https://sso.example/login?next=secret".to_owned());
    insta::assert_snapshot!(told("assets", elsewhere).await?, @"
    error: http://source redirected to https://sso.example/login, and that was not followed: it leads to another origin
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: check the origin; if the account signs in through SSO, use an account with its own password
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_under_status_200() -> Result<()> {
    insta::assert_snapshot!(told("tickets", Fault::V1Error { number: 999 }).await?, @r#"
    error: Qualys reported an internal error: "The request failed." (code 999)
      while collecting tickets from http://source/msp/ticket_list.php
    next: try again later
    "#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_that_is_no_list() -> Result<()> {
    let mut table = Vec::new();
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
        let message = told("assets", fault.clone()).await?;
        table.push(format!("{fault:?}\n{message}"));
    }
    insta::assert_snapshot!(table.join("\n\n"), @r#"
    Garbage
    error: the answer is not XML: it has the text "�@��=ED��0���^/�\"\\�n�1\t�I��R�T��a����.�۷�%�}Kv�ZV��0���Z���g" outside its root
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: try again; if it fails again, report it to the author of the plugin, with the answer

    UnknownRoot
    error: Qualys sent a "UNKNOWN_OUTPUT" where a HOST_LIST_OUTPUT was expected
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: try again; if it fails again, report it to the author of the plugin, with the answer

    EntityDoctype
    error: the answer defines XML entities; they are refused because they can be an attack
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: try again; if it fails again, report it to the author of the plugin, with the answer

    TruncateAt(20000)
    error: the answer is not well-formed XML: syntax error: CDATA not closed: `]]>` not found before end of input
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: try again; if it fails again, report it to the author of the plugin, with the answer

    StuckPaging
    error: the page that begins at 0 says that the next one begins at 0: the list does not advance
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: try again; if it fails again, report it to the author of the plugin, with the answer

    ServerError
    error: Qualys reported an internal error: "Internal error. Please contact customer support." (code 999)
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: try again later

    BadGateway
    error: Qualys, or a proxy or gateway in between, answered with a web page (HTTP 502) instead of data
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: check the address of the origin, and what the proxy or gateway allows; if both are right, try again later

    RetryLater
    error: Qualys has accepted the request, but has no result yet (HTTP 202)
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: try again later

    GenericReturn { number: 2012 }
    error: the account's licence or role does not cover this API: "The request failed." (code 2012)
      while collecting assets from http://source/api/5.0/fo/asset/host/
    next: have the module added to the subscription, and give the user a role that may use it: step 6 of the guide, Give modules and permissions
    "#);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_not_there() -> Result<()> {
    let mut stage = Stage::new(World::default()).await?;
    // The discard port: nothing listens there.
    stage.origin = "http://127.0.0.1:9".to_owned();
    let called = stage.collect("assets", "out", &[]).await?.ended_with(3)?;
    insta::assert_snapshot!(called.stderr.trim_end(), @"
    error: cannot reach http://127.0.0.1:9: Connection refused (os error 111) (tried 5 times)
      while collecting assets from http://127.0.0.1:9/api/5.0/fo/asset/host/
    next: check the origin's host and port, and whether a firewall or a missing proxy (HTTPS_PROXY) refuses the connection
    ");
    stage.nothing_kept()
}
