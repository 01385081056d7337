//! Clients that others wrote get along with the simulator: each of their calls that concerns what Exhibit does gives what is
//! expected. Where it gives records, these are as many as Exhibit collects from the same source; those of qualysdk are
//! the same, field by field.

mod pyqualys;
mod qualys_cli;
mod qualysapi;
mod qualysclient;
mod qualysdk;
mod same;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use exhibit_simulator::World;
use serde_json::{Map, Value as Json, json};

use crate::stage::Stage;
use crate::tools::Python;

/// More than a page of everything that has pages, whatever the size of a page.
fn world() -> World {
    World {
        assets: 1_040,
        was_scans: 250,
        tags: 2_130,
        asset_groups: 1_040,
        web_applications: 1_130,
        tickets: 900,
        rate_limit: 1_000_000,
        concurrency_limit: 8,
        ..World::default()
    }
}

/// What comes of a call.
enum Expected {
    /// As many records as Exhibit has rows: of a proof type, or of a lookup.
    Rows(&'static str),
    /// This number.
    Number(u64),
    /// This text, or this list of texts.
    Said(Json),
    /// Its failure, with this in the message; and why that is right.
    Fails(&'static str, &'static str),
}

use Expected::{Fails, Number, Rows};

/// A call, by the name that the script has for it.
type Call = (&'static str, Expected);

fn said(text: &str) -> Expected {
    Expected::Said(json!(text))
}

/// A client, in the version that is known to work; a newer one may change what it sends.
struct Client {
    name: &'static str,
    package: &'static str,
    script: &'static str,
    calls: Vec<Call>,
}

/// What Exhibit has of a source: its rows, by the names of proof types and lookups.
type Collected = BTreeMap<&'static str, Vec<Json>>;

/// Makes all calls of a client, and fails where one gives something else. Gives the records that the script keeps
/// and the rows of Exhibit. `None` where the client cannot be had: the test is skipped then.
async fn called(client: &Client) -> Result<Option<(Json, Collected)>> {
    let Some(python) = Python::with(client.name, &[client.package]).await? else { return Ok(None) };
    let stage = Stage::new(world()).await?;
    let mut collected = Collected::new();
    // Before the client changes anything.
    for (_, expected) in &client.calls {
        if let Rows(name) = expected
            && !collected.contains_key(name)
        {
            collected.insert(name, rows(&stage, name).await?);
        }
    }
    let (username, password) = &stage.login;
    let said = python.run(client.script, &[&*stage.origin, username, password]).await?;
    // The last line, for clients print what they like.
    let said: Json = serde_json::from_str(said.lines().last().context("it prints nothing")?)?;
    let results = said["said"].as_object().context("what was said")?;
    compare(client, results, &collected)?;
    Ok(Some((said["records"].clone(), collected)))
}

/// All that Exhibit has of a proof type, or of a lookup.
async fn rows(stage: &Stage, name: &'static str) -> Result<Vec<Json>> {
    let window = ["--from", "2025-11-01", "--to", "2026-11-02"];
    let (kind, lookup) = name.split_once(' ').unwrap_or((name, ""));
    match kind {
        "lookup" => {
            let called = stage.connected(&["lookup", lookup, "--json"]).await?.ended_with(0)?;
            let found: Json = serde_json::from_str(&called.stdout)?;
            Ok(found["rows"].as_array().context("rows")?.clone())
        }
        proof => {
            let further = match proof {
                "vm-scans" | "was-scans" => &window[..],
                _ => &[],
            };
            let further = [further, &["--as-of", "2026-11-01"]].concat();
            stage.collect(proof, proof, &further).await?.ended_with(0)?;
            stage.kept(proof).rows()
        }
    }
}

fn compare(client: &Client, results: &Map<String, Json>, collected: &Collected) -> Result<()> {
    let name = client.name;
    let expected: BTreeSet<&str> = client.calls.iter().map(|(call, _)| *call).collect();
    let made: BTreeSet<&str> = results.keys().map(String::as_str).collect();
    ensure!(expected == made, "{name}: {:?}", expected.symmetric_difference(&made));
    let mut wrong = Vec::new();
    for (call, expected) in &client.calls {
        let result = &results[*call];
        let is_right = match expected {
            Rows(of) => number(result) == collected.get(of).map(|it| it.len() as u64),
            Number(wanted) => number(result) == Some(*wanted),
            Expected::Said(wanted) => result == wanted,
            Fails(why, reason) => {
                println!("{name}: {call}: {reason}");
                result.as_str().is_some_and(|it| it.contains(why))
            }
        };
        if !is_right {
            wrong.push(format!("{call}: {result}"));
        }
    }
    println!("{name}: {} calls, {} not as expected", client.calls.len(), wrong.len());
    if !wrong.is_empty() {
        bail!("{name}: {}", wrong.join("; "));
    }
    Ok(())
}

/// A number, which some clients leave as a text.
fn number(value: &Json) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
