//! What the gateway gives, and to whom.

mod client;

use std::collections::BTreeSet;

use client::{Answer, generous, send};
use exhibit_simulator::{Fault, Rule, Simulator, World};
use serde_json::Value;

const LIST: &str = "/certview/v2.1/certificates";
const LOGIN: &str = "username=acme_sim1&password=not-a-secret&token=true";

async fn simulator(world: World) -> Simulator {
    Simulator::start(world).await.expect("a free port")
}

async fn auth(simulator: &Simulator, form: &str) -> Answer {
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    send(simulator, "POST", "/auth", headers, form).await
}

async fn token(simulator: &Simulator) -> String {
    let answer = auth(simulator, LOGIN).await;
    assert_eq!(answer.status, 201);
    answer.text()
}

async fn list(simulator: &Simulator, path: &str, token: &str, body: &str) -> Answer {
    let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    send(simulator, "POST", path, &headers, body).await
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).expect("JSON")
}

fn hashes(list: &Value) -> Vec<String> {
    let all = list.as_array().expect("a list");
    all.iter().map(|it| it["certhash"].as_str().expect("a hash").to_owned()).collect()
}

#[tokio::test]
async fn pages_cover_every_certificate_once_and_end_with_an_empty_one() {
    let simulator = simulator(World { certificates: 450, ..generous() }).await;
    let token = token(&simulator).await;
    let mut all = Vec::new();
    for (page, expected) in [(0, 200), (1, 200), (2, 50), (3, 0)] {
        let body = format!(r#"{{"pageNumber":{page},"pageSize":200,"assetType":"ALL"}}"#);
        let answer = list(&simulator, LIST, &token, &body).await;
        assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, Some("1000000")));
        let page = hashes(&json(&answer));
        assert_eq!(page.len(), expected);
        all.extend(page);
    }
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 450);
    assert!(!all.is_sorted(), "it is in no order");
    let managed = json(&list(&simulator, LIST, &token, r#"{"pageSize":200}"#).await);
    assert!(hashes(&managed).len() == 200 && hashes(&managed)[..] != all[..200], "MANAGED is the default");
}

#[tokio::test]
async fn tokens_are_for_those_who_log_in_and_not_counted() {
    let simulator = simulator(World { rate_limit: 1, ..World::default() }).await;
    for form in ["username=acme_sim1&password=wrong&token=true", "token=true"] {
        assert_eq!(auth(&simulator, form).await.status, 401, "{form}");
    }
    assert_eq!(auth(&simulator, "username=acme_sim1&password=not-a-secret").await.status, 400);
    let (first, second) = (token(&simulator).await, token(&simulator).await);
    assert_ne!(first, second);
    assert_eq!(list(&simulator, LIST, &second, "{}").await.status, 200, "the only call of the hour");
    let blocked = list(&simulator, LIST, &first, "{}").await;
    assert_eq!((blocked.status, blocked.text().as_str()), (429, "429 Too Many Requests"));
    assert!(blocked.header("x-ratelimit-towait-sec").is_some_and(|it| it != "0"));
    assert_eq!(auth(&simulator, LOGIN).await.status, 201);
}

#[tokio::test]
async fn tokens_end_and_are_revoked() {
    let simulator = simulator(World { token_seconds: 0, ..generous() }).await;
    let ended = token(&simulator).await;
    let answer = list(&simulator, LIST, &ended, "{}").await;
    assert_eq!((answer.status, &json(&answer)["message"]), (401, &"JWT expired".into()));

    let simulator = self::simulator(generous()).await;
    let first = token(&simulator).await;
    simulator.faults().push(Rule::on_request(2, Fault::RevokeToken).on("/certview/"));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(list(&simulator, LIST, &first, "{}").await.status);
    }
    assert_eq!(statuses, [200, 401, 401]);
    let second = token(&simulator).await;
    assert_eq!(list(&simulator, LIST, &second, "{}").await.status, 200);
    assert_eq!(list(&simulator, LIST, "", "{}").await.status, 401);
    assert_eq!(send(&simulator, "POST", LIST, "", "{}").await.status, 401);
}

#[tokio::test]
async fn what_is_not_documented_is_refused() {
    let simulator = simulator(generous()).await;
    let token = token(&simulator).await;
    for (path, body, status) in [
        ("/certview/v9/certificates", "{}", 404),
        ("/certview/v2/certificates/count", "{}", 404),
        (LIST, "[]", 400),
        (LIST, "not JSON", 400),
        (LIST, r#"{"pageSize":201}"#, 400),
        (LIST, r#"{"pageSize":0}"#, 400),
        (LIST, r#"{"page":1}"#, 400),
        (LIST, r#"{"assetType":"SOME"}"#, 400),
        (LIST, r#"{"filter":{}}"#, 400),
        (
            LIST,
            r#"{"filter":{"filters":[{"field":"certificate.colour","value":"a","operator":"EQUALS"}]}}"#,
            400,
        ),
        (LIST, r#"{"filter":{"filters":[{"field":"certificate.type","value":"a","operator":"LIKE"}]}}"#, 400),
        (
            LIST,
            r#"{"filter":{"filters":[{"field":"certificate.validToDate","value":"soon","operator":"LESSER"}]}}"#,
            400,
        ),
    ] {
        let answer = list(&simulator, path, &token, body).await;
        assert_eq!((answer.status, &json(&answer)["status"]), (status, &status.into()), "{path} {body}");
    }
}

#[tokio::test]
async fn filters_leave_out_what_does_not_meet_them() {
    let simulator = simulator(World { certificates: 200, ..generous() }).await;
    let token = token(&simulator).await;
    let filtered = async |field: &str, operator: &str, value: &str| {
        let body = format!(
            r#"{{"filter":{{"filters":[{{"field":"{field}","value":"{value}","operator":"{operator}"}}],"operation":"AND"}},
                "pageSize":200,"assetType":"ALL"}}"#
        );
        json(&list(&simulator, LIST, &token, &body).await).as_array().expect("a list").clone()
    };
    let ended = filtered("certificate.validToDate", "LESSER", "2026-11-01").await;
    assert!(!ended.is_empty() && ended.len() < 50);
    assert!(ended.iter().all(|it| it["validTo"].as_i64() < Some(1_793_491_200_000)));
    let later = filtered("certificate.validToDate", "GREATER_THAN_EQUAL", "2026-11-01").await;
    assert_eq!(ended.len() + later.len(), 200);
    let leaves = filtered("certificate.type", "EQUALS", "Leaf").await;
    assert!(leaves.len() < 200 && leaves.iter().all(|it| it["type"] == "Leaf"));
    let tagged = filtered("asset.tagName", "EQUALS", "DMZ").await;
    assert!(!tagged.is_empty() && tagged.len() < 200);
}

#[tokio::test]
async fn versions_and_faults_change_the_form() {
    let simulator = simulator(World { certificates: 30, ..generous() }).await;
    let token = token(&simulator).await;
    let first = async |path: &str| json(&list(&simulator, path, &token, r#"{"assetType":"ALL"}"#).await);
    assert_eq!(first(LIST).await[0]["publicKeyAlgorithm"], "RSA");
    assert!(first("/certview/v2/certificates").await[0].get("publicKeyAlgorithm").is_none());
    simulator.faults().set([Rule::once(Fault::NulInNames), Rule::once(Fault::DataEnvelope)]);
    let list_ = first(LIST).await;
    assert!(list_["data"][0]["subject"]["name"].as_str().is_some_and(|it| it.ends_with('\0')), "{list_}");
    let page = async |page: u32| {
        hashes(&json(
            &list(&simulator, LIST, &token, &format!(r#"{{"assetType":"ALL","pageNumber":{page}}}"#)).await,
        ))
    };
    let (zero, one) = (page(0).await, page(1).await);
    simulator.faults().set([Rule::always(Fault::ShiftedPages)]);
    assert_eq!(page(0).await, zero);
    assert_eq!(page(1).await, [&zero[9..], &one[..9]].concat());
    simulator.faults().set([Rule::always(Fault::StuckPaging)]);
    assert_eq!(page(2).await, zero);
}

#[tokio::test]
async fn what_is_more_than_the_usual_comes_where_it_is_asked_for() {
    let simulator = simulator(generous()).await;
    let token = token(&simulator).await;
    let first = async |includes: &str| {
        let body = format!("{{\"pageSize\": 200, \"includes\": [{includes}]}}");
        let list = json(&list(&simulator, LIST, &token, &body).await);
        list.as_array()
            .expect("a list")
            .iter()
            .find(|it| it["assetCount"] != 0)
            .expect("one on a host")
            .clone()
    };
    let usual = first("").await;
    assert!(usual["subjectAlternativeNames"].is_null() && usual["assets"][0]["tags"].is_null());
    assert!(usual["assets"][0]["assetInterfaces"].is_null());
    let more = first("\"ASSET_INTERFACES\", \"ASSET_TAGS\", \"EXTENSIVE_CERTIFICATE_INFO\"").await;
    assert!(more["subjectAlternativeNames"]["DNS Name"].is_array() && more["keyUsage"].is_array());
    assert!(more["assets"][0]["tags"][0]["name"].is_string());
    assert_eq!(more["assets"][0]["assetInterfaces"][0]["address"], more["assets"][0]["primaryIp"]);
    let refused = list(&simulator, LIST, &token, "{\"includes\": [\"EVERYTHING\"]}").await;
    assert_eq!(refused.status, 400);
}
