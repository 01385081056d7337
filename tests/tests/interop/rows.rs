//! The rows of every proof type, field by field, as Python's own XML parser and a mapping of its own read the answers;
//! and the same rows from the same answers in other codings and charsets.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Charset, Fault, Received, Replay, Rule, Setup, Simulator, World};
use serde_json::Value as Json;

use crate::stage::{Kept, Stage};
use crate::tools::Python;

/// What the script must at least have compared, of all proof types.
const LEAST_FIELDS: u64 = 60_000;
/// How the altered answers differ: each seed makes other answers.
const SEEDS: [&str; 3] = ["1", "2", "3"];

/// Several pages of what has pages, and enough records that each odd text is in some of each kind.
fn world() -> World {
    World {
        assets: 400,
        detections: 2,
        users: 130,
        tickets: 1_200,
        networks: true,
        rate_limit: 1_000_000,
        gzip: false,
        ..World::default()
    }
}

/// How answers arrive that are the same.
struct Variant {
    name: &'static str,
    gzip: bool,
    faults: Vec<Fault>,
    /// Whether the body that is kept is the same, too.
    same_bytes: bool,
}

fn variant<const N: usize>(name: &'static str, gzip: bool, faults: [Fault; N]) -> Variant {
    let same_bytes = !faults.iter().any(|it| matches!(it, Fault::InCharset { .. }));
    Variant { name, gzip, faults: faults.into(), same_bytes }
}

fn variants() -> Vec<Variant> {
    let named = |charset, header| Fault::InCharset { charset, header };
    let (latin, little, big) = (Charset::Latin1, Charset::Utf16LittleEndian, Charset::Utf16BigEndian);
    vec![
        variant("gzip, one member", true, []),
        variant("gzip, several members", true, [Fault::GzipMembers, Fault::Pieces(1_000)]),
        variant("gzip, small chunks", true, [Fault::Pieces(61)]),
        variant("chunks of a byte", false, [Fault::Pieces(1)]),
        variant("chunks of 7 bytes", false, [Fault::Pieces(7)]),
        variant("chunks of 4096 bytes", false, [Fault::Pieces(4_096)]),
        variant("ISO-8859-1 by the declaration", false, [named(latin, false)]),
        variant("ISO-8859-1 by the head", false, [named(latin, true), Fault::NoDeclaration]),
        variant("ISO-8859-1 in small chunks", false, [named(latin, false), Fault::Pieces(3)]),
        variant("UTF-16, little endian", false, [named(little, false)]),
        variant("UTF-16, big endian, by the head", false, [named(big, true), Fault::NoDeclaration]),
        variant("UTF-16 in small chunks", false, [named(little, true), Fault::Pieces(3)]),
        variant(
            "UTF-16, several gzip members",
            true,
            [named(big, false), Fault::GzipMembers, Fault::Pieces(1_001)],
        ),
    ]
}

/// Those whose answers are JSON, which has one charset.
const JSON_TYPES: [&str; 1] = ["certificates"];

/// Collects all that there is of a type into `name`.
async fn collect(stage: &Stage, proof: &str, name: &str) -> Result<Kept> {
    let window = ["--from", "2025-11-01", "--to", "2026-11-02"];
    let further = match proof {
        "assets" => &["--set", "page-size=150"][..],
        "detections" => &["--set", "detection-page-size=150", "--with", "results=yes"],
        // Where nothing else is said, those of the last 30 days are collected.
        "vm-scans" | "pc-scans" | "was-scans" => &window,
        _ => &[],
    };
    let further = [further, &["--as-of", "2026-11-01"]].concat();
    stage.collect(proof, name, &further).await?.ended_with(0)?;
    Ok(stage.kept(name))
}

/// What the scripts read: Python's own library has no zstd.
fn unpacked(stage: &Stage, kept: &Kept, name: &str) -> Result<PathBuf> {
    let folder = stage.path(&format!("{name}-unpacked"));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("proof.json"), kept.text("proof.json")?)?;
    fs::write(folder.join("rows.ndjson"), kept.text("rows.ndjson.zst")?)?;
    fs::write(folder.join("index.ndjson"), kept.text("answers/index.ndjson")?)?;
    for answer in kept.answers()? {
        // Of an answer that broke off there is no file.
        if let Some(file) = answer["file"].as_str() {
            fs::write(folder.join(file.trim_end_matches(".zst")), kept.answer(file)?)?;
        }
    }
    Ok(folder)
}

fn shown(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is text")
}

/// How often fields had a value, were empty, and were absent, by their proof type and name.
type Seen = BTreeMap<(String, String), [u64; 3]>;

/// Compares rows with answers, says how many of them, and fails where they differ. Gives the number of fields.
async fn compare(python: &Python, folder: &Path, what: &str, seen: &mut Seen) -> Result<u64> {
    let said = python.run(include_str!("rows.py"), &[shown(folder)?]).await?;
    let said: Json = serde_json::from_str(&said)?;
    let proof = said["type"].as_str().context("a type")?;
    let differences = said["differences"].as_array().context("differences")?;
    let number = |name: &str| said[name].as_u64().with_context(|| format!("no number of {name}"));
    let (fields, records) = (number("fields")?, number("records")?);
    println!("{what}: {fields} fields of {records} {proof}, {} differences", differences.len());
    for difference in differences {
        println!("  {}", difference.as_str().unwrap_or_default());
    }
    ensure!(differences.is_empty(), "{what}: {} differences, such as {}", differences.len(), differences[0]);
    for (field, counts) in said["values"].as_object().context("values")? {
        let counts: [u64; 3] = serde_json::from_value(counts.clone())?;
        let sum = seen.entry((proof.to_owned(), field.clone())).or_default();
        for (sum, count) in sum.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    Ok(fields)
}

/// The stage, with another source.
async fn with_source(mut stage: Stage, setup: Setup) -> Result<Stage> {
    stage.source = Simulator::start_with(setup).await?;
    stage.origin = stage.source.url();
    Ok(stage)
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_what_python_reads_in_the_answers() -> Result<()> {
    let Some(python) = Python::alone().await? else { return Ok(()) };
    // Here, where answers do not come byte by byte, some results are long.
    let mut stage = Stage::new(World { long_results: 300, ..world() }).await?;
    let (mut fields, mut seen, mut plain) = (0, Seen::new(), Vec::new());
    let types = stage.types().await?;
    for proof in &types {
        let kept = collect(&stage, proof, proof).await?;
        let folder = unpacked(&stage, &kept, proof)?;
        fields += compare(&python, &folder, "as the simulator has them", &mut seen).await?;
        plain.push(folder);
    }
    ensure!(fields >= LEAST_FIELDS, "only {fields} fields were compared");

    for (proof, folder) in types.iter().zip(&plain) {
        for seed in SEEDS {
            let name = format!("{proof}-{seed}");
            let altered = stage.path(&format!("{name}-altered"));
            fs::create_dir(&altered)?;
            python.run(include_str!("altered.py"), &[shown(folder)?, shown(&altered)?, seed]).await?;
            let replay = Some(Replay::open(&altered)?);
            stage = with_source(stage, Setup { replay, ..Setup::default() }).await?;
            let kept = collect(&stage, proof, &name).await?;
            let folder = unpacked(&stage, &kept, &name)?;
            compare(&python, &folder, &format!("altered, seed {seed}"), &mut seen).await?;
        }
    }
    // A field that never had a value was not compared.
    let never: BTreeSet<_> =
        seen.iter().filter(|(_, counts)| counts[0] == 0).map(|(field, _)| field).collect();
    ensure!(never.is_empty(), "without a value in all answers: {never:?}");
    Ok(())
}

/// Real answers are not part of the project: where this names a folder of them, they are read, too.
const RECORDED: &str = "EXHIBIT_RECORDED";
/// An entry for a QID of them; it has none for the others.
const KNOWN: &str = "<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><DATETIME>2020-04-23T02:50:36Z</DATETIME><VULN_LIST><VULN>\
    <QID>38739</QID><TITLE><![CDATA[Deprecated SSH Cryptographic Settings]]></TITLE><PATCHABLE>0</PATCHABLE></VULN></VULN_LIST>\
    </RESPONSE></KNOWLEDGE_BASE_VULN_LIST_OUTPUT>";

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_recorded_detections_are_what_python_reads_in_them() -> Result<()> {
    let Some(recorded) = std::env::var_os(RECORDED).map(PathBuf::from) else {
        println!("{RECORDED} names no folder of recorded answers: none are read");
        return Ok(());
    };
    let Some(python) = Python::alone().await? else { return Ok(()) };
    let stage = Stage::new(World::default()).await?;
    let answers = stage.path("recorded");
    fs::create_dir(&answers)?;
    fs::copy(recorded.join("detections-200.xml"), answers.join("detections-200.xml"))?;
    fs::write(answers.join("known.xml"), KNOWN)?;
    let index = r#"{"answers": [{"method": "POST", "file": "known.xml"}, {"method": "GET", "file": "detections-200.xml"}]}"#;
    fs::write(answers.join("replay.json"), index)?;
    let replay = Some(Replay::open(&answers)?);
    let stage = with_source(stage, Setup { replay, ..Setup::default() }).await?;
    let kept = collect(&stage, "detections", "out").await?;
    ensure!(kept.rows()?.len() == 29, "{} rows", kept.rows()?.len());
    let folder = unpacked(&stage, &kept, "out")?;
    compare(&python, &folder, "as they were recorded", &mut Seen::new()).await?;

    let refused = Some(Replay::always(400, &recorded.join("detections-400.xml"))?);
    let stage = with_source(stage, Setup { replay: refused, ..Setup::default() }).await?;
    let called = stage.collect("detections", "refused", &[]).await?.ended_with(3)?;
    ensure!(called.stderr.contains("1905") && called.stderr.contains("abc123"), "{}", called.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_the_same_however_the_answers_arrive() -> Result<()> {
    let Some(python) = Python::alone().await? else { return Ok(()) };
    let mut stage = Stage::new(world()).await?;
    let types = stage.types().await?;
    let mut plain = Vec::new();
    for proof in &types {
        plain.push(collect(&stage, proof, proof).await?);
    }
    for (number, variant) in variants().into_iter().enumerate() {
        let world = World { gzip: variant.gzip, ..world() };
        stage = with_source(stage, Setup { world, ..Setup::default() }).await?;
        stage.source.faults().set(variant.faults.into_iter().map(Rule::always));
        for (proof, plain) in types.iter().zip(&plain) {
            let what = variant.name;
            if !variant.same_bytes && JSON_TYPES.contains(&proof.as_str()) {
                continue;
            }
            let name = format!("{proof}-{number}");
            let kept = collect(&stage, proof, &name).await?;
            let (rows, wanted) = (kept.text("rows.ndjson.zst")?, plain.text("rows.ndjson.zst")?);
            ensure!(rows == wanted, "{what}: the rows of {proof} differ");
            let (answers, wanted) = (kept.answers()?, plain.answers()?);
            ensure!(answers.len() == wanted.len(), "{what}: {} answers of {proof}", answers.len());
            for (answer, wanted) in answers.iter().zip(&wanted) {
                let same = answer["digest"] == wanted["digest"];
                ensure!(
                    same == variant.same_bytes,
                    "{what}: an answer of {proof} is not what was to be sent"
                );
            }
            // What it made of the charset, Python makes of it, too.
            if !variant.same_bytes {
                compare(&python, &unpacked(&stage, &kept, &name)?, what, &mut Seen::new()).await?;
            }
        }
        // The source compresses for a client that asks for it alone.
        let asked = |it: &Received| it.header("accept-encoding").is_some_and(|it| it.contains("gzip"));
        ensure!(stage.source.requests().iter().all(asked), "{}: nothing was compressed", variant.name);
        println!("{}: the same rows of {}", variant.name, types.join(", "));
    }
    Ok(())
}
