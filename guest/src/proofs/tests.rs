//! Each proof type, from an answer to rows: what a person would see of it.

mod catalogue;
mod certificates;
mod changes;
mod detections;
mod scan_schedules;
mod scans;
mod tickets;
mod was_scans;

use exhibit_plugin::tester::Tester;
use exhibit_plugin::testing::Outcome;
use exhibit_plugin::types::Window;
use exhibit_plugin::{Row, Value, instant};

use crate::testing::{Collected, Setup, collect};

fn at(text: &str) -> i64 {
    instant::parse(text).expect("a date")
}

fn collected(setup: Setup, bodies: &[&str]) -> Collected {
    collect(setup, bodies).expect("collects")
}

#[test]
fn assets() {
    let answer = r#"<?xml version="1.0" encoding="UTF-8" ?>
<!DOCTYPE HOST_LIST_OUTPUT SYSTEM "https://api.example/host_list_output.dtd">
<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-10-31T12:00:00Z</DATETIME><HOST_LIST>
  <HOST>
    <ID>11</ID><ASSET_ID>211</ASSET_ID><IP>192.0.2.11</IP><TRACKING_METHOD>Cloud Agent</TRACKING_METHOD>
    <DNS><![CDATA[web.corp.example]]></DNS><NETBIOS><![CDATA[WEB]]></NETBIOS><OS><![CDATA[
      Debian Linux 12
    ]]></OS>
    <TAGS><TAG><TAG_ID>1</TAG_ID><NAME><![CDATA[Env & Prod]]></NAME></TAG><TAG><TAG_ID>2</TAG_ID><NAME>Web</NAME></TAG></TAGS>
    <LAST_VULN_SCAN_DATETIME>2026-10-20T07:18:36Z</LAST_VULN_SCAN_DATETIME>
    <LAST_VM_SCANNED_DATE>2026-10-20T07:11:13Z</LAST_VM_SCANNED_DATE>
  </HOST>
  <HOST><ID>12</ID><IP>192.0.2.12</IP><NETBIOS>PRINTER</NETBIOS></HOST>
  <HOST><ID>13</ID><IP>192.0.2.13</IP><OS/><LAST_VM_SCANNED_DATE>soon</LAST_VM_SCANNED_DATE></HOST>
</HOST_LIST></RESPONSE></HOST_LIST_OUTPUT>"#;
    insta::assert_snapshot!(collected(Setup::new("assets"), &[answer]), @r#"
    Method::Get /api/5.0/fo/asset/host/ action=list details=All echo_request=1 show_asset_id=1 show_tags=1 truncation_limit=10000
    row
      asset: web.corp.example
      ip-address: 192.0.2.11
      operating-system: Debian Linux 12
      last-vulnerability-scan: 2026-10-20T07:18:36Z
      last-vm-scan: 2026-10-20T07:11:13Z
      last-compliance-scan: empty
      tags: Env & Prod | Web
      host-id: 11
      asset-id: 211
      tracking-method: Cloud Agent
      dns-name: web.corp.example
      netbios-name: WEB
      last-authenticated-scan: empty
      last-scap-scan: empty
    row
      asset: PRINTER
      ip-address: 192.0.2.12
      last-vulnerability-scan: empty
      last-vm-scan: empty
      last-compliance-scan: empty
      tags: empty
      host-id: 12
      netbios-name: PRINTER
      last-authenticated-scan: empty
      last-scap-scan: empty
    row
      asset: 192.0.2.13
      ip-address: 192.0.2.13
      operating-system: empty
      last-vulnerability-scan: empty
      last-compliance-scan: empty
      tags: empty
      host-id: 13
      last-authenticated-scan: empty
      last-scap-scan: empty
    note Qualys dated its first answer 2026-10-31T12:00:00Z.
    note Qualys does not list hosts that were never scanned.
    note Qualys lists hosts with cloud agents only for accounts that have permission to see them.
    note In "Last VM Scan", 1 value could not be read as a date and was left absent; the first is in record 13.
    pages 1, rows 3, rejected 0, duplicates 0, outside 0
    "#);
}

#[test]
fn users() {
    let answer = r#"<USER_LIST_OUTPUT><USER_LIST>
  <USER><USER_LOGIN>corp_ab1</USER_LOGIN><USER_ID>7</USER_ID>
    <CONTACT_INFO><FIRSTNAME><![CDATA[Ada]]></FIRSTNAME><LASTNAME><![CDATA[Byron]]></LASTNAME><TITLE><![CDATA[]]></TITLE>
      <EMAIL>ada@corp.example</EMAIL></CONTACT_INFO>
    <ASSIGNED_ASSET_GROUPS><ASSET_GROUP_TITLE>All</ASSET_GROUP_TITLE></ASSIGNED_ASSET_GROUPS>
    <USER_STATUS>Active</USER_STATUS><CREATION_DATE>2018-04-26T22:41:56Z</CREATION_DATE>
    <LAST_LOGIN_DATE>2026-10-01T08:00:00Z</LAST_LOGIN_DATE><USER_ROLE>Manager</USER_ROLE>
    <BUSINESS_UNIT>Unassigned</BUSINESS_UNIT><UNIT_MANAGER_POC>0</UNIT_MANAGER_POC><MANAGER_POC>1</MANAGER_POC></USER>
  <USER><USER_LOGIN>corp_cd2</USER_LOGIN><CONTACT_INFO><EMAIL>cd@corp.example</EMAIL></CONTACT_INFO>
    <USER_STATUS>Pending Activation</USER_STATUS><LAST_LOGIN_DATE>N/A</LAST_LOGIN_DATE></USER>
  <USER><CONTACT_INFO><EMAIL>ef@corp.example</EMAIL></CONTACT_INFO><USER_STATUS>Inactive</USER_STATUS></USER>
  <USER><USER_STATUS>Active</USER_STATUS></USER>
</USER_LIST></USER_LIST_OUTPUT>"#;
    insta::assert_snapshot!(collected(Setup::new("users"), &[answer]), @"
    Method::Get /msp/user_list.php 
    row
      username: corp_ab1
      first-name: Ada
      last-name: Byron
      email: ada@corp.example
      business-unit: Unassigned
      roles: Manager
      status: Active
      last-login: 2026-10-01T08:00:00Z
      user-id: 7
      title: empty
      asset-groups: All
      created: 2018-04-26T22:41:56Z
      unit-manager-contact: false
      manager-contact: true
    row
      username: corp_cd2
      email: cd@corp.example
      status: Pending Activation
      last-login: empty
    row
      email: ef@corp.example
      status: Inactive
    rejected USER number 4 of its page: its identifier is missing
    note Qualys did not show the last login of some users to the collecting account. Their cells are absent, which does not mean that they never signed in.
    note Qualys did not show the user name of some users to the collecting account. They are identified by their e-mail address.
    pages 1, rows 3, rejected 1, duplicates 0, outside 0
    ");
}

#[test]
fn vm_scans() {
    let answer = r#"<SCAN_LIST_OUTPUT><RESPONSE><DATETIME>2026-10-31T12:00:00Z</DATETIME><SCAN_LIST>
  <SCAN><REF>scan/1735543972.16308</REF><TYPE>Scheduled</TYPE><TITLE><![CDATA[ Weekly ]]></TITLE><USER_LOGIN>corp_ab1</USER_LOGIN>
    <LAUNCH_DATETIME>2026-10-05T01:00:00Z</LAUNCH_DATETIME><DURATION>1 day 00:29:43</DURATION>
    <PROCESSING_PRIORITY>0 - No Priority</PROCESSING_PRIORITY><PROCESSED>1</PROCESSED>
    <STATUS><STATE>Finished</STATE><SUB_STATE>No_Vuln</SUB_STATE></STATUS><TARGET><![CDATA[192.0.2.1-192.0.2.9,
      web.corp.example]]></TARGET>
    <ASSET_GROUP_TITLE_LIST><ASSET_GROUP_TITLE>DMZ</ASSET_GROUP_TITLE></ASSET_GROUP_TITLE_LIST>
    <OPTION_PROFILE><TITLE>Initial Options</TITLE><DEFAULT_FLAG>1</DEFAULT_FLAG></OPTION_PROFILE></SCAN>
  <SCAN><REF>scan/2.1</REF><TYPE>API</TYPE><TITLE>Now</TITLE><USER_LOGIN>corp_cd2</USER_LOGIN>
    <LAUNCH_DATETIME>2026-10-06T01:00:00Z</LAUNCH_DATETIME><DURATION>Running</DURATION><PROCESSED>0</PROCESSED>
    <STATUS><STATE>Running</STATE></STATUS></SCAN>
  <SCAN><REF>scan/3.1</REF><TYPE>API</TYPE><TITLE>On the edge</TITLE><USER_LOGIN>corp_cd2</USER_LOGIN>
    <LAUNCH_DATETIME>2026-11-01T00:00:00Z</LAUNCH_DATETIME><DURATION>Pending</DURATION></SCAN>
</SCAN_LIST></RESPONSE></SCAN_LIST_OUTPUT>"#;
    let october = Window { start: at("2026-10-01"), end: at("2026-11-01") };
    insta::assert_snapshot!(collected(Setup::new("vm-scans").window(october), &[answer]), @"
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 launched_after_datetime=2026-09-30T23:59:59Z launched_before_datetime=2026-11-01T00:00:01Z
    row
      title: Weekly
      type: Scheduled
      user: corp_ab1
      launch-date: 2026-10-05T01:00:00Z
      duration: 88183 s
      targets: 192.0.2.1-192.0.2.9, web.corp.example
      status: Finished
      reference: scan/1735543972.16308
      sub-status: No_Vuln
      duration-as-written: 1 day 00:29:43
      end-date: 2026-10-06T01:29:43Z
      processed: true
      priority: 0 - No Priority
      asset-groups: DMZ
      option-profile: Initial Options
    row
      title: Now
      type: API
      user: corp_cd2
      launch-date: 2026-10-06T01:00:00Z
      duration: empty
      status: Running
      reference: scan/2.1
      duration-as-written: Running
      processed: false
    note Qualys dated its first answer 2026-10-31T12:00:00Z.
    note Qualys does not list scans that were deleted.
    pages 1, rows 2, rejected 0, duplicates 0, outside 1
    ");
}

#[test]
fn pc_scans_of_the_last_days() {
    let answer = r#"<SCAN_LIST_OUTPUT><RESPONSE><DATETIME>2026-10-31T12:00:00Z</DATETIME></RESPONSE></SCAN_LIST_OUTPUT>"#;
    insta::assert_snapshot!(collected(Setup::new("pc-scans"), &[answer]), @"
    Method::Get /api/2.0/fo/scan/compliance/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 launched_after_datetime=2026-10-01T23:59:59Z launched_before_datetime=2026-11-01T00:00:01Z
    note Qualys dated its first answer 2026-10-31T12:00:00Z.
    note Qualys does not list scans that were deleted.
    window 2026-10-02T00:00:00Z to 2026-11-01T00:00:00Z
    pages 1, rows 0, rejected 0, duplicates 0, outside 0
    ");
}

#[test]
fn tickets() {
    let first = r#"<REMEDIATION_TICKETS><HEADER><USER_LOGIN>corp_ab1</USER_LOGIN></HEADER><TICKET_LIST>
  <TICKET><NUMBER>1</NUMBER><CREATION_DATETIME>2026-09-01T00:00:00Z</CREATION_DATETIME><DUE_DATETIME>2026-09-08T00:00:00Z</DUE_DATETIME>
    <CURRENT_STATE>CLOSED</CURRENT_STATE><CURRENT_STATUS>FIXED</CURRENT_STATUS><INVALID>0</INVALID>
    <ASSIGNEE><NAME>Ada Byron</NAME><EMAIL>ada@corp.example</EMAIL><LOGIN>corp_ab1</LOGIN></ASSIGNEE>
    <DETECTION><IP>192.0.2.11</IP><PORT>443</PORT><PROTOCOL>tcp</PROTOCOL></DETECTION>
    <STATS><TIMES_FOUND>3</TIMES_FOUND><TIMES_NOT_FOUND></TIMES_NOT_FOUND><LAST_OPEN_DATETIME>2026-09-05T00:00:00Z</LAST_OPEN_DATETIME>
      <LAST_CLOSED_DATETIME>2026-09-09T00:00:00Z</LAST_CLOSED_DATETIME></STATS>
    <HISTORY_LIST>
      <HISTORY><DATETIME>2026-09-01T00:00:00Z</DATETIME><STATE><NEW>OPEN</NEW></STATE></HISTORY>
      <HISTORY><DATETIME>2026-09-03T00:00:00Z</DATETIME><STATE><OLD>OPEN</OLD><NEW>RESOLVED</NEW></STATE></HISTORY>
      <HISTORY><DATETIME>2026-09-05T00:00:00Z</DATETIME><STATE><OLD>RESOLVED</OLD><NEW>OPEN</NEW></STATE></HISTORY>
      <HISTORY><DATETIME>2026-09-09T00:00:00Z</DATETIME><STATE><OLD>OPEN</OLD><NEW>CLOSED</NEW></STATE></HISTORY></HISTORY_LIST>
    <VULNINFO><TITLE><![CDATA[Old TLS]]></TITLE><TYPE>VULN</TYPE><QID>38628</QID><SEVERITY>5</SEVERITY>
      <CVE_ID_LIST><CVE_ID><![CDATA[CVE-2024-1]]></CVE_ID><CVE_ID><ID>CVE-2024-2</ID><URL>https://x.example</URL></CVE_ID></CVE_ID_LIST></VULNINFO></TICKET>
  <TICKET><NUMBER>2</NUMBER><CREATION_DATETIME>2026-10-01T00:00:00Z</CREATION_DATETIME><DUE_DATETIME>2026-10-08T00:00:00Z</DUE_DATETIME>
    <CURRENT_STATE>OPEN</CURRENT_STATE><CURRENT_STATUS>REOPENED</CURRENT_STATUS></TICKET>
</TICKET_LIST><TRUNCATION last="2">Truncated after 2 records</TRUNCATION></REMEDIATION_TICKETS>"#;
    let second = r#"<REMEDIATION_TICKETS><HEADER/><TICKET_LIST>
  <TICKET><NUMBER>2</NUMBER><DUE_DATETIME>2026-10-08T00:00:00Z</DUE_DATETIME><CURRENT_STATE>RESOLVED</CURRENT_STATE>
    <HISTORY_LIST><HISTORY><DATETIME>2026-10-07T00:00:00Z</DATETIME><STATE><NEW>RESOLVED</NEW></STATE></HISTORY></HISTORY_LIST></TICKET>
  <TICKET><NUMBER>3</NUMBER><DUE_DATETIME>2026-10-08T00:00:00Z</DUE_DATETIME><CURRENT_STATE>CLOSED</CURRENT_STATE>
    <CURRENT_STATUS>IGNORED</CURRENT_STATUS></TICKET>
</TICKET_LIST></REMEDIATION_TICKETS>"#;
    insta::assert_snapshot!(collected(Setup::new("tickets"), &[first, second]), @"
    Method::Get /msp/ticket_list.php show_host_id=1 states=OPEN,RESOLVED,CLOSED,IGNORED
    Method::Get /msp/ticket_list.php show_host_id=1 states=OPEN,RESOLVED,CLOSED,IGNORED since_ticket_number=3
    row
      id: 1
      vulnerability-level: 5
      status: CLOSED/FIXED
      due-date: 2026-09-08T00:00:00Z
      last-modified: 2026-09-09T00:00:00Z
      time-to-resolution: 691200 s
      overdue: false
      resolved-late: true
      state: CLOSED
      state-detail: FIXED
      invalid: false
      created: 2026-09-01T00:00:00Z
      assignee: Ada Byron
      assignee-email: ada@corp.example
      assignee-login: corp_ab1
      ip-address: 192.0.2.11
      port: 443
      protocol: tcp
      vulnerability: Old TLS
      vulnerability-type: VULN
      qid: 38628
      cves: CVE-2024-1 | CVE-2024-2
      times-found: 3
      times-not-found: empty
      last-open: 2026-09-05T00:00:00Z
      last-closed: 2026-09-09T00:00:00Z
      times-reopened: 1
      history: 2026-09-01T00:00:00Z to OPEN | 2026-09-03T00:00:00Z from OPEN to RESOLVED | 2026-09-05T00:00:00Z from RESOLVED to OPEN | 2026-09-09T00:00:00Z from OPEN to CLOSED
      left: false
    row
      id: 2
      status: RESOLVED
      due-date: 2026-10-08T00:00:00Z
      last-modified: 2026-10-07T00:00:00Z
      overdue: false
      resolved-late: false
      state: RESOLVED
      times-reopened: 0
      history: 2026-10-07T00:00:00Z to RESOLVED
      left: false
    row
      id: 3
      status: CLOSED/IGNORED
      due-date: 2026-10-08T00:00:00Z
      time-to-resolution: empty
      overdue: false
      resolved-late: empty
      state: CLOSED
      state-detail: IGNORED
      left: false
    note Collected with the account corp_ab1: items that this account cannot see are not included.
    pages 2, rows 3, rejected 0, duplicates 1, outside 0
    ");
}

/// One ticket's values, by field.
fn ticket(inside: &str) -> impl Fn(&str) -> Value + use<> {
    let body = format!(
        "<REMEDIATION_TICKETS><HEADER/><TICKET_LIST><TICKET><NUMBER>1</NUMBER>{inside}</TICKET></TICKET_LIST></REMEDIATION_TICKETS>"
    );
    let row = collected(Setup::new("tickets"), &[&body]).rows.remove(0);
    let fields = (super::tickets::PROOF.describe)().fields;
    move |name| row[fields.iter().position(|it| it.name == name).expect("a field")].clone()
}

fn happened(at: &str, state: &str) -> String {
    format!("<HISTORY><DATETIME>{at}T00:00:00Z</DATETIME><STATE><NEW>{state}</NEW></STATE></HISTORY>")
}

#[test]
fn a_user_without_a_login_is_known_by_e_mail() {
    let body = "<USER_LIST_OUTPUT><USER_LIST><USER><USER_LOGIN/><CONTACT_INFO><EMAIL>a@corp.example</EMAIL></CONTACT_INFO>
                </USER></USER_LIST></USER_LIST_OUTPUT>";
    assert_eq!(collected(Setup::new("users"), &[body]).rows.len(), 1);
}

/// What the suggested tests of a proof type say of these rows.
fn outcomes_of(proof: &str, rows: &[Row]) -> Vec<Outcome> {
    let proof_type = crate::catalog::manifest().proof_types.into_iter().find(|it| it.name == proof);
    let proof_type = proof_type.expect("a proof type");
    let mut tester =
        Tester::open(&proof_type, &proof_type.suggested, at("2026-11-01")).expect("tests that make sense");
    let place = |name: &String| proof_type.fields.iter().position(|it| it.name == *name).expect("a field");
    let columns: Vec<usize> = tester.fields().iter().map(place).collect();
    let shown = |row: &Row| columns.iter().map(|&it| row[it].clone()).collect();
    tester.observe(&rows.iter().map(shown).collect::<Vec<Row>>()).expect("rows");
    tester.finish().into_iter().map(|it| it.outcome).collect()
}

/// The cell of the first row in this column.
fn cell(proof: &str, answer: &str, column: &str) -> Value {
    let collected = collect(Setup::new(proof), &[answer]).expect("collects");
    let proof_type = crate::catalog::manifest().proof_types.into_iter().find(|it| it.name == proof);
    let at =
        proof_type.expect("a proof type").fields.iter().position(|it| it.name == column).expect("a column");
    collected.rows[0][at].clone()
}

#[test]
fn a_host_with_only_ipv6_has_an_address_and_a_name() {
    let host = |what: &str| {
        format!(
            "<HOST_LIST_OUTPUT><RESPONSE><HOST_LIST><HOST><ID>1</ID>{what}</HOST></HOST_LIST></RESPONSE></HOST_LIST_OUTPUT>"
        )
    };
    let text = |it: &str| Value::Text(it.to_owned());
    let only = host("<IPV6>2001:db8::7</IPV6>");
    assert_eq!(cell("assets", &only, "asset"), text("2001:db8::7"));
    assert_eq!(cell("assets", &only, "ip-address"), text("2001:db8::7"));
    let both = host("<IP>10.0.0.1</IP><IPV6>2001:db8::7</IPV6><DNS>a.example</DNS>");
    assert_eq!(cell("assets", &both, "asset"), text("a.example"));
    assert_eq!(cell("assets", &both, "ip-address"), text("10.0.0.1"));
    assert_eq!(cell("assets", &host("<IP/>"), "ip-address"), Value::Empty);
    assert_eq!(cell("assets", &host(""), "ip-address"), Value::Absent);
    assert_eq!(cell("assets", &host("<DNS/>"), "asset"), Value::Empty);
    assert_eq!(cell("assets", &host(""), "asset"), Value::Absent);
}

#[test]
fn more_of_a_host_is_kept() {
    let answer = "<HOST_LIST_OUTPUT><RESPONSE><HOST_LIST><HOST><ID>1</ID><TRURISK_SCORE>512</TRURISK_SCORE>\
        <ASSET_CRITICALITY_SCORE>4</ASSET_CRITICALITY_SCORE><DNS_DATA><FQDN>a.example.com</FQDN></DNS_DATA>\
        <SERIAL_NUMBER>S1</SERIAL_NUMBER><HARDWARE_UUID>H1</HARDWARE_UUID><LAST_BOOT>2026-10-01T00:00:00Z</LAST_BOOT>\
        <COMMENTS>rack 7</COMMENTS><ASSET_GROUP_IDS>12, 13</ASSET_GROUP_IDS></HOST></HOST_LIST></RESPONSE></HOST_LIST_OUTPUT>";
    let cells = [
        "trurisk-score",
        "criticality",
        "fqdn",
        "serial-number",
        "hardware-id",
        "last-boot",
        "comments",
        "asset-group-ids",
    ]
    .map(|it| cell("assets", answer, it));
    let text = |it: &str| Value::Text(it.to_owned());
    let groups = Value::Texts(vec!["12".to_owned(), "13".to_owned()]);
    let boot = Value::Instant(1_790_812_800_000);
    let wanted = [
        Value::Integer(512),
        Value::Integer(4),
        text("a.example.com"),
        text("S1"),
        text("H1"),
        boot,
        text("rack 7"),
        groups,
    ];
    assert_eq!(cells, wanted);
}

#[test]
fn granted_permissions_are_listed() {
    let user = |what: &str| {
        format!(
            "<USER_LIST_OUTPUT><USER_LIST><USER><USER_LOGIN>a</USER_LOGIN>{what}</USER></USER_LIST></USER_LIST_OUTPUT>"
        )
    };
    let some = user(
        "<PERMISSIONS><PURGE_INFO>1</PURGE_INFO><ADD_ASSETS>0</ADD_ASSETS><EDIT_AUTH_RECORDS>1</EDIT_AUTH_RECORDS></PERMISSIONS>",
    );
    let wanted = Value::Texts(vec!["PURGE_INFO".to_owned(), "EDIT_AUTH_RECORDS".to_owned()]);
    assert_eq!(cell("users", &some, "permissions"), wanted);
    assert_eq!(cell("users", &user("<PERMISSIONS/>"), "permissions"), Value::Empty);
    assert_eq!(cell("users", &user(""), "permissions"), Value::Absent);
}

#[test]
fn a_scan_of_another_list_is_rejected() {
    let answer = "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME/><SCAN_LIST><SCAN><REF>scan/1.2</REF></SCAN>\
        <SCAN><REF>compliance/1.3</REF></SCAN></SCAN_LIST></RESPONSE></SCAN_LIST_OUTPUT>";
    for (proof, rejected) in [("pc-scans", "scan/1.2"), ("vm-scans", "compliance/1.3")] {
        let collected = collect(Setup::new(proof), &[answer]).expect("collects");
        assert_eq!((collected.rows.len(), collected.rejected.len()), (1, 1));
        assert!(collected.rejected[0].starts_with(rejected), "{:?}", collected.rejected);
    }
}

#[test]
fn a_text_that_is_too_long_is_said_to_be_so() {
    let long = "x".repeat((1 << 20) + 1);
    let answer = format!(
        "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME/><SCAN_LIST><SCAN><REF>scan/1</REF><TARGET>{long}</TARGET></SCAN></SCAN_LIST>\
         </RESPONSE></SCAN_LIST_OUTPUT>"
    );
    let collected = collect(Setup::new("vm-scans"), &[&answer]).expect("collects");
    let note = "In \"Targets\", 1 value is longer than 1 MiB and left absent; the first, in record scan/1, has 1048577 bytes. \
                The recorded answers contain the whole.";
    assert!(collected.summary.notes.iter().any(|it| it == note), "{:?}", collected.summary.notes);
}
