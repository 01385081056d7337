//! Exports for those who must not learn who is who.

use std::collections::HashSet;

use anyhow::{Context as _, Result, ensure};

use crate::stage::Stage;
use crate::{export, exported};

/// All logins and addresses of the evidence `users`.
fn persons(stage: &Stage) -> Result<HashSet<String>> {
    let rows = stage.kept("users").rows()?;
    let values =
        rows.iter().flat_map(|row| ["username", "email"].map(|it| row[it].as_str().map(str::to_owned)));
    let persons: HashSet<String> = values.flatten().collect();
    ensure!(persons.len() > 10, "{persons:?}");
    Ok(persons)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_named_in_any_text() -> Result<()> {
    let stage = exported().await?;
    let persons = persons(&stage)?;
    for how in ["personal", "pseudonyms"] {
        for format in ["csv", "json", "html", "oscal", "in-toto"] {
            let text = export(&stage, "users", "users.out", &["--format", format, "--redact", how]).await?;
            let text = String::from_utf8(text)?;
            let named: Vec<_> = persons.iter().filter(|it| text.contains(it.as_str())).collect();
            ensure!(named.is_empty(), "{how} {format}: {named:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_with_one_key_can_be_joined_and_others_not() -> Result<()> {
    let stage = exported().await?;
    std::fs::write(stage.path("pseudonyms.key"), "0123456789abcdef0123456789abcdef\n")?;
    std::fs::write(stage.path("short.key"), "0123456789abcdef\n")?;
    let hidden = ["--format", "csv", "--redact", "pseudonyms"];
    let kept = [&hidden[..], &["--pseudonym-key", "file:pseudonyms.key"]].concat();
    let first = export(&stage, "users", "first.csv", &kept).await?;
    assert_eq!(first, export(&stage, "users", "second.csv", &kept).await?);
    ensure!(first != export(&stage, "users", "third.csv", &hidden).await?);

    let rows = stage.kept("users").rows()?.len();
    let table = csv::Reader::from_reader(&first[3..]);
    let names: HashSet<String> = table
        .into_records()
        .map(|row| Ok(row?.get(0).context("a cell")?.to_owned()))
        .collect::<Result<_>>()?;
    ensure!(names.len() == rows && names.iter().all(|it| it.starts_with("person-")), "{names:?}");

    let short = [&["export", "users", "--out", "x.csv"], &hidden[..], &["--pseudonym-key", "file:short.key"]];
    stage.exhibit(&short.concat()).await?.ended_with(2)?;
    let unused = ["export", "users", "--out", "x.csv", "--format", "csv", "--redact", "personal"];
    let unused = [&unused[..], &["--pseudonym-key", "file:pseudonyms.key"]].concat();
    stage.exhibit(&unused).await?.ended_with(2)?;
    Ok(())
}
