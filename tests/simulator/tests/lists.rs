//! What a well-behaved client gets.

mod client;

use std::io::Read as _;

use client::{generous, get, post, send};
use exhibit_simulator::{CallerRole, Simulator, World};

const HOSTS: &str = "/api/5.0/fo/asset/host/?action=list";
const SCANS: &str = "/api/3.0/fo/scan/?action=list";
const SCHEDULES: &str = "/api/5.0/fo/schedule/scan/?action=list";
const TICKETS: &str = "/msp/ticket_list.php?states=OPEN,RESOLVED,CLOSED,IGNORED";

async fn simulator(world: World) -> Simulator {
    Simulator::start(world).await.expect("a free port")
}

/// The query of the URL of the next page.
fn next_page(url: &str) -> String {
    let (_, query) = url.split_once('?').expect("a query");
    format!("/api/5.0/fo/asset/host/?{query}")
}

#[tokio::test]
async fn paging_covers_every_host_exactly_once() {
    let simulator = simulator(World { assets: 250, ..generous() }).await;
    let mut target = format!("{HOSTS}&truncation_limit=100");
    let mut ids = Vec::new();
    let mut pages = 0;
    loop {
        let page = get(&simulator, &target).await;
        assert_eq!(page.status, 200);
        ids.extend(page.all("ID"));
        pages += 1;
        let Some(url) = page.first("URL") else { break };
        assert!(!url.contains("127.0.0.1"), "the URL names a host of its own: {url}");
        assert_eq!(page.first("CODE").as_deref(), Some("1980"));
        target = next_page(&url);
    }
    assert_eq!((pages, ids.len()), (3, 250));
    assert!(ids.windows(2).all(|pair| pair[0].parse::<u64>().ok() < pair[1].parse().ok()));
}

#[tokio::test]
async fn a_page_that_ends_with_the_last_host_names_no_other() {
    let simulator = simulator(World { assets: 100, ..generous() }).await;
    let page = get(&simulator, &format!("{HOSTS}&truncation_limit=100")).await;
    assert_eq!(page.all("ID").len(), 100);
    assert_eq!(page.first("WARNING"), None);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_bytes() {
    let first = simulator(generous()).await;
    let second = simulator(generous()).await;
    let other = simulator(World { seed: 2, ..generous() }).await;
    let tickets = format!("{TICKETS}&show_vuln_details=1");
    let hosts = format!("{HOSTS}&details=All&show_tags=1&truncation_limit=0");
    for target in [hosts.as_str(), SCANS, "/msp/user_list.php", &tickets] {
        let answer = get(&first, target).await;
        assert!(answer.complete && answer.status == 200, "{target}");
        assert_eq!(answer.body, get(&second, target).await.body, "{target}");
        assert_ne!(answer.body, get(&other, target).await.body, "{target}");
    }
}

#[tokio::test]
async fn hosts_are_told_in_full_when_asked_for() {
    let simulator = simulator(generous()).await;
    let basic = get(&simulator, HOSTS).await;
    assert!(basic.first("TAGS").is_none() && basic.first("LAST_VM_SCANNED_DATE").is_none());
    let query = "&details=All/AGs&show_tags=1&show_asset_id=1&host_metadata=all&show_cloud_tags=1";
    let full = get(&simulator, &format!("{HOSTS}{query}&show_trurisk=1&os_hostname=1")).await;
    for element in [
        "ASSET_ID",
        "IPV6",
        "TRURISK_SCORE",
        "DNS",
        "EC2_INSTANCE_ID",
        "NETBIOS",
        "OS_HOSTNAME",
        "OS",
        "QG_HOSTID",
        "TAG_ID",
        "ATTRIBUTE",
        "CLOUD_TAG",
        "LAST_VULN_SCAN_DATETIME",
        "LAST_COMPLIANCE_SCAN_DATETIME",
        "COMMENTS",
        "ASSET_GROUP_IDS",
    ] {
        assert!(full.first(element).is_some(), "{element}");
    }
    assert!(full.text().contains("=HYPERLINK(\"http://evil\")"));
    assert!(full.text().contains("ends here ]]]]><![CDATA[> or not"));
    let none = get(&simulator, &format!("{HOSTS}&details=None&truncation_limit=0")).await;
    assert_eq!(none.all("ID").len(), 1_000);
    assert!(none.text().contains("<ID_SET>") && !none.text().contains("<HOST>"));
}

#[tokio::test]
async fn filters_divide_the_hosts() {
    let simulator = simulator(generous()).await;
    let count = async |filter: &str| {
        let target = format!("{HOSTS}&details=None&truncation_limit=0&{filter}");
        let answer = get(&simulator, &target).await;
        assert_eq!(answer.status, 200, "{filter}");
        answer.all("ID").len()
    };
    for (one, other) in [
        ("vm_scan_since=2026-10-01", "no_vm_scan_since=2026-10-01"),
        ("compliance_scan_since=2026-10-01T00:00:00Z", "no_compliance_scan_since=2026-10-01"),
        ("compliance_enabled=1", "compliance_enabled=0"),
        (
            "use_tags=1&tag_set_by=name&tag_set_include=Production",
            "use_tags=1&tag_set_by=name&tag_set_exclude=Production",
        ),
        ("ag_titles=Cloud", "ag_titles=none"),
        ("id_max=10003500", "id_min=10003501"),
    ] {
        let (one, other) = (count(one).await, count(other).await);
        assert!(one > 0 && one < 1_000, "{one} of 1000 hosts");
        assert!(one + other == 1_000 || other == 0, "{one} and {other} of 1000 hosts");
    }
    assert_eq!(count("ids=1-5").await, 0);
    assert_eq!(count("ips=10.0.0.0-10.255.255.255").await, 1_000);
}

#[tokio::test]
async fn scans_of_the_last_30_days_come_by_default() {
    let simulator = simulator(generous()).await;
    let recent = get(&simulator, SCANS).await;
    assert_eq!(recent.all("SCAN").len(), 60);
    let all =
        get(&simulator, &format!("{SCANS}&launched_after_datetime=2020-01-01&show_op=1&show_ags=1")).await;
    assert_eq!(all.all("SCAN").len(), 120);
    assert!(all.first("OPTION_PROFILE").is_some() && all.first("ASSET_GROUP_TITLE").is_some());
    let durations = all.all("DURATION");
    for form in ["Running", "Pending", " day ", " days "] {
        assert!(durations.iter().any(|duration| duration.contains(form)), "{form}");
    }
    let reference = &recent.all("REF")[0];
    let one = post(&simulator, "/api/2.0/fo/scan/", &format!("action=list&scan_ref={reference}")).await;
    assert_eq!(one.all("REF"), [reference.as_str()]);
    let finished =
        get(&simulator, &format!("{SCANS}&state=Finished,Error&show_status=0&ignore_target=1")).await;
    assert!(finished.first("STATUS").is_none() && finished.first("TARGET").is_none());
    assert!(finished.all("SCAN").len() < 60);
}

#[tokio::test]
async fn compliance_scans_have_a_number_and_an_empty_list_is_no_list() {
    let simulator = simulator(generous()).await;
    let target = "/api/3.0/fo/scan/compliance/?action=list";
    let scans = get(&simulator, target).await;
    assert_eq!(scans.all("SCAN").len(), 20);
    assert!(scans.all("REF")[0].starts_with("compliance/"));
    let id = &scans.all("ID")[3];
    let one = get(&simulator, &format!("{target}&scan_id={id}")).await;
    assert_eq!(one.all("ID"), [id.as_str()]);
    let none = get(&simulator, &format!("{SCANS}&user_login=no_such_user")).await;
    assert_eq!(none.status, 200);
    assert!(!none.text().contains("SCAN_LIST>"));
}

#[tokio::test]
async fn schedules_come_whole_and_with_what_was_asked_for() {
    let simulator = simulator(generous()).await;
    let all = get(&simulator, SCHEDULES).await;
    assert_eq!(all.all("ID").len(), 12);
    assert!(all.first("CLOUD_DETAILS").is_none() && all.first("NOTIFICATIONS").is_none());
    let next = all.first("NEXTLAUNCH_UTC").expect("a launch");
    assert!(!next.ends_with('Z') && next.len() == "2026-11-01T00:00:00".len(), "{next}");
    let full = get(&simulator, &format!("{SCHEDULES}&show_cloud_details=1&show_notifications=1")).await;
    assert!(full.first("NOTIFICATIONS").is_some());
    let endpoint = full.first("EC2_ENDPOINT").expect("a region");
    assert!(full.text().contains(&format!("<UUID>{endpoint}</UUID>")));
    // What is paused counts as active, and what is neither does not.
    let (active, other) = (format!("{SCHEDULES}&active=1"), format!("{SCHEDULES}&active=0"));
    assert_eq!(
        (get(&simulator, &active).await.all("ID").len(), get(&simulator, &other).await.all("ID").len()),
        (10, 2)
    );
    let one =
        get(&simulator, &format!("/api/2.0/fo/schedule/scan/?action=list&id={}", all.all("ID")[4])).await;
    assert_eq!(one.all("TITLE").len(), 2, "its own, and that of its option profile");
    let none = World { schedules: 0, ..generous() };
    let none = Simulator::start(none).await.expect("a free port");
    let none = get(&none, SCHEDULES).await;
    assert!(none.first("DATETIME").is_some() && !none.text().contains("SCHEDULE_SCAN_LIST>"));
}

#[tokio::test]
async fn what_is_seen_of_users_depends_on_the_account() {
    let manager = simulator(generous()).await;
    let users = get(&manager, "/msp/user_list.php").await;
    assert_eq!(users.all("USER").len(), 25);
    assert_eq!(users.all("USER_LOGIN").len(), 25);
    let logins = users.all("LAST_LOGIN_DATE");
    assert!(logins.iter().any(|date| date == "N/A") && logins.iter().any(|date| date != "N/A"));
    let restricted = CallerRole::RestrictedUnitManager;
    let unit = simulator(World { caller_role: restricted, ..generous() }).await;
    let users = get(&unit, "/msp/user_list.php").await;
    assert_eq!(users.all("USER").len(), 25);
    for element in ["USER_LOGIN", "USER_ID", "EXTERNAL_ID", "LAST_LOGIN_DATE"] {
        assert_eq!(users.first(element), None);
    }
}

#[tokio::test]
async fn tickets_come_a_thousand_at_a_time() {
    let simulator = simulator(generous()).await;
    let mut numbers: Vec<u64> = Vec::new();
    let mut since = 1;
    let mut pages = 0;
    loop {
        let page = get(&simulator, &format!("{TICKETS}&since_ticket_number={since}")).await;
        numbers.extend(page.all("NUMBER").iter().filter_map(|number| number.parse::<u64>().ok()));
        pages += 1;
        let text = page.text();
        let Some((_, rest)) = text.split_once("<TRUNCATION last=\"") else { break };
        let last: u64 = rest.split('"').next().and_then(|last| last.parse().ok()).expect("a number");
        assert_eq!(numbers.last(), Some(&last));
        since = last + 1;
    }
    assert_eq!((pages, numbers.len()), (3, 2_500));
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
}

#[tokio::test]
async fn tickets_are_selected() {
    let simulator = simulator(World { tickets: 900, ..generous() }).await;
    let count = async |filter: &str| {
        let answer = get(&simulator, &format!("/msp/ticket_list.php?{filter}")).await;
        assert_eq!(answer.first("ERROR"), None, "{filter}");
        answer.all("NUMBER").len()
    };
    let open = count("states=OPEN").await;
    assert_eq!(count("since_ticket_number=1").await, open, "only open ones unless asked for");
    let states = "states=OPEN,RESOLVED,CLOSED,IGNORED";
    assert_eq!(count(states).await, 900);
    let overdue = count(&format!("{states}&overdue=1")).await;
    assert!(overdue > 0 && overdue + count(&format!("{states}&overdue=0")).await == 900);
    let modified = count(&format!("{states}&modified_since_datetime=2026-06-01")).await;
    let unmodified = count(&format!("{states}&unmodified_since_datetime=2026-06-01")).await;
    assert!(modified > 0 && modified + unmodified == 900);
    assert!(count(&format!("{states}&vuln_severities=5")).await < 400);
    assert_eq!(count(&format!("{states}&since_ticket_number=1800&until_ticket_number=1799")).await, 0);
}

#[tokio::test]
async fn a_ticket_call_has_to_select_something() {
    let simulator = simulator(generous()).await;
    let answer = get(&simulator, "/msp/ticket_list.php?show_vuln_details=1").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("<ERROR number=\"1903\">"));
}

#[tokio::test]
async fn who_is_not_known_is_not_let_in() {
    let simulator = simulator(generous()).await;
    let answer = send(&simulator, "GET", HOSTS, "X-Requested-With: test\r\n", "").await;
    assert_eq!((answer.status, answer.first("CODE").as_deref()), (401, Some("2000")));
    assert!(answer.text().starts_with("<?xml") && answer.header("x-ratelimit-limit").is_none());
    let login = "Authorization: Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==\r\n";
    assert_eq!(send(&simulator, "GET", HOSTS, login, "").await.status, 400);
    assert_eq!(send(&simulator, "GET", "/msp/user_list.php", login, "").await.status, 200);
}

#[tokio::test]
async fn parameters_are_checked() {
    let simulator = simulator(generous()).await;
    for (target, code) in [
        (format!("{HOSTS}&colour=red"), "1901"),
        (format!("{HOSTS}&Details=All"), "1901"),
        ("/api/5.0/fo/asset/host/?details=All".to_owned(), "1903"),
        (format!("{HOSTS}&ids=abc123"), "1905"),
        (format!("{HOSTS}&truncation_limit=1000001"), "1905"),
        (format!("{SCANS}&state=Asleep"), "1905"),
    ] {
        let answer = get(&simulator, &target).await;
        assert_eq!((answer.status, answer.first("CODE").as_deref()), (400, Some(code)), "{target}");
        assert!(answer.text().starts_with("<!DOCTYPE"), "a 400 comes without a declaration");
    }
    let repeated = get(&simulator, &format!("{HOSTS}&truncation_limit=5&truncation_limit=7")).await;
    assert_eq!(repeated.all("ID").len(), 7);
}

#[tokio::test]
async fn the_envelope_is_that_of_an_evaluation_account() {
    let simulator = simulator(generous()).await;
    let answer = get(&simulator, &format!("{HOSTS}&echo_request=1")).await;
    let text = answer.text();
    assert!(text.contains(".dtd\">\n<!-- This report was generated with an evaluation version"));
    assert!(text.trim_end().ends_with("//-->"));
    assert_eq!(answer.first("KEY").as_deref(), Some("action"));
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    assert_eq!(answer.header("server"), Some("Qualys"));
    assert_eq!(answer.header("x-concurrency-limit-limit"), Some("2"));
    let requests = simulator.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!((requests[0].parameter("echo_request"), requests[0].status), (Some("1"), 200));
}

#[tokio::test]
async fn gzip_is_for_clients_that_accept_it() {
    let simulator = simulator(generous()).await;
    let plain = get(&simulator, HOSTS).await;
    let headers = "Authorization: Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==\r\n\
        X-Requested-With: test\r\nAccept-Encoding: deflate, gzip;q=1.0\r\n";
    let packed = send(&simulator, "GET", HOSTS, headers, "").await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut unpacked = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(packed.body.as_slice());
    decoder.read_to_end(&mut unpacked).expect("gzip");
    assert_eq!(unpacked, plain.body);
}

#[tokio::test]
async fn limits_are_told_and_kept() {
    let simulator = simulator(World { rate_limit: 4, other_clients: 1, ..World::default() }).await;
    let first = get(&simulator, SCANS).await;
    assert_eq!(first.header("x-ratelimit-remaining"), Some("3"));
    assert_eq!(get(&simulator, SCANS).await.header("x-ratelimit-remaining"), Some("1"));
    let blocked = get(&simulator, SCANS).await;
    assert_eq!((blocked.status, blocked.first("CODE").as_deref()), (409, Some("1965")));
    let wait = blocked.header("x-ratelimit-towait-sec").map(str::to_owned);
    assert_eq!(blocked.first("VALUE"), wait);
    assert_eq!(blocked.first("KEY").as_deref(), Some("SECONDS_TO_WAIT"));
}

#[tokio::test]
async fn an_unread_answer_is_a_running_call() {
    let world = World { assets: 100_000, concurrency_limit: 1, ..generous() };
    let simulator = simulator(world).await;
    let headers = "Authorization: Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==\r\nX-Requested-With: t\r\n";
    let target = format!("{HOSTS}&truncation_limit=0&details=All");
    let unread = client::open(&simulator, "GET", &target, headers, "").await;
    while simulator.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    let blocked = get(&simulator, SCANS).await;
    assert_eq!((blocked.status, blocked.first("KEY").as_deref()), (409, Some("CALLS_TO_FINISH")));
    assert_eq!(blocked.header("x-ratelimit-towait-sec"), None);
    drop(unread);
}
