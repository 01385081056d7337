//! Evidence with values of every kind, and with odd names; and exports of it.

use std::fs;

use anyhow::Result;
use exhibit::records::Digest;
use exhibit_simulator::World;
use serde_json::{Value as Json, json};

use crate::stage::Stage;

/// What an attacker, or a person from elsewhere, calls a host. The first is text in each format.
pub(crate) const NAMES: [&str; 6] = [
    "=HYPERLINK(\"http://evil.example\")",
    "</td><script>alert(1)</script>&amp;",
    "東京-サーバー 서울 上海",
    "خادم القاهرة 01",
    "🚀 nüll\u{0}\u{202e}txt",
    "_x0041_",
];
/// The owner of all hosts, as `--redact pseudonyms` has it with the key of [`Exports`]:
///
/// ```sh
/// printf 'person ada@example.com' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
/// ```
pub(crate) const PSEUDONYM: &str = "person-78fd5953d77a9154";

const ROWS: &str = "rows.ndjson.zst";
const VERDICTS: &str = "verdicts.ndjson.zst";
const FINDINGS: &str = "findings.ndjson.zst";

/// What an export says of persons.
#[derive(Clone, Copy)]
pub(crate) enum Persons {
    Named,
    LeftOut,
    Pseudonyms,
}

/// A folder with the evidence, and with what is exported from it.
pub(crate) struct Exports {
    stage: Stage,
}

impl Exports {
    pub(crate) async fn new() -> Result<Self> {
        let stage = Stage::new(World::default()).await?;
        write(&stage)?;
        fs::write(stage.path("pseudonyms.key"), "0123456789abcdef0123456789abcdef\n")?;
        Ok(Self { stage })
    }

    /// The path of the evidence in this format.
    pub(crate) async fn file(&self, format: &str, persons: Persons) -> Result<String> {
        let (name, further) = match persons {
            Persons::Named => ("named", &[][..]),
            Persons::LeftOut => ("redacted", &["--redact", "personal"][..]),
            Persons::Pseudonyms => {
                ("pseudonyms", &["--redact", "pseudonyms", "--pseudonym-key", "file:pseudonyms.key"][..])
            }
        };
        let file = self.stage.path(&format!("{name}.{format}")).display().to_string();
        let export = ["export", "evidence", "--format", format, "--out", &file];
        self.stage.exhibit(&[&export[..], further].concat()).await?.ended_with(0)?;
        Ok(file)
    }
}

fn field(name: &str, label: &str, kind: &str, shown: bool, personal: bool) -> Json {
    json!({ "name": name, "label": label, "kind": kind, "help": "", "shown": shown, "personal": personal })
}

fn lines(rows: impl Iterator<Item = Json>) -> Vec<u8> {
    rows.flat_map(|it| format!("{it}\n").into_bytes()).collect()
}

/// As it is kept under this name.
fn stored(path: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    Ok(if path.ends_with(".zst") { zstd::encode_all(bytes, 3)? } else { bytes.to_owned() })
}

fn part(path: &str, bytes: &[u8]) -> Result<Json> {
    let content =
        path.ends_with(".zst").then(|| json!({ "bytes": bytes.len(), "digest": Digest::of(bytes) }));
    let stored = stored(path, bytes)?;
    Ok(json!({ "path": path, "bytes": stored.len(), "digest": Digest::of(&stored), "content": content }))
}

/// Six rows. In the order of the fields, which JSON's own types would not keep.
fn rows() -> Vec<u8> {
    let row = |(number, name): (u64, &str)| {
        let seen = if number == 5 { "" } else { r#""seen":"2026-10-31T12:30:00Z","# };
        format!(
            "{{\"name\":{},\"owner\":\"ada@example.com\",{seen}\"scanned\":null,\"score\":{},\"share\":0.5,\
             \"active\":{},\"took\":3723,\"tags\":[\"prod\",\"=1+1\"]}}\n",
            json!(name),
            number * 1000,
            number % 2 == 0,
        )
    };
    (0..).zip(NAMES).map(row).collect::<String>().into_bytes()
}

/// Writes it into the folder `evidence`: six hosts, with a run of two tests. The fourth meets neither of two
/// alternatives.
fn write(stage: &Stage) -> Result<()> {
    let folder = stage.path("evidence");
    let run = folder.join("tests/0001");
    fs::create_dir_all(&run)?;
    let rows = rows();
    let verdict = |number: usize| ["fail", "pass", "inconclusive"][number % 3];
    let verdicts = NAMES.iter().enumerate().map(|(number, name)| {
        json!({ "key": [name], "row": name, "verdicts": { "scanned": verdict(number), "owned": "pass" } })
    });
    let verdicts = lines(verdicts);
    let findings = NAMES.iter().enumerate().filter(|(number, _)| verdict(*number) != "pass");
    let findings = lines(findings.map(|(number, name)| {
        let mut found = vec![json!({ "field": "scanned", "seen": null, "wanted": "is not empty" })];
        if number == 3 {
            found.push(json!({ "field": "active", "seen": false, "wanted": "is yes" }));
        }
        json!({ "test": "scanned", "key": [name], "row": name, "verdict": verdict(number), "found": found })
    }));
    let plugin = json!({ "id": "demo", "version": "1.2.3", "digest": Digest::of(b"plugin") });
    let run_json = run_json(&plugin, &rows, [part(VERDICTS, &verdicts)?, part(FINDINGS, &findings)?]);
    let parts = [part(ROWS, &rows)?, part("tests/0001/run.json", run_json.as_bytes())?];
    for (name, bytes) in [(VERDICTS, &verdicts[..]), (FINDINGS, &findings), ("run.json", run_json.as_bytes())]
    {
        fs::write(run.join(name), stored(name, bytes)?)?;
    }
    fs::write(folder.join(ROWS), stored(ROWS, &rows)?)?;
    fs::write(folder.join("proof.json"), proof_json(&plugin, &parts))?;
    Ok(())
}

fn run_json(plugin: &Json, rows: &[u8], parts: [Json; 2]) -> String {
    let test = |name: &str, outcome: &str, [passed, failed, inconclusive]: [u64; 3]| {
        json!({
            "name": name, "label": format!("Hosts are {name}"), "why": "So that Ada@example.com knows.",
            "controls": ["nist-800-53r5:ra-5", "pci-dss-4.0.1:11.3.1"], "threshold": 10000,
            "digest": Digest::of(name.as_bytes()), "outcome": outcome, "counted": passed + failed + inconclusive,
            "passed": passed, "failed": failed, "inconclusive": inconclusive, "not-applicable": 0,
            "message": format!("Of 6 rows in scope {failed} fail."), "since": null,
        })
    };
    let run = json!({
        "format": 3, "type": "hosts", "proof": null, "rows": Digest::of(rows), "as-of": "2026-11-01T00:00:00Z",
        "made": "2026-11-02T08:00:00Z", "plugin": plugin, "host": "0.1.0",
        "tests": [test("scanned", "fail", [2, 2, 2]), test("owned", "pass", [6, 0, 0])],
        "parts": parts,
    });
    run.to_string()
}

fn proof_json(plugin: &Json, parts: &[Json]) -> String {
    let proof = json!({
        "format": 4,
        "type": {
            "name": "hosts", "label": "List of Hosts <all>", "help": "All hosts.",
            "fields": [
                field("name", "Name", "text", true, false), field("owner", "Owner", "text", true, true),
                field("seen", "Last Seen", "instant", true, false),
                field("scanned", "Last Scan", "instant", true, false),
                field("score", "Score", "integer", true, false), field("share", "Share", "number", false, false),
                field("active", "Active", "boolean", true, false),
                field("took", "Scan Took", "duration", true, false), field("tags", "Tags", "texts", true, false),
            ],
            "key": ["name"], "window": "the last scan", "proves": "events", "needs": [],
            "link": { "origin": "api", "path": "/hosts", "url": "https://portal.example/hosts", "note": null },
        },
        "job": {
            "settings": [{ "name": "platform", "kind": "text", "value": "EU1" }],
            "criteria": [{ "name": "owner", "kind": "text", "value": "ada s." },
                         { "name": "tags", "kind": "texts", "value": ["prod"] }],
            "window": { "start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z" },
            "as-of": "2026-11-01T00:00:00Z",
        },
        "window": { "start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z" },
        "origins": [{ "name": "api", "url": "https://api.example" }], "plugin": plugin, "host": "0.1.0",
        "first-answer": "2026-11-01T00:00:01Z", "last-answer": "2026-11-01T00:00:09Z",
        "counts": { "requests": 1, "answers": 1, "bytes": 10, "rows": 6, "rejected": 1, "retries": 0, "waited": 0 },
        "pages": 1, "rows": 6,
        "completeness": { "declared": 8, "complete": false, "received": 7, "kept": 6, "rejected": 1,
                          "duplicates": 0, "outside-window": 0 },
        "notes": ["Hosts without an address are not listed.",
                  "Collected by the account acme_ab3: items that this account cannot see are not included."], "host-notes": [],
        "rejections": { "count": 1, "first": [{ "subject": "ada's host", "reason": "it has no name" }] },
        "parts": parts,
    });
    proof.to_string()
}
