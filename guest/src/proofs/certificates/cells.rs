//! How the cells of a certificate are read.

use std::borrow::Cow;

use exhibit_plugin::column::Cell;
use exhibit_plugin::json::Json;
use exhibit_plugin::types::Instant;
use exhibit_plugin::{Page, Value};

use crate::qualys::gateway::record::{LISTED, Record, clean, date_of, integer, listed};

pub(super) const VALID_TO: &[&str] = &["validToDate", "validTo"];
/// By the filter `certificate.publicKeyAlgorithm`, which is documented: other fields of filters have the names of members.
pub(super) const KEY_ALGORITHM: &str = "publicKeyAlgorithm";
/// RFC 5280: a certificate that states no end has 99991231235959Z.
const NO_END: Instant = 253_370_764_800_000;
/// So much of a fingerprint stands for a name.
const PREFIX_CHARS: usize = 16;
/// RSA keys below it are weak, and curves below the other, as NIST SP 800-131A has it.
const RSA_BITS: i64 = 2_048;
const CURVE_BITS: i64 = 256;
/// The largest curve in use; a larger key without an algorithm is none of a curve.
const LARGEST_CURVE_BITS: i64 = 571;
pub(super) const SUFFICIENT: &str = "sufficient";
const WEAK: &str = "weak";
/// Milliseconds.
pub(super) const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// The fingerprint, whose digits are hexadecimal in either case, else the ID.
pub(super) fn identity(certificate: &Record<'_>) -> Option<String> {
    if let Some(hash) = certificate.get(&["certhash"]) {
        return Some(hash.to_ascii_lowercase());
    }
    let id = certificate.at(&["id"]).and_then(Json::as_i64)?;
    Some(format!("ID {id}"))
}

pub(super) fn remark(certificate: &Record<'_>, page: &mut Page) {
    if certificate.get(&["certhash"]).is_none() {
        page.note("Some certificates have no fingerprint: their ID tells them apart.");
    }
    let assets = certificate.list(&["assets"]);
    let instances: usize = assets.iter().map(|it| list(it.get("hostInstances")).len()).sum();
    if assets.len() > LISTED || instances > LISTED {
        page.note(format!(
            "Some certificates are on more than {LISTED} hosts or ports. Their lists are cut, and say how many more there are; \
             the recorded answers contain the whole."
        ));
    }
}

fn list(json: Option<&Json>) -> &[Json] {
    json.and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// What people call the certificate.
pub(super) fn label(certificate: &Record<'_>) -> String {
    if let Some(name) = certificate.get(&["subject", "name"]) {
        return name.into_owned();
    }
    if let Some(name) = names(certificate).next() {
        return name.into_owned();
    }
    match certificate.get(&["certhash"]) {
        Some(hash) => format!("{}…", hash.chars().take(PREFIX_CHARS).collect::<String>()),
        None => identity(certificate).unwrap_or_default(),
    }
}

/// The subject alternative names, DNS names first.
fn names<'a>(certificate: &Record<'a>) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
    let all = certificate.at(&["subjectAlternativeNames"]).and_then(Json::as_object);
    let (dns, others): (Vec<_>, Vec<_>) =
        all.into_iter().flatten().partition(|(kind, _)| kind.eq_ignore_ascii_case("dns name"));
    let plain = dns.into_iter().flat_map(|(_, names)| list(Some(names)).iter().filter_map(clean));
    let typed = others.into_iter().flat_map(|(kind, names)| {
        list(Some(names)).iter().filter_map(clean).map(move |it| Cow::Owned(format!("{kind}: {it}")))
    });
    plain.chain(typed)
}

pub(super) fn alternative_names(certificate: &Record<'_>) -> Value {
    match certificate.at(&["subjectAlternativeNames"]) {
        None => Value::Absent,
        Some(_) => listed(names(certificate)),
    }
}

pub(super) fn issuer(certificate: &Record<'_>) -> Value {
    if certificate.at(&["issuer"]).is_none() {
        return Value::Absent;
    }
    let name = ["name", "organization"].into_iter().find_map(|it| certificate.get(&["issuer", it]));
    name.map_or(Value::Empty, |it| Value::Text(it.into_owned()))
}

pub(super) fn valid_to(certificate: &Record<'_>) -> Option<Instant> {
    match date_of(certificate, VALID_TO) {
        Ok(Value::Instant(at)) => Some(at),
        _ => None,
    }
}

pub(super) fn updated(certificate: &Record<'_>) -> Option<Instant> {
    match date_of(certificate, &["updateDate"]) {
        Ok(Value::Instant(at)) => Some(at),
        _ => None,
    }
}

pub(super) fn days_left(certificate: &Record<'_>) -> Cell {
    Ok(match date_of(certificate, VALID_TO)? {
        Value::Instant(at) if at >= NO_END => Value::Empty,
        // Rounded down: one second past the end is a day before today.
        Value::Instant(at) => Value::Integer(at.saturating_sub(certificate.as_of).div_euclid(DAY_MILLIS)),
        // Without an end it is not known; `empty` would say that there is none.
        _ => Value::Absent,
    })
}

/// The size of the key in bits, where Qualys says one: 0 is none.
fn key_size(certificate: &Record<'_>) -> Option<i64> {
    match integer(certificate.at(&["keySize"])) {
        Ok(Value::Integer(bits)) if bits > 0 => Some(bits),
        _ => None,
    }
}

pub(super) fn key(certificate: &Record<'_>) -> Value {
    match (certificate.get(&[KEY_ALGORITHM]), key_size(certificate)) {
        (Some(algorithm), Some(bits)) => Value::Text(format!("{algorithm} {bits}")),
        (Some(algorithm), None) => Value::Text(algorithm.into_owned()),
        (None, Some(bits)) => Value::Text(format!("{bits} bits")),
        (None, None) => Value::Absent,
    }
}

/// Whether the key is strong enough; absent where that is not known. An algorithm that is not known here is not weak for its
/// number of bits.
pub(super) fn strength(certificate: &Record<'_>) -> Value {
    known_strength(certificate).map_or(Value::Absent, |it| Value::Text(it.to_owned()))
}

fn known_strength(certificate: &Record<'_>) -> Option<&'static str> {
    let at_least = |bits: Option<i64>, least: i64| bits.map(|it| if it < least { WEAK } else { SUFFICIENT });
    let bits = key_size(certificate);
    let Some(algorithm) = certificate.get(&[KEY_ALGORITHM]).map(|it| it.to_ascii_uppercase()) else {
        return match bits {
            Some(bits) if bits >= RSA_BITS => Some(SUFFICIENT),
            // No curve has as many, so it is too short for what it is.
            Some(bits) if bits > LARGEST_CURVE_BITS => Some(WEAK),
            _ => None,
        };
    };
    match algorithm.as_str() {
        it if it.starts_with("ED25519") || it.starts_with("ED448") || it.starts_with("EDDSA") => {
            Some(SUFFICIENT)
        }
        it if it.contains("RSA") => at_least(bits, RSA_BITS),
        it if it.starts_with("EC") || it.contains("ELLIPTIC") => at_least(bits, CURVE_BITS),
        _ => None,
    }
}

/// What `read` finds in each asset; absent where the answer has no assets at all.
pub(super) fn of_assets(
    certificate: &Record<'_>,
    read: for<'a> fn(&'a Json) -> Option<Cow<'a, str>>,
) -> Value {
    match certificate.at(&["assets"]) {
        None => Value::Absent,
        Some(_) => listed(certificate.list(&["assets"]).iter().filter_map(read)),
    }
}

/// The same of each instance of each asset.
pub(super) fn of_instances(
    certificate: &Record<'_>,
    read: for<'a> fn(&'a Json) -> Option<Cow<'a, str>>,
) -> Value {
    match certificate.at(&["assets"]) {
        None => Value::Absent,
        Some(_) => listed(instances(certificate).filter_map(read)),
    }
}

fn instances<'a>(certificate: &Record<'a>) -> impl Iterator<Item = &'a Json> + use<'a> {
    certificate.list(&["assets"]).iter().flat_map(|it| list(it.get("hostInstances")))
}

pub(super) fn host(asset: &Json) -> Option<Cow<'_, str>> {
    ["name", "netbiosName", "primaryIp"].into_iter().find_map(|it| clean(asset.get(it)?))
}

pub(super) fn port(instance: &Json) -> Option<Cow<'_, str>> {
    let port = instance.get("port")?.as_i64()?;
    Some(Cow::Owned(match instance.get("protocol").and_then(clean) {
        Some(protocol) => format!("{port}/{protocol}"),
        None => port.to_string(),
    }))
}

pub(super) fn tags(certificate: &Record<'_>) -> Value {
    let assets = certificate.list(&["assets"]);
    if !assets.iter().any(|it| it.get("tags").is_some()) {
        return Value::Absent;
    }
    let tags = assets.iter().flat_map(|it| list(it.get("tags")));
    listed(tags.filter_map(|it| clean(it.get("name")?)))
}

pub(super) fn texts_at(certificate: &Record<'_>, path: &[&str]) -> Value {
    match certificate.at(path) {
        None => Value::Absent,
        // One may come without its list.
        Some(it @ Json::String(_)) => listed(clean(it)),
        Some(_) => listed(certificate.list(path).iter().filter_map(clean)),
    }
}

/// The worst grade of the instances. Grades are letters in the order of the alphabet, with `+` better and `-` worse than
/// the letter alone; what is none of these is no grade to compare, and counts where there is nothing else.
pub(super) fn grade(certificate: &Record<'_>) -> Value {
    let grades = instances(certificate).filter_map(|it| clean(it.get("grade")?));
    match grades.max_by_key(|it| rank(it)) {
        Some(worst) => Value::Text(worst.into_owned()),
        None => Value::Absent,
    }
}

/// Greater is worse.
fn rank(grade: &str) -> (u32, u32) {
    let mut chars = grade.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic).map(|it| u32::from(it.to_ascii_uppercase()));
    match (letter, chars.as_str()) {
        (Some(letter), "+") => (letter, 0),
        (Some(letter), "") => (letter, 1),
        (Some(letter), "-") => (letter, 2),
        _ => (0, 0),
    }
}
