//! The traps of Qualys' APIs, each with the required result.

mod answers;
mod pages;
mod refusals;
mod requests;

use exhibit_plugin::{Error, Row, Value};

use crate::testing::{Reply, Setup, collect, refused};

const EMPTY: &str =
    "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-10-31T12:00:00Z</DATETIME></RESPONSE></HOST_LIST_OUTPUT>";

fn assets() -> Setup {
    Setup::new("assets")
}

/// An answer with hosts of these ids, and whatever else stands in its response.
fn hosts(ids: &[u32], rest: &str) -> String {
    let hosts: String = ids.iter().map(|id| format!("<HOST><ID>{id}</ID></HOST>")).collect();
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE HOST_LIST_OUTPUT SYSTEM \"https://api.example/x.dtd\">\
         <HOST_LIST_OUTPUT><RESPONSE><DATETIME>now</DATETIME><HOST_LIST>{hosts}</HOST_LIST>{rest}</RESPONSE></HOST_LIST_OUTPUT>"
    )
}

fn warning(url: &str) -> String {
    format!("<WARNING><CODE>1980</CODE><TEXT>cut</TEXT><URL>\n<![CDATA[{url}]]>\n</URL></WARNING>")
}

fn simple_return(code: u32, text: &str, items: &str) -> String {
    format!(
        "<SIMPLE_RETURN><RESPONSE><DATETIME>now</DATETIME><CODE>{code}</CODE><TEXT>{text}</TEXT>{items}</RESPONSE></SIMPLE_RETURN>"
    )
}

/// The case of an error, its code, and its message.
fn parts(error: Error) -> (&'static str, Option<String>, String) {
    let case = match error {
        Error::Denied(_) => "denied",
        Error::Unlicensed(_) => "unlicensed",
        Error::Invalid(_) => "invalid",
        Error::Rejected(_) => "rejected",
        Error::Unavailable(_) => "unavailable",
        Error::Malformed(_) => "malformed",
    };
    let problem = error.problem().clone();
    (case, problem.code, problem.message)
}

fn case(reply: Reply) -> &'static str {
    parts(refused(assets(), &[reply])).0
}

fn ids(setup: Setup, bodies: &[&str]) -> Vec<u32> {
    collect(setup, bodies).expect("collects").rows.iter().map(id).collect()
}

/// The ID of a host.
fn id(row: &Row) -> u32 {
    let Value::Integer(id) = row[7] else { panic!("no id") };
    u32::try_from(id).expect("a small one")
}
