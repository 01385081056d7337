//! What a person is told before a launch: what was taken for a name, and what does not go together.

use super::model::{Model, launch, refusal};
use crate::testing::{Operated, Setup};

fn ec2() -> Setup {
    Setup::operate("launch-ec2-scan")
        .with_text("title", "EC2")
        .with_text("option-profile", "Quick")
        .with_text("connector", "prod")
        .with("tags", &["Web"])
        .with_text("scanner", "aws-1")
}

fn appliance(status: &str, ec2: &str) -> &'static str {
    let cloud = if ec2.is_empty() {
        String::new()
    } else {
        format!("<CLOUD_INFO><EC2_INFO>{ec2}</EC2_INFO></CLOUD_INFO>")
    };
    let list = format!(
        "<APPLIANCE_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><APPLIANCE_LIST><APPLIANCE><ID>2</ID>\
         <NAME>aws-1</NAME><STATUS>{status}</STATUS>{cloud}<NETWORK_ID>7</NETWORK_ID></APPLIANCE></APPLIANCE_LIST></RESPONSE>\
         </APPLIANCE_LIST_OUTPUT>"
    );
    list.leak()
}

fn connector(content: &str) -> &'static str {
    let answer = format!(
        "<ServiceResponse><responseCode>SUCCESS</responseCode><count>1</count><data><AwsAssetDataConnector><id>41</id><name>prod</name>\
         {content}</AwsAssetDataConnector></data></ServiceResponse>"
    );
    answer.leak()
}

/// The lines of the dry run that warn.
fn warnings(done: &Operated) -> Vec<String> {
    let text = done.to_string();
    let lines = text.lines().filter_map(|it| it.trim().strip_prefix("Warning: "));
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    let noted = done.notes.iter().filter(|it| it.starts_with("Known before the launch: "));
    assert_eq!(noted.count(), lines.len(), "the report says so, too");
    lines
}

#[test]
fn a_launch_in_ec2_warns_where_connector_region_and_appliance_do_not_go_together() {
    let here = "<INSTANCE_REGION>us-east-1</INSTANCE_REGION><INSTANCE_VPC_ID>vpc-1</INSTANCE_VPC_ID><ACCOUNT_ID>111</ACCOUNT_ID>";
    let regions = "<endpoints><list><AwsEndpointSimple><regionCode>us-east-1</regionCode></AwsEndpointSimple><AwsEndpointSimple>\
                   <regionCode>eu-west-1</regionCode></AwsEndpointSimple></list></endpoints>";
    let fine =
        format!("<connectorState>FINISHED_SUCCESS</connectorState><awsAccountId>111</awsAccountId>{regions}");
    let disabled = format!("<disabled>true</disabled>{fine}");
    let broken = "<connectorState>ERROR</connectorState><lastError>access denied</lastError>";
    let cases = [
        ("us-east-1", appliance("Online", here), connector(&fine)),
        ("vpc-1", appliance("Online", here), connector(&fine)),
        ("us-west-2", appliance("Online", here), connector(&fine)),
        ("vpc-2", appliance("Online", here), connector(&fine)),
        ("us-east-1", appliance("Offline", here), connector(&disabled)),
        ("us-east-1", appliance("Online", ""), connector(broken)),
        ("us-west-2", appliance("Online", ""), connector("<allRegions>true</allRegions>")),
        ("us-east-1", appliance("Online", here), connector("<awsAccountId>222</awsAccountId>")),
    ];
    let said = cases.map(|(region, appliances, connectors)| {
        let mut model = Model::new();
        (model.appliances, model.connectors) = (appliances, connectors);
        let done = model.run(&ec2().with_text("region", region)).expect("done");
        format!("{region}: {}", warnings(&done).join("\n  "))
    });
    insta::assert_snapshot!(said.join("\n"), @r#"
    us-east-1: 
    vpc-1: 
    us-west-2: the scanner appliance "aws-1" runs in the region us-east-1, and the scan is of us-west-2: check that it reaches the instances
      the connector "prod" does not collect the region us-west-2, only us-east-1, eu-west-1
    vpc-2: the scanner appliance "aws-1" runs in the VPC vpc-1, and the scan is of vpc-2: check that it reaches the instances
    us-east-1: the scanner appliance "aws-1" is offline: the scan waits for it, or fails
      the connector "prod" is disabled: Qualys does not learn of new or terminated instances
    us-east-1: the scanner appliance "aws-1" is not listed as one that runs in AWS
      the state of the connector "prod" is ERROR ("access denied"): Qualys may not know all of its instances
    us-west-2: the scanner appliance "aws-1" is not listed as one that runs in AWS
    us-east-1: the scanner appliance is in the AWS account 111, and the connector "prod" of the AWS account 222
    "#);
}

#[test]
fn a_launch_warns_of_an_appliance_that_is_offline_and_of_targets_outside_the_subscription() {
    let mut model = Model::new();
    model.appliances = appliance("Offline", "");
    let setup = Setup::operate("launch-vm-scan")
        .with_text("title", "T")
        .with_text("option-profile", "Initial Options")
        .with_text("scanner", "aws-1")
        .with("addresses", &["10.1.1.1", "203.0.113.0/30", "192.0.2.250-192.0.3.2", "2001:db8::1"])
        .with("excluded", &["192.0.3.2"]);
    let done = model.run(&setup).expect("done");
    insta::assert_snapshot!(warnings(&done).join("\n"), @r#"
    the scanner appliance "aws-1" is offline: the scan waits for it, or fails
    the scanner appliance "aws-1" is of the network 7, and the scan of the network 0: name the network of the targets with `network`
    some targets are not among the addresses of the subscription that this account sees, and Qualys leaves such targets out without saying so: 192.0.3.0-192.0.3.1, 203.0.113.0-203.0.113.3
    "#);
    let asked = done.requests.iter().find(|it| it.path == "/api/2.0/fo/asset/ip/").expect("asked");
    assert_eq!(asked.query[1].1, "10.1.1.1,192.0.2.250-192.0.3.1,203.0.113.0-203.0.113.3");
    let mut model = Model::new();
    model.appliances = appliance("Online", "");
    let setup = setup.with_value("network", exhibit_plugin::Value::Integer(7));
    let done = model.run(&setup).expect("done");
    assert!(!warnings(&done).join("\n").contains("is of the network"), "{done}");
    assert!(done.to_string().contains(" ip_network_id=7"), "{done}");
    // An account that may not list the addresses is told nothing of them.
    let mut model = Model::new();
    model.addresses =
        "<SIMPLE_RETURN><RESPONSE><CODE>2004</CODE><TEXT>no permission</TEXT></RESPONSE></SIMPLE_RETURN>";
    let done = model.run(&launch()).expect("done");
    assert_eq!((warnings(&done).len(), done.cell("outcome").as_str()), (0, "done"));
}

#[test]
fn what_is_named_by_its_id_is_taken_and_what_was_given_is_shown() {
    let setup = Setup::operate("launch-vm-scan")
        .with_text("title", "T")
        .with_text("option-profile", "13")
        .with_text("scanner", "FRA-1")
        .with("asset-groups", &["22"]);
    let done = Model::new().run(&setup).expect("done").to_string();
    for part in [
        "Option profile: QUICK (id 13, given as \"13\")",
        "Scanner: fra-1 (id 1, Online, given as \"FRA-1\")",
        "Asset groups: Office (id 22, owner Ada Byron (acme_ab1), business unit 5, given as \"22\")",
        "option_id=13 iscanner_name=fra-1 asset_group_ids=22",
    ] {
        assert!(done.contains(part), "{part}: {done}");
    }
}

#[test]
fn two_of_one_name_are_told_apart_by_their_ids() {
    let twins = "<APPLIANCE_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><APPLIANCE_LIST>\
        <APPLIANCE><ID>1</ID><NAME>dmz</NAME><STATUS>Online</STATUS></APPLIANCE>\
        <APPLIANCE><ID>2</ID><NAME>dmz</NAME><STATUS>Offline</STATUS></APPLIANCE>\
        </APPLIANCE_LIST></RESPONSE></APPLIANCE_LIST_OUTPUT>";
    let tags = "<ServiceResponse><responseCode>SUCCESS</responseCode><count>3</count><data><Tag><id>31</id><name>Web</name>\
        <parentTagId>30</parentTagId></Tag><Tag><id>32</id><name>Web</name><ruleType>STATIC</ruleType></Tag><Tag><id>33</id>\
        <name>Data</name></Tag></data></ServiceResponse>";
    let setup = |scanner: &str, tags: &[&str]| {
        Setup::operate("launch-vm-scan")
            .with_text("title", "T")
            .with_text("option-profile", "Initial Options")
            .with_text("scanner", scanner)
            .with("tags", tags)
    };
    let model = || {
        let mut model = Model::new();
        (model.appliances, model.tags) = (twins, tags);
        model
    };
    let refused = [setup("dmz", &["Data"]), setup("1", &["web"])].map(|it| refusal(model().run(&it)));
    insta::assert_snapshot!(refused.join("\n"), @r#"
    more than one scanner appliance is meant: 2 are called "dmz"; name one of them by its id: dmz (id 1, Online), dmz (id 2, Offline)
    more than one tag is meant: 2 are called "web"; name one of them by its id: Web (id 31, in the tag 30), Web (id 32, rule STATIC)
    "#);
    let done = model().run(&setup("2", &["31", "Data"])).expect("done").to_string();
    assert!(done.contains(" iscanner_id=2 "), "{done}");
    assert!(done.contains(" tag_set_by=id tag_set_include=31,33 "), "{done}");
    assert!(
        done.contains("Tags: any of Web (id 31, in the tag 30, given as \"31\"), Data (id 33)"),
        "{done}"
    );
}

#[test]
fn a_scan_that_is_launched_again_is_shown_with_what_is_not_known_of_the_earlier_one() {
    let again = Setup::operate("relaunch-vm-scan").with_text("scan", "Weekly");
    let done =
        Model::new().with_scan("scan/1.1", "Weekly", "Finished").run(&again).expect("done").to_string();
    let lines: Vec<&str> = done.lines().filter(|it| it.contains("Not taken over")).map(str::trim).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    Not taken over: what the scan left out: Qualys does not list it; give it with `excluded`
    Not taken over: the network of the scan: Qualys does not list it; give it with `network`
    Not taken over: the scanner of the scan, so that External is taken: Qualys does not list it; give it with `scanner`
    "#);
    let given = again
        .with("excluded", &["192.0.2.9"])
        .with_value("network", exhibit_plugin::Value::Integer(0))
        .with_text("scanner", "fra-1");
    let done =
        Model::new().with_scan("scan/1.1", "Weekly", "Finished").run(&given).expect("done").to_string();
    assert!(!done.contains("Not taken over"), "{done}");
    assert!(done.contains("exclude_ip_per_scan=192.0.2.9 ip_network_id=0"), "{done}");
}
