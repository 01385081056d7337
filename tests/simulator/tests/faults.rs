//! What happens when something goes wrong.

mod client;

use std::io::Read as _;
use std::time::{Duration, Instant};

use client::{Answer, generous, get, send};
use exhibit_simulator::{Charset, Fault, Rule, Simulator};

const HOSTS: &str = "/api/5.0/fo/asset/host/?action=list&details=All";
const USERS: &str = "/msp/user_list.php";
const TICKETS: &str = "/msp/ticket_list.php?states=OPEN,RESOLVED,CLOSED,IGNORED";

async fn simulator() -> Simulator {
    Simulator::start(generous()).await.expect("a free port")
}

/// The answer to a request that a fault hits.
async fn hit(fault: Fault, target: &str) -> Answer {
    let simulator = simulator().await;
    simulator.faults().push(Rule::once(fault));
    let answer = get(&simulator, target).await;
    assert_eq!(get(&simulator, target).await.status, 200, "the next request is served");
    answer
}

#[tokio::test]
async fn a_connection_is_reset_at_any_byte() {
    let simulator = simulator().await;
    let whole = get(&simulator, HOSTS).await.body;
    for at in [0, 1, 700, 65_535, 65_536, 100_001, whole.len() as u64 - 1] {
        simulator.faults().push(Rule::once(Fault::ResetAt(at)));
        let answer = get(&simulator, HOSTS).await;
        assert!(answer.reset && !answer.complete, "at {at}");
        assert!(answer.body == whole[..at as usize], "{at} is not {}", answer.body.len());
    }
}

#[tokio::test]
async fn an_answer_is_truncated_at_any_byte() {
    let simulator = simulator().await;
    let whole = get(&simulator, HOSTS).await.body;
    for at in [0, 1, 700, 65_536, 100_001] {
        simulator.faults().push(Rule::once(Fault::TruncateAt(at)));
        let answer = get(&simulator, HOSTS).await;
        assert!(answer.complete && answer.body == whole[..at as usize], "at {at}");
    }
}

#[tokio::test]
async fn an_answer_comes_in_pieces() {
    let simulator = simulator().await;
    let whole = get(&simulator, HOSTS).await.body;
    for most in [7, 1_000] {
        simulator.faults().push(Rule::once(Fault::Pieces(most)));
        let answer = get(&simulator, HOSTS).await;
        assert!(answer.complete && answer.body == whole, "{most}");
        assert!(answer.chunks.iter().all(|size| *size <= most), "{most}");
    }
    for at in [0, 1_003] {
        simulator.faults().set([Rule::always(Fault::Pieces(7)), Rule::once(Fault::TruncateAt(at))]);
        let answer = get(&simulator, HOSTS).await;
        assert!(answer.complete && answer.body == whole[..at as usize], "at {at}");
    }
    let stall = Fault::StallAt { bytes: 1_003, lasting: Duration::from_millis(10) };
    simulator.faults().set([Rule::always(Fault::Pieces(7)), Rule::once(stall)]);
    assert!(get(&simulator, HOSTS).await.body == whole);
}

#[tokio::test]
async fn each_piece_is_a_gzip_member() {
    let simulator = simulator().await;
    let whole = get(&simulator, USERS).await.body;
    simulator.faults().set([Fault::GzipMembers, Fault::Pieces(1_000)].map(Rule::always));
    let headers = "Authorization: Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==\r\n\
        X-Requested-With: test\r\nAccept-Encoding: gzip\r\n";
    let answer = send(&simulator, "GET", USERS, headers, "").await;
    let (mut rest, mut read, mut members) = (&answer.body[..], Vec::new(), 0);
    while !rest.is_empty() {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        member.read_to_end(&mut read).expect("a whole member");
        rest = member.into_inner();
        members += 1;
    }
    assert!(read == whole);
    assert_eq!(members, whole.len().div_ceil(1_000));
}

#[tokio::test]
async fn an_answer_comes_in_another_charset() {
    for header in [false, true] {
        let answer = hit(Fault::InCharset { charset: Charset::Utf16LittleEndian, header }, USERS).await;
        assert!(answer.body.starts_with(b"\xff\xfe<\0?\0"));
        let named = answer.header("content-type") == Some("application/xml; charset=UTF-16");
        assert_eq!(named, header);
    }
    let answer = hit(Fault::InCharset { charset: Charset::Latin1, header: false }, USERS).await;
    assert!(answer.body.starts_with(b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\""));
    assert!(answer.body.windows(2).any(|it| it == b"\xf6r"), "D\u{f6}rte");
    // Without a declaration the head alone says it.
    let simulator = simulator().await;
    let latin = Fault::InCharset { charset: Charset::Latin1, header: true };
    simulator.faults().set([latin, Fault::NoDeclaration].map(Rule::always));
    let answer = get(&simulator, USERS).await;
    assert!(answer.body.starts_with(b"<!DOCTYPE"));
    assert_eq!(answer.header("content-type"), Some("application/xml; charset=ISO-8859-1"));
}

#[tokio::test]
async fn a_stalled_answer_goes_on_later() {
    let simulator = simulator().await;
    let whole = get(&simulator, HOSTS).await.body;
    let lasting = Duration::from_millis(300);
    simulator.faults().push(Rule::once(Fault::StallAt { bytes: 1_000, lasting }));
    let begun = Instant::now();
    let answer = get(&simulator, HOSTS).await;
    assert!(begun.elapsed() >= lasting);
    assert!(answer.complete && answer.body == whole);
}

#[tokio::test]
async fn limits_are_feigned() {
    let answer = hit(Fault::RateLimited { seconds: 7, header: true }, HOSTS).await;
    assert_eq!((answer.status, answer.first("CODE").as_deref()), (409, Some("1965")));
    assert_eq!(answer.header("x-ratelimit-towait-sec"), Some("7"));
    assert_eq!(answer.first("VALUE").as_deref(), Some("7"));
    let answer = hit(Fault::RateLimited { seconds: 7, header: false }, HOSTS).await;
    assert_eq!(answer.header("x-ratelimit-towait-sec"), None);
    assert_eq!(answer.first("VALUE").as_deref(), Some("7"));
    let answer = hit(Fault::TooManyRunning { calls: 2 }, HOSTS).await;
    assert_eq!((answer.status, answer.first("CODE").as_deref()), (409, Some("1960")));
    assert_eq!(answer.header("x-ratelimit-towait-sec"), None);
    let answer = hit(Fault::TooManyRequests { retry_after_seconds: 3 }, HOSTS).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("3")));
}

#[tokio::test]
async fn errors_come_with_their_status_and_code() {
    for (fault, status, code) in [
        (Fault::ServerError, 500, Some("999")),
        (Fault::BadGateway, 502, None),
        (Fault::Maintenance, 503, Some("1999")),
        (Fault::AccountExpired, 200, Some("2001")),
        (Fault::Forbidden, 403, Some("2012")),
        (Fault::RetryLater, 202, None),
        (Fault::BadRequest { code: 1907 }, 400, Some("1907")),
    ] {
        let answer = hit(fault.clone(), HOSTS).await;
        assert_eq!((answer.status, answer.first("CODE").as_deref()), (status, code), "{fault:?}");
    }
}

#[tokio::test]
async fn answers_are_replaced() {
    let page = hit(Fault::Html { status: 200 }, HOSTS).await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=UTF-8"));
    assert_eq!(hit(Fault::Html { status: 414 }, HOSTS).await.status, 414);
    assert!(hit(Fault::Empty, HOSTS).await.body.is_empty());
    assert!(std::str::from_utf8(&hit(Fault::Garbage, HOSTS).await.body).is_err());
    let elsewhere = hit(Fault::RedirectTo("https://elsewhere.example/".to_owned()), HOSTS).await;
    assert_eq!(elsewhere.header("location"), Some("https://elsewhere.example/"));
    let error = hit(Fault::V1Error { number: 999 }, TICKETS).await;
    assert!(error.text().contains("<REMEDIATION_TICKETS>\n  <ERROR number=\"999\">"));
    let error = hit(Fault::GenericReturn { number: 2001 }, USERS).await;
    assert!(error.text().contains("<RETURN status=\"FAILED\" number=\"2001\">"));
    assert_eq!(error.status, 200);
}

#[tokio::test]
async fn reports_are_spoiled() {
    for target in [HOSTS, USERS, TICKETS, "/api/3.0/fo/scan/?action=list"] {
        let text = hit(Fault::RecordEndInCdata, target).await.text();
        assert!(text.contains("<![CDATA[</"), "{target}");
        let text = hit(Fault::ControlCharacters, target).await.text();
        assert!(text.contains('\u{1}'), "{target}");
        let body = hit(Fault::BadUtf8, target).await.body;
        assert!(std::str::from_utf8(&body).is_err(), "{target}");
        let text = hit(Fault::CommentInRecord, target).await.text();
        assert!(text.contains("<!-- keep-alive within"), "{target}");
        let text = hit(Fault::NoDeclaration, target).await.text();
        assert!(text.starts_with("<!DOCTYPE"), "{target}");
        let text = hit(Fault::EntityDoctype, target).await.text();
        assert!(text.contains("<!ENTITY a ") && text.contains("&b;"), "{target}");
        let text = hit(Fault::UnknownRoot, target).await.text();
        assert!(text.contains("</UNKNOWN_OUTPUT>"), "{target}");
    }
    let text = hit(Fault::LowerCase, HOSTS).await.text();
    assert!(text.contains("<tracking_method>") && !text.contains("<HOST>"));
}

#[tokio::test]
async fn a_border_ticket_comes_twice() {
    let simulator = simulator().await;
    let first = get(&simulator, TICKETS).await.all("NUMBER");
    let last: u64 = first.last().and_then(|number| number.parse().ok()).expect("a number");
    simulator.faults().push(Rule::once(Fault::RepeatBorderTicket));
    let second = get(&simulator, &format!("{TICKETS}&since_ticket_number={}", last + 1)).await;
    assert_eq!(second.all("NUMBER").first(), first.last());
}

#[tokio::test]
async fn paging_gets_stuck() {
    let simulator = simulator().await;
    simulator.faults().push(Rule::always(Fault::StuckPaging));
    let target = format!("{HOSTS}&truncation_limit=10&id_min=10000500");
    let url = get(&simulator, &target).await.first("URL").expect("a URL");
    assert!(url.ends_with("&id_min=10000500"), "{url}");
}

#[tokio::test]
async fn faults_keep_to_their_path_and_can_be_taken_back() {
    let simulator = simulator().await;
    simulator.faults().push(Rule::always(Fault::Empty).on("/msp/"));
    assert!(!get(&simulator, HOSTS).await.body.is_empty());
    assert!(get(&simulator, USERS).await.body.is_empty());
    simulator.faults().clear();
    assert!(!get(&simulator, USERS).await.body.is_empty());
}

#[tokio::test]
async fn a_stopped_simulator_is_gone() {
    let simulator = simulator().await;
    let url = simulator.url();
    let host = url.strip_prefix("http://").expect("a URL").to_owned();
    simulator.stop().await;
    assert!(tokio::net::TcpStream::connect(host).await.is_err());
}
