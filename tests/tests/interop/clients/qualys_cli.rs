//! PyPI's `qualys-cli`, which Qualys publishes.

use anyhow::Result;

use super::{Call, Client, Fails, Number, Rows, called, said};

#[rustfmt::skip]
fn calls() -> Vec<Call> {
    vec![
        ("hosts", Rows("assets")),
        ("hosts, one page", Number(7)),
        ("detections", Number(3_577)),
        ("knowledge base", Number(34)),
        ("knowledge base, ids", Number(34)),
        ("scans", Rows("vm-scans")),
        ("scans of 30 days", Number(60)),
        ("scans, canceled as it spells that", Fails("state has invalid value: Cancelled", "its help has another spelling than the documentation: Canceled")),
        ("compliance scans", Rows("pc-scans")),
        ("schedules", Rows("scan-schedules")),
        ("schedules, by ids", Fails("unrecognized parameter: ids", "the parameter is called id")),
        ("scanners", Rows("lookup scanners")),
        ("option profiles", Rows("lookup option-profiles")),
        ("option profiles, by ids", Fails("unrecognized parameter: ids", "the parameter is called id")),
        ("asset groups", Number(1_000)),
        ("tags, a page", Number(100)),
        ("tags, the largest page", Number(1_000)),
        ("users", Rows("users")),
        ("web applications, a page", Number(100)),
        ("web application", said("Customer portal")),
        ("web applications, counted", Rows("lookup web-applications")),
        ("web application scans, a page", Number(100)),
        ("web application scans, canceled as it spells that", said("INVALID_REQUEST")),
        ("web application scans, counted", Rows("was-scans")),
        ("web application scan", said("CANCELED")),
        ("status of a web application", said("CANCELED")),
        ("option profiles of web applications", Rows("lookup was-option-profiles")),
        ("token", said("done")),
        ("launch", Number(1)),
        ("launch, with a scanner", Fails("unrecognized parameter: scanner_appliances", "the parameter is called iscanner_name")),
        ("cancel", Fails("scan_ref has invalid value", "there is no such scan")),
        ("launch of a web application", Number(1)),
        ("cancel of a web application", Number(1)),
        ("scan again", Fails("404", "the documentation writes scanagain in lower case")),
        ("add user", Number(1)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn qualys_cli_gets_along() -> Result<()> {
    let script = include_str!("qualys_cli.py");
    called(&Client { name: "qualys-cli", package: "qualys-cli==0.2.0", script, calls: calls() })
        .await
        .map(drop)
}
