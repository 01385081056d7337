//! The traps of searches, each with the required result.

mod pages;
mod refusals;

use exhibit_plugin::collection::{Body, Request};
use exhibit_plugin::{Error, Value};

use crate::testing::{Collected, Reply, Setup, collect, refused};

const EMPTY: &str = "<ServiceResponse><responseCode>SUCCESS</responseCode><count>0</count></ServiceResponse>";

fn scans() -> Setup {
    Setup::new("was-scans")
}

/// A page with scans of these ids, and what else stands in the answer.
fn page(ids: &[u32], rest: &str) -> String {
    let scans: String = ids.iter().map(|id| scan(*id)).collect();
    format!(
        "<?xml version=\"1.0\"?><ServiceResponse><responseCode>SUCCESS</responseCode><count>{}</count>{rest}\
         <data>{scans}</data></ServiceResponse>",
        ids.len()
    )
}

fn scan(id: u32) -> String {
    format!("<WasScan><id>{id}</id><launchedDate>2026-10-20T00:00:00Z</launchedDate></WasScan>")
}

/// A page that another one follows.
fn more(ids: &[u32]) -> String {
    let last = ids.last().copied().unwrap_or_default();
    page(ids, &format!("<hasMoreRecords>true</hasMoreRecords><lastId>{last}</lastId>"))
}

/// The last page.
fn last(ids: &[u32]) -> String {
    page(ids, "<hasMoreRecords>false</hasMoreRecords>")
}

fn ids(collected: &Collected) -> Vec<i64> {
    collected
        .rows
        .iter()
        .map(|it| match it[12] {
            Value::Integer(id) => id,
            _ => panic!("no id"),
        })
        .collect()
}

fn collected(bodies: &[&str]) -> Collected {
    collect(scans(), bodies).expect("collects")
}

/// The case of an error, its code and its message.
fn said(status: u16, body: &str) -> (&'static str, String, String) {
    parts(&refused(scans(), &[Reply::new(status, body)]))
}

fn parts(error: &Error) -> (&'static str, String, String) {
    let case = match error {
        Error::Denied(_) => "denied",
        Error::Unlicensed(_) => "unlicensed",
        Error::Invalid(_) => "invalid",
        Error::Rejected(_) => "rejected",
        Error::Unavailable(_) => "unavailable",
        Error::Malformed(_) => "malformed",
    };
    let problem = error.problem();
    assert!(problem.remedy.is_some() || case == "invalid", "a next step: {problem:?}");
    (case, problem.code.clone().unwrap_or_default(), problem.message.clone())
}

/// The document of a request.
fn document(request: &Request) -> String {
    match &request.body {
        Body::Content(content) => String::from_utf8(content.bytes.clone()).expect("a text"),
        other => panic!("{other:?}"),
    }
}
