//! What reads show of the rights of an account, and what they do not.

use exhibit_plugin::Error;
use exhibit_plugin::collection::{Effect, OperationOutcome};

use crate::testing::{Collected, Reply, Setup, collect_from};

const SCANS: &str = "<SCAN_LIST_OUTPUT><REQUEST><DATETIME>2026-11-01T00:00:00Z</DATETIME><USER_LOGIN>acme_ab1</USER_LOGIN>\
                     </REQUEST><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME></RESPONSE></SCAN_LIST_OUTPUT>";
const APPLIANCES: &str = "<APPLIANCE_LIST_OUTPUT><REQUEST><USER_LOGIN>acme_ab1</USER_LOGIN></REQUEST><RESPONSE>\
                          <DATETIME>2026-11-01T00:00:00Z</DATETIME></RESPONSE></APPLIANCE_LIST_OUTPUT>";
const DETECTIONS: &str = "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME></RESPONSE>\
                          </HOST_LIST_VM_DETECTION_OUTPUT>";
const FOUND_NONE: &str =
    "<ServiceResponse><responseCode>SUCCESS</responseCode><count>0</count></ServiceResponse>";
const UNAUTHORIZED: &str = "<ServiceResponse><responseCode>UNAUTHORIZED</responseCode></ServiceResponse>";
const NOT_LICENSED: &str =
    "<SIMPLE_RETURN><RESPONSE><CODE>2012</CODE><TEXT>No.</TEXT></RESPONSE></SIMPLE_RETURN>";

fn users(role: &str) -> String {
    format!(
        "<USER_LIST_OUTPUT><USER_LIST><USER><USER_LOGIN>acme_xy9</USER_LOGIN><USER_ROLE>Reader</USER_ROLE></USER>\
         <USER><USER_LOGIN>acme_ab1</USER_LOGIN><USER_ROLE>{role}</USER_ROLE></USER></USER_LIST></USER_LIST_OUTPUT>"
    )
}

fn ok(body: &str) -> Reply {
    Reply::new(200, body)
}

fn refused() -> Reply {
    Reply::new(403, NOT_LICENSED)
}

fn probe(operation: &str, replies: &[Reply]) -> Result<Collected, Error> {
    let probed = collect_from(Setup::new(operation).probe(operation), replies)?;
    assert!(
        probed.requests.iter().all(|it| matches!(it.effect, Effect::Read)),
        "{operation} changes something"
    );
    assert!(probed.rows.is_empty());
    Ok(probed)
}

/// `may`, `unknown` or `no`, and what is said of it.
fn said(operation: &str, replies: &[Reply]) -> String {
    match probe(operation, replies) {
        Ok(probed) => {
            let outcome = match probed.summary.outcome {
                None => "may",
                Some(OperationOutcome::Unknown) => "unknown",
                other => panic!("{other:?}"),
            };
            let notes = probed.summary.notes.iter().map(|it| format!(": {it}"));
            format!("{outcome}{}", notes.collect::<String>())
        }
        Err(error) => format!("no: {}", error.problem().message),
    }
}

#[test]
fn what_reads_show_of_each_role() {
    let manager = users("Manager");
    let cases = [
        ("a Manager", "cancel-scan", vec![ok(SCANS), ok(&manager), ok(FOUND_NONE)]),
        ("one without full scope", "launch-vm-scan", vec![ok(SCANS), ok(&manager), ok(UNAUTHORIZED)]),
        ("a Unit Manager", "launch-vm-scan", vec![ok(SCANS), ok(&users("Unit Manager"))]),
        ("a Scanner or Reader", "pause-scan", vec![ok(SCANS), refused(), ok(DETECTIONS)]),
        ("another role", "pause-scan", vec![ok(SCANS), refused(), refused()]),
        ("an Auditor, as listed", "pause-scan", vec![ok(SCANS), ok(&users("Auditor"))]),
        ("without the module", "launch-ec2-scan", vec![refused()]),
        ("a Manager", "launch-was-scan", vec![ok(FOUND_NONE), ok(APPLIANCES), ok(&manager), ok(FOUND_NONE)]),
        ("with the module", "launch-was-scan", vec![ok(FOUND_NONE), ok(APPLIANCES), refused()]),
        ("without it", "rescan-was", vec![ok(UNAUTHORIZED)]),
        ("an Administrator", "add-user", vec![refused(), ok(&manager)]),
        ("one with appliances", "add-user", vec![ok(APPLIANCES), ok(&users("User Administrator"))]),
        (
            "one who is not listed",
            "add-user",
            vec![ok(APPLIANCES.replace("acme_ab1", "acme_zz9").as_str()), ok(&manager)],
        ),
        ("a Reader", "add-user", vec![ok(APPLIANCES), refused()]),
    ];
    let lines =
        cases.map(|(who, operation, replies)| format!("{who}, {operation}: {}", said(operation, &replies)));
    insta::assert_snapshot!(lines.join("\n"), @r#"
    a Manager, cancel-scan: may
    one without full scope, launch-vm-scan: unknown: The role of the account is Manager, but not with full scope: whether the right to launch scans was taken from it, reads do not show. Look in the console, under Roles and Scopes: step 10 of the guide, Use a second account for operations.
    a Unit Manager, launch-vm-scan: may: Only hosts of the business unit of the account can be scanned.
    a Scanner or Reader, pause-scan: unknown: The account is a Scanner, who may launch and control scans, or a Reader, who may not: no list that it may read shows which. Look in the console at the role of the user: step 10 of the guide, Use a second account for operations.
    another role, pause-scan: no: the account may list neither users nor detections, so its role is not one that may launch scans
    an Auditor, as listed, pause-scan: no: the role of the account is Auditor, which may not launch or control scans
    without the module, launch-ec2-scan: no: the account's licence or role does not cover this API: "No."
    a Manager, launch-was-scan: may
    with the module, launch-was-scan: unknown: The account can use the WAS module. Whether it has the permission Launch WAS Scan, reads do not show: step 6 of the guide, Give modules and permissions.
    without it, rescan-was: no: the account has no permission to use this API
    an Administrator, add-user: may: Managers and Administrators cannot be added or changed by this account.
    one with appliances, add-user: may: Managers and Administrators cannot be added or changed by this account.
    one who is not listed, add-user: unknown: The list of users does not show which role the account has. Look in the console at the role of the user: step 10 of the guide, Use a second account for operations.
    a Reader, add-user: no: the account's licence or role does not cover this API: "No."
    "#);
}

#[test]
fn an_account_that_is_refused_in_the_midst_is_not_said_to_lack_a_right() {
    let expired = "<SIMPLE_RETURN><RESPONSE><CODE>2001</CODE><TEXT>Gone.</TEXT></RESPONSE></SIMPLE_RETURN>";
    let error = probe("cancel-scan", &[ok(SCANS), ok(expired)]).expect_err("an error");
    assert_eq!(error.problem().subject.as_deref(), Some("username"));
}

#[test]
fn every_operation_can_be_probed() {
    for operation in crate::catalog::manifest().operations {
        assert!(Setup::new(&operation.name).probe(&operation.name).session().is_ok(), "{}", operation.name);
    }
}
