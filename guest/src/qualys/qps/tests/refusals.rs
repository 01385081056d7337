//! Answers that are no page of records: errors, pauses, and what only looks like an empty page.

use exhibit_plugin::collection::PauseReason;

use super::{EMPTY, collected, ids, last, page, parts, said, scan, scans};
use crate::testing::{Reply, collect_from, refused};

fn coded(code: &str, message: &str, resolution: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ServiceResponse><responseCode>{code}</responseCode><responseErrorDetails>\
         <errorMessage><![CDATA[{message}]]></errorMessage><errorResolution>{resolution}</errorResolution>\
         </responseErrorDetails></ServiceResponse>"
    )
}

#[test]
fn wrong_requests_and_wrong_passwords_come_with_status_200() {
    let message = "Criteria: Invalid value format for criteria 'isScanned' (undefined).";
    let (case, code, said_) = said(200, &coded("INVALID_REQUEST", message, "Values expected: true, false."));
    assert_eq!((case, code.as_str()), ("rejected", "INVALID_REQUEST"));
    assert_eq!(said_, format!("Qualys refused the request: \"{message} Values expected: true, false.\""));
    let (case, code, message) = said(200, &coded("INVALID_CREDENTIALS", "no", ""));
    assert_eq!((case, code.as_str()), ("denied", "INVALID_CREDENTIALS"));
    assert_eq!(message, "Qualys rejected the user name or the password: \"no\"");
}

#[test]
fn each_code_has_its_case_whatever_the_status() {
    for (code, expected, begins) in [
        ("INVALID_REQUEST", "rejected", "Qualys refused the request"),
        ("INVALID_XML", "rejected", "Qualys refused the request"),
        ("INVALID_PARAM", "rejected", "Qualys refused the request"),
        ("CANNOT_BE_NULL", "rejected", "Qualys refused the request"),
        ("OPERATION_NOT_SUPPORTED", "rejected", "Qualys refused the request"),
        ("INVALID_CREDENTIALS", "denied", "Qualys rejected the user name or the password"),
        ("AUTH_CREDENTIALS_NEEDED", "denied", "Qualys rejected the user name or the password"),
        ("UNAUTHORIZED", "denied", "the account has no permission to use this API"),
        ("EVALUATION_EXPIRED", "unlicensed", "the evaluation period of the subscription is over"),
        ("INVALID_API_VERSION", "rejected", "Qualys does not have this API"),
        ("INVALID_URL", "rejected", "Qualys does not have this API"),
        ("NOT_FOUND", "rejected", "Qualys did not find what was asked for"),
        ("OBJECT_NOT_FOUND", "rejected", "Qualys did not find what was asked for"),
        ("UNKNOWN_OBJECT", "rejected", "Qualys did not find what was asked for"),
        ("OTHER_ERROR", "unavailable", "Qualys reported an internal error"),
        ("STILL_PROCESSING", "unavailable", "Qualys has accepted the request, but has no result yet"),
    ] {
        for status in [200, 400, 401, 403, 404, 500] {
            for spelled in [code.to_owned(), code.to_ascii_lowercase()] {
                let (case, kept, message) = said(status, &coded(&spelled, "", ""));
                assert_eq!((case, kept), (expected, spelled), "{code} under {status}");
                assert_eq!(message, begins, "{code} under {status}");
            }
        }
    }
    // One that is not documented is an error all the same, and its name is bounded.
    let (case, code, message) = said(200, &coded(&"X".repeat(100), "no", "ask again"));
    assert_eq!((case, code.len()), ("rejected", 40));
    assert_eq!(message, "Qualys refused the request: \"no ask again\"");
    assert_eq!(said(403, &coded("NEW_CODE", "", "")).0, "denied", "the status says more");
}

#[test]
fn a_code_comes_before_records_and_after_them() {
    let body = page(&[1], "").replace("SUCCESS", "INVALID_REQUEST");
    assert_eq!(said(200, &body).1, "INVALID_REQUEST");
    let late = format!(
        "<ServiceResponse><data>{}</data><responseCode>OTHER_ERROR</responseCode></ServiceResponse>",
        scan(1)
    );
    assert_eq!(said(200, &late).1, "OTHER_ERROR");
    let after = format!(
        "<ServiceResponse><data>{}</data><hasMoreRecords>false</hasMoreRecords><responseCode>SUCCESS</responseCode></ServiceResponse>",
        scan(1)
    );
    assert_eq!(ids(&collected(&[&after])), [1]);
}

#[test]
fn a_list_is_empty_where_qualys_says_so() {
    for body in [
        EMPTY,
        "<ServiceResponse><responseCode>SUCCESS</responseCode><count>0</count><hasMoreRecords>false</hasMoreRecords></ServiceResponse>",
        "<ServiceResponse><responseCode>SUCCESS</responseCode><count>0</count><data/></ServiceResponse>",
    ] {
        let collected = collected(&[body]);
        assert_eq!((collected.rows.len(), collected.summary.pages), (0, 1), "{body}");
    }
}

#[test]
fn no_other_answer_is_an_empty_list() {
    for (body, expected) in [
        ("", "denied"),
        (" \n ", "denied"),
        ("<?xml version=\"1.0\"?>", "malformed"),
        ("<ServiceResponse/>", "malformed"),
        ("<ServiceResponse><count>0</count></ServiceResponse>", "malformed"),
        ("<ServiceResponse><responseCode/><count>0</count></ServiceResponse>", "malformed"),
        ("<ServiceResponse><responseCode>SUCCESS</responseCode></ServiceResponse>", "malformed"),
        ("<ServiceResponse><responseCode>SUCCESS</responseCode><data/></ServiceResponse>", "malformed"),
        ("<html><body>Down for maintenance<br></body></html>", "malformed"),
        ("<!DOCTYPE html><HTML><p>Sign in", "malformed"),
        ("Service Unavailable", "malformed"),
        ("{\"ServiceResponse\":{\"responseCode\":\"SUCCESS\",\"count\":0}}", "malformed"),
        ("<WasScan><id>1</id></WasScan>", "malformed"),
        ("<SCAN_LIST_OUTPUT><RESPONSE/></SCAN_LIST_OUTPUT>", "malformed"),
        ("<SIMPLE_RETURN/>", "malformed"),
        (&last(&[1])[..120], "malformed"),
    ] {
        assert_eq!(said(200, body).0, expected, "{body}");
    }
    assert_eq!(
        said(200, "<WasScan><id>1</id></WasScan>").2,
        "Qualys sent a \"WasScan\" where a ServiceResponse was expected"
    );
}

#[test]
fn what_stands_before_the_search_answers_in_its_own_words() {
    let body =
        "<SIMPLE_RETURN><RESPONSE><CODE>2003</CODE><TEXT>complete it</TEXT></RESPONSE></SIMPLE_RETURN>";
    assert_eq!(said(409, body).0, "denied");
    let (case, code, _) = said(200, &body.replace("2003", "2012"));
    assert_eq!((case, code.as_str()), ("unlicensed", "2012"));
}

#[test]
fn without_a_code_the_status_says_what_is_wrong() {
    for (status, expected) in [
        (202, "unavailable"),
        (302, "rejected"),
        (400, "rejected"),
        (401, "denied"),
        (403, "denied"),
        (404, "rejected"),
        (415, "rejected"),
        (500, "unavailable"),
        (502, "unavailable"),
    ] {
        for body in ["", "<html>an <b>error page", "<ServiceResponse/>", &last(&[1])] {
            assert_eq!(said(status, body).0, expected, "{status} {body}");
        }
    }
}

#[test]
fn limits_and_maintenance_are_waited_for() {
    let pause = |reply: Reply| {
        let collected = collect_from(scans(), &[reply, Reply::new(200, EMPTY)]).expect("collects");
        let [pause] = collected.pauses.as_slice() else { panic!("one pause") };
        (pause.reason, pause.seconds)
    };
    // Searches have no headers that say how long.
    assert_eq!(pause(Reply::new(409, "")), (PauseReason::RateLimit, 15));
    assert_eq!(pause(Reply::new(409, "<ServiceResponse/>")), (PauseReason::RateLimit, 15));
    assert_eq!(
        pause(Reply::new(409, "").header("x-ratelimit-towait-sec", "41")),
        (PauseReason::RateLimit, 42)
    );
    let simple = |code: u32| {
        format!("<SIMPLE_RETURN><RESPONSE><CODE>{code}</CODE><TEXT>wait</TEXT></RESPONSE></SIMPLE_RETURN>")
    };
    assert_eq!(pause(Reply::new(409, &simple(1965))), (PauseReason::RateLimit, 15));
    assert_eq!(pause(Reply::new(409, &simple(1960))), (PauseReason::ConcurrencyLimit, 15));
    assert_eq!(
        pause(Reply::new(429, "429 Too Many Requests").header("retry-after", "7")),
        (PauseReason::RateLimit, 7)
    );
    assert_eq!(pause(Reply::new(503, "<html>back soon")), (PauseReason::Maintenance, 15));
    assert_eq!(pause(Reply::new(503, &coded("OTHER_ERROR", "down", ""))), (PauseReason::Maintenance, 15));
    // Not where a retry cannot help.
    for status in [409, 429, 503] {
        assert_eq!(said(status, &coded("INVALID_CREDENTIALS", "", "")).0, "denied", "{status}");
        assert_eq!(said(status, &coded("INVALID_REQUEST", "", "")).0, "rejected", "{status}");
    }
    assert_eq!(said(409, "<html>a proxy's page").0, "rejected");
    assert_eq!(parts(&refused(scans(), &vec![Reply::new(409, ""); 31])).0, "unavailable", "not without end");
}

#[test]
fn records_under_another_status_are_no_page() {
    let replies = [Reply::new(503, &last(&[1, 2])), Reply::new(200, EMPTY)];
    let collected = collect_from(scans(), &replies).expect("collects");
    assert_eq!((collected.rows.len(), collected.pauses.len()), (0, 1), "it was asked for again");
}

#[test]
fn a_message_of_any_length_is_shown_in_one_line() {
    let (_, _, message) = said(200, &coded("INVALID_REQUEST", &"a\n b ".repeat(500), ""));
    assert!(message.chars().count() < 400 && !message.contains('\n'), "{message}");
}
