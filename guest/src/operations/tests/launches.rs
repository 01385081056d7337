//! Launches: names, targets, and what a person sees before.

use exhibit_plugin::Value;

use super::model::{Fate, Model, Scan, launch, refusal, simple};
use crate::testing::{Setup, operate};

#[test]
fn a_launch_shows_what_it_does_and_reports_what_came_of_it() {
    let setup = launch()
        .with("host-names", &["www.acme.example"])
        .with("asset-groups", &["dmz, outer"])
        .with("excluded", &["192.0.2.9"])
        .with_text("priority", "5");
    let done =
        Model::new().with_scan("scan/1.1", "Weekly [exhibit job-0]", "Running").run(&setup).expect("done");
    insta::assert_snapshot!(done, @r#"
    Method::Get /api/2.0/fo/subscription/option_profile/vm/ action=list
    Method::Get /api/3.0/fo/asset/group/ action=list truncation_limit=0 show_attributes=TITLE,OWNER_USER_NAME,OWNER_UNIT_ID,NETWORK_IDS,IP_SET
    Method::Get /api/2.0/fo/asset/ip/ action=list ips=192.0.2.1
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 ignore_target=1 launched_after_datetime=2026-10-31T00:00:00Z state=Running,Paused,Queued,Loading
    Method::Post /api/2.0/fo/scan/
      form: action=launch scan_title=Weekly [exhibit job-1] option_id=11 iscanner_name=External ip=192.0.2.1 fqdn=www.acme.example asset_group_ids=21 exclude_ip_per_scan=192.0.2.9 priority=5
      Launches a VM scan.
        Title: Weekly [exhibit job-1]
        Addresses: 192.0.2.1
        Host names: www.acme.example
        Asset groups: DMZ, outer (id 21, given as "dmz, outer")
        Left out: 192.0.2.9
        Option profile: Initial Options (id 11, default)
        Scanner: External: the scanners of Qualys in the Internet
        Priority: 5
        Account: acme_ab1
        In progress already: scan/1.1 ("Weekly [exhibit job-0]", Running, launched 2026-10-31T01:00:00Z)
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 scan_ref=scan/9.1
    row
      reference: scan/9.1
      outcome: done
      title: Weekly [exhibit job-1]
      asked-targets: 192.0.2.1 | www.acme.example | asset group dmz, outer
      listed-targets: 192.0.2.1 | www.acme.example
      dropped-targets: empty
      option-profile: Initial Options
      scanner: External
      launched: 2026-11-01T00:00:01Z
      state: Queued
      result: in progress
      user: acme_ab1
      message: The VM scan "Weekly" (scan/9.1) of 1 address and 1 other target was launched, and its state is Queued
    pauses []
    "#);
    assert_eq!(done.writes().len(), 1);
}

#[test]
fn a_launch_in_ec2_names_where() {
    let setup = Setup::operate("launch-ec2-scan")
        .with_text("title", "EC2")
        .with_text("option-profile", "Quick")
        .with_text("connector", "Prod")
        .with_text("region", "us-east-1")
        .with("instances", &["i-0123456789abcdef0", "i-0dead000000000001"])
        .with("tags", &["web"])
        .with_text("scanner", "AWS-1");
    let mut model = Model::new();
    let answer = simple(
        "<TEXT>New vm scan launched</TEXT><NOTIFICATION>Skipped: i-0dead000000000001</NOTIFICATION>\
         <ITEM_LIST><ITEM><KEY>REFERENCE</KEY><VALUE>scan/9.1</VALUE></ITEM></ITEM_LIST>",
    );
    model.fate = Fate::Instead(200, answer.leak());
    model.listed = Some("0f3c9a3e-0000-4000-8000-000000000001");
    let done = model.run(&setup).expect("done");
    insta::assert_snapshot!(done, @r#"
    Method::Get /api/2.0/fo/subscription/option_profile/vm/ action=list
    Method::Get /api/2.0/fo/appliance/ action=list output_mode=full include_cloud_info=1
    Method::Post /qps/rest/2.0/search/am/tag
      <ServiceRequest><preferences><limitResults>1000</limitResults></preferences></ServiceRequest>
    Method::Post /qps/rest/3.0/search/am/awsassetdataconnector
      <ServiceRequest><preferences><limitResults>1000</limitResults></preferences></ServiceRequest>
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 ignore_target=1 launched_after_datetime=2026-10-31T00:00:00Z state=Running,Paused,Queued,Loading
    Method::Post /api/2.0/fo/scan/
      form: action=launch scan_title=EC2 [exhibit job-1] option_id=12 iscanner_name=aws-1 target_from=tags tag_set_by=name tag_set_include=Web tag_include_selector=any connector_name=prod ec2_endpoint=us-east-1 ec2_instance_ids=i-0123456789abcdef0,i-0dead000000000001
      Launches a VM scan of EC2 instances.
        Title: EC2 [exhibit job-1]
        Tags: any of Web (id 31, given as "web")
        Connector: prod (id 41, given as "Prod")
        Region or VPC: us-east-1
        Instances: i-0123456789abcdef0, i-0dead000000000001
        Option profile: Quick (id 12)
        Scanner: aws-1 (id 2, Offline, us-east-1, given as "AWS-1")
        Account: acme_ab1
        Warning: the scanner appliance "aws-1" is offline: the scan waits for it, or fails
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 scan_ref=scan/9.1
    row
      reference: scan/9.1
      outcome: done
      title: EC2 [exhibit job-1]
      asked-targets: tag Web | i-0123456789abcdef0 | i-0dead000000000001
      listed-targets: 0f3c9a3e-0000-4000-8000-000000000001
      dropped-targets: i-0dead000000000001
      option-profile: Initial Options
      scanner: aws-1
      launched: 2026-11-01T00:00:01Z
      state: Queued
      result: in progress
      user: acme_ab1
      message: The VM scan "EC2" (scan/9.1) of 1 target was launched, and its state is Queued; Qualys left out i-0dead000000000001
    note Qualys notified: Skipped: i-0dead000000000001
    note Known before the launch: the scanner appliance "aws-1" is offline: the scan waits for it, or fails.
    pauses []
    "#);
}

#[test]
fn tags_and_connectors_are_looked_up_where_the_account_may_list_them() {
    let setup = |connector: &str, tag: &str| {
        Setup::operate("launch-ec2-scan")
            .with_text("title", "EC2")
            .with_text("option-profile", "Quick")
            .with_text("connector", connector)
            .with_text("region", "us-east-1")
            .with("tags", &[tag])
            .with_text("scanner", "aws-1")
    };
    let refusals = [("stage", "Web"), ("prod", "Shop")].map(|(connector, tag)| {
        let mut model = Model::new();
        let refused = refusal(model.run(&setup(connector, tag)));
        assert_eq!(model.launches, 0);
        refused
    });
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    no connector is called "stage"; choose one, the nearest first: prod (id 41)
    no tag is called "Shop"; choose one, the nearest first: Web (id 31), Data (id 32)
    "#);
    let nothing =
        ["<responseCode>UNAUTHORIZED</responseCode>", "<responseCode>SUCCESS</responseCode><count>0</count>"];
    for content in nothing {
        let mut model = Model::new();
        model.connectors = format!("<ServiceResponse>{content}</ServiceResponse>").leak();
        let done = model.run(&setup("stage", "WEB")).expect("done").to_string();
        assert!(
            done.contains("Connector: stage (not looked up: Qualys refuses what it does not know)"),
            "{done}"
        );
        assert!(done.contains("connector_name=stage") && done.contains("tag_set_include=Web"), "{done}");
    }
}

#[test]
fn a_name_that_fits_none_or_two_sends_nothing() {
    let without = |name: &str, value: &str| {
        let setup =
            Setup::operate("launch-vm-scan").with_text("title", "T").with("addresses", &["192.0.2.1"]);
        let setup = if name == "option-profile" {
            setup
        } else {
            setup.with_text("option-profile", "Initial Options")
        };
        match name {
            "asset-groups" => setup.with(name, &[value]),
            _ => setup.with_text(name, value),
        }
    };
    let cases = [
        ("option-profile", "quick"),
        ("option-profile", "Options"),
        ("scanner", "fra"),
        ("asset-groups", "Lab"),
        ("asset-groups", "Office"),
    ];
    let messages = cases.map(|(name, value)| {
        let mut model = Model::new();
        let refused = refusal(model.run(&without(name, value)));
        assert_eq!(model.launches, 0);
        refused
    });
    insta::assert_snapshot!(messages.join("\n"), @r#"
    more than one option profile is meant: 2 are called "quick"; write one of them as it is written here, or give its id: Quick (id 12), QUICK (id 13)
    no option profile is called "Options"; choose one, the nearest first: Initial Options (id 11, default), Quick (id 12), QUICK (id 13)
    no scanner appliance is called "fra"; choose one, the nearest first: fra-1 (id 1, Online), aws-1 (id 2, Offline, us-east-1)
    no asset group is called "Lab"; choose one, the nearest first: Office (id 22, owner Ada Byron (acme_ab1), business unit 5), DMZ, outer (id 21)
    the asset group "Office" has 10.1.0.0-10.1.0.9, which is private, and the scanner External reaches only what is in the Internet; choose a scanner appliance that reaches it: fra-1 (id 1, Online), aws-1 (id 2, Offline, us-east-1)
    "#);
}

#[test]
fn an_address_that_needs_an_appliance_is_refused_with_those_that_there_are() {
    let setup = Setup::operate("launch-vm-scan")
        .with_text("title", "T")
        .with_text("option-profile", "Initial Options")
        .with("addresses", &["192.0.2.1", "10.0.0.0-10.0.0.9"]);
    let why = "10.0.0.0-10.0.0.9 is private, and the scanner External reaches only what is in the Internet";
    let mut model = Model::new();
    let refused = refusal(model.run(&setup));
    assert!(
        refused.starts_with(why)
            && refused.ends_with("fra-1 (id 1, Online), aws-1 (id 2, Offline, us-east-1)")
    );
    // An account that may not list them is told the reason all the same.
    model.appliances = "<SIMPLE_RETURN><RESPONSE><CODE>2012</CODE><TEXT>no</TEXT></RESPONSE></SIMPLE_RETURN>";
    assert_eq!(refusal(model.run(&setup)), format!("{why}; choose a scanner appliance that reaches it"));
}

#[test]
fn a_scan_is_looked_for_by_its_title_by_the_clock_that_is_behind() {
    let relaunch =
        Setup::operate("relaunch-vm-scan").with_text("scan", "Weekly").with_value("days", Value::Integer(1));
    let cancel = Setup::operate("cancel-scan").with_text("scan", "Weekly");
    // This machine's clock is at 2026-11-01 in all of them.
    for (setup, state, clock, launched) in [
        (&relaunch, "Finished", "2026-10-30T00:00:00Z", "2026-10-29T06:00:00Z"),
        (&relaunch, "Finished", "2026-11-03T00:00:00Z", "2026-11-02T06:00:00Z"),
        (&cancel, "Running", "2026-09-01T00:00:00Z", "2026-08-20T00:00:00Z"),
        (&cancel, "Running", "2026-11-03T00:00:00Z", "2026-11-02T23:00:00Z"),
    ] {
        for resumed in [false, true] {
            let mut model = Model::new().at(clock).with_scan("scan/1.1", "Weekly", state);
            model.scans[0].launched = launched;
            let done = if resumed { model.run_resumed(setup) } else { model.run(setup) };
            let done = done.unwrap_or_else(|error| panic!("{clock}: {error:?}"));
            assert_eq!(done.cell("outcome"), "done", "{clock}");
        }
    }
}

#[test]
fn a_private_group_needs_an_appliance() {
    let setup = launch().with("asset-groups", &["Office"]).with_text("scanner", "fra-1");
    let done = Model::new().run(&setup).expect("done");
    assert_eq!(done.cell("outcome"), "done");
    let (_, form) = form(&done);
    assert!(form.contains("iscanner_name=fra-1") && form.contains("asset_group_ids=22"), "{form}");
}

fn form(done: &crate::testing::Operated) -> (usize, String) {
    let text = done.to_string();
    let form = text.lines().find(|it| it.trim_start().starts_with("form: action=launch")).expect("a form");
    (done.writes().len(), form.to_owned())
}

#[test]
fn targets_that_qualys_drops_are_said() {
    let mut model = Model::new();
    model.listed = Some("192.0.2.3-192.0.2.6,\n WWW.acme.example");
    let setup = Setup::operate("launch-vm-scan")
        .with_text("title", "T")
        .with_text("option-profile", "Initial Options")
        .with("addresses", &["192.0.2.0/29"])
        .with("excluded", &["192.0.2.7"])
        .with("host-names", &["www.acme.example", "ftp.acme.example"]);
    let done = model.run(&setup).expect("done");
    assert_eq!(done.cell("dropped-targets"), "192.0.2.0-192.0.2.2 | ftp.acme.example");
    assert_eq!(
        done.notes,
        [
            "Qualys left targets out without saying why: 192.0.2.0-192.0.2.2, ftp.acme.example. The account may have no permission to scan \
          them.",
        ]
    );
}

#[test]
fn the_newest_scan_of_a_title_is_launched_again() {
    let mut model = Model::new()
        .with_scan("scan/1.1", "Weekly", "Finished")
        .with_scan("scan/1.2", "Weekly [exhibit job-0]", "Finished")
        .with_scan("scan/1.3", "Weekly DMZ", "Finished");
    model.scans[1].launched = "2026-10-31T02:00:00Z";
    let done = model.run(&Setup::operate("relaunch-vm-scan").with_text("scan", "weekly")).expect("done");
    insta::assert_snapshot!(done, @r#"
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 ignore_target=1 launched_after_datetime=2026-10-02T00:00:00Z
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 scan_ref=scan/1.2
    Method::Get /api/2.0/fo/asset/ip/ action=list ips=192.0.2.1-192.0.2.9
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 ignore_target=1 launched_after_datetime=2026-10-31T00:00:00Z state=Running,Paused,Queued,Loading
    Method::Post /api/2.0/fo/scan/
      form: action=launch scan_title=Weekly [exhibit job-1] option_title=Initial Options iscanner_name=External ip=192.0.2.1-192.0.2.9 fqdn=www.acme.example priority=5
      Launches a VM scan again.
        Title: Weekly [exhibit job-1]
        Launches again: scan/1.2 ("Weekly [exhibit job-0]", Finished, launched 2026-10-31T02:00:00Z)
        Addresses: 192.0.2.1-192.0.2.9
        Host names: www.acme.example
        Option profile: Initial Options
        Scanner: External: the scanners of Qualys in the Internet
        Priority: 5
        Account: acme_ab1
        Not taken over: what the scan left out: Qualys does not list it; give it with `excluded`
        Not taken over: the network of the scan: Qualys does not list it; give it with `network`
        Not taken over: the scanner of the scan, so that External is taken: Qualys does not list it; give it with `scanner`
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 scan_ref=scan/9.1
    row
      reference: scan/9.1
      outcome: done
      title: Weekly [exhibit job-1]
      asked-targets: 192.0.2.1-192.0.2.9 | www.acme.example
      listed-targets: 192.0.2.1-192.0.2.9 | www.acme.example
      dropped-targets: empty
      option-profile: Initial Options
      scanner: External
      launched: 2026-11-01T00:00:01Z
      state: Queued
      result: in progress
      user: acme_ab1
      message: The VM scan "Weekly" (scan/9.1) of 9 addresses and 1 other target was launched, and its state is Queued
    pauses []
    "#);
    let by_reference = Setup::operate("relaunch-vm-scan").with_text("scan", "scan/1.3");
    let mut model = Model::new().with_scan("scan/1.3", "Weekly DMZ", "Finished");
    let done = model.run(&by_reference.with_text("option-profile", "Initial Options")).expect("done");
    assert_eq!(done.cell("title"), "Weekly DMZ [exhibit job-1]");
}

#[test]
fn a_scan_that_cannot_be_launched_again_is_refused() {
    let setup = |scan: &str| Setup::operate("relaunch-vm-scan").with_text("scan", scan);
    let with = |change: fn(&mut Scan)| {
        let mut model =
            Model::new().with_scan("scan/1.1", "Weekly", "Finished").with_scan("scan/1.2", "Weekly", "Error");
        change(&mut model.scans[1]);
        model.scans[1].launched = "2026-10-31T02:00:00Z";
        model
    };
    let mut refusals = vec![
        refusal(with(|_| ()).run(&setup("Monthly"))),
        refusal(with(|_| ()).run(&setup("scan/7.7"))),
        refusal(with(|it| it.profile = "Quick".to_owned()).run(&setup("Weekly"))),
        refusal(
            with(|it| it.target = "0f3c9a3e-0000-4000-8000-000000000001".to_owned()).run(&setup("Weekly")),
        ),
        refusal(with(|it| it.target = "10.1.1.1".to_owned()).run(&setup("Weekly"))),
        refusal(with(|it| it.target = String::new()).run(&setup("Weekly"))),
    ];
    refusals.push(refusal(Model::new().run(&setup("Weekly"))));
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    no scan is called "Monthly"; choose one, the nearest first: Weekly
    Qualys lists no scan with the reference "scan/7.7"; check the reference; a deleted scan is not listed
    scans with the title "Weekly" differ in option profile or asset groups; name one by its reference: scan/1.1 ("Weekly", Finished, launched 2026-10-31T01:00:00Z), option profile "Initial Options", asset groups none, scan/1.2 ("Weekly", Error, launched 2026-10-31T02:00:00Z), option profile "Quick", asset groups none
    scan/1.2 ("Weekly", Error, launched 2026-10-31T02:00:00Z) has the target "0f3c9a3e-0000-4000-8000-000000000001", which is no address and no host name; scans of cloud instances and of tags are launched by the operations for them
    10.1.1.1 is private, and the scanner External reaches only what is in the Internet; choose a scanner appliance that reaches it: fra-1 (id 1, Online), aws-1 (id 2, Offline, us-east-1)
    scan/1.2 ("Weekly", Error, launched 2026-10-31T02:00:00Z) has no targets
    no scan is called "Weekly"; Qualys lists no scan for this account: check its permissions
    "#);
}

#[test]
fn an_answer_before_the_write_that_is_none_ends_it_and_a_limit_is_waited_for() {
    let limit = simple(
        "<CODE>1965</CODE><TEXT>later</TEXT><ITEM_LIST><ITEM><KEY>SECONDS_TO_WAIT</KEY><VALUE>9</VALUE></ITEM></ITEM_LIST>",
    );
    let mut model = Model::new();
    let mut first = true;
    let done = operate(&launch(), true, |asked| {
        if asked.is_ok() && std::mem::take(&mut first) {
            return Some(crate::testing::Reply::new(409, &limit));
        }
        model.react(asked)
    });
    let done = done.expect("done");
    assert_eq!((done.pauses[0].seconds, done.cell("outcome").as_str()), (10, "done"));
    for (status, body) in [
        (200, "<html>login</html>"),
        (200, ""),
        (200, "<SCAN_LIST_OUTPUT/>"),
        (401, ""),
        (200, "<OPTION_PROFILES>"),
    ] {
        let mut writes = 0;
        let refused = operate(&launch(), false, |asked| {
            writes += asked.map_or(0, |it| usize::from(it.path == "/api/2.0/fo/scan/"));
            Some(crate::testing::Reply::new(status, body))
        });
        assert!(refused.is_err(), "{status} {body}");
        assert_eq!(writes, 0);
    }
}
