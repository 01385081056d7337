//! PyPI's `pyqualys`.

use anyhow::Result;

use super::{Call, Client, Fails, Number, Rows, called, said};

#[rustfmt::skip]
fn calls() -> Vec<Call> {
    vec![
        ("hosts", Rows("assets")),
        ("hosts, one page", Number(7)),
        ("detections", Rows("detections")),
        ("scans", Rows("vm-scans")),
        ("scans of 30 days", Number(60)),
        // It does not follow to the next page.
        ("asset groups", Number(1_000)),
        ("users", Rows("users")),
        ("tags", Number(1_000)),
        ("tags, a page", Number(5)),
        ("tags, counted", Rows("lookup tags")),
        ("launch", said("REFERENCE")),
        ("status", said("Queued")),
        // What was launched on a network is listed as a range.
        ("target", said("10.7.0.0-10.7.0.3")),
        ("pause, too early", Fails("HTTP 400", "what has not begun cannot be paused")),
        ("cancel", said("Canceling scan")),
        ("status, canceled", said("Canceled")),
        ("add user", said("acme_ab900 user has been successfully created.")),
        ("add user, state missing", said("state is required for this country")),
        ("deactivate user", said("acme_sim1 user has been successfully updated.")),
        ("activate user", said("acme_sim1 user has been successfully updated.")),
        ("activate user, pending", said("the status of the user is Pending Activation")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn pyqualys_gets_along() -> Result<()> {
    let script = include_str!("pyqualys.py");
    called(&Client { name: "pyqualys", package: "pyqualys==0.1.1", script, calls: calls() }).await.map(drop)
}
