//! What is worked out from a scan.

use exhibit_plugin::Value;

use super::{cell, collected};
use crate::testing::Setup;

fn scan(inside: &str) -> String {
    format!(
        "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME/><SCAN_LIST><SCAN><REF>scan/1</REF>{inside}</SCAN></SCAN_LIST></RESPONSE>\
         </SCAN_LIST_OUTPUT>"
    )
}

#[test]
fn line_breaks_of_targets_are_layout_and_all_else_is_kept() {
    let targets = |written: &str| cell("vm-scans", &scan(&format!("<TARGET>{written}</TARGET>")), "targets");
    let text = |it: &str| Value::Text(it.to_owned());
    assert_eq!(
        targets("192.0.2.1,\n      192.0.2.2,\r\n\t192.0.2.3"),
        text("192.0.2.1, 192.0.2.2, 192.0.2.3")
    );
    assert_eq!(targets("192.0.2.1,  192.0.2.2"), text("192.0.2.1,  192.0.2.2"));
    assert_eq!(targets(""), Value::Empty);
}

#[test]
fn a_scan_ends_where_its_launch_and_its_duration_say() {
    let end = |launched: &str, duration: &str| {
        let inside = format!("<LAUNCH_DATETIME>{launched}</LAUNCH_DATETIME><DURATION>{duration}</DURATION>");
        cell("vm-scans", &scan(&inside), "end-date")
    };
    let launched = "2026-10-05T01:00:00Z";
    assert_eq!(end(launched, "1 day 00:29:43"), Value::Instant(super::at("2026-10-06T01:29:43Z")));
    assert_eq!(end(launched, "Running"), Value::Absent);
}

#[test]
fn only_scans_that_are_under_way_have_no_duration_yet() {
    let duration = |it: &str| cell("vm-scans", &scan(&format!("<DURATION>{it}</DURATION>")), "duration");
    for under_way in ["Pending", "Running", "running"] {
        assert_eq!(duration(under_way), Value::Empty, "{under_way}");
    }
    assert_eq!(duration("00:00:10"), Value::Duration(10));
    assert_eq!(duration("Paused"), Value::Absent, "not a duration");
}

#[test]
fn one_absurd_cell_does_not_end_a_proof() {
    let scan = "<SCAN><REF>scan/1.1</REF><LAUNCH_DATETIME>2026-10-06T01:00:00Z</LAUNCH_DATETIME>
                <DURATION>99999999 days 00:00:00</DURATION></SCAN>";
    let body = format!(
        "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME>now</DATETIME><SCAN_LIST>{scan}</SCAN_LIST></RESPONSE></SCAN_LIST_OUTPUT>"
    );
    let collected = collected(Setup::new("vm-scans"), &[&body]);
    assert_eq!(collected.rows[0][12], Value::Absent);
    assert!(
        collected.summary.notes.iter().any(|it| it.contains("End Date")),
        "{:?}",
        collected.summary.notes
    );
}
