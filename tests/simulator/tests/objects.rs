//! What the portal's APIs say of objects: pages, counts, single ones, in XML and in JSON; and what changes scans.

mod client;

use client::{Answer, generous, get, send};
use exhibit_simulator::{Fault, Rule, Simulator, World};
use serde_json::{Value, json};

const LOGIN: &str = "Authorization: Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==\r\n";
const APPLICATIONS: &str = "/qps/rest/3.0/search/was/webapp";
const TAGS: &str = "/qps/rest/2.0/search/am/tag";

async fn simulator(world: World) -> Simulator {
    Simulator::start(world).await.expect("a free port")
}

async fn xml(simulator: &Simulator, path: &str, body: &str) -> Answer {
    send(simulator, "POST", path, &format!("{LOGIN}Content-Type: text/xml\r\n"), body).await
}

async fn json(simulator: &Simulator, method: &str, path: &str, body: &Value) -> Value {
    let headers = format!("{LOGIN}Content-Type: application/json\r\nAccept: application/json\r\n");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = send(simulator, method, path, &headers, &body).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{path}");
    serde_json::from_slice::<Value>(&answer.body).expect("JSON")["ServiceResponse"].take()
}

/// A search for a page of so many objects after one.
fn page(limit: u32, after: &str) -> String {
    format!(
        "<ServiceRequest><preferences><limitResults>{limit}</limitResults></preferences><filters>\
         <Criteria field=\"id\" operator=\"GREATER\">{after}</Criteria></filters></ServiceRequest>"
    )
}

/// The ids of the objects, which are the first thing in each.
fn ids(answer: &Answer, element: &str) -> Vec<u64> {
    let objects = answer.all(element);
    let id = |it: &String| it.trim().strip_prefix("<id>")?.split('<').next()?.parse().ok();
    objects.iter().map(|it| id(it).expect("an id")).collect()
}

#[tokio::test]
async fn lookups_come_in_pages_that_cover_each_object_once() {
    let simulator = simulator(World { tags: 25, web_applications: 23, ..generous() }).await;
    for (path, element, count) in [(TAGS, "Tag", 25), (APPLICATIONS, "WebApp", 23)] {
        let (mut all, mut after, mut pages) = (Vec::new(), "0".to_owned(), 0);
        loop {
            let answer = xml(&simulator, path, &page(10, &after)).await;
            let found = ids(&answer, element);
            assert_eq!(answer.first("count"), Some(found.len().to_string()));
            all.extend(found);
            pages += 1;
            assert_eq!(answer.first("hasMoreRecords"), Some((pages < 3).to_string()));
            let Some(last) = answer.first("lastId") else { break };
            after = last;
        }
        assert_eq!((pages, all.len()), (3, count), "{path}");
        assert!(all.windows(2).all(|it| it[0] < it[1]));
        let all_of_them = xml(&simulator, path, "<ServiceRequest/>").await;
        assert_eq!(ids(&all_of_them, element), all);
        let preferences = "<startFromOffset>21</startFromOffset>";
        let body = format!("<ServiceRequest><preferences>{preferences}</preferences></ServiceRequest>");
        assert_eq!(ids(&xml(&simulator, path, &body).await, element), all[20..]);
    }
    let few = Simulator::start(World { tags: 0, ..generous() }).await.expect("a free port");
    let none = xml(&few, TAGS, "").await;
    assert_eq!((none.first("count").as_deref(), none.first("data")), (Some("0"), None));
}

#[tokio::test]
async fn pages_of_lookups_go_wrong_as_those_of_scans_do() {
    let simulator = simulator(World { tags: 25, ..generous() }).await;
    simulator.faults().set([Rule::always(Fault::MoreUnsaid)]);
    let answer = xml(&simulator, TAGS, &page(10, "0")).await;
    assert_eq!((ids(&answer, "Tag").len(), answer.first("hasMoreRecords")), (10, None));
    simulator.faults().set([Rule::always(Fault::StuckPaging)]);
    let (first, second) =
        (xml(&simulator, TAGS, &page(10, "0")).await, xml(&simulator, TAGS, &page(10, "7588473")).await);
    assert_eq!(ids(&first, "Tag"), ids(&second, "Tag"));
}

#[tokio::test]
async fn groups_come_in_pages_that_keep_what_was_asked() {
    let simulator = simulator(World { asset_groups: 25, ..generous() }).await;
    let mut target =
        "/api/3.0/fo/asset/group/?action=list&truncation_limit=10&show_attributes=TITLE,IP_SET".to_owned();
    let (mut titles, mut pages) = (Vec::new(), 0);
    loop {
        let answer = get(&simulator, &target).await;
        titles.extend(answer.all("TITLE"));
        assert_eq!(
            (answer.all("TITLE").len(), answer.first("OWNER_USER_NAME")),
            (answer.all("IP_RANGE").len(), None)
        );
        pages += 1;
        let Some(url) = answer.first("URL") else { break };
        let (_, query) = url.split_once('?').expect("a query");
        target = format!("/api/3.0/fo/asset/group/?{query}");
    }
    assert_eq!((pages, titles.len(), titles[24].as_str()), (3, 25, "Group 25"));
    let all = get(&simulator, "/api/3.0/fo/asset/group/?action=list&truncation_limit=0").await;
    assert_eq!((all.all("TITLE"), all.first("WARNING")), (titles, None));
}

#[tokio::test]
async fn objects_are_counted_and_given_one_by_one() {
    let simulator = simulator(World { was_scans: 20, ..generous() }).await;
    let count = "/qps/rest/3.0/count/was/wasscan";
    assert_eq!(get(&simulator, count).await.first("count").as_deref(), Some("20"));
    let finished = "<ServiceRequest><filters><Criteria field=\"status\" operator=\"NOT EQUALS\">FINISHED</Criteria></filters></ServiceRequest>";
    let others: u64 = xml(&simulator, count, finished)
        .await
        .first("count")
        .and_then(|it| it.parse().ok())
        .expect("a number");
    assert!((5..20).contains(&others), "{others}");
    let scan = get(&simulator, "/qps/rest/3.0/get/was/wasscan/7000000").await;
    assert_eq!((ids(&scan, "WasScan"), scan.first("hasMoreRecords")), (vec![7_000_000], None));
    assert!(scan.first("endScanDate").is_some(), "details come unasked");
    let status = get(&simulator, "/qps/rest/3.0/status/was/wasscan/7000000").await;
    assert_eq!((status.first("status"), status.first("reference")), (scan.first("status"), None));
    assert!(get(&simulator, "/qps/rest/3.0/get/was/webapp/2384102").await.text().contains("Customer portal"));
    for (path, code) in
        [("/qps/rest/3.0/get/was/wasscan/1", "NOT_FOUND"), ("/qps/rest/3.0/get/was/webapp/1", "NOT_FOUND")]
    {
        assert_eq!(get(&simulator, path).await.first("responseCode").as_deref(), Some(code), "{path}");
    }
    for path in ["/qps/rest/2.0/get/was/webapp/2384102", "/qps/rest/3.0/status/was/webapp/2384102"] {
        assert_eq!(get(&simulator, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn json_says_what_xml_says() {
    let simulator = simulator(World { tags: 12, ..generous() }).await;
    let search = json!({"ServiceRequest": {
        "preferences": {"limitResults": 5},
        "filters": {"Criteria": [{"field": "name", "operator": "CONTAINS", "value": "n"}]},
    }});
    let found = json(&simulator, "POST", TAGS, &search).await;
    assert_eq!((&found["responseCode"], &found["count"]), (&json!("SUCCESS"), &json!(5)));
    assert_eq!(found["hasMoreRecords"], "true", "a text, as recorded");
    let body = "<ServiceRequest><preferences><limitResults>5</limitResults></preferences><filters>\
        <Criteria field=\"name\" operator=\"CONTAINS\">n</Criteria></filters></ServiceRequest>";
    let same: Vec<Value> =
        ids(&xml(&simulator, TAGS, body).await, "Tag").into_iter().map(Value::from).collect();
    let tags = found["data"].as_array().expect("a list");
    assert_eq!(tags.iter().map(|it| it["Tag"]["id"].clone()).collect::<Vec<_>>(), same);
    assert_eq!(found["lastId"], same[4]);
    let all = json(&simulator, "POST", "/qps/rest/2.0/count/am/tag", &Value::Null).await;
    assert_eq!(all["count"], 12);
    let one = json(&simulator, "GET", "/qps/rest/2.0/get/am/tag/7588410", &Value::Null).await;
    assert_eq!(
        (&one["data"][0]["Tag"]["name"], one["data"].as_array().map(Vec::len)),
        (&json!("Cloud Agent"), Some(1))
    );
    let wrong = json(&simulator, "POST", TAGS, &json!({"Request": {}})).await;
    assert_eq!(wrong["responseCode"], "INVALID_XML");
    assert!(wrong["responseErrorDetails"]["errorMessage"].is_string());
}

#[tokio::test]
async fn a_post_without_a_document_is_of_no_known_type() {
    let simulator = simulator(generous()).await;
    for headers in ["", "Content-Type: application/x-www-form-urlencoded\r\n"] {
        assert_eq!(send(&simulator, "POST", TAGS, &format!("{LOGIN}{headers}"), "").await.status, 415);
    }
    assert_eq!(get(&simulator, TAGS).await.status, 405);
}

#[tokio::test]
async fn a_scan_of_a_web_application_is_canceled_while_it_is_under_way() {
    let simulator = simulator(World { was_scans: 20, ..generous() }).await;
    let launch = "<ServiceRequest><data><WasScan><name><![CDATA[R&D]]></name><type>VULNERABILITY</type><target><webApps><set><WebApp>\
        <id>2384101</id></WebApp><WebApp><id>2384102</id></WebApp></set></webApps><profileOption>DEFAULT</profileOption></target>\
        <profile><id>2084083</id></profile></WasScan></data></ServiceRequest>";
    let launched = xml(&simulator, "/qps/rest/3.0/launch/was/wasscan", launch).await;
    let scans = ids(&launched, "WasScan");
    assert_eq!((launched.first("count").as_deref(), scans.len()), (Some("2"), 2), "one for each application");
    let names: Vec<String> = simulator.launched_was().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["R&D", "R&D"]);
    let cancel = |id: u64| format!("/qps/rest/3.0/cancel/was/wasscan/{id}");
    let keep = "<ServiceRequest><data><WasScan><cancelWithResults>true</cancelWithResults></WasScan></data></ServiceRequest>";
    for (id, body, results) in [(scans[0], keep, "CANCELED_WITH_RESULTS"), (scans[1], "", "CANCELED")] {
        assert_eq!(ids(&xml(&simulator, &cancel(id), body).await, "WasScan"), [id]);
        let scan = get(&simulator, &format!("/qps/rest/3.0/get/was/wasscan/{id}")).await;
        assert_eq!(
            (scan.first("status").as_deref(), scan.first("resultsStatus").as_deref()),
            (Some("CANCELED"), Some(results))
        );
        assert!(scan.first("canceledBy").is_some());
        let again = xml(&simulator, &cancel(id), "").await;
        assert_eq!(again.first("responseCode").as_deref(), Some("INVALID_REQUEST"), "it is over");
    }
    assert_eq!(xml(&simulator, &cancel(1), "").await.first("responseCode").as_deref(), Some("NOT_FOUND"));
    let other = keep.replace("cancelWithResults", "cancelWithoutResults");
    assert_eq!(
        xml(&simulator, &cancel(scans[0]), &other).await.first("responseCode").as_deref(),
        Some("INVALID_XML")
    );
}
