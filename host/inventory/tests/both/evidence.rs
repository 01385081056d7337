//! Evidence as it is kept, merged.

use anyhow::{Context as _, Result, ensure};
use exhibit_inventory::{EvidenceError, EvidenceOrder, Inventory, Status};
use exhibit_records::{Argument, Digest, Proof};
use exhibit_rows::Value;
use serde_json::json;

use crate::made::{AS_OF, GROUP, NOW, all, hash, identity};

/// What is different in a record.
type Change<'a> = &'a dyn Fn(&mut serde_json::Value);

/// The record of a proof of certificates: of the columns `age`, `hash` and `name`, in another order than the mapping has them.
fn record(asked: &str, change: impl FnOnce(&mut serde_json::Value)) -> Result<Proof> {
    let field = |name: &str, kind: &str| json!({ "name": name, "label": name, "kind": kind, "help": "", "shown": true, "personal": false });
    let mut proof = json!({
        "format": 4,
        "type": { "name": "certificates", "label": "", "help": "", "key": ["hash"], "window": null, "needs": [], "link": null,
                  "fields": [field("age", "integer"), field("hash", "text"), field("name", "text")], "proves": "state" },
        "job": { "settings": [], "criteria": [], "window": null, "as-of": asked },
        "origins": [{ "name": "api", "url": "https://api.example" }], "account": null, "host": "0.1.0",
        "plugin": { "id": "example", "version": "1.0.0", "digest": Digest::of(b"plugin") },
        "began": asked, "first-answer": asked, "last-answer": asked,
        "counts": exhibit_records::Counts::default(), "pages": 1, "rows": 0,
        "completeness": { "declared": null, "complete": null, "received": 2, "kept": 2, "rejected": 0, "duplicates": 0,
                          "outside-window": 0 },
        "notes": [], "host-notes": [], "rejections": { "count": 0, "first": [] }, "parts": [],
        "expires": null, "signed-by": null, "timestamped-by": null,
    });
    change(&mut proof);
    Ok(Proof::parse(proof.to_string().as_bytes())?)
}

async fn merge(
    inventory: &Inventory,
    proof: &Proof,
    numbers: &[u32],
) -> Result<exhibit_inventory::Merged, EvidenceError> {
    let defaults = [Argument { name: "type".to_owned(), kind: Some("text".to_owned()), value: json!("all") }];
    let digest = Digest::of(format!("{proof:?}").as_bytes());
    let order =
        EvidenceOrder { proof, digest, place: "evidence/a", defaults: &defaults, group: GROUP, now: NOW };
    let row = |number: &u32| {
        Ok(vec![Value::Integer(7), Value::Text(hash(*number)), Value::Text(format!("n{number}.example"))])
    };
    inventory.merge_evidence(&order, numbers.iter().map(row)).await
}

pub(crate) async fn evidence_is_merged_as_its_record_says(inventory: &Inventory) -> Result<()> {
    let merged = merge(inventory, &record("2026-10-01T00:00:00Z", |_| ())?, &[1, 2]).await?;
    ensure!(merged.added == 2);
    let item = inventory.show("n1.example", AS_OF).await?.item;
    ensure!(item.identity == identity(1) && !item.values.contains_key("age"), "{item:?}");
    let missed = async |why: &str, expected: usize| {
        let missed = inventory.show("n2.example", AS_OF).await?.item.missed;
        ensure!(missed == expected, "{why}: {missed}");
        Ok(())
    };
    let argument = |name: &str, value: &str| json!([{ "name": name, "kind": "text", "value": value }]);
    let narrowed: [(&str, Change<'_>); 5] = [
        ("a criterion", &|it| it["job"]["criteria"] = argument("tag", "web")),
        ("another value than the default", &|it| it["job"]["criteria"] = argument("type", "managed")),
        ("fewer than the source says", &|it| it["completeness"]["complete"] = false.into()),
        ("what changed since another proof", &|it| {
            it["job"]["since"] = "2026-10-01T00:00:00Z".into();
            it["predecessor"] =
                json!({ "evidence": "certificates-1", "proof": Digest::of(b"1").to_string() });
        }),
        ("a record that was rejected and is not listed", &|it| it["rejections"]["count"] = 1.into()),
    ];
    for (day, (why, change)) in (2..).zip(narrowed) {
        merge(inventory, &record(&format!("2026-10-0{day}T00:00:00Z"), change)?, &[1]).await?;
        missed(why, 0).await?;
    }
    let rejected = |it: &mut serde_json::Value| {
        it["rejections"] = json!({ "count": 1, "first": [{ "subject": hash(2), "reason": "no date" }] });
    };
    merge(inventory, &record("2026-10-08T00:00:00Z", rejected)?, &[1]).await?;
    missed("rejected, and so it was there", 0).await?;
    ensure!(inventory.errors(true).await?.len() == 1);
    let whole = |it: &mut serde_json::Value| it["job"]["criteria"] = argument("type", "all");
    merge(inventory, &record("2026-10-09T00:00:00Z", whole)?, &[1]).await?;
    missed("a whole run", 1).await?;
    ensure!(inventory.show("n2.example", AS_OF).await?.item.status == Status::NotSeen);
    ensure!(inventory.errors(true).await?.is_empty(), "it is gone");
    Ok(())
}

pub(crate) async fn rows_that_cannot_be_read_end_the_run_and_not_what_was_merged(
    inventory: &Inventory,
) -> Result<()> {
    let proof = record("2026-10-01T00:00:00Z", |_| ())?;
    let order = EvidenceOrder {
        proof: &proof,
        digest: Digest::of(b""),
        place: "",
        defaults: &[],
        group: GROUP,
        now: NOW,
    };
    let row = |number: u32| Ok(vec![Value::Absent, Value::Text(hash(number)), Value::Absent]);
    let rows = (1..=700).map(row).chain([Err(std::io::Error::other("a hole in the disk"))]);
    let error = inventory.merge_evidence(&order, rows).await.err().context("an error")?;
    ensure!(error.to_string().contains("a hole in the disk") && !error.is_transient());
    ensure!(all(inventory).await?.len() == 500);
    ensure!(inventory.runs().await?.iter().all(|it| !it.is_finished && !it.proves_absence));
    inventory.merge_evidence(&order, (1..=700).map(row)).await?;
    ensure!(all(inventory).await?.len() == 700 && inventory.runs().await?.len() == 1);

    let operation = record("2026-10-01T00:00:00Z", |it| it["type"]["operation"] = true.into())?;
    let refused = merge(inventory, &operation, &[1]).await;
    ensure!(matches!(refused, Err(EvidenceError::Operation)));
    Ok(())
}
