//! Detections of hosts, and what the KnowledgeBase says of them.

mod client;

use client::{generous, get, post};
use exhibit_simulator::{Simulator, World};

const DETECTIONS: &str = "/api/5.0/fo/asset/host/vm/detection/?action=list";
const KNOWLEDGE_BASE: &str = "/api/4.0/fo/knowledge_base/vuln/";

async fn simulator(world: World) -> Simulator {
    Simulator::start(world).await.expect("a free port")
}

#[tokio::test]
async fn detections_come_by_hosts_each_exactly_once() {
    let simulator = simulator(World { assets: 60, detections: 7, ..generous() }).await;
    let all = "status=New,Active,Re-Opened,Fixed&include_ignored=1&include_disabled=1";
    let whole = get(&simulator, &format!("{DETECTIONS}&{all}&truncation_limit=0")).await;
    assert_eq!((whole.all("DETECTION_LIST").len(), whole.all("QID").len()), (60, 420));
    let mut target = format!("{DETECTIONS}&{all}&truncation_limit=25");
    let (mut ids, mut pages) = (Vec::new(), 0);
    loop {
        let page = get(&simulator, &target).await;
        ids.extend(page.all("UNIQUE_VULN_ID"));
        pages += 1;
        let Some(url) = page.first("URL") else { break };
        let (_, query) = url.split_once('?').expect("a query");
        target = format!("/api/5.0/fo/asset/host/vm/detection/?{query}");
    }
    assert_eq!((pages, ids), (3, whole.all("UNIQUE_VULN_ID")));
}

#[tokio::test]
async fn detections_are_selected() {
    let simulator = simulator(World { assets: 100, ..generous() }).await;
    let count = async |filter: &str| {
        let answer = get(&simulator, &format!("{DETECTIONS}&truncation_limit=0&{filter}")).await;
        assert_eq!(answer.first("CODE"), None, "{filter}");
        answer.all("QID").len()
    };
    let all = "status=New,Active,Re-Opened,Fixed&include_ignored=1&include_disabled=1";
    assert_eq!(count(all).await, 400);
    let fixed = count("status=Fixed&include_ignored=1&include_disabled=1").await;
    assert_eq!(
        count("include_ignored=1&include_disabled=1").await + fixed,
        400,
        "what is fixed only where asked for"
    );
    assert!(count("show_igs=0").await < 400 - fixed, "and so with what is ignored");
    let severe = count(&format!("{all}&severities=4-5")).await;
    assert!(severe > 0 && severe + count(&format!("{all}&severities=1,2,3")).await == 400);
    assert_eq!(count("qids=45038&show_igs=1&include_ignored=1&include_disabled=1").await, 100);
    let since = count(&format!("{all}&detection_updated_since=2026-10-01")).await;
    assert!(since > 0 && since < 400);
    let before = count(&format!("{all}&detection_updated_before=2026-09-30T23:59:59Z")).await;
    assert_eq!(since + before, 400);
    let tagged = count(&format!("{all}&use_tags=1&tag_set_by=name&tag_set_include=Production")).await;
    assert!(tagged > 0 && tagged < 400);
    let answer = get(&simulator, &format!("{DETECTIONS}&qids=1")).await;
    assert!(answer.first("DATETIME").is_some() && !answer.text().contains("HOST_LIST>"));
}

#[tokio::test]
async fn detections_say_no_more_than_was_asked_for() {
    let simulator = simulator(World { assets: 60, ..generous() }).await;
    for (parameter, element) in
        [("show_reopened_info", "TIMES_REOPENED"), ("show_tags", "TAG_ID"), ("show_asset_id", "ASSET_ID")]
    {
        let shown = async |value: &str| {
            get(&simulator, &format!("{DETECTIONS}&{parameter}={value}")).await.all(element).len()
        };
        assert!(shown("1").await > 0 && shown("0").await == 0, "{parameter}");
        assert_eq!(get(&simulator, DETECTIONS).await.first(element), None, "{parameter}");
    }
}

#[tokio::test]
async fn results_come_unless_they_are_not_asked_for_and_may_be_long() {
    let simulator = simulator(World { assets: 1, detections: 3, long_results: 3, ..generous() }).await;
    let all = "status=New,Active,Re-Opened,Fixed&include_ignored=1&include_disabled=1";
    let with = get(&simulator, &format!("{DETECTIONS}&{all}")).await;
    let results = with.all("RESULTS");
    assert!(results.len() == 3 && results[0].len() > 1 << 20 && results[1].len() < 1_000);
    let without = get(&simulator, &format!("{DETECTIONS}&{all}&show_results=0")).await;
    assert_eq!((without.all("QID").len(), without.first("RESULTS")), (3, None));
}

#[tokio::test]
async fn the_knowledge_base_says_what_it_knows_to_those_who_may() {
    let simulator = simulator(World { assets: 200, ..generous() }).await;
    let hosts = get(&simulator, &format!("{DETECTIONS}&truncation_limit=0")).await;
    assert!(
        hosts.all("IP").len() < hosts.all("TRACKING_METHOD").len(),
        "some hosts have an address of IPv6 only"
    );
    let found = hosts.all("QID");
    let ids = found.join(",");
    let form = format!("action=list&details=Basic&ids={ids}");
    let known = post(&simulator, KNOWLEDGE_BASE, &form).await;
    let mut asked: Vec<u64> = found.iter().filter_map(|it| it.parse().ok()).collect();
    asked.sort_unstable();
    asked.dedup();
    let listed = known.all("QID").len();
    assert!(listed < asked.len() && listed > asked.len() / 2, "{listed} of {}", asked.len());
    assert!(known.first("CVE").is_some() && known.text().contains("<!-- keep-alive for KNOWLEDGE_BASE"));
    let address = format!("{KNOWLEDGE_BASE}?action=list&ids={}", ["38000"; 1_000].join(","));
    let too_long = get(&simulator, &address).await;
    assert_eq!((too_long.status, too_long.text().starts_with("<html>")), (414, true));
    let only = post(&simulator, KNOWLEDGE_BASE, &format!("action=list&details=None&ids={ids}")).await;
    assert_eq!((only.all("ID"), only.first("VULN_LIST")), (known.all("QID"), None));
    let cve = known.all("ID").into_iter().find(|it| it.starts_with("CVE-")).expect("a CVE");
    let some = post(&simulator, KNOWLEDGE_BASE, &format!("action=list&cve={cve}")).await;
    assert!(some.all("ID").contains(&cve) && some.all("QID").len() < listed);
    let count = async |filter: &str| {
        post(&simulator, KNOWLEDGE_BASE, &format!("action=list&ids={ids}&{filter}")).await.all("QID").len()
    };
    assert_eq!(count("is_patchable=1").await + count("is_patchable=0").await, listed);
    let (later, earlier) = (
        count("last_modified_after=2026-09-01").await,
        count("last_modified_before=2026-08-31T23:59:59Z").await,
    );
    assert!(later > 0 && later + earlier == listed, "{later} and {earlier}");
    assert_eq!(count("published_after=2026-10-01").await, 0);
    let none = post(&simulator, KNOWLEDGE_BASE, "action=list&ids=1,2,3").await;
    assert!(none.first("DATETIME").is_some() && !none.text().contains("VULN_LIST>"));
    let closed = Simulator::start(World { knowledge_base: false, ..generous() }).await.expect("a free port");
    let refused = post(&closed, KNOWLEDGE_BASE, "action=list&ids=38000").await;
    assert_eq!((refused.status, refused.first("CODE").as_deref()), (403, Some("2012")));
}
