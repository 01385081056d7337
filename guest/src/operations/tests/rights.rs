//! What reads show of the rights of an account, and what they do not.

use exhibit_plugin::Error;
use exhibit_plugin::collection::{Effect, OperationOutcome};

use crate::testing::{Collected, Reply, Setup, collect_from};

const SCANS: &str = "<SCAN_LIST_OUTPUT><REQUEST><DATETIME>2026-11-01T00:00:00Z</DATETIME><USER_LOGIN>acme_ab1</USER_LOGIN>\
                     </REQUEST><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME></RESPONSE></SCAN_LIST_OUTPUT>";
const GROUPS: &str = "<ASSET_GROUP_LIST_OUTPUT><REQUEST><USER_LOGIN>acme_ab1</USER_LOGIN></REQUEST><RESPONSE>\
                      <DATETIME>2026-11-01T00:00:00Z</DATETIME></RESPONSE></ASSET_GROUP_LIST_OUTPUT>";
const DETECTIONS: &str = "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME></RESPONSE>\
                          </HOST_LIST_VM_DETECTION_OUTPUT>";
const FOUND_NONE: &str =
    "<ServiceResponse><responseCode>SUCCESS</responseCode><count>0</count></ServiceResponse>";
const UNAUTHORIZED: &str = "<ServiceResponse><responseCode>UNAUTHORIZED</responseCode></ServiceResponse>";
const NOT_LICENSED: &str = "<SIMPLE_RETURN><RESPONSE><CODE>2012</CODE><TEXT>No.</TEXT></RESPONSE></SIMPLE_RETURN>";

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
    assert!(probed.requests.iter().all(|it| it.effect == Effect::Read), "{operation} changes something");
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
            format!("{outcome}: {}", probed.summary.notes.join(" "))
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
        ("a Manager", "launch-was-scan", vec![ok(FOUND_NONE), ok(GROUPS), ok(&manager), ok(FOUND_NONE)]),
        ("with the module", "launch-was-scan", vec![ok(FOUND_NONE), ok(GROUPS), refused()]),
        ("without it", "rescan-was", vec![ok(UNAUTHORIZED)]),
        ("an Administrator", "add-user", vec![ok(GROUPS), ok(&users("User Administrator"))]),
        ("a Reader", "add-user", vec![ok(GROUPS), refused()]),
        ("one without groups", "activate-user", vec![refused(), ok(&manager)]),
    ];
    let lines = cases.map(|(who, operation, replies)| format!("{who}, {operation}: {}", said(operation, &replies)));
    insta::assert_snapshot!(lines.join("\n"), @"");
}

#[test]
fn an_account_that_is_refused_in_the_midst_is_not_said_to_lack_a_right() {
    let expired = "<SIMPLE_RETURN><RESPONSE><CODE>2001</CODE><TEXT>Gone.</TEXT></RESPONSE></SIMPLE_RETURN>";
    let error = probe("cancel-scan", &[ok(SCANS), ok(expired)]).err().expect("an error");
    assert_eq!(error.problem().subject.as_deref(), Some("username"));
}

#[test]
fn every_operation_can_be_probed() {
    for operation in crate::catalog::manifest().operations {
        assert!(Setup::new(&operation.name).probe(&operation.name).session().is_ok(), "{}", operation.name);
    }
}
