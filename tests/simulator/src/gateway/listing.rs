//! `/certview/…/certificates`: a page of the certificates.

use serde_json::{Value, json};

use super::{
    certificate::{Certificate, Form, Includes},
    filter::Filter,
    refused::Refused,
};
use crate::{call::Received, world::World};

/// The most certificates of a page, as documented, and how many there are where nothing is said.
const MAX_PAGE_SIZE: u64 = 200;
const PAGE_SIZE: u64 = 10;

/// The versions there are, and whether they name the algorithms of keys.
const VERSIONS: [(&str, bool); 3] = [("v2", false), ("v2.1", true), ("v2.2", true)];

const MEMBERS: [&str; 6] = ["filter", "pageNumber", "pageSize", "includes", "excludeFields", "assetType"];

/// In what an answer differs from a usual one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manner {
    /// Names are padded with NUL characters.
    pub(crate) nul: bool,
    /// The list is in an object.
    pub(crate) envelope: bool,
    /// From the second page on, each certificate is one place further back.
    pub(crate) shifted: bool,
    /// Every page is the first one.
    pub(crate) stuck: bool,
    /// The `Authorization` header stands in the organizations.
    pub(crate) echo: bool,
}

/// The page that was asked for.
pub(super) fn answer(call: &Received, world: &World, manner: Manner) -> Result<Value, Refused> {
    let known =
        VERSIONS.into_iter().find(|(version, _)| call.path == format!("/certview/{version}/certificates"));
    let Some((_, names_algorithms)) = known else {
        let message = format!("No static resource {}.", call.path.trim_start_matches('/'));
        return Err(Refused::new(404, "Not Found", message));
    };
    if call.method != "POST" {
        return Err(Refused::new(405, "Method Not Allowed", "POST only"));
    }
    if !call.header("content-type").is_some_and(|it| it.starts_with("application/json")) {
        return Err(Refused::new(415, "Unsupported Media Type", "application/json only"));
    }
    let body: Value =
        serde_json::from_slice(&call.body).map_err(|_| Refused::bad_request("the body is not JSON"))?;
    let members = body.as_object().ok_or_else(|| Refused::bad_request("the body is not an object"))?;
    if let Some(unknown) = members.keys().find(|it| !MEMBERS.contains(&it.as_str())) {
        return Err(Refused::bad_request(format!("Unrecognized field {unknown}")));
    }
    let number = |name: &str, usual: u64| match members.get(name) {
        None => Ok(usual),
        Some(it) => it.as_u64().ok_or_else(|| Refused::bad_request(format!("{name} is not a number"))),
    };
    let (page, size) = (number("pageNumber", 0)?, number("pageSize", PAGE_SIZE)?);
    if !(1..=MAX_PAGE_SIZE).contains(&size) {
        return Err(Refused::bad_request(format!("pageSize must be from 1 to {MAX_PAGE_SIZE}")));
    }
    let filter = Filter::read(members.get("filter"), members.get("assetType"))?;
    let form = Form {
        includes: includes(members.get("includes"))?,
        names_algorithms,
        pads: manner.nul,
        organization: manner.echo.then(|| call.header("authorization").unwrap_or_default()),
    };
    let page = if manner.stuck { 0 } else { page };
    let first = page.saturating_mul(size).saturating_sub(u64::from(manner.shifted && page > 0));
    let (first, size) = (usize::try_from(first).unwrap_or(usize::MAX), size as usize);
    let all = (0..world.certificates).map(|index| Certificate::at(world, index));
    let list: Vec<Value> = if filter.is_all() && world.change_one_in == 0 {
        // Those before it need not be made.
        let indices = (first as u64..world.certificates).take(size);
        indices.map(|index| Certificate::at(world, index).json(form)).collect()
    } else {
        let admitted = all.filter(|it| filter.admits(it)).skip(first).take(size);
        admitted.map(|it| it.json(form)).collect()
    };
    Ok(if manner.envelope { json!({ "data": list }) } else { Value::Array(list) })
}

/// What is asked for besides the usual. What has nothing here, such as cipher suites, may be asked for, too.
fn includes(asked: Option<&Value>) -> Result<Includes, Refused> {
    let mut includes = Includes::default();
    let Some(asked) = asked else { return Ok(includes) };
    let names = asked.as_array().ok_or_else(|| Refused::bad_request("includes is not a list"))?;
    for name in names {
        match name.as_str().unwrap_or_default() {
            "ASSET_INTERFACES" => includes.interfaces = true,
            "ASSET_TAGS" => includes.tags = true,
            "EXTENSIVE_CERTIFICATE_INFO" => includes.extensive = true,
            "VULNERABILITIES" | "SSL_PROTOCOLS" | "CIPHER_SUITES" => {}
            other => return Err(Refused::bad_request(format!("includes cannot be {other}"))),
        }
    }
    Ok(includes)
}
