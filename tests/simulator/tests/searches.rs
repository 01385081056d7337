//! What searches of the portal's APIs get.

mod client;

use client::{Answer, generous, get, send};
use exhibit_simulator::{Fault, Rule, Simulator, World};

const SEARCH: &str = "/qps/rest/3.0/search/was/wasscan";
const LOGIN: &str = "Authorization: Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==\r\n";

async fn simulator(was_scans: u64) -> Simulator {
    Simulator::start(World { was_scans, ..generous() }).await.expect("a free port")
}

async fn search(simulator: &Simulator, preferences: &str, criteria: &[(&str, &str, &str)]) -> Answer {
    let criteria: String = criteria
        .iter()
        .map(|(field, operator, value)| {
            format!("<Criteria field=\"{field}\" operator=\"{operator}\">{value}</Criteria>")
        })
        .collect();
    let body = format!(
        "<ServiceRequest><preferences>{preferences}</preferences><filters>{criteria}</filters></ServiceRequest>"
    );
    post(simulator, &body).await
}

async fn post(simulator: &Simulator, body: &str) -> Answer {
    send(simulator, "POST", SEARCH, &format!("{LOGIN}Content-Type: text/xml\r\n"), body).await
}

/// The ids of an answer's scans, which come before those of anything else in them.
fn ids(answer: &Answer) -> Vec<u64> {
    answer
        .all("WasScan")
        .iter()
        .map(|it| {
            it.trim().strip_prefix("<id>").and_then(|it| it.split('<').next()?.parse().ok()).expect("an id")
        })
        .collect()
}

#[tokio::test]
async fn pages_cover_every_scan_exactly_once() {
    let simulator = simulator(25).await;
    let (mut all, mut pages, mut after) = (Vec::new(), 0, "0".to_owned());
    loop {
        let page = search(&simulator, "<limitResults>10</limitResults>", &[("id", "GREATER", &after)]).await;
        assert_eq!((page.status, page.first("responseCode").as_deref()), (200, Some("SUCCESS")));
        let found = ids(&page);
        assert_eq!(page.first("count"), Some(found.len().to_string()));
        all.extend(found);
        pages += 1;
        let more = page.first("hasMoreRecords").expect("it says so");
        let last = page.first("lastId");
        assert_eq!(last.is_some(), more == "true", "only where there are more");
        let Some(last) = last else { break };
        assert_eq!(all.last().map(u64::to_string).as_ref(), Some(&last));
        after = last;
    }
    assert_eq!((pages, all.len()), (3, 25));
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
}

#[tokio::test]
async fn a_search_for_nothing_in_particular_gives_a_hundred() {
    let simulator = simulator(130).await;
    for body in ["", "<ServiceRequest/>"] {
        let page = post(&simulator, body).await;
        assert_eq!((ids(&page).len(), page.first("hasMoreRecords").as_deref()), (100, Some("true")));
    }
    let rest = search(&simulator, "<startFromOffset>101</startFromOffset>", &[]).await;
    assert_eq!((ids(&rest).len(), rest.first("hasMoreRecords").as_deref()), (30, Some("false")));
    let from = ids(&rest)[10].to_string();
    let from = search(&simulator, &format!("<startFromId>{from}</startFromId>"), &[]).await;
    assert_eq!(ids(&from).len(), 20);
}

#[tokio::test]
async fn scans_are_selected() {
    let simulator = simulator(300).await;
    let count = async |criteria: &[(&str, &str, &str)]| {
        let answer = search(&simulator, "<limitResults>1000</limitResults>", criteria).await;
        assert_eq!(answer.first("responseCode").as_deref(), Some("SUCCESS"), "{criteria:?}");
        ids(&answer).len()
    };
    for (field, operator, value, opposite) in [
        ("status", "EQUALS", "FINISHED", "NOT EQUALS"),
        ("type", "EQUALS", "DISCOVERY", "NOT EQUALS"),
        ("mode", "EQUALS", "API", "NOT EQUALS"),
        ("resultsStatus", "EQUALS", "SUCCESSFUL", "NOT EQUALS"),
        ("authStatus", "EQUALS", "FAILED", "NOT EQUALS"),
        ("webApp.id", "EQUALS", "2384102", "NOT EQUALS"),
        ("webApp.name", "EQUALS", "Staff &lt;intranet>", "NOT EQUALS"),
    ] {
        let one = count(&[(field, operator, value)]).await;
        assert!(one > 0 && one < 300, "{field}: {one}");
        assert_eq!(one + count(&[(field, opposite, value)]).await, 300, "{field}");
    }
    let finished = count(&[("status", "EQUALS", "FINISHED")]).await;
    let failed = count(&[("status", "EQUALS", "ERROR")]).await;
    assert_eq!(count(&[("status", "IN", "FINISHED,ERROR")]).await, finished + failed);
    let recent = ("launchedDate", "GREATER", "2026-10-02T00:00:00Z");
    assert_eq!(count(&[recent]).await, 150);
    assert_eq!(count(&[recent, ("launchedDate", "LESSER", "2026-10-02T00:00:00Z")]).await, 0);
    assert!(count(&[("name", "CONTAINS", "Scan of")]).await > 200);
}

#[tokio::test]
async fn an_empty_result_has_no_data_and_says_so() {
    let simulator = simulator(5).await;
    let none = search(&simulator, "", &[("webApp.id", "EQUALS", "1")]).await;
    assert_eq!((none.status, none.first("count").as_deref()), (200, Some("0")));
    assert_eq!((none.first("hasMoreRecords"), none.first("data")), (None, None));
}

#[tokio::test]
async fn details_come_where_they_are_asked_for() {
    let simulator = simulator(40).await;
    let brief = search(&simulator, "", &[]).await;
    let long = search(&simulator, "<verbose>true</verbose>", &[]).await;
    for element in ["endScanDate", "scanDuration", "canceledBy"] {
        assert_eq!(brief.first(element), None, "{element}");
        assert!(long.first(element).is_some(), "{element}");
    }
    assert_eq!(ids(&brief), ids(&long));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_under_status_200() {
    let simulator = simulator(5).await;
    for (preferences, criterion, code) in [
        ("<limitResults>1001</limitResults>", ("id", "GREATER", "0"), "INVALID_REQUEST"),
        ("", ("colour", "EQUALS", "red"), "INVALID_REQUEST"),
        ("", ("status", "EQUALS", "ASLEEP"), "INVALID_REQUEST"),
        ("", ("status", "GREATER", "FINISHED"), "INVALID_REQUEST"),
        ("", ("id", "GREATER", "seven"), "INVALID_REQUEST"),
        ("", ("launchedDate", "GREATER", "soon"), "INVALID_REQUEST"),
        ("<colour/>", ("id", "GREATER", "0"), "INVALID_XML"),
    ] {
        let answer = search(&simulator, preferences, &[criterion]).await;
        assert_eq!(
            (answer.status, answer.first("responseCode").as_deref()),
            (200, Some(code)),
            "{criterion:?}"
        );
        assert!(answer.first("errorMessage").is_some() && answer.all("WasScan").is_empty());
    }
    assert_eq!(post(&simulator, "{}").await.first("responseCode").as_deref(), Some("INVALID_XML"));
    assert_eq!(get(&simulator, SEARCH).await.status, 405);
    assert_eq!(get(&simulator, "/qps/rest/3.0/search/was/other").await.status, 404);
}

#[tokio::test]
async fn who_is_not_known_is_told_so_under_status_200() {
    let simulator = simulator(5).await;
    let answer = send(&simulator, "POST", SEARCH, "Authorization: Basic YTpi\r\n", "").await;
    let code = answer.first("responseCode");
    assert_eq!((answer.status, code.as_deref()), (200, Some("INVALID_CREDENTIALS")));
    let answer = send(&simulator, "POST", SEARCH, "", "").await;
    assert_eq!(answer.first("responseCode").as_deref(), Some("AUTH_CREDENTIALS_NEEDED"));
    // The header that other APIs want is not needed.
    let headers = format!("{LOGIN}Content-Type: text/xml\r\n");
    assert_eq!(ids(&send(&simulator, "POST", SEARCH, &headers, "").await).len(), 5);
    assert_eq!(ids(&send(&simulator, "POST", &format!("{SEARCH}/"), &headers, "").await).len(), 5);
}

#[tokio::test]
async fn no_header_says_what_is_left_of_the_limits() {
    let world = World { rate_limit: 1, was_scans: 5, ..World::default() };
    let simulator = Simulator::start(world).await.expect("a free port");
    let answer = post(&simulator, "").await;
    let blocked = post(&simulator, "").await;
    assert_eq!((answer.status, blocked.status), (200, 409));
    assert_eq!(blocked.first("CODE").as_deref(), Some("1965"));
    for answer in [answer, blocked] {
        let limits = answer.headers.iter().filter(|(name, _)| name.contains("limit"));
        assert_eq!(limits.count(), 0, "{:?}", answer.headers);
    }
}

#[tokio::test]
async fn faults_of_searches() {
    let simulator = simulator(25).await;
    let page = async |fault: Fault, after: &str| {
        simulator.faults().set([Rule::once(fault).on("/qps/")]);
        search(&simulator, "<limitResults>10</limitResults>", &[("id", "GREATER", after)]).await
    };
    let first = ids(&search(&simulator, "<limitResults>10</limitResults>", &[]).await);
    let border = first[9].to_string();

    let unsaid = page(Fault::MoreUnsaid, "0").await;
    assert_eq!(
        (ids(&unsaid), unsaid.first("hasMoreRecords"), unsaid.first("lastId")),
        (first.clone(), None, None)
    );
    let text = page(Fault::MoreAsText, &border).await;
    assert!(text.text().contains("<hasMoreRecords><![CDATA[ TRUE ]]></hasMoreRecords>"), "{}", text.text());
    let stuck = page(Fault::StuckLastId, &border).await;
    assert_eq!(stuck.first("lastId").as_ref(), Some(&border));
    assert_ne!(ids(&stuck), first);
    let repeated = page(Fault::StuckPaging, &border).await;
    assert_eq!(ids(&repeated), first);
    let refused = page(Fault::InvalidRequest, "0").await;
    assert_eq!((refused.status, refused.first("responseCode").as_deref()), (200, Some("INVALID_REQUEST")));
    let gave_up = page(Fault::PageAbove { records: 9, status: 504 }, "0").await;
    assert_eq!(gave_up.status, 504);
    let passed = page(Fault::PageAbove { records: 10, status: 504 }, "0").await;
    assert_eq!(ids(&passed), first);
    let spoiled = page(Fault::UnknownRoot, "0").await;
    assert!(spoiled.text().contains("<UNKNOWN_OUTPUT xmlns"), "{}", spoiled.text());
}
