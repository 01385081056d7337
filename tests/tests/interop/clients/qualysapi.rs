//! PyPI's `qualysapi`.

use anyhow::Result;

use super::{Call, Client, Fails, Number, Rows, called, said};

#[rustfmt::skip]
fn calls() -> Vec<Call> {
    vec![
        ("about", said("0.0.0-0")),
        ("hosts", Rows("assets")),
        ("hosts, by tag", Number(167)),
        ("hosts, all groups", Number(50)),
        ("hosts, not scanned for long", Fails("400", "it takes the blanks after the address of the next page for a part of id_min")),
        ("detections", Number(3_490)),
        ("knowledge base", Number(34)),
        ("scans of 30 days", Number(60)),
        ("scans", Rows("vm-scans")),
        ("scans, running", Number(1)),
        ("compliance scans", Rows("pc-scans")),
        ("scanners", Rows("lookup scanners")),
        ("users", Rows("users")),
        ("tickets", Rows("tickets")),
        ("tags", Number(1_000)),
        ("tags, counted", Rows("lookup tags")),
        ("web applications, counted", Rows("lookup web-applications")),
        ("web applications", Number(1_000)),
        ("web application", said("Customer portal")),
        ("web application scans", Rows("was-scans")),
        ("status of a web application", said("CANCELED")),
        ("launch", said("Queued")),
        ("cancel", said("Canceled")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn qualysapi_gets_along() -> Result<()> {
    let script = include_str!("qualysapi.py");
    called(&Client { name: "qualysapi", package: "qualysapi==8.1.0", script, calls: calls() }).await.map(drop)
}
