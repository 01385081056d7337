//! Web application scans, from an answer to rows.

use exhibit_plugin::Value;
use exhibit_plugin::types::Window;

use super::{at, cell, collected};
use crate::testing::{Setup, collect};

/// A page with these scans.
fn page(scans: &[&str]) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<ServiceResponse xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:noNamespaceSchemaLocation=\"https://api.example/qps/xsd/3.0/was/wasscan.xsd\">
  <responseCode>SUCCESS</responseCode><count>{}</count><hasMoreRecords>false</hasMoreRecords><data>{}</data></ServiceResponse>",
        scans.len(),
        scans.concat()
    )
}

const FINISHED: &str = "<WasScan>
      <id>7105452</id><name><![CDATA[ Shop & checkout - 2026-10-12 ]]></name><reference>was/1791810949160.8232036.1</reference>
      <type>VULNERABILITY</type><mode>SCHEDULED</mode><multi>false</multi>
      <target><webApp><id>2384839</id><name><![CDATA[Shop]]></name><url><![CDATA[https://shop.corp.example/?a=1&b=2]]></url></webApp>
        <scannerAppliance><type>INTERNAL</type><friendlyName><![CDATA[dmz-2]]></friendlyName></scannerAppliance>
        <randomizeScan>false</randomizeScan></target>
      <profile><id>2084083</id><name><![CDATA[Initial WAS Options]]></name></profile>
      <options><count>1</count><list><WasScanOption><name>Performance Settings</name><value>LOW</value></WasScanOption></list></options>
      <launchedDate>2026-10-12T21:15:49Z</launchedDate>
      <launchedBy><id>17729931</id><username>corp_ab1</username><firstName><![CDATA[Ada]]></firstName>
        <lastName><![CDATA[Byron]]></lastName></launchedBy>
      <status>FINISHED</status><consolidatedStatus>FINISHED</consolidatedStatus>
      <endScanDate>2026-10-12T22:01:02Z</endScanDate><scanDuration>2713</scanDuration>
      <summary><crawlDuration>896</crawlDuration><testDuration>1533</testDuration><linksCrawled>8</linksCrawled>
        <nbRequests>3828</nbRequests><resultsStatus>SUCCESSFUL</resultsStatus><authStatus>PARTIAL</authStatus>
        <os>Linux 4.x</os></summary>
      <sendMail>true</sendMail></WasScan>";

const CANCELED: &str = "<WasScan><id>7105460</id><name>Every site</name><reference>was/1791810949161.8232037</reference><type>DISCOVERY</type>
      <mode>ONDEMAND</mode><multi>true</multi>
      <target><webApps><count>2</count><list><WebApp><id>1</id><name>Shop</name><url>https://shop.corp.example</url></WebApp>
        <WebApp><id>2</id><name>Blog</name><url>https://blog.corp.example</url></WebApp></list></webApps></target>
      <launchedDate>2026-10-13T01:00:00Z</launchedDate><launchedBy><username>corp_cd2</username></launchedBy><status>CANCELED</status>
      <summary><resultsStatus>CANCELED</resultsStatus><authStatus>NOT_USED</authStatus></summary>
      <cancelMode>as Qualys writes it</cancelMode><canceledBy><id>3</id><username>corp_ab1</username></canceledBy></WasScan>";

const EARLIER: &str = "<WasScan><id>7105461</id><launchedDate>2026-09-30T23:59:59Z</launchedDate></WasScan>";

#[test]
fn was_scans() {
    let october = Window { start: at("2026-10-01"), end: at("2026-11-01") };
    let page = page(&[FINISHED, CANCELED, EARLIER]);
    insta::assert_snapshot!(collected(Setup::new("was-scans").window(october), &[&page]), @r#"
    Method::Post /qps/rest/3.0/search/was/wasscan 
      text/xml: <ServiceRequest><preferences><limitResults>1000</limitResults><verbose>true</verbose></preferences><filters><Criteria field="launchedDate" operator="GREATER">2026-09-30T23:59:59Z</Criteria><Criteria field="launchedDate" operator="LESSER">2026-11-01T00:00:01Z</Criteria></filters></ServiceRequest>
    row
      title: Shop & checkout - 2026-10-12
      application: Shop
      url: https://shop.corp.example/?a=1&b=2
      type: VULNERABILITY
      mode: SCHEDULED
      user: corp_ab1
      launch-date: 2026-10-12T21:15:49Z
      end-date: 2026-10-12T22:01:02Z
      duration: 2713 s
      status: FINISHED
      results-status: SUCCESSFUL
      authentication-status: PARTIAL
      scan-id: 7105452
      reference: was/1791810949160.8232036.1
      multiple: false
      application-id: 2384839
      option-profile: Initial WAS Options
      option-profile-id: 2084083
      scanner-type: INTERNAL
      scanner: dmz-2
      randomized: false
      user-first-name: Ada
      user-last-name: Byron
      user-id: 17729931
      consolidated-status: FINISHED
      crawl-duration: 896 s
      test-duration: 1533 s
      links-crawled: 8
      requests: 3828
      operating-system: Linux 4.x
    row
      title: Every site
      application: Shop, Blog
      url: https://shop.corp.example, https://blog.corp.example
      type: DISCOVERY
      mode: ONDEMAND
      user: corp_cd2
      launch-date: 2026-10-13T01:00:00Z
      status: CANCELED
      results-status: CANCELED
      authentication-status: NOT_USED
      scan-id: 7105460
      reference: was/1791810949161.8232037
      multiple: true
      cancel-mode: as Qualys writes it
      canceled-by: corp_ab1
    note Qualys does not list scans that were deleted.
    pages 1, rows 2, rejected 0, duplicates 0, outside 1
    "#);
}

#[test]
fn was_scans_of_the_last_days() {
    let none = "<ServiceResponse><responseCode>SUCCESS</responseCode><count>0</count></ServiceResponse>";
    insta::assert_snapshot!(collected(Setup::new("was-scans"), &[none]), @r#"
    Method::Post /qps/rest/3.0/search/was/wasscan 
      text/xml: <ServiceRequest><preferences><limitResults>1000</limitResults><verbose>true</verbose></preferences><filters><Criteria field="launchedDate" operator="GREATER">2026-10-01T23:59:59Z</Criteria><Criteria field="launchedDate" operator="LESSER">2026-11-01T00:00:01Z</Criteria></filters></ServiceRequest>
    note Qualys does not list scans that were deleted.
    window 2026-10-02T00:00:00Z to 2026-11-01T00:00:00Z
    pages 1, rows 0, rejected 0, duplicates 0, outside 0
    "#);
}

#[test]
fn was_scans_are_asked_for_by_criteria() {
    let none = "<ServiceResponse><responseCode>SUCCESS</responseCode><count>0</count></ServiceResponse>";
    let setup = Setup::new("was-scans")
        .with("status", &["FINISHED"])
        .with("results-status", &["SUCCESSFUL", "TIME_LIMIT_REACHED"])
        .with("authentication-status", &["FAILED"])
        .with("type", &["VULNERABILITY"])
        .with("mode", &["API", "ONDEMAND"])
        .with_value("application", Value::Text("R&D <\"lab\">, Köln".to_owned()))
        .with_value("application-id", Value::Integer(238_483_925));
    insta::assert_snapshot!(collected(setup, &[none]), @r#"
    Method::Post /qps/rest/3.0/search/was/wasscan 
      text/xml: <ServiceRequest><preferences><limitResults>1000</limitResults><verbose>true</verbose></preferences><filters><Criteria field="status" operator="EQUALS">FINISHED</Criteria><Criteria field="resultsStatus" operator="IN">SUCCESSFUL,TIME_LIMIT_REACHED</Criteria><Criteria field="authStatus" operator="EQUALS">FAILED</Criteria><Criteria field="type" operator="EQUALS">VULNERABILITY</Criteria><Criteria field="mode" operator="IN">API,ONDEMAND</Criteria><Criteria field="webApp.name" operator="EQUALS">R&amp;D &lt;&quot;lab&quot;&gt;, Köln</Criteria><Criteria field="webApp.id" operator="EQUALS">238483925</Criteria><Criteria field="launchedDate" operator="GREATER">2026-10-01T23:59:59Z</Criteria><Criteria field="launchedDate" operator="LESSER">2026-11-01T00:00:01Z</Criteria></filters></ServiceRequest>
    note Qualys does not list scans that were deleted.
    window 2026-10-02T00:00:00Z to 2026-11-01T00:00:00Z
    pages 1, rows 0, rejected 0, duplicates 0, outside 0
    "#);
}

#[test]
fn a_probe_asks_for_one_scan_whenever_it_was_launched() {
    let more = page(&[CANCELED]).replace("<hasMoreRecords>false", "<hasMoreRecords>true");
    let old = more.replace("2026-10-13", "2019-10-13");
    let collected = collect(Setup::new("was-scans").probe("was-scans"), &[&old]).expect("collects");
    insta::assert_snapshot!(collected.to_string().lines().take(2).collect::<Vec<_>>().join("\n"), @"
    Method::Post /qps/rest/3.0/search/was/wasscan 
      text/xml: <ServiceRequest><preferences><limitResults>1</limitResults><verbose>true</verbose></preferences></ServiceRequest>
    ");
    assert_eq!(collected.rows.len(), 1);
}

#[test]
fn several_applications_are_read_from_either_list_and_none_is_made_up() {
    let application = |target: &str| {
        let scan = format!("<WasScan><id>1</id><target>{target}</target></WasScan>");
        cell("was-scans", &page(&[&scan]), "application")
    };
    let text = |it: &str| Value::Text(it.to_owned());
    let both = "<WebApp><name>a</name></WebApp><WebApp><name>b</name></WebApp>";
    assert_eq!(application(&format!("<webApps><list>{both}</list></webApps>")), text("a, b"));
    assert_eq!(application(&format!("<webApps><set>{both}</set></webApps>")), text("a, b"));
    assert_eq!(application("<webApp><name>a</name></webApp>"), text("a"));
    assert_eq!(application("<webApp><name/></webApp>"), Value::Empty);
    for none in ["<webApp><id>1</id></webApp>", "<webApps><count>2</count></webApps>", "<tags/>", ""] {
        assert_eq!(application(none), Value::Absent, "{none}");
    }
}

#[test]
fn who_canceled_is_a_name_or_an_element_with_one() {
    let by = |inside: &str| {
        let scan = format!("<WasScan><id>1</id>{inside}</WasScan>");
        cell("was-scans", &page(&[&scan]), "canceled-by")
    };
    let ada = Value::Text("corp_ab1".to_owned());
    assert_eq!(by("<canceledBy>corp_ab1</canceledBy>"), ada);
    assert_eq!(by("<canceledBy><id>3</id><username>corp_ab1</username></canceledBy>"), ada);
    assert_eq!(by("<canceledBy/>"), Value::Empty);
    assert_eq!(by("<canceledBy><id>3</id></canceledBy>"), Value::Absent);
    assert_eq!(by(""), Value::Absent);
}
