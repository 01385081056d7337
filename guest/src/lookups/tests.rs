//! Each lookup, from an answer to rows.

use exhibit_plugin::types::Kind;

use super::ALL;
use crate::testing::{Collected, Setup, collect, service_response};

/// What a lookup lists of these answers.
fn looked_up(name: &str, answers: &[&str]) -> Collected {
    collect(Setup::look_up(name), answers).expect("listed")
}

#[test]
fn every_lookup_has_a_value_that_a_parameter_takes() {
    let manifest = crate::catalog::manifest();
    for lookup in ALL {
        let described = (lookup.describe)();
        assert_eq!(described.name, lookup.name);
        let value = described.fields.iter().find(|it| it.name == described.value).expect("a field");
        assert_eq!(value.kind, Kind::Text, "{}", lookup.name);
        for name in &described.parameters {
            let mut parameters = manifest.operations.iter().flat_map(|it| &it.parameters);
            assert!(parameters.any(|it| it.name == *name), "{}: {name}", lookup.name);
        }
    }
}

#[test]
fn scanners() {
    let answer = "<APPLIANCE_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><APPLIANCE_LIST>
      <APPLIANCE><ID>1</ID><NAME>fra-1</NAME><RUNNING_SCAN_COUNT>2</RUNNING_SCAN_COUNT><STATUS>Online</STATUS><TYPE>Virtual</TYPE></APPLIANCE>
      <APPLIANCE><ID>2</ID><NAME>aws-1</NAME><STATUS>Offline</STATUS><ACTIVATION_CODE>SECRET</ACTIVATION_CODE><CLOUD_INFO><EC2_INFO>
        <INSTANCE_REGION>us-east-1</INSTANCE_REGION><INSTANCE_VPC_ID>vpc-1</INSTANCE_VPC_ID></EC2_INFO></CLOUD_INFO></APPLIANCE>
      </APPLIANCE_LIST></RESPONSE></APPLIANCE_LIST_OUTPUT>";
    insta::assert_snapshot!(looked_up("scanners", &[answer]), @r#"
    Method::Get /api/2.0/fo/appliance/ action=list output_mode=full include_cloud_info=1
    row
      name: fra-1
      scanner-id: 1
      status: Online
      type: Virtual
      scans: 2
    row
      name: aws-1
      scanner-id: 2
      status: Offline
      region: us-east-1
      vpc: vpc-1
    note Qualys dated its first answer 2026-11-01T00:00:00Z.
    pages 1, rows 2, rejected 0, duplicates 0, outside 0
    "#);
}

#[test]
fn option_profiles() {
    let answer = "<OPTION_PROFILES><OPTION_PROFILE><BASIC_INFO><ID>11</ID><GROUP_NAME><![CDATA[Initial & more]]></GROUP_NAME>
      <GROUP_TYPE>user</GROUP_TYPE><USER_ID><![CDATA[Ada (acme_ab1)]]></USER_ID><IS_DEFAULT>1</IS_DEFAULT><IS_GLOBAL>0</IS_GLOBAL>
      <UPDATE_DATE>N/A</UPDATE_DATE></BASIC_INFO><SCAN><PASSWORD_BRUTE_FORCING><CUSTOM_LIST><CUSTOM><ID>1</ID>
      <LOGIN_PASSWORD>SECRET</LOGIN_PASSWORD></CUSTOM></CUSTOM_LIST></PASSWORD_BRUTE_FORCING></SCAN></OPTION_PROFILE></OPTION_PROFILES>";
    insta::assert_snapshot!(looked_up("option-profiles", &[answer]), @r#"
    Method::Get /api/2.0/fo/subscription/option_profile/vm/ action=list
    row
      title: Initial & more
      profile-id: 11
      type: user
      default: true
      global: false
      updated: empty
    pages 1, rows 1, rejected 0, duplicates 0, outside 0
    "#);
}

/// What hosts blank is what Qualys lists beside names, and nothing of what is read.
#[test]
fn what_nothing_may_keep_is_named() {
    let lists = [
        (
            "scanners",
            "<APPLIANCE><NAME>a</NAME><ACTIVATION_CODE>SECRET</ACTIVATION_CODE><PROXY_SETTINGS><SETTING>SECRET</SETTING></PROXY_SETTINGS>\
             <CLOUD_INFO><EC2_INFO><API_PROXY_SETTINGS><SETTING>SECRET</SETTING></API_PROXY_SETTINGS></EC2_INFO></CLOUD_INFO></APPLIANCE>",
        ),
        (
            "option-profiles",
            "<CUSTOM><ID>1</ID><LOGIN_PASSWORD><![CDATA[L:root,P:SECRET]]></LOGIN_PASSWORD></CUSTOM>",
        ),
        (
            "connectors",
            "<AwsAssetDataConnector><arn>SECRET</arn><externalId>SECRET</externalId></AwsAssetDataConnector>",
        ),
        ("connectors", r#"{"data":[{"AwsAssetDataConnector":{"arn":"SECRET","externalId":"SECRET"}}]}"#),
    ];
    let manifest = crate::catalog::manifest();
    for (name, answer) in lists {
        let lookup = manifest.lookups.iter().find(|it| it.name == name).expect("a lookup");
        // Whatever else asks for the same list.
        let others = manifest
            .operations
            .iter()
            .filter(|it| it.parameters.iter().any(|parameter| lookup.parameters.contains(&parameter.name)));
        for names in others.map(|it| &it.blanked).chain([&lookup.blanked]) {
            let (mut blanker, mut kept) = (exhibit_blank::Blanker::new(names), Vec::new());
            blanker.pass(answer.as_bytes(), &mut kept);
            blanker.end(&mut kept);
            let kept = String::from_utf8(kept).expect("text");
            assert!(!kept.contains("SECRET") && kept.contains(exhibit_blank::MARK), "{name}: {kept}");
        }
    }
    let read = ["title", "name", "id", "ID", "NAME", "GROUP_NAME", "awsAccountId"];
    let all =
        manifest.lookups.iter().map(|it| &it.blanked).chain(manifest.operations.iter().map(|it| &it.blanked));
    assert!(!all.flatten().any(|it| read.contains(&it.as_str())));
}

#[test]
fn asset_groups_page_by_page() {
    let page = |id: u32, warning: &str| {
        format!(
            "<ASSET_GROUP_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><ASSET_GROUP_LIST><ASSET_GROUP><ID>{id}</ID>
            <TITLE><![CDATA[Group {id}]]></TITLE><BUSINESS_IMPACT>High</BUSINESS_IMPACT></ASSET_GROUP></ASSET_GROUP_LIST>{warning}
            </RESPONSE></ASSET_GROUP_LIST_OUTPUT>"
        )
    };
    let more = "<WARNING><CODE>1980</CODE><TEXT>more</TEXT><URL><![CDATA[https://x/?action=list&id_min=8]]></URL></WARNING>";
    let (first, last) = (page(7, more), page(8, ""));
    insta::assert_snapshot!(looked_up("asset-groups", &[&first, &last]), @r#"
    Method::Get /api/3.0/fo/asset/group/ action=list truncation_limit=1000 show_attributes=TITLE,OWNER_USER_NAME,LAST_UPDATE,BUSINESS_IMPACT
    Method::Get /api/3.0/fo/asset/group/ action=list truncation_limit=1000 show_attributes=TITLE,OWNER_USER_NAME,LAST_UPDATE,BUSINESS_IMPACT id_min=8
    row
      title: Group 7
      group-id: 7
      impact: High
    row
      title: Group 8
      group-id: 8
      impact: High
    note Qualys dated its first answer 2026-11-01T00:00:00Z.
    pages 2, rows 2, rejected 0, duplicates 0, outside 0
    "#);
}

#[test]
fn users() {
    let answer = "<USER_LIST_OUTPUT><USER_LIST><USER><USER_LOGIN>acme_ab1</USER_LOGIN><CONTACT_INFO><FIRSTNAME>Ada</FIRSTNAME>
      <LASTNAME>Byron</LASTNAME><EMAIL>ab@acme.example</EMAIL></CONTACT_INFO><USER_STATUS>Active</USER_STATUS>
      <USER_ROLE>Manager</USER_ROLE><BUSINESS_UNIT>Unassigned</BUSINESS_UNIT></USER></USER_LIST></USER_LIST_OUTPUT>";
    insta::assert_snapshot!(looked_up("users", &[answer]), @r#"
    Method::Get /msp/user_list.php 
    row
      username: acme_ab1
      first-name: Ada
      last-name: Byron
      email: ab@acme.example
      roles: Manager
      business-unit: Unassigned
      status: Active
    pages 1, rows 1, rejected 0, duplicates 0, outside 0
    "#);
}

#[test]
fn what_the_portal_lists() {
    let found = [
        (
            "web-applications",
            "<WebApp><id>41</id><name><![CDATA[Shop & checkout]]></name><url>https://shop.acme.example</url></WebApp>",
        ),
        ("was-option-profiles", "<OptionProfile><id>7</id><name>Deep</name></OptionProfile>"),
        (
            "tags",
            "<Tag><id>5</id><name>Web</name><ruleType>STATIC</ruleType><children><list><TagSimple><id>6</id><name>x</name></TagSimple>\
             </list></children></Tag>",
        ),
        (
            "connectors",
            "<AwsAssetDataConnector><id>9</id><name>prod</name><connectorState>SUCCESS</connectorState><disabled>false</disabled>\
             <arn>SECRET</arn><externalId>SECRET</externalId><awsAccountId>0</awsAccountId></AwsAssetDataConnector>",
        ),
    ]
    .map(|(name, record)| {
        looked_up(name, &[&service_response(&[record.to_owned()])]).to_string()
    });
    insta::assert_snapshot!(found.join("\n"), @r#"
    Method::Post /qps/rest/3.0/search/was/webapp 
      text/xml: <ServiceRequest><preferences><limitResults>1000</limitResults></preferences></ServiceRequest>
    row
      name: Shop & checkout
      application-id: 41
      url: https://shop.acme.example
    pages 1, rows 1, rejected 0, duplicates 0, outside 0
    Method::Post /qps/rest/3.0/search/was/optionprofile 
      text/xml: <ServiceRequest><preferences><limitResults>1000</limitResults></preferences></ServiceRequest>
    row
      name: Deep
      profile-id: 7
    pages 1, rows 1, rejected 0, duplicates 0, outside 0
    Method::Post /qps/rest/2.0/search/am/tag 
      text/xml: <ServiceRequest><preferences><limitResults>1000</limitResults></preferences></ServiceRequest>
    row
      name: Web
      tag-id: 5
      rule: STATIC
    pages 1, rows 1, rejected 0, duplicates 0, outside 0
    Method::Post /qps/rest/3.0/search/am/awsassetdataconnector 
      text/xml: <ServiceRequest><preferences><limitResults>1000</limitResults></preferences></ServiceRequest>
    row
      name: prod
      connector-id: 9
      state: SUCCESS
      disabled: false
      account: 0
    pages 1, rows 1, rejected 0, duplicates 0, outside 0
    "#);
}
