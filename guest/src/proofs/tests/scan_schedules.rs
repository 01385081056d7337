//! What is planned, and how it is read.

use exhibit_plugin::Value;
use exhibit_plugin::testing::Outcome;

use super::{at, cell, collected, outcomes_of};
use crate::testing::{Reply, Setup, collect, refused};

fn list(schedules: &str) -> String {
    format!(
        "<!DOCTYPE SCHEDULE_SCAN_LIST_OUTPUT SYSTEM \"https://api.example/x.dtd\"><SCHEDULE_SCAN_LIST_OUTPUT><RESPONSE>\
         <DATETIME>2026-10-31T12:00:00Z</DATETIME><SCHEDULE_SCAN_LIST>{schedules}</SCHEDULE_SCAN_LIST></RESPONSE>\
         </SCHEDULE_SCAN_LIST_OUTPUT>"
    )
}

fn schedule(inside: &str) -> String {
    list(&format!("<SCAN><ID>1</ID>{inside}</SCAN>"))
}

fn text(it: &str) -> Value {
    Value::Text(it.to_owned())
}

#[test]
fn scan_schedules() {
    let ec2 = r#"<SCAN><ID>160642</ID><ACTIVE>1</ACTIVE><TITLE><![CDATA[ EC2 weekly ]]></TITLE><USER_LOGIN>corp_ab1</USER_LOGIN>
      <TARGET><![CDATA[Asset Tags Included]]></TARGET><NETWORK_ID>0</NETWORK_ID><ISCANNER_NAME><![CDATA[aws-scanner-1,
        aws-scanner-2]]></ISCANNER_NAME>
      <EC2_INSTANCE><CONNECTOR_UUID>11111111-0000-4000-8000-000000000001</CONNECTOR_UUID><EC2_ENDPOINT>22222222-0000-4000-8000-00000000000A</EC2_ENDPOINT></EC2_INSTANCE>
      <CLOUD_DETAILS><PROVIDER>AWS</PROVIDER><CONNECTOR><ID>5</ID><UUID>11111111-0000-4000-8000-000000000001</UUID><NAME>Production</NAME></CONNECTOR>
        <SCAN_TYPE>Cloud Perimeter</SCAN_TYPE><CLOUD_TARGET><PLATFORM>VPC</PLATFORM><REGION><UUID>33333333-0000-4000-8000-000000000001</UUID><CODE>eu-west-1</CODE><NAME>Ireland</NAME></REGION>
        <REGION><UUID>22222222-0000-4000-8000-00000000000a</UUID><CODE>us-east-1</CODE><NAME>N. Virginia</NAME></REGION><VPC_SCOPE>All</VPC_SCOPE></CLOUD_TARGET></CLOUD_DETAILS>
      <ASSET_GROUP_TITLE_LIST><ASSET_GROUP_TITLE><![CDATA[Cloud]]></ASSET_GROUP_TITLE></ASSET_GROUP_TITLE_LIST>
      <ASSET_TAGS><TAG_INCLUDE_SELECTOR>any</TAG_INCLUDE_SELECTOR><TAG_SET_INCLUDE>Linux,Windows</TAG_SET_INCLUDE>
        <TAG_EXCLUDE_SELECTOR>all</TAG_EXCLUDE_SELECTOR><TAG_SET_EXCLUDE>Laboratory</TAG_SET_EXCLUDE></ASSET_TAGS>
      <ELB_DNS><DNS>elb.corp.example</DNS></ELB_DNS>
      <USER_ENTERED_IPS><RANGE><START>192.0.2.1</START><END>192.0.2.9</END></RANGE><RANGE><START>192.0.2.20</START><END>192.0.2.20</END></RANGE></USER_ENTERED_IPS>
      <OPTION_PROFILE><TITLE>Initial Options</TITLE><DEFAULT_FLAG>1</DEFAULT_FLAG></OPTION_PROFILE>
      <PROCESSING_PRIORITY>0 - No Priority</PROCESSING_PRIORITY>
      <SCHEDULE><WEEKLY frequency_weeks="1" weekdays="Monday,Thursday" /><START_DATE_UTC>2026-01-05T02:00:00Z</START_DATE_UTC><START_HOUR>2</START_HOUR>
        <START_MINUTE>30</START_MINUTE><NEXTLAUNCH_UTC>2026-11-02T02:30:00</NEXTLAUNCH_UTC><TIME_ZONE><TIME_ZONE_CODE>US-CA</TIME_ZONE_CODE>
        <TIME_ZONE_DETAILS><![CDATA[(GMT-0800) United States (California)]]></TIME_ZONE_DETAILS></TIME_ZONE><DST_SELECTED>1</DST_SELECTED></SCHEDULE>
      <NOTIFICATIONS><BEFORE_LAUNCH><TIME>30</TIME><UNIT>minutes</UNIT><MESSAGE>Soon</MESSAGE></BEFORE_LAUNCH><AFTER_COMPLETE><MESSAGE>Done</MESSAGE></AFTER_COMPLETE></NOTIFICATIONS>
      </SCAN>"#;
    let off = "<SCAN><ID>160643</ID><ACTIVE>0</ACTIVE><TITLE>Old</TITLE><SCHEDULE><DAILY frequency_days=\"1\"/></SCHEDULE></SCAN>";
    let nameless = "<SCAN><ACTIVE>1</ACTIVE></SCAN>";
    insta::assert_snapshot!(collected(Setup::new("scan-schedules"), &[&list(&[ec2, off, nameless].concat())]), @"
    Method::Get /api/5.0/fo/schedule/scan/ action=list echo_request=1 show_cloud_details=1 show_notifications=1
    row
      title: EC2 weekly
      active: true
      target: Asset Tags Included
      option-profile: Initial Options
      scanner: aws-scanner-1, aws-scanner-2
      recurrence: every week on Monday, Thursday
      next-launch: 2026-11-02T02:30:00Z
      owner: corp_ab1
      schedule-id: 160642
      state: On
      weekdays: Monday,Thursday
      start-date: 2026-01-05T02:00:00Z
      start-hour: 2
      start-minute: 30
      time-zone: US-CA
      time-zone-details: (GMT-0800) United States (California)
      daylight-saving: true
      default-option-profile: true
      asset-groups: Cloud
      tags-included: Linux,Windows
      tags-included-selector: any
      tags-excluded: Laboratory
      tags-excluded-selector: all
      ip-ranges: 192.0.2.1-192.0.2.9 | 192.0.2.20
      load-balancers: elb.corp.example
      network-id: 0
      priority: 0 - No Priority
      notifications: before launch: 30 minutes | after completion
      cloud-provider: AWS
      cloud-connector: Production
      cloud-connector-id: 11111111-0000-4000-8000-000000000001
      cloud-scan-type: Cloud Perimeter
      cloud-platform: VPC
      cloud-region: us-east-1
      vpc-scope: All
    row
      title: Old
      active: false
      recurrence: every day
      schedule-id: 160643
      state: Off
    rejected SCAN number 3 of its page: its identifier is missing
    note Qualys dated its first answer 2026-10-31T12:00:00Z.
    note Qualys does not list schedules that were deleted.
    pages 1, rows 2, rejected 1, duplicates 0, outside 0
    ");
}

#[test]
fn a_schedule_is_active_where_it_launches_scans() {
    for (written, active, state) in [
        ("<ACTIVE>0</ACTIVE>", Value::Boolean(false), text("Off")),
        ("<ACTIVE>1</ACTIVE>", Value::Boolean(true), text("On")),
        ("<ACTIVE>2</ACTIVE>", Value::Boolean(true), text("On (continuous)")),
        ("<ACTIVE>3</ACTIVE>", Value::Boolean(false), text("Paused")),
        ("<ACTIVE/>", Value::Absent, Value::Empty),
        ("", Value::Absent, Value::Absent),
        ("<ACTIVE>9</ACTIVE>", Value::Absent, text("9")),
    ] {
        let answer = schedule(written);
        assert_eq!(cell("scan-schedules", &answer, "active"), active, "{written}");
        assert_eq!(cell("scan-schedules", &answer, "state"), state, "{written}");
    }
}

#[test]
fn recurrence_is_in_words() {
    for (written, words) in [
        ("<DAILY frequency_days=\"1\"/>", "every day"),
        ("<DAILY frequency_days=\"3\"/>", "every 3 days"),
        ("<DAILY frequency_days=\"often\"/>", "daily"),
        ("<DAILY frequency_days=\"0\"/>", "daily"),
        ("<WEEKLY frequency_weeks=\"1\" weekdays=\"monday\"/>", "every week on monday"),
        ("<WEEKLY frequency_weeks='2' weekdays='Monday,Friday'/>", "every 2 weeks on Monday, Friday"),
        (
            "<WEEKLY frequency_weeks=\"1\" weekdays=\"0,3\"/>",
            "every week, on the weekdays that Qualys numbers 0, 3",
        ),
        ("<WEEKLY/>", "weekly"),
        (
            "<MONTHLY frequency_months=\"1\" day_of_month=\"15\"/>",
            "monthly (frequency months 1, day of month 15)",
        ),
        ("<MONTHLY/>", "monthly"),
    ] {
        let answer = schedule(&format!("<SCHEDULE>{written}</SCHEDULE>"));
        assert_eq!(cell("scan-schedules", &answer, "recurrence"), text(words), "{written}");
    }
    assert_eq!(cell("scan-schedules", &schedule("<SCHEDULE/>"), "recurrence"), Value::Absent);
    assert_eq!(cell("scan-schedules", &schedule(""), "recurrence"), Value::Absent);
}

#[test]
fn a_launch_without_a_zone_is_utc_and_none_is_planned_where_there_is_none() {
    let launch = |inside: &str, column: &str| {
        cell("scan-schedules", &schedule(&format!("<SCHEDULE>{inside}</SCHEDULE>")), column)
    };
    let at = Value::Instant(at("2026-11-02T02:30:00Z"));
    for written in ["2026-11-02T02:30:00", "2026-11-02T02:30:00Z"] {
        let next = format!("<NEXTLAUNCH_UTC>{written}</NEXTLAUNCH_UTC>");
        assert_eq!(launch(&next, "next-launch"), at, "{written}");
        let last = format!("<LASTLAUNCH_UTC>{written}</LASTLAUNCH_UTC>");
        assert_eq!(launch(&last, "last-launch"), at, "{written}");
        assert_eq!(cell("scan-schedules", &schedule(&last), "last-launch"), at, "beside the plan, too");
    }
    assert_eq!(launch("<NEXTLAUNCH_UTC/>", "next-launch"), Value::Empty);
    assert_eq!(launch("", "next-launch"), Value::Absent, "it is not reported");
    assert_eq!(launch("", "last-launch"), Value::Absent, "no version of the API is known to have it");
}

#[test]
fn a_region_is_its_code_where_qualys_lists_it() {
    let region = |inside: &str| cell("scan-schedules", &schedule(inside), "cloud-region");
    let ec2 = "<EC2_INSTANCE><EC2_ENDPOINT>aaaa</EC2_ENDPOINT></EC2_INSTANCE>";
    let listed =
        |regions: &str| format!("<CLOUD_DETAILS><CLOUD_TARGET>{regions}</CLOUD_TARGET></CLOUD_DETAILS>");
    let us = "<REGION><UUID>AAAA</UUID><CODE>us-east-1</CODE></REGION>";
    let eu = "<REGION><UUID>bbbb</UUID><CODE>eu-west-1</CODE></REGION>";
    assert_eq!(region(&format!("{ec2}{}", listed(&[eu, us].concat()))), text("us-east-1"));
    assert_eq!(
        region(&format!("{ec2}{}", listed(eu))),
        text("aaaa"),
        "the code of another region is not used"
    );
    assert_eq!(region(ec2), text("aaaa"));
    assert_eq!(region(&listed(eu)), text("eu-west-1"));
    assert_eq!(region(&listed("<REGION><UUID>bbbb</UUID></REGION>")), text("bbbb"));
    assert_eq!(region(""), Value::Absent);
}

#[test]
fn notifications_of_any_form_are_listed() {
    let mails = |inside: &str| cell("scan-schedules", &schedule(inside), "notifications");
    assert_eq!(mails(""), Value::Absent);
    assert_eq!(mails("<NOTIFICATIONS/>"), Value::Empty);
    let before = "<NOTIFICATIONS><BEFORE_LAUNCH><TIME>1</TIME></BEFORE_LAUNCH></NOTIFICATIONS>";
    assert_eq!(mails(before), Value::Texts(vec!["before launch: 1".to_owned()]));
    let after = "<NOTIFICATIONS><BEFORE_LAUNCH/><AFTER_COMPLETE/></NOTIFICATIONS>";
    assert_eq!(mails(after), Value::Texts(vec!["before launch".to_owned(), "after completion".to_owned()]));
}

#[test]
fn no_schedule_is_a_result_and_a_truncated_list_is_not() {
    let none = "<SCHEDULE_SCAN_LIST_OUTPUT><RESPONSE><DATETIME>2026-10-31T12:00:00Z</DATETIME></RESPONSE></SCHEDULE_SCAN_LIST_OUTPUT>";
    assert_eq!(collect(Setup::new("scan-schedules"), &[none]).expect("collects").rows.len(), 0);
    let cut = none.replace("</RESPONSE>", "<WARNING><CODE>1980</CODE><TEXT>cut</TEXT></WARNING></RESPONSE>");
    let error = refused(Setup::new("scan-schedules"), &[Reply::new(200, &cut)]);
    assert!(error.problem().message.starts_with("Qualys truncated the list"), "{error:?}");
}

#[test]
fn the_version_is_a_setting_and_a_probe_asks_for_no_details() {
    let none = "<SCHEDULE_SCAN_LIST_OUTPUT><RESPONSE><DATETIME/></RESPONSE></SCHEDULE_SCAN_LIST_OUTPUT>";
    let set = Setup::new("scan-schedules").set("schedule-list-version", text("2.0"));
    assert_eq!(collect(set, &[none]).expect("collects").requests[0].path, "/api/2.0/fo/schedule/scan/");
    let probed = collect(Setup::new("scan-schedules").probe("scan-schedules"), &[none]).expect("collects");
    let pairs =
        [("action", "list"), ("active", "1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(probed.requests[0].query, pairs);
}

#[test]
fn suggested_tests_tell_a_plan_from_none() {
    let outcomes = |schedules: &str| {
        outcomes_of("scan-schedules", &collected(Setup::new("scan-schedules"), &[&list(schedules)]).rows)
    };
    let one = |active: &str, next: &str| {
        format!(
            "<SCAN><ID>1</ID><ACTIVE>{active}</ACTIVE><SCHEDULE><NEXTLAUNCH_UTC>{next}</NEXTLAUNCH_UTC></SCHEDULE></SCAN>"
        )
    };
    use Outcome::{Fail, Inconclusive, Pass};
    assert_eq!(outcomes(&one("1", "2026-11-20T00:00:00")), [Pass, Pass, Pass]);
    assert_eq!(outcomes(&one("2", "2026-12-02T00:00:00")), [Pass, Pass, Pass], "31 days from now");
    assert_eq!(outcomes(&one("2", "2026-12-03T00:00:00")), [Pass, Pass, Fail]);
    assert_eq!(outcomes(&one("1", "2026-10-20T00:00:00")), [Pass, Pass, Fail], "it was due");
    assert_eq!(outcomes(&one("1", "")), [Pass, Fail, Fail]);
    let unplanned = "<SCAN><ID>1</ID><ACTIVE>1</ACTIVE><SCHEDULE/></SCAN>";
    assert_eq!(outcomes(unplanned), [Pass, Inconclusive, Inconclusive]);
    assert_eq!(outcomes(&one("", "2026-11-20T00:00:00")), [Inconclusive; 3]);
    for off in ["0", "3"] {
        assert_eq!(outcomes(&one(off, "2026-11-20T00:00:00")), [Fail, Fail, Fail], "{off}");
    }
}
