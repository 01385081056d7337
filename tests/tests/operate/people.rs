//! What people do by hand in the console, as they do it with `exhibit operate`.

use anyhow::{Context as _, Result, ensure};
use exhibit::clock::{Clock as _, SystemClock};
use exhibit_simulator::World;
use serde_json::Value as Json;

use super::stage::{Called, Stage};

/// A source whose clock shows what that of this machine does, as the real one's does.
async fn stage() -> Result<Stage> {
    Stage::new(World { now: SystemClock.now(), dated: true, speed: 1, ..World::default() }).await
}

/// Carries an operation out, confirmed, into `out`.
async fn operate(stage: &Stage, name: &str, with: &[&str], confirm: &str, out: &str) -> Result<Called> {
    let out = stage.path(out).display().to_string();
    let mut call = vec!["operate", name, "--allow", "operate", "--confirm", confirm, "--out", &out];
    call.extend(with.iter().flat_map(|it| ["--with", *it]));
    stage.connected(&call).await
}

/// What a report says, by the names of its fields.
fn report(stage: &Stage, out: &str) -> Result<Json> {
    stage.kept(out).rows()?.into_iter().next().context("a row")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_website_is_scanned_again_and_the_scan_is_found() -> Result<()> {
    let stage = stage().await?;
    let launch = ["title=Portal weekly", "web-application=customer portal"];
    operate(&stage, "launch-was-scan", &launch, "Portal weekly", "first").await?.ended_with(0)?;
    operate(&stage, "rescan-was", &["was-scan=portal weekly"], "portal weekly", "again")
        .await?
        .ended_with(0)?;
    let launched = stage.source.launched_was();
    assert_eq!(launched.len(), 2);
    let said = report(&stage, "again")?;
    assert_eq!(said["title"], Json::from(launched[1].name.clone()));
    let message = said["message"].as_str().context("a message")?;
    ensure!(
        message.starts_with("The web application scan \"Portal weekly\" (ID ")
            && message.ends_with(") of Customer portal was launched, and its status is SUBMITTED"),
        "{message}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_in_ec2_is_shown_with_what_does_not_go_together() -> Result<()> {
    let stage = stage().await?;
    let with = [
        "title=EC2",
        "option-profile=510003",
        "connector=old",
        "region=us-east-1",
        "tags=cloud agent",
        "scanner=aws-eu-central-1",
    ];
    let mut call = vec!["operate", "launch-ec2-scan"];
    call.extend(with.iter().flat_map(|it| ["--with", *it]));
    let shown = stage.connected(&call).await?.ended_with(0)?.stdout;
    let shown: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "EC2 quick (id 510003",
        "the connector \"old\" is disabled",
        "\"AWS-EU-Central-1\" runs in the region eu-central-1, and the scan is of us-east-1",
    ] {
        ensure!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(stage.source.launched().len(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_is_added_by_the_role_that_people_say() -> Result<()> {
    let stage = stage().await?;
    let with = [
        "first-name=Nora",
        "last-name=Unger",
        "title=Auditor",
        "email=nu@acme.example",
        "phone=555 0100",
        "address=1 Example Street",
        "city=Frankfurt",
        "country=Germany",
        "role=Unit Manager",
        "business-unit=labs",
    ];
    operate(&stage, "add-user", &with, "nu@acme.example", "user").await?.ended_with(0)?;
    let added = stage.source.added_users();
    let sent = |name: &str| added[0].fields.iter().find(|(it, _)| it == name).map(|(_, text)| text.clone());
    assert_eq!(
        (sent("user_role").as_deref(), sent("business_unit").as_deref()),
        (Some("unit_manager"), Some("Labs"))
    );
    let login = &added[0].login;
    let message = report(&stage, "user")?["message"].clone();
    let expected = format!(
        "Nora Unger ({login}) was added as Unit Manager of the business unit Labs; Qualys sends a link to sign in to nu@acme.example"
    );
    assert_eq!(message, Json::from(expected));
    Ok(())
}
