//! What changed since an earlier proof: how Qualys is asked, and which records are of which proof.

use exhibit_plugin::catalog::ProofType;
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Value};

use super::{at, collected};
use crate::testing::{Collected, Reply, Setup, collect, collect_from};

/// The point of the earlier proof.
const SINCE: &str = "2026-10-30T12:00:00Z";
/// That of this one, as the answers here are dated.
const POINT: &str = "2026-10-31T12:00:00Z";

fn setup(name: &str) -> Setup {
    Setup::new(name).since(SINCE)
}

fn proof_types() -> Vec<ProofType> {
    crate::catalog::manifest().proof_types
}

/// The values of a field, row by row.
fn values(collected: &Collected, proof: &str, field: &str) -> Vec<Value> {
    let fields = proof_types().into_iter().find(|it| it.name == proof).expect("a proof type").fields;
    let place = fields.iter().position(|it| it.name == field).expect("a field");
    collected.rows.iter().map(|row| row[place].clone()).collect()
}

fn ids(numbers: &[i64]) -> Vec<Value> {
    numbers.iter().map(|it| Value::Integer(*it)).collect()
}

fn asked(collected: &Collected, name: &str) -> Vec<String> {
    let pair = |query: &[(String, String)]| query.iter().find(|it| it.0 == name).map(|it| it.1.clone());
    collected.requests.iter().filter_map(|it| pair(&it.query)).collect()
}

fn hosts(inside: &str) -> String {
    format!(
        "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>{POINT}</DATETIME><HOST_LIST>{inside}</HOST_LIST></RESPONSE></HOST_LIST_OUTPUT>"
    )
}

fn host(id: u32, vm: &str, compliance: &str) -> String {
    let date = |name: &str, at: &str| match at {
        "" => String::new(),
        at => format!("<{name}>2026-10-{at}Z</{name}>"),
    };
    format!(
        "<HOST><ID>{id}</ID>{}{}</HOST>",
        date("LAST_VULN_SCAN_DATETIME", vm),
        date("LAST_COMPLIANCE_SCAN_DATETIME", compliance)
    )
}

#[test]
fn a_type_says_what_counts_as_a_change_or_why_it_cannot_be_asked() {
    let (mut asked_for, mut not) = (vec![], vec![]);
    for it in proof_types() {
        let has = |name: &String, kind: Option<Kind>| {
            it.fields.iter().any(|field| field.name == *name && kind.is_none_or(|kind| field.kind == kind))
        };
        match &it.changes {
            Ok(changes) => {
                assert!(changes.lagging.iter().all(|name| has(name, None)), "{}", it.name);
                assert!(changes.left.iter().all(|name| has(name, Some(Kind::Boolean))), "{}", it.name);
                assert!(!it.key.iter().any(|name| changes.lagging.contains(name)), "{}", it.name);
                asked_for.push(it.name.clone());
            }
            Err(why) => {
                let refused = Setup::new(&it.name).since(SINCE).session().err().expect("refused");
                assert!(refused.problem().message.contains(why), "{refused:?}");
                not.push(it.name.clone());
            }
        }
    }
    assert_eq!(asked_for, ["assets", "tickets", "certificates", "detections"]);
    assert_eq!(not, ["users", "vm-scans", "pc-scans", "was-scans", "scan-schedules"]);
}

#[test]
fn criteria_that_records_come_to_meet_without_an_update_are_refused() {
    for (name, criterion) in
        [("assets", "tags"), ("assets", "asset-groups"), ("tickets", "asset-groups"), ("detections", "tags")]
    {
        let refused = setup(name).with(criterion, &["PCI"]).session().err().expect("refused");
        assert!(refused.problem().message.contains("exclude each other"), "{name}: {refused:?}");
        assert!(
            Setup::new(name).with(criterion, &["PCI"]).session().is_ok(),
            "{name}: a whole list has them"
        );
    }
    let of_tag = setup("certificates").with_value("tag", Value::Text("PCI".to_owned()));
    assert!(of_tag.session().err().expect("refused").problem().message.contains("without the certificate"));
    assert!(setup("assets").with("ips", &["10.0.0.1"]).session().is_ok(), "an address stays what it is");
}

#[test]
fn hosts_are_asked_for_by_both_kinds_of_scans_and_each_comes_once() {
    let first = [
        host(1, "30T11:59:59", "31T00:00:00"), // asked for a second earlier: of the other list
        host(2, "30T12:00:00", "01T00:00:00"),
        host(3, "31T11:59:59", "31T00:00:00"),
        host(4, "31T00:00:00", "31T12:00:00"), // scanned while the list was read
        host(5, "31T12:00:00", ""),
    ];
    let second = [
        host(1, "30T11:59:59", "31T00:00:00"),
        host(3, "31T11:59:59", "31T00:00:00"),
        host(4, "31T00:00:00", "31T12:00:00"),
        host(6, "", "30T12:00:00"),
        host(7, "", "30T11:59:59"),
        host(8, "01T00:00:00", "31T12:00:01"),
    ];
    let (first, second) = (hosts(&first.concat()), hosts(&second.concat()));
    let whole = collected(setup("assets"), &[&first, &second]);
    assert_eq!(values(&whole, "assets", "host-id"), ids(&[2, 3, 1, 6]));
    assert_eq!(asked(&whole, "vm_processed_after"), ["2026-10-30T11:59:59Z"]);
    assert_eq!(asked(&whole, "compliance_scan_since"), ["2026-10-30T11:59:59Z"]);
    assert_eq!(whole.summary.point, Some(at(POINT)));
    assert_eq!((whole.summary.outside_window, whole.summary.duplicates), (5, 2));
    let notes = whole.summary.notes.join("\n");
    assert!(notes.contains("does not tell which hosts were removed"), "{notes}");
    assert!(notes.contains("3 records are left for the next proof of changes"), "{notes}");
    assert_eq!(notes.matches("dated its first answer").count(), 1, "{notes}");
}

#[test]
fn both_lists_of_hosts_go_on_from_page_to_page() {
    let more = |body: String, id: u32| {
        let warning = format!(
            "<WARNING><CODE>1980</CODE><TEXT>more</TEXT><URL>https://x.example/?id_min={id}</URL></WARNING></RESPONSE>"
        );
        body.replace("</RESPONSE>", &warning)
    };
    let pages = [
        more(hosts(&host(2, "31T00:00:00", "")), 3),
        hosts(&host(3, "31T00:00:00", "")),
        more(hosts(&host(1, "", "31T00:00:00")), 2),
        hosts(&host(4, "", "31T00:00:00")),
    ];
    let bodies: Vec<&str> = pages.iter().map(String::as_str).collect();
    let whole = collected(setup("assets"), &bodies);
    assert_eq!(values(&whole, "assets", "host-id"), ids(&[2, 3, 1, 4]));
    assert_eq!(asked(&whole, "id_min"), ["3", "2"]);
}

#[test]
fn tickets_that_are_no_longer_selected_are_listed_as_such() {
    let ticket = |number: u32, state: &str, changed: &str| {
        format!(
            "<TICKET><NUMBER>{number}</NUMBER>{state}<HISTORY_LIST><HISTORY><DATETIME>2026-10-{changed}Z</DATETIME></HISTORY>
             </HISTORY_LIST></TICKET>"
        )
    };
    let state = |state: &str| format!("<CURRENT_STATE>{state}</CURRENT_STATE>");
    let ignored = format!("{}<CURRENT_STATUS>IGNORED</CURRENT_STATUS>", state("CLOSED"));
    let tickets = [
        ticket(1, &state("OPEN"), "30T12:00:00"),
        ticket(2, &state("CLOSED"), "31T00:00:00"),
        ticket(3, &ignored, "31T00:00:00"),
        ticket(4, &state("OPEN"), "31T12:00:00"),
        ticket(5, &state("OPEN"), "01T00:00:00"),
    ];
    let body = format!(
        "<REMEDIATION_TICKETS><HEADER><DATETIME>{POINT}</DATETIME></HEADER><TICKET_LIST>{}</TICKET_LIST></REMEDIATION_TICKETS>",
        tickets.concat()
    );
    let open = collected(setup("tickets").with("states", &["OPEN", "IGNORED"]), &[&body]);
    assert_eq!(
        values(&open, "tickets", "id"),
        ids(&[1, 2, 3, 5]),
        "the last was modified otherwise than its history says"
    );
    let left = [false, true, false, false].map(Value::Boolean);
    assert_eq!(values(&open, "tickets", "left"), left);
    assert_eq!(asked(&open, "states"), ["OPEN,RESOLVED,CLOSED,IGNORED"]);
    assert_eq!(asked(&open, "modified_since_datetime"), [SINCE]);
}

#[test]
fn detections_that_were_fixed_are_listed_as_left_and_those_that_changed_later_are_not() {
    let detection = |qid: u32, status: &str, updated: &str| {
        format!(
            "<DETECTION><QID>{qid}</QID><STATUS>{status}</STATUS><LAST_UPDATE_DATETIME>2026-10-{updated}Z</LAST_UPDATE_DATETIME></DETECTION>"
        )
    };
    let detections = [
        detection(1, "Active", "30T11:59:59"),
        detection(2, "Active", "30T12:00:00"),
        detection(3, "Fixed", "31T11:59:59"),
        detection(4, "New", "31T12:00:00"),
    ];
    let body = format!(
        "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>{POINT}</DATETIME><HOST_LIST><HOST><ID>1</ID><DETECTION_LIST>{}
         </DETECTION_LIST></HOST></HOST_LIST></RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>",
        detections.concat()
    );
    let known =
        "<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME></RESPONSE>
                 </KNOWLEDGE_BASE_VULN_LIST_OUTPUT>";
    let whole = collected(setup("detections"), &[&body, known]);
    assert_eq!(values(&whole, "detections", "qid"), ids(&[2, 3]));
    assert_eq!(values(&whole, "detections", "left"), [false, true].map(Value::Boolean));
    assert_eq!(asked(&whole, "status"), ["New,Active,Re-Opened,Fixed"]);
    assert_eq!(asked(&whole, "detection_updated_since"), ["2026-10-30T11:59:59Z"]);
    assert_eq!(whole.summary.point, Some(at(POINT)), "that of the first answer");
}

#[test]
fn certificates_are_dated_by_the_head_as_it_is_sent_after_they_were_read() {
    let certificate = |hash: &str, updated: &str| {
        format!(r#"{{"certhash":"{hash}","updateDate":"2026-10-{updated}.000+00:00"}}"#)
    };
    let all = [
        certificate("aa", "30T11:59:59"),
        certificate("bb", "30T12:00:00"),
        certificate("cc", "31T11:54:59"),
        certificate("dd", "31T11:55:00"),
    ];
    let dated = |body: &str| Reply::new(200, body).header("date", "Sat, 31 Oct 2026 12:00:00 GMT");
    let replies = [dated(&format!("[{}]", all.join(","))), dated("[]")];
    let whole = collect_from(setup("certificates"), &replies).expect("collects");
    let text = |it: &str| Value::Text(it.to_owned());
    assert_eq!(values(&whole, "certificates", "certhash"), [text("bb"), text("cc")]);
    assert_eq!(whole.summary.point, Some(at("2026-10-31T11:55:00Z")));
    let shown = whole.to_string();
    assert!(
        shown.contains(r#"{"field":"certificate.updateDate","operator":"GREATER","value":"2026-10-29"}"#),
        "{shown}"
    );
    let undated = collect(setup("certificates"), &["[]"]).expect_err("no date");
    assert!(undated.problem().message.contains("did not date"), "{undated:?}");
}

#[test]
fn a_clock_that_was_set_back_is_refused_before_a_record_is_read() {
    let back = hosts(&host(1, "31T00:00:00", "")).replace(POINT, "2026-10-30T11:59:59Z");
    let error = collect(setup("assets"), &[&back]).expect_err("set back");
    assert!(matches!(error, Error::Rejected(_)), "{error:?}");
    assert!(error.problem().message.contains("set back"), "{error:?}");
}

#[test]
fn criteria_that_time_alone_changes_are_refused() {
    for setup in [
        setup("certificates").with_value("expiring-in", Value::Integer(30)),
        setup("detections").with_value("since", Value::Instant(at(SINCE))),
    ] {
        let error = setup.session().err().expect("refused");
        assert!(error.problem().message.contains("exclude each other"), "{error:?}");
        assert!(matches!(error, Error::Invalid(_)), "{error:?}");
    }
}
