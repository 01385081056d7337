//! Documents, as poppler's programs read them.

use std::process::Stdio;

use anyhow::{Result, ensure};
use exhibit_skipped::skip;
use tokio::process::Command;

use crate::evidence::{Exports, Persons};

/// What a program of poppler prints of a document. `None` where it cannot be run: the caller's test is skipped then.
///
/// # Errors
/// Where it finds anything wrong with the document.
async fn said(program: &str, arguments: &[&str]) -> Result<Option<String>> {
    let mut command = Command::new(program);
    match command.args(arguments).stdin(Stdio::null()).kill_on_drop(true).output().await {
        Ok(output) => {
            let problems = String::from_utf8_lossy(&output.stderr);
            ensure!(output.status.success() && problems.is_empty(), "{program}: {problems}");
            Ok(Some(String::from_utf8(output.stdout)?))
        }
        Err(error) => {
            skip("pdftotext", format!("{program} of poppler does not run: {error}"))?;
            Ok(None)
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn poppler_finds_nothing_wrong_and_reads_why_rows_did_not_pass() -> Result<()> {
    let exports = Exports::new().await?;
    let document = exports.file("pdf", Persons::Named).await?;
    let Some(facts) = said("pdfinfo", &[&document]).await? else { return Ok(()) };
    let facts: Vec<&str> = facts.lines().collect();
    for (name, value) in [("Tagged", "yes"), ("Suspects", "no"), ("PDF version", "1.7")] {
        let said = facts.iter().find_map(|it| it.strip_prefix(&format!("{name}:")));
        ensure!(said.map(str::trim) == Some(value), "{name}: {facts:?}");
    }
    let Some(text) = said("pdftotext", &["-layout", &document, "-"]).await? else { return Ok(()) };
    for line in
        [&["✘ fail: Hosts are scanned", "Last Scan", "any of: is not empty"][..], &["Active", "or: is yes"]]
    {
        let has = |it: &str| line.iter().all(|part| it.contains(part));
        ensure!(text.lines().filter(|it| has(it)).count() == 1, "{line:?}: {text}");
    }
    Ok(())
}
