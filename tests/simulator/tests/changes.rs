//! What clients change: scans that are launched and controlled, and users.

mod client;

use std::time::Duration;

use client::{Answer, generous, get, post};
use exhibit_simulator::{Fault, Rule, Simulator, World};

const CONTROL: &str = "/api/2.0/fo/scan/";
const LIST: &str = "/api/3.0/fo/scan/?action=list&show_ags=1&show_op=1";
const LAUNCH: &str = "action=launch&scan_title=Weekly&option_title=Initial+Options&iscanner_name=External&ip=192.0.2.0/28,203.0.113.7";
const USER: &str = "action=add&user_role=reader&business_unit=Labs&first_name=Nora&last_name=Unger&title=Auditor\
    &email=nu%40acme.example&address1=1&city=Frankfurt&country=Germany&external_id=E-1";

async fn simulator(world: World) -> Simulator {
    Simulator::start(world).await.expect("a free port")
}

async fn launch(simulator: &Simulator) -> String {
    let answer = post(simulator, CONTROL, LAUNCH).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.first("CODE"), None);
    answer.all("VALUE").pop().expect("a reference")
}

async fn scan(simulator: &Simulator, reference: &str) -> Answer {
    get(simulator, &format!("{LIST}&scan_ref={reference}")).await
}

async fn state(simulator: &Simulator, reference: &str) -> String {
    scan(simulator, reference).await.first("STATE").unwrap_or_default()
}

#[tokio::test]
async fn a_launched_scan_is_queued_runs_and_ends() {
    let simulator = simulator(generous()).await;
    let reference = launch(&simulator).await;
    let listed = scan(&simulator, &reference).await;
    assert_eq!(listed.first("TITLE").as_deref(), Some("Weekly"));
    assert_eq!(
        listed.first("TARGET").as_deref(),
        Some("192.0.2.0-192.0.2.15"),
        "out of scope, and no word of it"
    );
    for (seconds, expected) in [(0, "Queued"), (30, "Loading"), (30, "Running"), (900, "Finished")] {
        simulator.advance(Duration::from_secs(seconds));
        assert_eq!(state(&simulator, &reference).await, expected);
    }
    assert_eq!(scan(&simulator, &reference).await.first("PROCESSED").as_deref(), Some("0"));
    simulator.advance(Duration::from_secs(120));
    assert_eq!(scan(&simulator, &reference).await.first("PROCESSED").as_deref(), Some("1"));
    // It is the newest of the whole list, too.
    assert_eq!(get(&simulator, LIST).await.first("REF"), Some(reference.clone()));
    let [launched] = simulator.launched().try_into().expect("one launch");
    assert_eq!((launched.reference, launched.login), (reference, "acme_sim1".to_owned()));
}

#[tokio::test]
async fn scans_are_paused_resumed_and_canceled_where_their_state_suits() {
    let simulator = simulator(generous()).await;
    let running = get(&simulator, &format!("{LIST}&state=Running")).await.first("REF").expect("a scan");
    let launched = launch(&simulator).await;
    simulator.advance(Duration::from_secs(100));
    for reference in [running, launched] {
        for (action, status, expected) in [
            ("resume", 400, "Running"),
            ("pause", 200, "Paused"),
            ("pause", 400, "Paused"),
            ("resume", 200, "Running"),
            ("cancel", 200, "Canceled"),
            ("cancel", 400, "Canceled"),
        ] {
            let answer = post(&simulator, CONTROL, &format!("action={action}&scan_ref={reference}")).await;
            assert_eq!(answer.status, status, "{action}: {}", answer.text());
            assert_eq!(state(&simulator, &reference).await, expected, "{action}");
        }
    }
}

#[tokio::test]
async fn time_passes_by_itself_where_the_world_has_a_speed() {
    let simulator = simulator(World { speed: 1_000_000, ..generous() }).await;
    let reference = launch(&simulator).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(state(&simulator, &reference).await, "Finished");
}

#[tokio::test]
async fn others_launch_at_the_same_moment() {
    let simulator = simulator(World { other_launches: 2, ..generous() }).await;
    let reference = launch(&simulator).await;
    let all = simulator.launched();
    assert_eq!(
        all.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(),
        ["Weekly 0", "Weekly 1", "Weekly"]
    );
    assert_eq!(all[2].reference, reference);
}

#[tokio::test]
async fn launches_that_make_no_sense_are_refused() {
    let simulator = simulator(generous()).await;
    let cases = [
        LAUNCH.replace("Initial+Options", "Final+Options"),
        LAUNCH.replace("External", "mars-1"),
        LAUNCH.replace("192.0.2.0/28,", ""),
        LAUNCH.replace("ip=192.0.2.0/28,203.0.113.7", "ip=soon"),
        LAUNCH.replace("scan_title=Weekly&", ""),
        format!("{LAUNCH}&nonsense=1"),
        format!("{LAUNCH}&connector_name=prod&ec2_endpoint=us-east-1&ec2_instance_ids=i-1"),
    ];
    for form in cases {
        let answer = post(&simulator, CONTROL, &form).await;
        assert_eq!(answer.status, 400, "{form}");
        assert!(answer.first("CODE").is_some());
    }
    assert_eq!(get(&simulator, &format!("{CONTROL}?{LAUNCH}")).await.status, 400, "not by GET");
    assert_eq!(simulator.launched(), []);
}

#[tokio::test]
async fn instances_that_are_skipped_are_named() {
    let simulator = simulator(generous()).await;
    let form = "action=launch&scan_title=EC2&option_id=510003&iscanner_name=aws-us-east-1&connector_name=prod\
        &ec2_endpoint=us-east-1&ec2_instance_ids=i-01,i-0dead01";
    let answer = post(&simulator, CONTROL, form).await;
    assert_eq!(answer.first("NOTIFICATION").as_deref(), Some("These instances were skipped: i-0dead01"));
}

#[tokio::test]
async fn a_lost_write_is_carried_out_or_not() {
    let simulator = simulator(generous()).await;
    let cases = [
        (Fault::LoseRequest, 0),
        (Fault::LoseAnswer, 1),
        (Fault::PageForAnswer { status: 502 }, 1),
        (Fault::BadGateway, 0),
        (Fault::ResetAt(100), 1),
    ];
    for (fault, carried_out) in cases {
        let before = simulator.launched().len();
        simulator.faults().set([Rule::once(fault.clone()).on(CONTROL)]);
        let request = tokio::spawn(lost(simulator.url()));
        request.await.expect("the client ends");
        assert_eq!(simulator.launched().len() - before, carried_out, "{fault:?}");
    }
}

/// Sends a launch and reads whatever comes.
async fn lost(url: String) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let host = url.strip_prefix("http://").expect("a URL").to_owned();
    let mut stream = tokio::net::TcpStream::connect(&host).await.expect("a connection");
    let request = format!(
        "POST {CONTROL} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==\r\n\
         X-Requested-With: test\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{LAUNCH}",
        LAUNCH.len()
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    // A reset is what is expected.
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

#[tokio::test]
async fn a_list_may_not_show_a_launch_at_once() {
    let simulator = simulator(generous()).await;
    let reference = launch(&simulator).await;
    simulator.faults().set([Rule::times(2, Fault::HideLaunched).on("/api/3.0/fo/scan/")]);
    for expected in [false, false, true] {
        assert_eq!(scan(&simulator, &reference).await.first("REF").is_some(), expected);
    }
}

#[tokio::test]
async fn an_added_user_appears_and_is_not_added_twice() {
    let simulator = simulator(generous()).await;
    let answer = post(&simulator, "/msp/user.php", &format!("{USER}&send_email=1")).await;
    assert!(answer.text().contains("<RETURN status=\"SUCCESS\">") && !answer.text().contains("PASSWORD"));
    let listed = get(&simulator, "/msp/user_list.php").await;
    let [user] = simulator.added_users().try_into().expect("one user");
    assert_eq!(listed.all("USER_LOGIN").last(), Some(&user.login));
    assert_eq!(listed.all("USER_STATUS").last().map(String::as_str), Some("Pending Activation"));
    let again = post(&simulator, "/msp/user.php", USER).await;
    assert_eq!(again.status, 200);
    assert!(again.text().contains("status=\"FAILED\""), "{}", again.text());
    let other = post(&simulator, "/msp/user.php", &USER.replace("E-1", "E-2")).await;
    assert!(other.first("PASSWORD").is_some(), "without an e-mail, the answer has the password");
    assert_eq!(simulator.added_users().len(), 2);
}

#[tokio::test]
async fn users_are_switched_off_and_on() {
    let simulator = simulator(generous()).await;
    let switch = async |action: &str, login: &str| {
        post(&simulator, "/msp/user.php", &format!("action={action}&login={login}")).await.text()
    };
    let listed = get(&simulator, "/msp/user_list.php").await;
    let (logins, states) = (listed.all("USER_LOGIN"), listed.all("USER_STATUS"));
    let of = |wanted: &str| logins[states.iter().position(|it| it == wanted).expect(wanted)].clone();
    let (active, pending) = (of("Active"), of("Pending Activation"));
    for (action, login, succeeds) in [
        ("activate", &active, false),
        ("deactivate", &active, true),
        ("deactivate", &active, false),
        ("activate", &active, true),
        ("activate", &pending, false),
        ("deactivate", &pending, false),
    ] {
        let said = switch(action, login).await;
        assert_eq!(said.contains("SUCCESS"), succeeds, "{action} {login}: {said}");
    }
}

#[tokio::test]
async fn what_launches_choose_from_is_listed() {
    let simulator = simulator(generous()).await;
    let full = "/api/2.0/fo/appliance/?action=list&output_mode=full&include_cloud_info=1";
    assert_eq!(get(&simulator, full).await.all("INSTANCE_REGION"), ["us-east-1", "eu-central-1"]);
    assert_eq!(get(&simulator, &format!("{full}&platform_provider=ec2")).await.all("NAME").len(), 2);
    let profiles = get(&simulator, "/api/2.0/fo/subscription/option_profile/vm/?action=list").await;
    assert_eq!(profiles.all("GROUP_NAME").len(), 5);
    let groups = "/api/3.0/fo/asset/group/?action=list&show_attributes=TITLE,IP_SET";
    let first = get(&simulator, &format!("{groups}&truncation_limit=5")).await;
    let next = first.first("URL").and_then(|it| it.split("id_min=").nth(1).map(str::to_owned));
    let last = get(&simulator, &format!("{groups}&id_min={}", next.expect("a next page"))).await;
    assert_eq!((first.all("TITLE").len(), last.all("TITLE").len()), (5, 3));
}

#[tokio::test]
async fn without_a_scanner_those_in_the_internet_scan() {
    let simulator = simulator(generous()).await;
    let launch = "action=launch&scan_title=Edge&option_title=Initial+Options&ip=192.0.2.1";
    let answer = post(&simulator, CONTROL, launch).await;
    assert_eq!((answer.status, answer.first("CODE")), (200, None));
    let in_aws = "action=launch&scan_title=Cloud&option_title=Initial+Options&connector_name=prod&ec2_endpoint=us-east-1\
        &ec2_instance_ids=i-01";
    let refused = post(&simulator, CONTROL, in_aws).await;
    assert_eq!(
        (refused.status, refused.first("CODE").as_deref()),
        (400, Some("1903")),
        "only an appliance there can"
    );
}
