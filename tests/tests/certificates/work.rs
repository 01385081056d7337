//! What a team does in a week, over both databases.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value as Json, json};

use super::{AS_OF, Team, servers, standing};

const ALL: u64 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_week_over_sqlite() -> Result<()> {
    a_week(Team::new(ALL, None).await?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_over_postgresql() -> Result<()> {
    let Some(server) = servers()? else { return Ok(()) };
    a_week(Team::new(ALL, Some(server.database("week")?)).await?).await
}

async fn a_week(mut team: Team) -> Result<()> {
    // Monday: all of them are new. Merged again, nothing changes.
    let first = team.sync(&[]).await?;
    ensure!(first["added"] == ALL && first["unmerged"] == 0, "{first}");
    let again = team.sync(&[]).await?;
    ensure!((&again["added"], &again["unchanged"]) == (&json!(0), &json!(ALL)), "{again}");

    // Whose are they? Shown first, then done.
    let due = team.certificates(&["list", "--expiring", "90d"]).await?;
    let due = due.as_array().context("a list")?;
    ensure!(!due.is_empty() && due.iter().all(|it| it["owned"] == json!({})), "{due:?}");
    let assign = ["assign", "--expiring", "90", "--put", "team=Web shop", "--put", "email=web@example.com"];
    let shown = team.certificates(&assign).await?;
    ensure!(shown["is-done"] == false && count(&shown["certificates"]) == due.len(), "{shown}");
    ensure!(count(&team.certificates(&["list", "--owner", "web shop"]).await?) == 0, "it was shown only");
    let done = team.certificates(&[&assign[..], &["--confirm"]].concat()).await?;
    ensure!(done["is-done"] == true && done["by"] == "ada", "{done}");
    ensure!(count(&team.certificates(&["list", "--owner", "WEB@example.com"]).await?) == due.len());
    let wrong = team.call(&["assign", "--expiring", "90", "--put", "grade=A", "--confirm"]).await?;
    ensure!(wrong.code == Some(2) && wrong.stderr.contains("contact, email, team"), "{wrong:?}");

    let one = due[0]["identity"].as_str().context("an identity")?;
    let moved = team.certificates(&["group", "move", "Shop", one, "--confirm"]).await?;
    ensure!(moved["certificates"] == 1, "{moved}");
    let groups = team.certificates(&["group", "list"]).await?;
    let expected = json!([
        { "group": "Qualys scan", "certificates": ALL - 1 },
        { "group": "Shop", "certificates": 1 },
    ]);
    ensure!(groups == expected, "{groups}");

    // A part of them, and then all but five: what a part does not show is not gone.
    team.changes_to(ALL - 5).await?;
    team.sync(&["--with", "expiring-in=30"]).await?;
    ensure!(standing(&team, "not-seen").await? == 0, "a filtered run proves no absence");
    let fewer = team.sync(&[]).await?;
    ensure!(fewer["unchanged"] == ALL - 5, "{fewer}");
    ensure!(standing(&team, "not-seen").await? == 5);
    let kept = team.certificates(&["show", one]).await?;
    ensure!(kept["group"] == "Shop" && kept["owned"]["team"] == "Web shop", "{kept}");
    ensure!(kept["entries"].as_array().is_some_and(|all| all.iter().all(|it| it["by"] == "ada")), "{kept}");

    // Built again from the store, it is the same.
    let before = team.items().await?;
    let rebuild = ["state", "rebuild", "store", "--json", "--state", &team.state];
    team.stage.exhibit(&[&rebuild[..], &AS_OF].concat()).await?.ended_with(0)?;
    ensure!(team.items().await? == before, "it is another one");

    // They are back.
    team.changes_to(ALL).await?;
    team.sync(&[]).await?;
    ensure!(standing(&team, "not-seen").await? == 0);
    team.stage.exhibit(&["verify", "store", "--key", "key.pem.pub"]).await?.ended_with(0)?;
    Ok(())
}

fn count(list: &Json) -> usize {
    list.as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_in_the_address_of_a_database_is_refused_and_not_repeated() -> Result<()> {
    let team = Team::new(1, None).await?;
    let address = "postgres://exhibit:letmein@127.0.0.1/state";
    let called = team.stage.exhibit(&["certificates", "--state", address]).await?;
    ensure!(called.code == Some(2) && !called.stderr.contains("letmein"), "{called:?}");
    let nowhere = "postgres://exhibit@127.0.0.1:1/state";
    let called = team.stage.exhibit(&["certificates", "--state", nowhere]).await?;
    ensure!(called.code == Some(2) && called.stderr.contains("next: check the address"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_for_other_programs() -> Result<()> {
    let team = Team::new(ALL, None).await?;
    team.sync(&[]).await?;
    for format in ["csv", "xlsx", "ics", "json"] {
        let file = format!("out.{format}");
        let exported = team.certificates(&["export", "--format", format, "--out", &file]).await?;
        ensure!(exported["certificates"] == ALL, "{exported}");
    }
    let file = |name: &str| std::fs::read(team.stage.path(name));
    let csv = String::from_utf8(file("out.csv")?)?;
    ensure!(csv.starts_with('\u{feff}') && csv.lines().count() as u64 == ALL + 1, "{csv}");
    let calendar = String::from_utf8(file("out.ics")?)?;
    ensure!(calendar.matches("BEGIN:VEVENT\r\n").count() as u64 == ALL, "{calendar}");
    ensure!(calendar.split("\r\n").all(|it| it.len() <= 75));
    ensure!(file("out.xlsx")?.starts_with(b"PK"));
    // A store has nothing in it but what it records.
    let inside = team.call(&["export", "--format", "csv", "--out", "store/out.csv"]).await?;
    ensure!(inside.code == Some(2), "{inside:?}");
    Ok(())
}
