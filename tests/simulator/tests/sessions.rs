//! How programs other than ours come in: with sessions, without the slash at the end of a path, and from networks.

mod client;

use std::time::Duration;

use client::{Answer, generous, get, post, send};
use exhibit_simulator::{Simulator, World};

const SESSION: &str = "/api/2.0/fo/session/";
const HOSTS: &str = "/api/2.0/fo/asset/host/?action=list&truncation_limit=3";
const FORM: &str = "X-Requested-With: test\r\nContent-Type: application/x-www-form-urlencoded\r\n";
const LOGIN: &str = "action=login&username=acme_sim1&password=not-a-secret";

async fn simulator(world: World) -> Simulator {
    Simulator::start(world).await.expect("a free port")
}

/// The cookie that a login gives.
async fn log_in(simulator: &Simulator) -> String {
    let answer = send(simulator, "POST", SESSION, FORM, LOGIN).await;
    assert_eq!((answer.status, answer.first("TEXT").as_deref()), (200, Some("Logged in")));
    let cookie = answer.header("set-cookie").expect("a cookie");
    let (cookie, path) = cookie.split_once(';').expect("its path");
    assert_eq!(path.trim(), "path=/api");
    cookie.to_owned()
}

async fn with(simulator: &Simulator, cookie: &str, method: &str, target: &str, form: &str) -> Answer {
    send(simulator, method, target, &format!("{FORM}Cookie: other=1; {cookie}\r\n"), form).await
}

#[tokio::test]
async fn a_session_stands_for_a_login_at_version_2_until_it_ends() {
    let simulator = simulator(generous()).await;
    let cookie = log_in(&simulator).await;
    assert!(cookie.starts_with("QualysSession=") && cookie.len() == "QualysSession=".len() + 32, "{cookie}");
    assert_eq!(with(&simulator, &cookie, "GET", HOSTS, "").await.all("ID").len(), 3);
    for elsewhere in ["/api/5.0/fo/asset/host/?action=list", "/msp/user_list.php"] {
        assert_eq!(with(&simulator, &cookie, "GET", elsewhere, "").await.status, 401, "{elsewhere}");
    }
    let ended = with(&simulator, &cookie, "POST", SESSION, "action=logout").await;
    assert_eq!((ended.status, ended.first("TEXT").as_deref()), (200, Some("Logged out")));
    assert_eq!(with(&simulator, &cookie, "GET", HOSTS, "").await.status, 401);
    assert_eq!(with(&simulator, &cookie, "POST", SESSION, "action=logout").await.status, 401);
}

#[tokio::test]
async fn no_session_begins_without_a_login_and_all_that_belongs_to_it() {
    let simulator = simulator(generous()).await;
    let wrong = LOGIN.replace("not-a-secret", "wrong");
    for (method, headers, form, status, code) in [
        ("POST", FORM, wrong.as_str(), 401, "2000"),
        ("POST", FORM, "action=login&username=acme_sim1", 400, "1903"),
        ("POST", FORM, "", 400, "1903"),
        ("POST", FORM, "action=extend", 400, "1905"),
        ("GET", FORM, LOGIN, 400, "1907"),
        ("POST", "Content-Type: application/x-www-form-urlencoded\r\n", LOGIN, 400, "1920"),
    ] {
        let answer = send(&simulator, method, SESSION, headers, form).await;
        assert_eq!((answer.status, answer.first("CODE").as_deref()), (status, Some(code)), "{form}");
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_is_idle_for_an_hour_ends() {
    let simulator = simulator(generous()).await;
    let cookie = log_in(&simulator).await;
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(3_000)).await;
        assert_eq!(with(&simulator, &cookie, "GET", HOSTS, "").await.status, 200, "each call prolongs it");
    }
    tokio::time::advance(Duration::from_secs(3_600)).await;
    assert_eq!(with(&simulator, &cookie, "GET", HOSTS, "").await.status, 401);
}

#[tokio::test]
async fn sessions_are_not_counted_as_calls() {
    let simulator = simulator(World { rate_limit: 1, ..World::default() }).await;
    for _ in 0..3 {
        log_in(&simulator).await;
    }
    assert_eq!(get(&simulator, HOSTS).await.status, 200);
}

#[tokio::test]
async fn a_path_without_its_slash_has_moved_to_the_one_with_it() {
    let simulator = simulator(generous()).await;
    let moved = get(&simulator, "/api/2.0/fo/asset/host?action=list&ips=10.0.0.1-10.0.0.9%2C10.1.0.1").await;
    assert_eq!(moved.status, 301);
    let location = moved.header("location").expect("where it is");
    let path = location.strip_prefix(&simulator.url()).expect("at the same place");
    assert_eq!(path, "/api/2.0/fo/asset/host/?action=list&ips=10.0.0.1-10.0.0.9%2C10.1.0.1");
    assert_eq!(get(&simulator, path).await.status, 200);
    let posted = post(&simulator, "/api/2.0/fo/scan", "action=list").await;
    assert_eq!(
        (posted.status, posted.header("location")),
        (301, Some(&*format!("{}/api/2.0/fo/scan/", simulator.url())))
    );
    for unknown in ["/api/2.0/fo/asset/hosts", "/api/9.0/fo/scan", "/msp/user_list.php/"] {
        assert_eq!(get(&simulator, unknown).await.status, 404, "{unknown}");
    }
}

#[tokio::test]
async fn networks_are_named_where_there_are_any() {
    let (without, with) =
        (simulator(generous()).await, simulator(World { networks: true, ..generous() }).await);
    for list in [
        "/api/5.0/fo/asset/host/?action=list&details=All",
        "/api/5.0/fo/asset/host/vm/detection/?action=list",
        "/api/5.0/fo/schedule/scan/?action=list",
        "/api/2.0/fo/appliance/?action=list",
    ] {
        assert_eq!(get(&without, list).await.first("NETWORK_ID"), None, "{list}");
        assert_eq!(get(&with, list).await.first("NETWORK_ID").as_deref(), Some("0"), "{list}");
    }
    let of_network = |id| format!("/api/5.0/fo/asset/host/?action=list&truncation_limit=5&network_ids={id}");
    assert_eq!(get(&without, &of_network(0)).await.first("CODE").as_deref(), Some("1901"));
    assert_eq!(get(&with, &of_network(0)).await.all("ID").len(), 5);
    assert_eq!(get(&with, &of_network(7)).await.all("ID").len(), 0);
    let launch = "action=launch&scan_title=a&option_id=510001&ip=10.0.0.1&ip_network_id=0";
    assert_eq!(post(&without, "/api/2.0/fo/scan/", launch).await.first("CODE").as_deref(), Some("1901"));
    assert_eq!(post(&with, "/api/2.0/fo/scan/", launch).await.status, 200);
}
