//! What a connection to Qualys is set up with, and how an order's settings are read.

use exhibit_plugin::catalog::Parameter;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::{Arguments, Error, Value};

use super::platforms;

/// The version of the host list API.
pub const HOST_LIST_VERSION: &str = "host-list-version";
/// The version of the VM scan list API.
pub const SCAN_LIST_VERSION: &str = "scan-list-version";
/// The version of the compliance scan list API.
pub const PC_SCAN_LIST_VERSION: &str = "pc-scan-list-version";
/// The version of the API of scan schedules.
pub const SCHEDULE_LIST_VERSION: &str = "schedule-list-version";
/// The version of the API of host detections.
pub const DETECTION_LIST_VERSION: &str = "detection-list-version";
/// The version of the KnowledgeBase's API.
pub const KNOWLEDGE_BASE_VERSION: &str = "knowledge-base-version";

/// The version of the VM option profile list API.
pub const OPTION_PROFILE_VERSION: &str = "option-profile-version";
/// The version of the asset group list API.
pub const ASSET_GROUP_VERSION: &str = "asset-group-version";
/// The version of the list of certificates.
pub const CERTVIEW_VERSION: &str = "certview-version";

const QUOTA_RESERVE: &str = "quota-reserve";
const PAGE_SIZE: &str = "page-size";
const DETECTION_PAGE_SIZE: &str = "detection-page-size";

/// Calls an hour that are left to other users of the subscription. Qualys counts calls
/// by subscription, and a collection that uses up all of them stops every other tool.
const DEFAULT_RESERVE: i64 = 30;
/// Hosts an answer. Ten times Qualys' own default: a call counts the same however
/// much it brings, and 300 an hour are standard.
const DEFAULT_PAGE_SIZE: i64 = 10_000;
/// Hosts an answer with detections: a host has some dozens of them, so a page has about as many records as one of hosts.
const DEFAULT_DETECTION_PAGE_SIZE: i64 = 250;
/// The limit of the API: `truncation_limit` goes to a million.
const MAX_PAGE_SIZE: i64 = 1_000_000;

/// All settings of a connection.
pub fn all() -> Vec<Parameter> {
    let version = |name: &str, label: &str, of: &str, default: &str| {
        Parameter::text(name, label, &format!("The version of the {of} to call, such as {default}."))
            .default(Value::Text(default.to_owned()))
    };
    vec![
        platforms::setting(),
        Parameter::integer(
            QUOTA_RESERVE,
            "Quota reserve",
            "API calls per hour to leave for other tools of the subscription. When fewer are left, a collection \
             pauses before its next page.",
        )
        .default(Value::Integer(DEFAULT_RESERVE)),
        Parameter::integer(PAGE_SIZE, "Page size", "Hosts per answer, from 1 to 1000000.")
            .default(Value::Integer(DEFAULT_PAGE_SIZE)),
        version(HOST_LIST_VERSION, "Host list version", "host list API", "5.0"),
        version(SCAN_LIST_VERSION, "Scan list version", "VM scan list API", "3.0"),
        // Only 2.0 of the compliance list has been seen in public clients.
        version(PC_SCAN_LIST_VERSION, "PC scan list version", "compliance scan list API", "2.0"),
        version(SCHEDULE_LIST_VERSION, "Schedule list version", "scan schedule list API", "5.0"),
        Parameter::integer(
            DETECTION_PAGE_SIZE,
            "Detection page size",
            "Hosts per answer with detections, from 1 to 1000000.",
        )
        .default(Value::Integer(DEFAULT_DETECTION_PAGE_SIZE)),
        version(DETECTION_LIST_VERSION, "Detection list version", "host detection list API", "5.0"),
        version(KNOWLEDGE_BASE_VERSION, "KnowledgeBase version", "KnowledgeBase API", "4.0"),
        // Older ones are announced to end; 2.1 is the first that names the algorithm of keys.
        version(CERTVIEW_VERSION, "CertView version", "CertView API", "v2.1"),
        platforms::private_gateway(),
        // One client calls 4.0 for all three kinds of profiles, and the documentation has 2.0 throughout.
        version(
            OPTION_PROFILE_VERSION,
            "Option profile version",
            "API that lists the option profiles of VM scans",
            "2.0",
        ),
        version(ASSET_GROUP_VERSION, "Asset group version", "asset group list API", "3.0"),
    ]
}

/// API calls an hour that are left to others.
///
/// # Errors
/// `invalid` where the setting is no number of calls.
pub fn reserve(order: &Order) -> Result<u32, Error> {
    reserve_of(&order.settings)
}

/// The same, of the settings themselves.
///
/// # Errors
/// `invalid` where the setting is no number of calls.
pub fn reserve_of(settings: &Arguments) -> Result<u32, Error> {
    let reserve = settings.integer(QUOTA_RESERVE).unwrap_or(0);
    u32::try_from(reserve).map_err(|_| {
        invalid("the setting \"quota-reserve\" must be a number of calls, 0 or more").about(QUOTA_RESERVE)
    })
}

/// Hosts an answer.
///
/// # Errors
/// `invalid` where the setting is more or less than the API takes.
pub fn page_size(order: &Order) -> Result<i64, Error> {
    size(order, PAGE_SIZE, DEFAULT_PAGE_SIZE)
}

/// Hosts an answer with detections.
///
/// # Errors
/// `invalid` where the setting is more or less than the API takes.
pub fn detection_page_size(order: &Order) -> Result<i64, Error> {
    size(order, DETECTION_PAGE_SIZE, DEFAULT_DETECTION_PAGE_SIZE)
}

fn size(order: &Order, setting: &str, default: i64) -> Result<i64, Error> {
    let size = order.settings.integer(setting).unwrap_or(default);
    if !(1..=MAX_PAGE_SIZE).contains(&size) {
        let message = format!("the setting {setting:?} must be from 1 to {MAX_PAGE_SIZE}");
        return Err(invalid(message).about(setting));
    }
    Ok(size)
}

/// An API version out of the settings, fit to stand in a path.
///
/// # Errors
/// `invalid` where the setting is no version of two numbers.
pub fn version<'a>(order: &'a Order, setting: &str) -> Result<&'a str, Error> {
    version_of(&order.settings, setting)
}

/// The same, of the settings themselves.
///
/// # Errors
/// `invalid` where the setting is no version of two numbers.
pub fn version_of<'a>(settings: &'a Arguments, setting: &str) -> Result<&'a str, Error> {
    let version = settings.text(setting).unwrap_or_default();
    let number = |it: &str| (1..=3).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    if version.split('.').count() == 2 && version.split('.').all(number) {
        Ok(version)
    } else {
        Err(invalid(format!("the setting {setting:?} must be a version such as 2.0")).about(setting))
    }
}

/// The version of the list of certificates, fit to stand in a path: `v2`, `v2.1`.
///
/// # Errors
/// `invalid` where the setting is no version, and where it is one whose requests have another form.
pub fn certview_version(order: &Order) -> Result<String, Error> {
    let version = order.settings.text(CERTVIEW_VERSION).unwrap_or_default();
    let number = version.strip_prefix('v').unwrap_or(version);
    let is_number = |it: &str| (1..=3).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    let parts: Vec<&str> = number.split('.').collect();
    let refused =
        |why: &str| Err(invalid(format!("the setting {CERTVIEW_VERSION:?} {why}")).about(CERTVIEW_VERSION));
    match parts.as_slice() {
        [major] | [major, _] if !parts.iter().all(|it| is_number(it)) || major.starts_with('0') => {
            refused("must be a version such as v2.1")
        }
        ["1"] | ["1", _] => refused("must be v2 or later: the requests of v1 have another form"),
        // It is called v2, not v2.0.
        [major, "0"] => Ok(format!("v{major}")),
        [_] | [_, _] => Ok(format!("v{number}")),
        _ => refused("must be a version such as v2.1"),
    }
}
