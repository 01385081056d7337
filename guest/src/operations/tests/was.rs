//! Launching scans of web applications, and scanning again.

use exhibit_plugin::collection::{Body, Content, Effect, Request};
use exhibit_plugin::{Error, Value};

use super::model::refusal;
use crate::testing::{Operated, Reply, Setup, operate, service_response};

const APPLICATIONS: &str = "<WebApp><id>41</id><name><![CDATA[Shop & checkout]]></name><url>https://shop.acme.example</url></WebApp>\
    <WebApp><id>42</id><name>Intranet</name><url>https://10.1.2.3/</url></WebApp>\
    <WebApp><id>43</id><name>INTRANET</name><url>https://10.1.2.4/</url></WebApp>";

/// The answer of the module with this content.
fn response(content: &str) -> String {
    let records = Some(content.to_owned()).filter(|it| !it.is_empty());
    service_response(records.as_slice())
}

fn scan(id: u32, name: &str, status: &str, results: &str) -> String {
    format!(
        "<WasScan><id>{id}</id><name><![CDATA[{name}]]></name><target><webApp><id>41</id><name><![CDATA[Shop & checkout]]></name></webApp>\
         <scannerAppliance><type>EXTERNAL</type></scannerAppliance></target><profile><id>7</id><name>Deep</name></profile>\
         <mode>API</mode><launchedDate>2026-10-31T0{}:00:00Z</launchedDate><launchedBy><username>acme_ab1</username></launchedBy><status>{status}</status>\
         <summary><resultsStatus>{results}</resultsStatus><authStatus>NONE</authStatus></summary></WasScan>",
        id % 10
    )
}

fn document(request: &Request) -> String {
    match &request.body {
        Body::Content(Content { bytes, .. }) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    }
}

/// What a source answers to a write, the scans that it lists before and after, and what says which account asks.
struct Source {
    answer: Option<Reply>,
    before: Vec<String>,
    after: Vec<String>,
    account: &'static str,
}

const ACCOUNT: &str = "<SCAN_LIST_OUTPUT><REQUEST><USER_LOGIN>acme_ab1</USER_LOGIN></REQUEST><RESPONSE>\
    <DATETIME>2026-11-01T00:00:00Z</DATETIME></RESPONSE></SCAN_LIST_OUTPUT>";
const NO_MODULE: &str =
    "<SIMPLE_RETURN><RESPONSE><CODE>2012</CODE><TEXT>not licensed</TEXT></RESPONSE></SIMPLE_RETURN>";

fn source(answer: Option<Reply>, before: &[String], after: &[String]) -> Source {
    Source { answer, before: before.to_vec(), after: after.to_vec(), account: ACCOUNT }
}

impl Source {
    fn run(&self, setup: &Setup) -> Result<Operated, Error> {
        let mut wrote = false;
        operate(setup, true, |asked| {
            let Ok(request) = asked else { return None };
            if matches!(request.effect, Effect::Write(_)) {
                assert!(!std::mem::replace(&mut wrote, true), "a second write");
                return self.answer.clone();
            }
            let document = document(request);
            Some(Reply::new(200, &match request.path.as_str() {
                "/qps/rest/3.0/search/was/webapp" if document.contains("verbose") => response(
                    "<WebApp><id>41</id><name>x</name><defaultProfile><id>7</id><name>Deep</name></defaultProfile>\
                     <defaultScanner><type>EXTERNAL</type></defaultScanner></WebApp>",
                ),
                "/qps/rest/3.0/search/was/webapp" => response(APPLICATIONS),
                "/qps/rest/3.0/search/was/optionprofile" => {
                    response("<OptionProfile><id>8</id><name>Quick</name></OptionProfile>")
                }
                "/api/2.0/fo/appliance/" => {
                    "<APPLIANCE_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME><APPLIANCE_LIST><APPLIANCE><ID>1</ID>\
                     <NAME>dmz-2</NAME></APPLIANCE></APPLIANCE_LIST></RESPONSE></APPLIANCE_LIST_OUTPUT>"
                        .to_owned()
                }
                "/qps/rest/3.0/search/was/wasscan" => {
                    response(&if wrote { &self.after } else { &self.before }.concat())
                }
                "/api/3.0/fo/scan/" => self.account.to_owned(),
                other => panic!("{other} was asked for"),
            }))
        })
    }
}

fn accepted(id: u32) -> Option<Reply> {
    Some(Reply::new(200, &response(&format!("<WasScan><id>{id}</id></WasScan>"))))
}

fn launch(application: &str) -> Setup {
    Setup::operate("launch-was-scan")
        .with_text("title", "Shop <weekly>")
        .with_text("web-application", application)
}

fn again() -> Setup {
    Setup::operate("rescan-was").with_text("was-scan", "Weekly")
}

#[test]
fn a_launch_shows_what_it_does_and_where_the_defaults_come_from() {
    let before = [scan(52, "Other", "RUNNING", "")];
    let after = [scan(61, "Shop <weekly> [exhibit job-1]", "SUBMITTED", "")];
    let source = source(accepted(61), &before, &after);
    let done = source.run(&launch("shop & checkout")).expect("done");
    insta::assert_snapshot!(done, @r#"
    Method::Post /qps/rest/3.0/search/was/webapp
      <ServiceRequest><preferences><limitResults>1000</limitResults></preferences></ServiceRequest>
    Method::Post /qps/rest/3.0/search/was/webapp
      <ServiceRequest><preferences><limitResults>1000</limitResults><verbose>true</verbose></preferences><filters><Criteria field="id" operator="EQUALS">41</Criteria></filters></ServiceRequest>
    Method::Post /qps/rest/3.0/search/was/wasscan
      <ServiceRequest><preferences><limitResults>1000</limitResults></preferences><filters><Criteria field="webApp.id" operator="EQUALS">41</Criteria><Criteria field="status" operator="IN">SUBMITTED,RUNNING,PROCESSING</Criteria></filters></ServiceRequest>
    Method::Post /qps/rest/3.0/launch/was/wasscan
      <ServiceRequest><data><WasScan><name>Shop &lt;weekly&gt; [exhibit job-1]</name><type>VULNERABILITY</type><target><webApp><id>41</id></webApp></target><sendMail>false</sendMail></WasScan></data></ServiceRequest>
      Launches a scan of a web application.
        Title: Shop <weekly> [exhibit job-1]
        Web application: Shop & checkout (id 41, https://shop.acme.example, given as "shop & checkout")
        Type: VULNERABILITY
        Option profile: Deep (that of the web application)
        Scanner: EXTERNAL (that of the web application)
        Signs in: no
        E-mail at its end: no
        In progress already: 52 ("Other", RUNNING, launched 2026-10-31T02:00:00Z by acme_ab1)
    Method::Post /qps/rest/3.0/search/was/wasscan
      <ServiceRequest><preferences><limitResults>1000</limitResults><verbose>true</verbose></preferences><filters><Criteria field="id" operator="EQUALS">61</Criteria></filters></ServiceRequest>
    row
      scan-id: 61
      outcome: done
      title: Shop <weekly> [exhibit job-1]
      web-application: Shop & checkout
      option-profile: Deep
      scanner: EXTERNAL
      launched: 2026-10-31T01:00:00Z
      status: SUBMITTED
      authentication-status: NONE
      user: acme_ab1
      message: The web application scan "Shop <weekly>" (ID 61) of Shop & checkout was launched, and its status is SUBMITTED
    pauses []
    "#);
    let [write] = done.writes().try_into().expect("one write");
    insta::assert_snapshot!(document(write), @"<ServiceRequest><data><WasScan><name>Shop &lt;weekly&gt; [exhibit job-1]</name><type>VULNERABILITY</type><target><webApp><id>41</id></webApp></target><sendMail>false</sendMail></WasScan></data></ServiceRequest>");
    let setup = launch("Shop & checkout")
        .with_text("scanner", "DMZ-2")
        .with_text("was-option-profile", "quick")
        .with_value("sign-in", Value::Boolean(true))
        .with_value("send-mail", Value::Boolean(true));
    let done = source.run(&setup).expect("done");
    assert_eq!(done.notes, [""; 0]);
    insta::assert_snapshot!(document(done.writes()[0]), @"<ServiceRequest><data><WasScan><name>Shop &lt;weekly&gt; [exhibit job-1]</name><type>VULNERABILITY</type><target><webApp><id>41</id></webApp><webAppAuthRecord><isDefault>true</isDefault></webAppAuthRecord><scannerAppliance><type>INTERNAL</type><friendlyName>dmz-2</friendlyName></scannerAppliance></target><profile><id>8</id></profile><sendMail>true</sendMail></WasScan></data></ServiceRequest>");
}

#[test]
fn a_launch_that_fits_none_two_or_what_is_not_reached_sends_nothing() {
    let source = source(None, &[], &[]);
    let setups = [
        launch("intranet"),
        launch("Blog"),
        launch("Intranet"),
        launch("Intranet").with_text("scanner", "external"),
        launch("Shop & checkout").with_text("was-option-profile", "Deep"),
        launch("Shop & checkout").with_text("scanner", "dmz"),
    ];
    insta::assert_snapshot!(setups.map(|it| refusal(source.run(&it))).join("\n"), @r#"
    more than one web application is meant: 2 are called "intranet"; write one of them as it is written here, or give its id: Intranet (id 42, https://10.1.2.3/), INTRANET (id 43, https://10.1.2.4/)
    no web application is called "Blog"; choose one, the nearest first: Intranet (id 42, https://10.1.2.3/), INTRANET (id 43, https://10.1.2.4/), Shop & checkout (id 41, https://shop.acme.example)
    https://10.1.2.3/ is private, and the scanner EXTERNAL reaches only what is in the Internet; choose a scanner appliance that reaches it: dmz-2 (id 1)
    https://10.1.2.3/ is private, and the scanner external reaches only what is in the Internet; choose a scanner appliance that reaches it: dmz-2 (id 1)
    no option profile is called "Deep"; choose one, the nearest first: Quick (id 8)
    no scanner appliance is called "dmz"; choose one, the nearest first: dmz-2 (id 1)
    "#);
}

#[test]
fn the_end_of_a_scan_is_its_status_and_its_results() {
    for (status, results, outcome) in [
        ("FINISHED", "SUCCESSFUL", "done"),
        ("FINISHED", "FINISHED", "done"),
        ("FINISHED", "NO_HOST_ALIVE", "not done"),
        ("FINISHED", "TIME_LIMIT_REACHED", "not done"),
        ("FINISHED", "", "unknown"),
        ("ERROR", "SERVICE_ERROR", "not done"),
        ("CANCELED", "CANCELED_WITH_RESULTS", "not done"),
        ("TIME_LIMIT_EXCEEDED", "", "not done"),
        ("SLEEPING", "", "unknown"),
    ] {
        let source = source(accepted(61), &[], &[scan(61, "x", status, results)]);
        let done =
            source.run(&launch("Shop & checkout").with_value("wait", Value::Boolean(true))).expect("ends");
        assert_eq!(done.cell("outcome"), outcome, "{status} {results}");
    }
}

#[test]
fn a_launch_whose_answer_is_lost_is_found_by_its_name() {
    let lost = [
        None,
        Some(Reply::new(200, "<html></html>")),
        Some(Reply::new(502, "<html></html>")),
        Some(Reply::new(200, "<ServiceResponse><responseCode>SUCC")),
        Some(Reply::new(200, "<ServiceResponse><responseCode>OTHER_ERROR</responseCode></ServiceResponse>")),
        Some(Reply::new(200, "")),
        Some(Reply::new(202, "")),
    ];
    for answer in lost {
        let after = [
            scan(60, "Shop <weekly>", "RUNNING", ""),
            scan(61, "Shop <weekly> [exhibit job-1]", "RUNNING", ""),
        ];
        let done = source(answer.clone(), &[], &after).run(&launch("Shop & checkout")).expect("ends");
        assert_eq!(
            (done.cell("outcome").as_str(), done.cell("scan-id").as_str()),
            ("done", "61"),
            "{answer:?}"
        );
        let other = [scan(60, "Shop <weekly>", "RUNNING", "")];
        let done = source(answer, &[], &other).run(&launch("Shop & checkout")).expect("ends");
        // These answers have no date.
        assert_eq!(done.cell("outcome"), "unknown");
    }
    let refused = ["INVALID_REQUEST", "UNAUTHORIZED", "NOT_FOUND"].map(|code| {
        let answer = format!(
            "<ServiceResponse><responseCode>{code}</responseCode><responseErrorDetails><errorMessage>No.</errorMessage>\
             <errorResolution>Ask.</errorResolution></responseErrorDetails></ServiceResponse>"
        );
        let source = source(Some(Reply::new(200, &answer)), &[], &[]);
        let done = source.run(&launch("Shop & checkout")).expect("ends");
        assert_eq!((done.cell("outcome").as_str(), done.pauses.len()), ("not done", 0));
        done.cell("message")
    });
    insta::assert_snapshot!(refused.join("\n"), @r#"
    Qualys refused the request: "No. Ask." (code INVALID_REQUEST); nothing was changed at Qualys: correct what the message names, and start the operation again
    the account has no permission to use this API: "No. Ask." (code UNAUTHORIZED); give the account API access, and permission to see these items: step 6 of the guide, Give modules and permissions
    Qualys did not find what was asked for: "No. Ask." (code NOT_FOUND); nothing was changed at Qualys: correct what the message names, and start the operation again
    "#);
}

#[test]
fn the_newest_scan_of_a_name_is_scanned_again() {
    let before = vec![
        scan(51, "Weekly", "FINISHED", "SUCCESSFUL"),
        scan(53, "Weekly [exhibit job-0]", "FINISHED", "SUCCESSFUL"),
        scan(54, "Weekly, too", "FINISHED", "SUCCESSFUL"),
    ];
    // The answer has the id of the old scan, and the new one has its name.
    let after = [before.clone(), vec![scan(61, "Weekly [exhibit job-1]", "SUBMITTED", "")]].concat();
    let done = source(accepted(53), &before, &after).run(&again()).expect("done");
    insta::assert_snapshot!(done, @r#"
    Method::Post /qps/rest/3.0/search/was/wasscan
      <ServiceRequest><preferences><limitResults>1000</limitResults><verbose>true</verbose></preferences><filters><Criteria field="launchedDate" operator="GREATER">2026-10-02T00:00:00Z</Criteria></filters></ServiceRequest>
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 ignore_target=1 state=Queued
    Method::Post /qps/rest/3.0/search/was/wasscan
      <ServiceRequest><preferences><limitResults>1000</limitResults></preferences><filters><Criteria field="webApp.id" operator="EQUALS">41</Criteria><Criteria field="launchedDate" operator="GREATER">2026-10-31T00:00:00Z</Criteria></filters></ServiceRequest>
    Method::Post /qps/rest/3.0/scanagain/was/scan/53
      <ServiceRequest><data><WasScan><name>Weekly [exhibit job-1]</name></WasScan></data></ServiceRequest>
      Scans a web application again.
        Title: Weekly [exhibit job-1]
        Scans again: 53 ("Weekly [exhibit job-0]", FINISHED, launched 2026-10-31T03:00:00Z by acme_ab1)
        Web application: Shop & checkout (id 41)
        Option profile: Deep
        Scanner: EXTERNAL
        Account: acme_ab1
    Method::Post /qps/rest/3.0/search/was/wasscan
      <ServiceRequest><preferences><limitResults>1000</limitResults><verbose>true</verbose></preferences><filters><Criteria field="webApp.id" operator="EQUALS">41</Criteria><Criteria field="launchedDate" operator="GREATER">2026-10-31T00:00:00Z</Criteria></filters></ServiceRequest>
    row
      scan-id: 61
      outcome: done
      title: Weekly [exhibit job-1]
      web-application: Shop & checkout
      option-profile: Deep
      scanner: EXTERNAL
      launched: 2026-10-31T01:00:00Z
      status: SUBMITTED
      authentication-status: NONE
      user: acme_ab1
      message: The web application scan "Weekly" (ID 61) of Shop & checkout was launched, and its status is SUBMITTED
    pauses []
    "#);
    let none = source(None, &before, &[]);
    insta::assert_snapshot!(refusal(none.run(&Setup::operate("rescan-was").with_text("was-scan", "Daily"))), @r#"no web application scan is called "Daily"; choose one, the nearest first: Weekly, Weekly, too"#);
    let by_id = Setup::operate("rescan-was")
        .with_text("was-scan", "51")
        .set("was-rescan-path", Value::Text("wasscan".to_owned()));
    let done = source(accepted(61), &before[..1], &[scan(61, "x", "RUNNING", "")]).run(&by_id).expect("done");
    assert_eq!(done.writes()[0].path, "/qps/rest/3.0/scanagain/was/wasscan/51");
}

fn outcome(done: &Operated) -> (String, String) {
    (done.cell("outcome"), done.cell("scan-id"))
}

/// A scan that is launched now.
fn new(id: u32, name: &str) -> String {
    scan(id, name, "SUBMITTED", "").replace(&format!("2026-10-31T0{}:", id % 10), "2026-11-01T00:")
}

#[test]
fn a_scan_without_the_mark_is_that_of_the_operation_only_where_all_that_qualys_lists_says_so() {
    let before = [scan(53, "Weekly [exhibit job-0]", "FINISHED", "SUCCESSFUL")];
    let run = |answer: Option<Reply>, new: &[String]| {
        source(answer, &before, &[&before, new].concat()).run(&again()).expect("ends")
    };
    // Qualys keeps the name of the earlier scan.
    let done = run(accepted(53), &[new(61, "Weekly [exhibit job-0]")]);
    assert_eq!(outcome(&done), ("done".to_owned(), "61".to_owned()));
    assert_eq!(done.pauses.len(), 3, "another client's could come first");
    assert!(done.notes[0].starts_with("Qualys gave the scan another name than was asked for."), "{done}");
    // Someone else scanned again, a person did it in the console, another profile, another name, too early, or one of two.
    let ours = new(61, "Weekly");
    let others = [
        vec![ours.replace("acme_ab1", "acme_jd1")],
        vec![ours.replace("<mode>API<", "<mode>ONDEMAND<")],
        vec![ours.replace("<name>Deep<", "<name>Quick<")],
        vec![new(61, "Weekly, too")],
        vec![ours.clone(), new(62, "Weekly")],
    ];
    for other in others {
        let done = run(accepted(53), &other);
        assert_eq!(outcome(&done), ("unknown".to_owned(), "absent".to_owned()), "{other:?}");
        let message = done.cell("message");
        assert!(
            message.contains("it is not known which scan is that of this operation, if any: 61 ("),
            "{message}"
        );
    }
    // No answer came.
    assert_eq!(run(None, std::slice::from_ref(&ours)).cell("outcome"), "unknown");
    // Of whom a scan is cannot be told where the account is not known.
    let blind =
        Source { account: NO_MODULE, ..source(accepted(53), &before, &[&before[..], &[ours]].concat()) };
    assert_eq!(blind.run(&again()).expect("ends").cell("outcome"), "unknown");
    // The answer has the id of the new one.
    let done = run(accepted(62), &[new(61, "Weekly"), new(62, "Weekly")]);
    assert_eq!(outcome(&done), ("done".to_owned(), "62".to_owned()));
}

#[test]
fn a_scan_that_was_launched_before_the_request_is_not_that_of_the_operation() {
    let before = [scan(53, "Weekly", "FINISHED", "SUCCESSFUL")];
    // A list may show late what was launched early.
    let late = scan(61, "Weekly", "SUBMITTED", "");
    let mut wrote = false;
    let done = operate(&again(), false, |asked| {
        let Ok(request) = asked else { return None };
        if matches!(request.effect, Effect::Write(_)) {
            wrote = true;
            return accepted(53);
        }
        let scans = if wrote { [&before[..], std::slice::from_ref(&late)].concat() } else { before.to_vec() };
        let body =
            if request.path == "/api/3.0/fo/scan/" { ACCOUNT.to_owned() } else { response(&scans.concat()) };
        Some(Reply::new(200, &body).header("date", "Sun, 01 Nov 2026 00:00:00 GMT"))
    });
    assert_eq!(done.expect("ends").cell("outcome"), "unknown");
}

#[test]
fn an_application_with_a_namesake_on_another_page_is_not_chosen() {
    let mut writes = 0;
    let refused = operate(&launch("Shop & checkout"), false, |request| {
        let request = request.expect("no pause");
        writes += usize::from(matches!(request.effect, Effect::Write(_)));
        let is_exact = document(request).contains("field=\"name\" operator=\"EQUALS\"");
        let namesake = "<WebApp><id>44</id><name><![CDATA[Shop & checkout]]></name></WebApp>";
        let page = response(APPLICATIONS)
            .replace("<data>", "<hasMoreRecords>true</hasMoreRecords><lastId>43</lastId><data>");
        let both = response(&format!("{APPLICATIONS}{namesake}"));
        Some(Reply::new(200, &if is_exact { both } else { page }))
    });
    let expected = "more than one web application is meant: 2 are called \"Shop & checkout\"";
    assert!(refusal(refused).starts_with(expected));
    assert_eq!(writes, 0);
}

#[test]
fn of_more_than_a_page_only_the_exact_name_is_asked_for() {
    let mut asked = Vec::new();
    let refused = operate(&launch("shop"), false, |request| {
        let document = document(request.expect("no pause"));
        asked.push(document.contains("operator=\"EQUALS\">shop</Criteria>"));
        let more = "<hasMoreRecords>true</hasMoreRecords><lastId>43</lastId>";
        let page = response(APPLICATIONS).replace("<data>", &format!("{more}<data>"));
        Some(Reply::new(200, &if asked.len() == 1 { page } else { response("") }))
    });
    assert!(refusal(refused).starts_with("no web application is called \"shop\""));
    assert_eq!(asked, [false, true]);
}
