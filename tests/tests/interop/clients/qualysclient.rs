//! PyPI's `qualysclient`, which uses sessions.

use anyhow::Result;
use serde_json::json;

use super::{Call, Client, Expected, Fails, Number, Rows, called};

#[rustfmt::skip]
fn calls() -> Vec<Call> {
    vec![
        ("hosts, without a session", Fails("LoginError", "its password was wrong")),
        ("login", Expected::Said(json!(["QualysSession"]))),
        ("hosts", Rows("assets")),
        ("hosts, its usual page", Number(10)),
        ("hosts, networks", Number(400)),
        ("detections", Rows("detections")),
        ("reopened", Number(502)),
        // Sessions are for version 2.0 alone.
        ("users", Number(401)),
        ("hosts, version 5.0", Number(401)),
        ("slash", Number(3)),
        // It follows by GET, and without what it posted.
        ("slash, posted", Number(400)),
        ("hosts, logged out", Fails("LoginError", "its session has ended")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn qualysclient_gets_along() -> Result<()> {
    let script = include_str!("qualysclient.py");
    let package = "qualysclient==0.0.4.8.3";
    called(&Client { name: "qualysclient", package, script, calls: calls() }).await.map(drop)
}
