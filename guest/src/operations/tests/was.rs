//! Launching scans of web applications, and scanning again.

use exhibit_plugin::collection::{Body, Content, Effect, Request};
use exhibit_plugin::{Error, Value};

use super::model::refusal;
use crate::testing::{Operated, Reply, Setup, operate};

const APPLICATIONS: &str = "<WebApp><id>41</id><name><![CDATA[Shop & checkout]]></name><url>https://shop.acme.example</url></WebApp>\
    <WebApp><id>42</id><name>Intranet</name><url>https://10.1.2.3/</url></WebApp>\
    <WebApp><id>43</id><name>INTRANET</name><url>https://10.1.2.4/</url></WebApp>";

fn response(content: &str) -> String {
    let count = content.matches("<id>").count();
    format!(
        "<ServiceResponse><responseCode>SUCCESS</responseCode><count>{count}</count><data>{content}</data></ServiceResponse>"
    )
}

fn scan(id: u32, name: &str, status: &str, results: &str) -> String {
    format!(
        "<WasScan><id>{id}</id><name><![CDATA[{name}]]></name><target><webApp><id>41</id><name><![CDATA[Shop & checkout]]></name></webApp>\
         <scannerAppliance><type>EXTERNAL</type></scannerAppliance></target><profile><id>7</id><name>Deep</name></profile>\
         <launchedDate>2026-10-31T0{}:00:00Z</launchedDate><launchedBy><username>acme_ab1</username></launchedBy><status>{status}</status>\
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

/// What a source answers to a write, and the scans that it lists before and after.
struct Source {
    answer: Option<Reply>,
    before: Vec<String>,
    after: Vec<String>,
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
    let before = vec![scan(52, "Other", "RUNNING", "")];
    let after = vec![scan(61, "Shop <weekly> [exhibit job-1]", "SUBMITTED", "")];
    let source = Source { answer: accepted(61), before, after };
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
        Web application: Shop & checkout (id 41)
        Address: https://shop.acme.example
        Type: VULNERABILITY
        Option profile: Deep (that of the web application)
        Scanner: EXTERNAL (that of the web application)
        Signs in: no
        E-mail at its end: no
        In progress already: 52 ("Other", RUNNING, launched 2026-10-31T02:00:00Z)
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
      message: Qualys answered: SUCCESS
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
    assert_eq!(done.notes, [crate::operations::names::LISTS_ARE_KEPT]);
    insta::assert_snapshot!(document(done.writes()[0]), @"<ServiceRequest><data><WasScan><name>Shop &lt;weekly&gt; [exhibit job-1]</name><type>VULNERABILITY</type><target><webApp><id>41</id></webApp><webAppAuthRecord><isDefault>true</isDefault></webAppAuthRecord><scannerAppliance><type>INTERNAL</type><friendlyName>dmz-2</friendlyName></scannerAppliance></target><profile><id>8</id></profile><sendMail>true</sendMail></WasScan></data></ServiceRequest>");
}

#[test]
fn a_launch_that_fits_none_two_or_what_is_not_reached_sends_nothing() {
    let source = Source { answer: None, before: Vec::new(), after: Vec::new() };
    let setups = [
        launch("intranet"),
        launch("Blog"),
        launch("Intranet"),
        launch("Intranet").with_text("scanner", "external"),
        launch("Shop & checkout").with_text("was-option-profile", "Deep"),
        launch("Shop & checkout").with_text("scanner", "dmz"),
    ];
    insta::assert_snapshot!(setups.map(|it| refusal(source.run(&it))).join("\n"), @r#"
    more than one web application is meant: 2 are called "intranet"; name one of them: Intranet (id 42), INTRANET (id 43)
    no web application is called "Blog"; choose one: Shop & checkout (id 41), Intranet (id 42), INTRANET (id 43)
    https://10.1.2.3/ is private, and the scanner EXTERNAL reaches only what is in the Internet; choose a scanner appliance that reaches it
    https://10.1.2.3/ is private, and the scanner external reaches only what is in the Internet; choose a scanner appliance that reaches it
    no option profile is called "Deep"; choose one: Quick (id 8)
    no scanner appliance is called "dmz"; choose one: dmz-2 (id 1)
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
        let after = vec![scan(61, "x", status, results)];
        let source = Source { answer: accepted(61), before: Vec::new(), after };
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
        let after = vec![
            scan(60, "Shop <weekly>", "RUNNING", ""),
            scan(61, "Shop <weekly> [exhibit job-1]", "RUNNING", ""),
        ];
        let source = Source { answer: answer.clone(), before: Vec::new(), after };
        let done = source.run(&launch("Shop & checkout")).expect("ends");
        assert_eq!(
            (done.cell("outcome").as_str(), done.cell("scan-id").as_str()),
            ("done", "61"),
            "{answer:?}"
        );
        let source =
            Source { answer, before: Vec::new(), after: vec![scan(60, "Shop <weekly>", "RUNNING", "")] };
        let done = source.run(&launch("Shop & checkout")).expect("ends");
        // These answers have no date.
        assert_eq!(done.cell("outcome"), "unknown");
    }
    let refused = ["INVALID_REQUEST", "UNAUTHORIZED", "NOT_FOUND"].map(|code| {
        let answer = format!(
            "<ServiceResponse><responseCode>{code}</responseCode><responseErrorDetails><errorMessage>No.</errorMessage>\
             <errorResolution>Ask.</errorResolution></responseErrorDetails></ServiceResponse>"
        );
        let source = Source { answer: Some(Reply::new(200, &answer)), before: Vec::new(), after: Vec::new() };
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
    let source = Source { answer: accepted(53), before: before.clone(), after };
    let done = source.run(&again()).expect("done");
    insta::assert_snapshot!(done, @r#"
    Method::Post /qps/rest/3.0/search/was/wasscan
      <ServiceRequest><preferences><limitResults>1000</limitResults><verbose>true</verbose></preferences><filters><Criteria field="launchedDate" operator="GREATER">2026-10-02T00:00:00Z</Criteria></filters></ServiceRequest>
    Method::Post /qps/rest/3.0/search/was/wasscan
      <ServiceRequest><preferences><limitResults>1000</limitResults></preferences><filters><Criteria field="webApp.id" operator="EQUALS">41</Criteria><Criteria field="launchedDate" operator="GREATER">2026-10-31T00:00:00Z</Criteria></filters></ServiceRequest>
    Method::Post /qps/rest/3.0/scanagain/was/scan/53
      <ServiceRequest><data><WasScan><name>Weekly [exhibit job-1]</name></WasScan></data></ServiceRequest>
      Scans a web application again.
        Title: Weekly [exhibit job-1]
        Scans again: 53 ("Weekly [exhibit job-0]", FINISHED, launched 2026-10-31T03:00:00Z)
        Web application: Shop & checkout (id 41)
        Option profile: Deep
        Scanner: EXTERNAL
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
      message: Qualys answered: SUCCESS
    pauses []
    "#);
    // The name is not taken over.
    let after = [before.clone(), vec![scan(61, "Weekly", "SUBMITTED", "")]].concat();
    let done = Source { answer: accepted(53), before: before.clone(), after: after.clone() }
        .run(&again())
        .expect("done");
    assert_eq!((done.cell("outcome").as_str(), done.cell("scan-id").as_str()), ("done", "61"));
    assert_eq!(done.pauses.len(), 3, "another client's could come first");
    // Then it cannot be told from that of another client, where no answer came.
    let done = Source { answer: None, before: before.clone(), after }.run(&again()).expect("ends");
    assert_eq!((done.cell("outcome").as_str(), done.cell("scan-id").as_str()), ("unknown", "absent"));
    assert!(done.cell("message").contains("whether it is this one is not known"), "{}", done.cell("message"));
    // The answer has the id of the new one.
    let after =
        [before.clone(), vec![scan(61, "Weekly", "SUBMITTED", ""), scan(62, "Weekly", "SUBMITTED", "")]]
            .concat();
    let done = Source { answer: accepted(62), before: before.clone(), after }.run(&again()).expect("done");
    assert_eq!(done.cell("scan-id"), "62");
    let by_id = Setup::operate("rescan-was")
        .with_text("was-scan", "51")
        .set("was-rescan-path", Value::Text("wasscan".to_owned()));
    let source = Source {
        answer: accepted(61),
        before: before[..1].to_vec(),
        after: vec![scan(61, "x", "RUNNING", "")],
    };
    let done = source.run(&by_id).expect("done");
    assert_eq!(done.writes()[0].path, "/qps/rest/3.0/scanagain/was/wasscan/51");
    let none = Source { answer: None, before, after: Vec::new() };
    insta::assert_snapshot!(refusal(none.run(&Setup::operate("rescan-was").with_text("was-scan", "Daily"))), @r#"no web application scan is called "Daily"; choose one: Weekly, Weekly, too"#);
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
