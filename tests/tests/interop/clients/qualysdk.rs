//! PyPI's `qualysdk`, whose records are also compared with rows.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value as Json;

use super::same::{Same, plain};
use super::{Call, Client, Collected, Expected, Fails, Number, Rows, called, said};

/// What must at least have been compared.
const LEAST_FIELDS: u64 = 60_000;

#[rustfmt::skip]
fn calls() -> Vec<Call> {
    vec![
        ("about", Number(1_000_000)),
        ("hosts", Rows("assets")),
        // It gives up on LAST_SCAP_SCAN_DATETIME and COMMENTS, which the DTD has.
        ("hosts, all", Number(0)),
        ("hosts, all that it knows", Rows("assets")),
        // It gives up on INSTANCE, which the DTD has.
        ("detections", Number(0)),
        ("detections, all that it knows", Rows("detections")),
        ("knowledge base", Number(900 - 18)),
        ("knowledge base, many", Fails("414", "it asks by GET, and so many do not fit into an address")),
        ("knowledge base, one", Fails("must be a mapping", "it takes the elements of a single entry for entries")),
        ("scans", Rows("vm-scans")),
        ("scans, targets", Fails("does not appear to be an IPv4 or IPv6 address", "it takes every target for an address, which names and machines in a cloud are not")),
        ("asset groups", Rows("lookup asset-groups")),
        ("scanners", Rows("lookup scanners")),
        ("scanners, full", Rows("lookup scanners")),
        ("users", Rows("users")),
        ("tags", Rows("lookup tags")),
        ("tags, counted", Rows("lookup tags")),
        ("tags, some counted", Number(1)),
        ("tag", said("Cloud Agent")),
        ("web application scans", Rows("was-scans")),
        ("web application scans, some", Number(104)),
        ("web application scans, counted", Rows("was-scans")),
        ("web application scans, some counted", Number(218)),
        ("web application scan", Fails("unexpected keyword argument 'endScanDate'", "it does not know endScanDate, which recorded answers have")),
        ("web applications", Rows("lookup web-applications")),
        ("web applications, counted", Rows("lookup web-applications")),
        ("web application", said("Customer portal")),
        ("token", Expected::Said(true.into())),
        ("certificates", Rows("certificates")),
        ("certificates, leaves", Number(262)),
        ("certificates, by hash", Fails("the field hash cannot be filtered by", "it leaves out the `certificate.` that the documentation has before hash")),
        ("launch", said("Queued")),
        ("pause, too early", Fails("cannot be changed in its state, Queued", "what has not begun cannot be paused")),
        ("cancel", said("Canceling scan")),
        ("resume", said("Resuming scan")),
        ("pause", said("Pausing scan")),
        ("launch, EC2", Fails("too many values to unpack", "it is launched; then it takes the IDs of machines in the list for ranges of addresses")),
        ("add user", said("acme_ab900 user has been successfully created.")),
        ("add user, password", said("User created. User:Pass is: acme_ab901:made-up-by-the-simulator")),
        ("launch of a web application", Number(7_001_751)),
        ("status of a web application", said("SUBMITTED")),
        ("cancel of a web application", said("SUCCESS")),
        ("cancel of a web application, again", Fails("cannot be canceled in its status, CANCELED", "it is canceled already")),
        // The answer has the ID of the old scan.
        ("scan again", Number(7_000_000)),
    ]
}

#[rustfmt::skip]
const SAME: [Same; 9] = [
    Same { records: "hosts", rows: "assets", fields: &[
        ("ID", "host-id"), ("ASSET_ID", "asset-id"), ("IP", "ip-address"), ("DNS", "dns-name"), ("NETBIOS", "netbios-name"),
        ("OS", "operating-system"), ("TRACKING_METHOD", "tracking-method"), ("QG_HOSTID", "qualys-host-id"),
        ("EC2_INSTANCE_ID", "ec2-instance-id"),
    ] },
    Same { records: "scans of hosts", rows: "assets", fields: &[
        ("ID", "host-id"), ("LAST_VULN_SCAN_DATETIME", "last-vulnerability-scan"), ("LAST_VM_SCANNED_DATE", "last-vm-scan"),
        ("LAST_COMPLIANCE_SCAN_DATETIME", "last-compliance-scan"), ("FIRST_FOUND_DATE", "first-found"),
        ("LAST_ACTIVITY", "last-activity"), ("LAST_VM_AUTH_SCANNED_DATE", "last-authenticated-scan"), ("OWNER", "owner"),
    ] },
    Same { records: "detections", rows: "detections", fields: &[
        ("UNIQUE_VULN_ID", "unique-id"), ("QID", "qid"), ("SEVERITY", "severity"), ("STATUS", "status"), ("PORT", "port"),
        ("PROTOCOL", "protocol"), ("FIRST_FOUND_DATETIME", "first-found"), ("LAST_FOUND_DATETIME", "last-found"),
        ("TIMES_FOUND", "times-found"),
    ] },
    Same { records: "scans", rows: "vm-scans", fields: &[
        ("REF", "reference"), ("TYPE", "type"), ("TITLE", "title"), ("USER_LOGIN", "user"), ("LAUNCH_DATETIME", "launch-date"),
        ("STATE", "status"),
    ] },
    Same { records: "users", rows: "users", fields: &[
        ("USER_LOGIN", "username"), ("USER_ID", "user-id"), ("FIRSTNAME", "first-name"), ("LASTNAME", "last-name"), ("EMAIL", "email"),
        ("USER_STATUS", "status"), ("CREATION_DATE", "created"), ("LAST_LOGIN_DATE", "last-login"), ("USER_ROLE", "roles"),
        ("BUSINESS_UNIT", "business-unit"),
    ] },
    Same { records: "web application scans", rows: "was-scans", fields: &[
        ("id", "scan-id"), ("name", "title"), ("reference", "reference"), ("type", "type"), ("mode", "mode"),
        ("launchedDate", "launch-date"), ("status", "status"), ("target_id", "application-id"), ("target_name", "application"),
        ("profile_id", "option-profile-id"), ("summary_resultsStatus", "results-status"),
        ("summary_authStatus", "authentication-status"), ("launchedBy_username", "user"),
    ] },
    Same { records: "certificates", rows: "certificates", fields: &[
        ("id", "certificate-id"), ("certhash", "certhash"), ("serialNumber", "serial-number"), ("validToDate", "valid-to"),
        ("type", "type"), ("subject_name", "common-name"), ("issuer_name", "issuer"),
    ] },
    Same { records: "tags", rows: "lookup tags", fields: &[("id", "tag-id"), ("name", "name"), ("ruleType", "rule")] },
    Same { records: "web applications", rows: "lookup web-applications", fields: &[
        ("id", "application-id"), ("name", "name"), ("url", "url"), ("updatedDate", "updated"),
    ] },
];

#[tokio::test(flavor = "multi_thread")]
async fn qualysdk_lists_what_exhibit_collects() -> Result<()> {
    let script = include_str!("qualysdk.py");
    let client = Client { name: "qualysdk", package: "qualysdk==0.3.17", script, calls: calls() };
    let Some((records, collected)) = called(&client).await? else { return Ok(()) };
    let mut fields = 0;
    for same in &SAME {
        fields += same.compare(&records, &collected[same.rows])?;
    }
    fields += titles(&records, &collected)?;
    ensure!(fields >= LEAST_FIELDS, "only {fields} fields were compared");
    Ok(())
}

/// Compares the titles of detections with those that the client reads in the KnowledgeBase.
fn titles(records: &Json, collected: &Collected) -> Result<u64> {
    let entries = records["knowledge base"].as_array().context("entries")?;
    let known: BTreeMap<_, _> = entries.iter().map(|it| (plain(&it["QID"]), plain(&it["TITLE"]))).collect();
    let mut titles = 0;
    for row in &collected["detections"] {
        let known = known.get(&plain(&row["qid"])).cloned().flatten();
        ensure!(plain(&row["title"]) == known, "{row}: {known:?}");
        titles += 1;
    }
    Ok(titles)
}
