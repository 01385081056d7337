//! What every export has, and what none has.

use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use exhibit_render::Format;
use exhibit_skipped::skip;
use serde_json::Value as Json;
use tokio::process::Command;

use crate::stage::Stage;
use crate::{USERS, export, exported};

/// Exits badly where a sheet of the workbook has a formula.
const FORMULAS: &str = r#"
import sys, zipfile
book = zipfile.ZipFile(sys.argv[1])
sheets = [it for it in book.namelist() if it.startswith("xl/worksheets/sheet")]
assert len(sheets) == 4, sheets
assert not any(mark in book.read(it) for it in sheets for mark in (b"<f>", b"<f "))
assert any(b"=HYPERLINK" in book.read(it) for it in sheets)
"#;

/// What a command prints; `None`, and a word of why, where it cannot be run here.
async fn said(program: &str, arguments: &[&str], stage: &Stage) -> Result<Option<String>> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(stage.path("")).stdin(Stdio::null()).kill_on_drop(true);
    match command.output().await {
        Ok(output) => {
            ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
            Ok(Some(String::from_utf8(output.stdout)?))
        }
        Err(error) => {
            skip(program, format!("a part cannot be tried: {error}"))?;
            Ok(None)
        }
    }
}

/// The evidence's digest, without its algorithm, and the signature in base64.
async fn digest_and_signature(stage: &Stage) -> Result<(String, String)> {
    let verified =
        stage.exhibit(&["export", "users", "--format", "json", "--out", "x.json", "--json"]).await?;
    let said: Json = serde_json::from_str(&verified.ended_with(0)?.stdout)?;
    let digest = said["evidence"].as_str().context("a digest")?.trim_start_matches("sha256:").to_owned();
    let envelope: Json = serde_json::from_str(&stage.kept("users").text("signature.json")?)?;
    let signature = envelope["signatures"][0]["sig"].as_str().context("a signature")?.to_owned();
    Ok((digest, signature))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_names_the_evidence_and_who_signed_it() -> Result<()> {
    let stage = exported().await?;
    let (digest, signature) = digest_and_signature(&stage).await?;
    for format in Format::ALL {
        let begins = match format {
            Format::Csv => &b"\xef\xbb\xbf"[..],
            Format::Html => b"<!DOCTYPE html>",
            Format::Xlsx => b"PK",
            Format::Parquet => b"PAR1",
            Format::Pdf => b"%PDF-1.7",
            Format::Json | Format::Oscal | Format::InToto => b"{",
        };
        let format = format.name();
        let file = format!("users.{format}");
        let bytes = export(&stage, "users", &file, &["--format", format]).await?;
        ensure!(bytes.starts_with(begins), "{format}");
        let text = match format {
            "pdf" => said("pdftotext", &["-layout", &file, "-"], &stage).await?,
            "xlsx" => said("unzip", &["-p", &file], &stage).await?,
            "csv" => Some(std::fs::read_to_string(stage.path("users.csv-metadata.json"))?),
            _ => Some(String::from_utf8_lossy(&bytes).into_owned()),
        };
        let Some(text) = text else { continue };
        ensure!(text.contains(&digest), "{format}");
        // A statement is to be signed, and its subject is not the signature.
        ensure!(format == "in-toto" || text.contains(&signature) || format == "json", "{format}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cell_becomes_a_formula() -> Result<()> {
    let stage = exported().await?;
    let table = export(&stage, "assets", "assets.csv", &["--format", "csv"]).await?;
    let mut cells = 0;
    for row in csv::Reader::from_reader(&table[3..]).records() {
        for cell in &row? {
            ensure!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            cells += usize::from(cell.contains("=HYPERLINK"));
        }
    }
    ensure!(cells > 0, "no source tried");
    export(&stage, "assets", "assets.xlsx", &["--format", "xlsx"]).await?;
    said("python3", &["-c", FORMULAS, "assets.xlsx"], &stage).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_altered_is_not_exported_and_leaves_nothing_behind() -> Result<()> {
    let stage = exported().await?;
    let rows = stage.kept("users").text("rows.ndjson.zst")?.replacen("acme", "evil", 1);
    std::fs::write(stage.path("users/rows.ndjson.zst"), zstd::encode_all(rows.as_bytes(), 3)?)?;
    for format in ["csv", "html", "pdf", "parquet", "oscal"] {
        let arguments = ["export", "users", "--format", format, "--out", "users.out", "--rows", "1"];
        let called = stage.exhibit(&arguments).await?.ended_with(2)?;
        ensure!(called.stderr.contains("was altered"), "{}", called.stderr);
    }
    let left: Vec<_> =
        std::fs::read_dir(stage.path(""))?.filter_map(Result::ok).map(|it| it.file_name()).collect();
    ensure!(!left.iter().any(|it| it.to_string_lossy().contains("export")), "{left:?}");
    ensure!(!stage.path("users.out").exists());
    // Nor does it take the place of a device or a pipe, even for a user who may do that.
    stage.shell("mkfifo pipe").await?.ended_with(0)?;
    let pipe = ["export", "assets", "--format", "csv", "--out", "pipe"];
    let called = stage.exhibit(&pipe).await?.ended_with(2)?;
    ensure!(called.stderr.contains("is no regular file"), "{}", called.stderr);
    ensure!(!stage.path("pipe").is_file());
    let within = ["export", "users", "--format", "csv", "--out", "users/users.csv"];
    stage.exhibit(&within).await?.ended_with(2)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_says_how_much_of_it_there_is() -> Result<()> {
    let stage = exported().await?;
    let page = export(&stage, "users", "users.html", &["--format", "html", "--rows", "3"]).await?;
    let page = String::from_utf8(page)?;
    ensure!(page.contains(&format!("the first 3 of {USERS} rows")));
    assert_eq!(page.matches("<td class=\"n\" data-k=").count(), 3);
    Ok(())
}
