//! Evidence for the tests of the renderers: small, and with texts that no real host is named.

use std::fs;
use std::io::{Read as _, Seek as _};

use exhibit::evidence::ROWS;
use exhibit::evidence::examples::framed;
use exhibit::testing::{FINDINGS, VERDICTS};
use exhibit_records::Digest;
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::order::{Order, Rendered};
use super::{RenderError, Subject, render};

/// What an attacker, or a person from elsewhere, calls a host. The first is text in each format.
pub(super) const NAMES: [&str; 6] = [
    "=HYPERLINK(\"http://evil.example\")",
    "</td><script>alert(1)</script>&amp;",
    "東京-サーバー 서울 上海",
    "خادم القاهرة 01",
    "🚀 nüll\u{0}\u{202e}txt",
    "_x0041_",
];

fn field(name: &str, label: &str, kind: &str, shown: bool, personal: bool) -> Json {
    json!({ "name": name, "label": label, "kind": kind, "help": "", "shown": shown, "personal": personal })
}

fn lines(rows: impl Iterator<Item = Json>) -> Vec<u8> {
    rows.flat_map(|it| format!("{it}\n").into_bytes()).collect()
}

/// As it is kept under this name.
pub(super) fn stored(path: &str, bytes: &[u8]) -> Vec<u8> {
    if path.ends_with(".zst") { framed(bytes) } else { bytes.to_owned() }
}

fn part(path: &str, bytes: &[u8]) -> Json {
    let content =
        path.ends_with(".zst").then(|| json!({ "bytes": bytes.len(), "digest": Digest::of(bytes) }));
    let stored = stored(path, bytes);
    json!({ "path": path, "bytes": stored.len(), "digest": Digest::of(&stored), "content": content })
}

/// Evidence of six hosts, with a run of two tests.
pub(super) fn evidence() -> TempDir {
    evidence_of(NAMES)
}

/// The same, of hosts with these names. The fourth meets none of three alternatives.
pub(super) fn evidence_of(names: [&str; 6]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("tests/0001");
    fs::create_dir_all(&run).expect("a folder");

    // In the order of the fields, which JSON's own types would not keep.
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
    let rows = (0..).zip(names).map(row).collect::<String>().into_bytes();
    let verdict = |number: u64| ["fail", "pass", "inconclusive"][number as usize % 3];
    let verdicts = (0..).zip(names).map(|(number, name)| {
        json!({ "key": [name], "row": name, "verdicts": { "scanned": verdict(number), "owned": "pass" } })
    });
    let verdicts = lines(verdicts);
    let findings = (0..).zip(names).filter(|(number, _)| verdict(*number) != "pass").map(|(number, name)| {
        let mut found = vec![json!({ "field": "scanned", "seen": null, "wanted": "is not empty" })];
        if number == 3 {
            found.push(json!({ "field": "active", "seen": false, "wanted": "is yes" }));
            let (ada, other) = ("ada@example.com", "is not ada@example.com");
            found.push(json!({ "field": "owner", "seen": ada, "wanted": other }));
        }
        json!({ "test": "scanned", "key": [name], "row": name, "verdict": verdict(number), "found": found })
    });
    let findings = lines(findings);

    let maker = json!({ "id": "demo", "version": "1.2.3", "digest": Digest::of(b"plugin") });
    let test = |name: &str, outcome: &str, [passed, failed, inconclusive]: [u64; 3]| {
        json!({
            "name": name, "label": format!("Hosts are {name}"), "why": "So that Ada@example.com knows.",
            "controls": ["nist-800-53r5:ra-5", "pci-dss-4.0.1:11.3.1"], "threshold": 10000,
            "digest": Digest::of(name.as_bytes()), "outcome": outcome, "counted": passed + failed + inconclusive,
            "passed": passed, "failed": failed, "inconclusive": inconclusive, "not-applicable": 0,
            "message": format!("Of 6 rows in scope {failed} fail."), "since": null,
        })
    };
    let run_json = json!({
        "format": 3, "type": "hosts", "proof": null, "rows": Digest::of(&rows), "as-of": "2026-11-01T00:00:00Z",
        "made": "2026-11-02T08:00:00Z", "plugin": maker, "host": "0.1.0",
        "tests": [test("scanned", "fail", [2, 2, 2]), test("owned", "pass", [6, 0, 0])],
        "parts": [part(VERDICTS, &verdicts), part(FINDINGS, &findings)],
    });
    let run_json = run_json.to_string();
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
            "settings": [{ "name": "platform", "kind": "text", "value": "EU1" }], "criteria": [{ "name": "owner", "kind": "text", "value": "ada s." },
                         { "name": "tags", "kind": "texts", "value": ["prod"] }],
            "window": { "start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z" },
            "as-of": "2026-11-01T00:00:00Z",
        },
        "window": { "start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z" },
        "origins": [{ "name": "api", "url": "https://api.example" }], "plugin": maker, "host": "0.1.0",
        "first-answer": "2026-11-01T00:00:01Z", "last-answer": "2026-11-01T00:00:09Z",
        "counts": { "requests": 1, "answers": 1, "bytes": 10, "rows": 6, "rejected": 1, "retries": 0, "waited": 0 },
        "pages": 1, "rows": 6,
        "completeness": { "declared": 8, "complete": false, "received": 7, "kept": 6, "rejected": 1,
                          "duplicates": 0, "outside-window": 0 },
        "notes": ["Hosts without an address are not listed.",
                  "Collected by the account acme_ab3: items that this account cannot see are not included."], "host-notes": [],
        "rejections": { "count": 1, "first": [{ "subject": "ada's host", "reason": "it has no name" }] },
        "parts": [part(ROWS, &rows), part("tests/0001/run.json", run_json.as_bytes())],
    });
    let files = [(VERDICTS, &verdicts[..]), (FINDINGS, &findings), ("run.json", run_json.as_bytes())];
    for (name, bytes) in files {
        fs::write(run.join(name), stored(name, bytes)).expect("a file");
    }
    fs::write(folder.path().join(ROWS), stored(ROWS, &rows)).expect("a file");
    fs::write(folder.path().join("proof.json"), proof.to_string()).expect("a file");
    folder
}

/// The evidence of a folder, rendered.
pub(super) fn rendered(folder: &TempDir, order: &Order) -> Result<(Vec<u8>, Rendered), RenderError> {
    let subject = Subject::open(folder.path(), None)?;
    let mut file = tempfile::tempfile().expect("a file");
    let rendered = render(&subject, order, &file)?;
    let mut bytes = Vec::new();
    file.rewind().expect("a file");
    file.read_to_end(&mut bytes).expect("a file");
    Ok((bytes, rendered))
}
