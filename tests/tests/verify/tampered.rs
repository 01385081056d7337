//! A catalogue of evidence that was tampered with by someone who knows how it is made: every value of every record, with
//! all digests made right again. It is not signed, so only what follows from the rest can tell.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use exhibit::checks::{Report, Verdict};
use exhibit::plugin::{Engine, Plugin};
use exhibit::run::{Silent, Verifier};
use exhibit::signing::Authorities;
use exhibit::store::{Location, ObjectStoreOptions};
use exhibit_records::{AnswerRecord, Digest, Proof, Run};
use exhibit_simulator::World;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::stage::Stage;
use crate::tree;

/// Values that follow from nothing that is kept: the record says that they are as stated. Each begins where a change does.
const STATED: [&str; 14] = [
    "/account ",
    "/host ",
    "/began has another digit",
    "/counts/requests ",
    "/counts/retries ",
    "/counts/waited",
    "/expires ",
    " loses expires",
    "/host-notes has the first twice",
    "/job/settings",
    "/origins has the first twice",
    "/origins/0 gets a member",
    "/type/link/url ",
    "/type/link loses url",
];
/// The same of a run of tests: who made it and when, as of when and by which plugin, and how it compares with earlier ones.
const STATED_OF_RUNS: [&str; 5] = ["/as-of has another digit", "/host", "/made", "/plugin/digest", "/since"];
/// The same of an answer: the headers that came with it, of those that the plugin reads.
const STATED_OF_ANSWERS: [&str; 4] =
    ["/headers loses the first", "/headers has the first twice", "/headers/0/1 ", "/headers/5/1 "];

/// Evidence that verifies, and a copy of it to be changed.
pub(crate) struct Subject {
    whole: PathBuf,
    pub(crate) copy: PathBuf,
    plugin: Plugin,
    cache: PathBuf,
    _stage: Stage,
}

impl Subject {
    pub(crate) async fn new(proof: &str, world: World, further: &[&str]) -> Result<Self> {
        let stage = Stage::new(world).await?;
        let further = [&["--as-of", "2026-11-01", "--test", "suggested"], further].concat();
        let called = stage.collect(proof, "whole", &further).await?;
        ensure!(matches!(called.code, Some(0 | 1)), "{called:?}");
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let component = fs::read(env!("QUALYS_PLUGIN"))?;
        let plugin = Plugin::load(&Engine::new()?, &component, Some(&cache)).await?;
        let (whole, copy) = (stage.path("whole"), stage.path("copy"));
        Ok(Self { whole, copy, plugin, cache, _stage: stage })
    }

    /// A fresh copy to be changed.
    pub(crate) fn again(&self) -> Result<()> {
        if self.copy.exists() {
            fs::remove_dir_all(&self.copy)?;
        }
        tree::copy(&self.whole, &self.copy)
    }

    pub(crate) fn json(&self, file: &str) -> Result<Json> {
        Ok(serde_json::from_slice(&fs::read(self.whole.join(file))?)?)
    }

    /// Verifies the copy, as someone with the built-in plugin and no key.
    pub(crate) async fn verified(&self) -> Result<Report> {
        let (keys, authorities) = ([], Authorities::default());
        let mut verifier = Verifier::new(&keys, &authorities);
        verifier.plugins = vec![self.plugin.clone()];
        verifier.cache = Some(&self.cache);
        let evidence = Location::from(self.copy.as_path()).evidence(&ObjectStoreOptions::default()).await?;
        Ok(verifier.evidence(&evidence, &Silent, &mut |_| ()).await?.report)
    }

    /// Makes the digests of the copy right again, from the innermost file on.
    pub(crate) fn seal(&self) -> Result<()> {
        let mut proof: Json = serde_json::from_slice(&fs::read(self.copy.join("proof.json"))?)?;
        let parts = proof["parts"].as_array_mut().context("parts")?;
        for part in parts {
            let path = part["path"].as_str().context("a path")?.to_owned();
            let Ok(bytes) = fs::read(self.copy.join(&path)) else { continue };
            part["bytes"] = bytes.len().into();
            part["digest"] = Digest::of(&bytes).to_string().into();
            if part["content"].is_object() {
                let content = zstd::decode_all(bytes.as_slice())?;
                part["content"]["bytes"] = content.len().into();
                part["content"]["digest"] = Digest::of(&content).to_string().into();
            }
        }
        fs::write(self.copy.join("proof.json"), as_written::<Proof>(&proof)?)?;
        Ok(())
    }
}

/// The record as Exhibit writes it, where it still is one: a forger would not spell it in another way.
pub(crate) fn as_written<T: DeserializeOwned + Serialize>(json: &Json) -> Result<Vec<u8>> {
    let mut bytes = match serde_json::from_value::<T>(json.clone()) {
        Ok(record) => serde_json::to_vec_pretty(&record)?,
        Err(_) => serde_json::to_vec_pretty(json)?,
    };
    bytes.push(b'\n');
    Ok(bytes)
}

/// The same of a line of the index.
pub(crate) fn line_as_written(json: &Json) -> Result<String> {
    let line = match serde_json::from_value::<AnswerRecord>(json.clone()) {
        Ok(record) => serde_json::to_string(&record)?,
        Err(_) => json.to_string(),
    };
    Ok(format!("{line}\n"))
}

/// What is wrong, by the names of the checks that did not pass.
pub(crate) fn wrong(report: &Report) -> Vec<String> {
    let failed =
        report.checks.iter().filter(|it| it.is_missing() || matches!(it.verdict, Verdict::Failed { .. }));
    failed.map(|it| it.name.to_owned()).collect()
}

/// Every change of a record: of each value in it, and of each list and object.
fn changes(json: &Json) -> Vec<(String, Json)> {
    let mut all = Vec::new();
    walk(json, "", &mut |path, value| {
        let mut add = |how: &str, to: Json| {
            let mut changed = json.clone();
            if let Some(place) = changed.pointer_mut(path)
                && *place != to
            {
                *place = to;
                all.push((format!("{path} {how}"), changed));
            }
        };
        match value {
            Json::Null => add("is set", json!("x")),
            Json::Bool(it) => add("is turned", json!(!it)),
            Json::Number(it) => {
                let number = it.as_u64().unwrap_or(0);
                add("grows", json!(number + 1));
                add("is zero", json!(0));
            }
            Json::String(it) => {
                add("is another text", json!(format!("{it}x")));
                add("is empty", json!(""));
                // One character of it, so that a digest or an instant keeps its form.
                let last = it.chars().last().map_or('0', |it| if it == '1' { '2' } else { '1' });
                let mut text: Vec<char> = it.chars().collect();
                if let Some(place) = text.iter_mut().rev().find(|it| it.is_ascii_digit()) {
                    *place = last;
                    add("has another digit", json!(text.into_iter().collect::<String>()));
                }
            }
            Json::Array(items) => {
                if let Some(rest) = items.get(1..) {
                    add("loses the first", json!(rest));
                    add("has the first twice", json!([&items[..1], items].concat()));
                }
                if items.len() > 1 {
                    add("is turned around", items.iter().rev().cloned().collect());
                }
            }
            Json::Object(members) => {
                for name in members.keys() {
                    let mut fewer = members.clone();
                    fewer.remove(name);
                    add(&format!("loses {name}"), Json::Object(fewer));
                }
                let mut more = members.clone();
                more.insert("more".to_owned(), json!(1));
                add("gets a member", Json::Object(more));
            }
        }
    });
    all
}

fn walk(json: &Json, path: &str, seen: &mut dyn FnMut(&str, &Json)) {
    seen(path, json);
    match json {
        Json::Array(items) => {
            // The first and the last stand for those in between.
            let ends = [0, items.len().saturating_sub(1)];
            for (at, item) in items.iter().enumerate().filter(|(at, _)| ends.contains(at)) {
                walk(item, &format!("{path}/{at}"), seen);
            }
        }
        Json::Object(members) => {
            for (name, value) in members {
                walk(value, &format!("{path}/{name}"), seen);
            }
        }
        _ => {}
    }
}

/// What passed though it was changed, and how many were tried.
#[derive(Default)]
struct Catalogue {
    tried: usize,
    passed: Vec<String>,
    /// How often each check noticed something.
    noticed: BTreeMap<String, usize>,
}

impl Catalogue {
    async fn check(&mut self, subject: &Subject, what: &str, may_pass: bool) -> Result<()> {
        let wrong = match subject.verified().await {
            Ok(report) => wrong(&report),
            // It is no evidence any more.
            Err(_) => vec!["nothing is verified".to_owned()],
        };
        self.tried += 1;
        if wrong.is_empty() && !may_pass {
            self.passed.push(what.to_owned());
        }
        for name in wrong {
            *self.noticed.entry(name).or_default() += 1;
        }
        Ok(())
    }

    fn ended(self) -> Result<usize> {
        println!("{} tampered packages; noticed by {:?}", self.tried, self.noticed);
        ensure!(self.passed.is_empty(), "{} passed:\n{}", self.passed.len(), self.passed.join("\n"));
        Ok(self.tried)
    }
}

fn is_stated(what: &str, stated: &[&str]) -> bool {
    stated.iter().any(|it| what.starts_with(it))
}

/// Of whichever answer.
fn is_stated_of_answers(what: &str) -> bool {
    let of_answer = what.trim_start_matches('/').trim_start_matches(|it: char| it.is_ascii_digit());
    is_stated(of_answer, &STATED_OF_ANSWERS)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_value_of_proof_json() -> Result<()> {
    let mut tried = 0;
    for (proof, further) in
        [("users", &[][..]), ("vm-scans", &["--from", "2026-10-01", "--with", "states=Finished"][..])]
    {
        let world = World { users: 4, scans: 6, ..World::default() };
        let subject = Subject::new(proof, world, further).await?;
        let mut catalogue = Catalogue::default();
        subject.again()?;
        ensure!(wrong(&subject.verified().await?).is_empty(), "it verifies as it is");
        let whole = fs::read(subject.whole.join("proof.json"))?;
        for (what, changed) in changes(&subject.json("proof.json")?) {
            let written = as_written::<Proof>(&changed)?;
            let is_other = written != whole;
            // One that says the same is noticed by how it is spelled.
            let written = if is_other { written } else { serde_json::to_vec_pretty(&changed)? };
            fs::write(subject.copy.join("proof.json"), written)?;
            let may_pass = is_other && is_stated(&what, &STATED);
            catalogue.check(&subject, &format!("proof.json: {what}"), may_pass).await?;
        }
        tried += catalogue.ended()?;
    }
    ensure!(tried > 300, "{tried}");
    Ok(())
}

/// Without any plugin, what is shown of the rows and the answers is what they say.
#[tokio::test(flavor = "multi_thread")]
async fn digests_alone_show_a_table_and_an_answer_that_were_replaced() -> Result<()> {
    let subject = Subject::new("users", World { users: 4, ..World::default() }, &[]).await?;
    let digests = async || {
        let (keys, authorities) = ([], Authorities::default());
        let mut verifier = Verifier::new(&keys, &authorities);
        verifier.digests_only = true;
        let copy = Location::from(subject.copy.as_path()).evidence(&ObjectStoreOptions::default()).await?;
        anyhow::Ok(wrong(&verifier.evidence(&copy, &Silent, &mut |_| ()).await?.report))
    };
    subject.again()?;
    ensure!(digests().await?.is_empty(), "it verifies as it is");
    let table = subject.copy.join("proof.csv");
    let text = fs::read_to_string(&table)?;
    let altered = text.replacen("Manager", "Reader", 1);
    ensure!(altered != text, "the table names a manager");
    fs::write(&table, altered)?;
    subject.seal()?;
    assert_eq!(digests().await?, ["table"]);

    subject.again()?;
    let answer = subject.copy.join("answers/000001.zst");
    let mut body = zstd::decode_all(fs::read(&answer)?.as_slice())?;
    body.push(b' ');
    let stored = zstd::encode_all(body.as_slice(), 3)?;
    fs::write(&answer, &stored)?;
    let index = subject.copy.join("answers/index.ndjson");
    let mut line: Json = serde_json::from_str(fs::read_to_string(&index)?.trim_end())?;
    line["stored"] = json!({ "bytes": stored.len(), "digest": Digest::of(&stored).to_string() });
    fs::write(&index, line_as_written(&line)?)?;
    subject.seal()?;
    assert_eq!(digests().await?, ["answers"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_value_of_the_index_and_of_runs() -> Result<()> {
    let world = World { assets: 120, ..World::default() };
    let subject = Subject::new("assets", world, &["--set", "page-size=50"]).await?;
    let mut catalogue = Catalogue::default();
    subject.again()?;
    subject.seal()?;
    ensure!(wrong(&subject.verified().await?).is_empty(), "sealed again, it verifies as it is");

    let text = fs::read_to_string(subject.whole.join("answers/index.ndjson"))?;
    let lines: Vec<Json> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let all = changes(&json!(lines));
    for (what, changed) in &all {
        let Some(lines) = changed.as_array() else { continue };
        let mut written = lines.iter().map(line_as_written).collect::<Result<String>>()?;
        if written == text {
            written = lines.iter().map(|it| format!("{it}\n")).collect();
        }
        fs::write(subject.copy.join("answers/index.ndjson"), written)?;
        subject.seal()?;
        catalogue.check(&subject, &format!("index.ndjson: {what}"), is_stated_of_answers(what)).await?;
    }
    subject.again()?;
    let whole = fs::read(subject.whole.join("tests/0001/run.json"))?;
    for (what, changed) in changes(&subject.json("tests/0001/run.json")?) {
        let written = as_written::<Run>(&changed)?;
        let is_other = written != whole;
        let written = if is_other { written } else { serde_json::to_vec_pretty(&changed)? };
        fs::write(subject.copy.join("tests/0001/run.json"), written)?;
        subject.seal()?;
        let may_pass = is_other && is_stated(&what, &STATED_OF_RUNS);
        catalogue.check(&subject, &format!("run.json: {what}"), may_pass).await?;
    }
    ensure!(catalogue.ended()? > 300);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nothing_asked_for() -> Result<()> {
    let world = World { assets: 120, ..World::default() };
    let subject = Subject::new("assets", world, &["--set", "page-size=50"]).await?;
    let text = fs::read_to_string(subject.whole.join("answers/index.ndjson"))?;
    let lines: Vec<Json> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    for at in 0..=lines.len() {
        subject.again()?;
        let mut all = lines.clone();
        // To the request of the answer before; at the beginning, to that of the last one.
        let mut broken = all[at.checked_sub(1).unwrap_or(all.len() - 1)].clone();
        for name in ["digest", "file", "stored"] {
            broken[name] = Json::Null;
        }
        broken["broken"] = "reset by the source".into();
        all.insert(at, broken);
        let mut written = String::new();
        for (number, line) in all.iter_mut().enumerate() {
            line["answer"] = (number + 1).into();
            if line["file"].is_string() {
                line["file"] = format!("{:06}.zst", number + 1).into();
            }
            written += &line_as_written(line)?;
        }
        for number in (at + 1..=lines.len()).rev() {
            let file = |number: usize| subject.copy.join(format!("answers/{number:06}.zst"));
            fs::rename(file(number), file(number + 1))?;
        }
        fs::write(subject.copy.join("answers/index.ndjson"), written)?;
        let mut proof: Json = serde_json::from_slice(&fs::read(subject.copy.join("proof.json"))?)?;
        proof["counts"]["requests"] = (all.len()).into();
        proof["last-answer"] = all[all.len() - 1]["received"].clone();
        fs::write(subject.copy.join("proof.json"), as_written::<Proof>(&proof)?)?;
        subject.seal()?;
        let wrong = wrong(&subject.verified().await?);
        ensure!(wrong.iter().any(|it| it == "replay"), "at {at}: {wrong:?}");
    }
    Ok(())
}
