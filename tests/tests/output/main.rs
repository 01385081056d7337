//! What commands print with `--json`, compared with the committed schemas: those commands that need no tool of
//! others, and are done within seconds.

#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
#[path = "../collect/tree.rs"]
mod tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use boon::{Compiler, Schemas};
use exhibit_simulator::World;
use serde_json::Value as Json;

use self::stage::{Called, Stage};

/// Evidence in a folder and in a store, with the key that signed it.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/evidence/format-2");
const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../host/schemas/output");

/// Printed by commands that are not called here, and why not.
const ELSEWHERE: [(&str, &str); 7] = [
    ("certificates-resolve", "needs a certificate that cannot be merged"),
    ("demo", "takes minutes; its parts are those of collect and verify"),
    ("demo-serve", "the same"),
    ("plugin-check", "the same type as verify"),
    ("plugin-pull", "needs a registry"),
    ("plugin-push", "needs a registry"),
    ("warning", "nothing here warns"),
];

/// Outputs, each against the schema of its name.
struct Outputs {
    tried: BTreeSet<String>,
}

impl Outputs {
    fn check(&mut self, schema: &str, text: &str) -> Result<()> {
        let json: Json = serde_json::from_str(text).with_context(|| format!("{schema}: {text}"))?;
        if let Err(why) = validate(schema, &json)? {
            anyhow::bail!("{schema}: {why}\n{json:#}");
        }
        self.tried.insert(schema.to_owned());
        Ok(())
    }

    /// Standard output of a call that did what it should; a test may have failed, or a gap been found.
    fn of(&mut self, schema: &str, called: &Called) -> Result<()> {
        ensure!(matches!(called.code, Some(0 | 1)), "{schema}: {called:?}");
        self.check(schema, &called.stdout)
    }
}

/// Why a value is not of the committed schema, if it is not.
fn validate(schema: &str, json: &Json) -> Result<Result<(), String>> {
    let text = fs::read_to_string(Path::new(SCHEMAS).join(format!("{schema}.schema.json")))
        .with_context(|| format!("no schema {schema} is committed"))?;
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let place = "https://schema.example/output.schema.json";
    compiler.add_resource(place, serde_json::from_str(&text)?).map_err(|error| anyhow::anyhow!("{error}"))?;
    let index = compiler.compile(place, &mut schemas).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(schemas.validate(json, index).map_err(|error| error.to_string()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_is_of_its_schema() -> Result<()> {
    let mut stage = Stage::new(World { users: 3, ..World::default() }).await?;
    tree::copy(Path::new(FIXTURE), &stage.path(""))?;
    let mut outputs = Outputs { tried: BTreeSet::new() };
    for (schema, arguments) in [
        ("keys-new", &["keys", "new", "--out", "new.pem"][..]),
        ("keys-show", &["keys", "show", "new.pem"]),
        ("plugin-new", &["plugin", "new", "acme"]),
        ("plugin-show", &["plugin", "show"]),
        ("types", &["types"]),
        ("type", &["types", "users"]),
        ("guide", &["guide"]),
        ("operations", &["operate"]),
        ("operation", &["operate", "launch-vm-scan"]),
        ("lookups", &["lookup"]),
        ("test-file-suggested", &["test-file", "suggested", "users"]),
        ("test-file-check", &["test-file", "check", "suggested"]),
        ("verify", &["verify", "assets"]),
        ("verify", &["verify", "assets", "--key", "new.pem.pub", "--digests"]),
        ("verify", &["verify", "store", "--digests"]),
        ("test", &["test", "assets", "--what-if"]),
        ("export", &["export", "assets", "--format", "csv", "--out", "assets.csv"]),
        ("bundle", &["bundle", "assets"]),
        (
            "evidence-init",
            &["evidence", "init", "fresh", "--name", "example.com/fresh", "--sign", "file:new.pem"],
        ),
        ("evidence-list", &["evidence", "list", "store", "--all", "--as-of", "2027-11-05"]),
        (
            "evidence-coverage",
            &["evidence", "coverage", "store", "vm-scans", "--from", "2026-10-01", "--to", "2026-12-01"],
        ),
        ("evidence-prune", &["evidence", "prune", "store", "--stale-for", "1", "--as-of", "2028-11-05"]),
    ] {
        let called = stage.exhibit(&[arguments, &["--json"]].concat()).await?;
        outputs.of(schema, &called)?;
    }
    outputs.of("check", &stage.connected(&["check", "--json"]).await?)?;
    let tested = stage.collect("users", "tested", &["--test", "suggested", "--bundle", "--json"]).await?;
    outputs.of("collect", &tested)?;
    let plain = stage.collect("users", "plain", &["--json"]).await?;
    outputs.of("collect", &plain)?;

    outputs.of("lookup", &stage.connected(&["lookup", "scanners", "--json"]).await?)?;
    let launch = [
        "operate",
        "launch-vm-scan",
        "--json",
        "--with",
        "title=Weekly",
        "--with",
        "option-profile=Initial Options",
        "--with",
        "addresses=10.0.0.1",
        "--with",
        "scanner=fra-scanner-1",
    ];
    outputs.of("proposal", &stage.connected(&launch).await?)?;
    let confirmed = ["--allow", "operate", "--confirm", "Weekly", "--out", "launched"];
    outputs.of("operate", &stage.connected(&[&launch[..], &confirmed].concat()).await?)?;

    stage.collect("certificates", "certificates", &[]).await?.ended_with(0)?;
    for (schema, arguments) in [
        ("certificates-merge", &["certificates", "merge", "certificates"][..]),
        ("certificates-list", &["certificates", "--expiring", "90"]),
        ("certificates-show", &["certificates", "show", "www9.acme.example"]),
        (
            "certificates-assign",
            &["certificates", "assign", "--expiring", "90", "--put", "team=Web", "--by", "ada", "--confirm"],
        ),
        ("certificates-group", &["certificates", "group", "move", "Web", "--owner", "Web"]),
        ("certificates-groups", &["certificates", "group", "list"]),
        ("certificates-errors", &["certificates", "errors"]),
        ("certificates-report", &["certificates", "report"]),
        ("certificates-export", &["certificates", "export", "--format", "ics", "--out", "ends.ics"]),
        ("state-show", &["state", "show"]),
        ("state-rebuild", &["state", "rebuild", "store"]),
    ] {
        let called =
            stage.exhibit(&[arguments, &["--json", "--state", "sqlite:state.sqlite"]].concat()).await?;
        outputs.of(schema, &called)?;
    }

    let failed = stage.exhibit(&["verify", "nothing", "--json"]).await?.ended_with(2)?;
    outputs.check("error", &failed.stderr)?;
    // Of a component that is used for the first time.
    let state = stage.path("state").display().to_string();
    stage.environment.push(("XDG_STATE_HOME".to_owned(), state));
    let nowhere = ["--origin", "api=http://127.0.0.1:1", "--attempts", "1", "--out", "nothing"];
    let collect = ["collect", "things", "--json", "--plugin", env!("BROKEN_PLUGIN"), "--set", "flaw=none"];
    let first = stage.exhibit(&[&collect[..], &nowhere].concat()).await?.ended_with(3)?;
    let first_use = first.stderr.lines().next().context("says that it is used for the first time")?;
    outputs.check("first-use", first_use)?;
    let forget = ["plugin", "forget", env!("BROKEN_PLUGIN"), "--json"];
    outputs.of("plugin-forget", &stage.exhibit(&forget).await?.ended_with(0)?)?;

    for (schema, _) in ELSEWHERE {
        ensure!(outputs.tried.insert(schema.to_owned()), "{schema} was tried after all");
    }
    let mut committed = BTreeSet::new();
    for entry in fs::read_dir(SCHEMAS)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        committed.insert(name.trim_end_matches(".schema.json").to_owned());
    }
    ensure!(committed == outputs.tried, "committed: {committed:?}\ntried: {:?}", outputs.tried);
    Ok(())
}

#[test]
fn what_is_missing_or_of_another_kind_is_noticed() -> Result<()> {
    for (schema, text) in [
        ("error", "{\"error\":{\"what\":\"it failed\",\"while\":null,\"next\":null}}"),
        ("bundle", "{}"),
        ("bundle", "{\"bundle\":1}"),
        ("evidence-prune", "{\"pruned\":true,\"evidence\":[{\"evidence\":\"one\"}],\"kept\":[]}"),
        (
            "verify",
            "{\"checks\":[{\"name\":\"log\",\"asks\":\"\",\"verdict\":\"passed\"}],\"failed\":0,\"skipped\":0}",
        ),
    ] {
        ensure!(validate(schema, &serde_json::from_str(text)?)?.is_err(), "{schema} takes {text}");
    }
    Ok(())
}
