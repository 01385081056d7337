//! List of Certificates: what CertView found on hosts, when each ends, and how strong it is.

use std::borrow::Cow;

use exhibit_plugin::catalog::{Parameter, ProofType};
use exhibit_plugin::column::Cell;
use exhibit_plugin::json::Json;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, days, test};
use exhibit_plugin::testing::{Operator, Test};
use exhibit_plugin::types::{Instant, Kind};
use exhibit_plugin::{Error, Page, Source, Value, instant};

use super::proof::{Proof, console, proof_type};
use crate::qualys::gateway::listing::{Limit, Listing};
use crate::qualys::gateway::record::{
    Column, LISTED, Record, boolean, clean, column, date_of, integer, listed, text,
};
use crate::qualys::platforms::check_gateway;
use crate::qualys::settings::{CERTVIEW_VERSION, certview_version, reserve};

pub(super) const PROOF: Proof = Proof { name: "certificates", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 41] = [
    column("common-name", "Common Name", Kind::Text, |it| Ok(Value::Text(label(it))))
        .help("Of the subject. Where it has none, the first alternative name, else the beginning of the fingerprint."),
    column("issuer", "Issuer", Kind::Text, |it| Ok(issuer(it)))
        .help("The common name of the issuer; its organization where it has no common name."),
    column("serial-number", "Serial Number", Kind::Text, |it| text(it.at(&["serialNumber"])))
        .help("As Qualys writes it. Only the fingerprint tells certificates apart: issuers repeat serial numbers."),
    column("valid-from", "Valid From", Kind::Instant, |it| date_of(it, &["validFromDate", "validFrom"])),
    column("valid-to", "Valid To", Kind::Instant, |it| date_of(it, VALID_TO))
        .help("The year 9999 means that the certificate states no end."),
    column("days-left", "Days Left", Kind::Integer, days_left)
        .help("Whole days until the certificate ends; negative where it has ended, empty where it states no end."),
    column("key", "Key", Kind::Text, |it| Ok(key(it)))
        .help("Algorithm and size in bits, as far as Qualys names them."),
    column("signature-algorithm", "Signature Algorithm", Kind::Text, |it| text(it.at(&["signatureAlgorithm"]))),
    column("self-signed", "Self-Signed", Kind::Boolean, |it| boolean(it.at(&["selfSigned"]))),
    column("hosts", "Hosts", Kind::Texts, |it| Ok(of_assets(it, host)))
        .help("The assets that the certificate was found on: their names, else their addresses. At most 500; Asset Count has all."),
    column("ports", "Ports", Kind::Texts, |it| Ok(of_instances(it, port)))
        .help("Ports and protocols that the certificate was found at, each once."),
    column("grade", "Grade", Kind::Text, |it| Ok(grade(it)))
        .help("The worst grade of its instances; absent where Qualys graded none."),
    column("certhash", "Fingerprint", Kind::Text, |it| text(it.at(&["certhash"]))).hidden()
        .help("What Qualys identifies the certificate by (certhash); it has the length of a SHA-256."),
    column("certificate-id", "Certificate ID", Kind::Integer, |it| integer(it.at(&["id"]))).hidden(),
    column("type", "Type", Kind::Text, |it| text(it.at(&["type"]))).hidden()
        .help("Leaf, Intermediate or Root."),
    column("alternative-names", "Alternative Names", Kind::Texts, |it| Ok(alternative_names(it))).hidden()
        .help("The subject alternative names. Those that are no DNS names have their type before them."),
    column("distinguished-name", "Distinguished Name", Kind::Text, |it| text(it.at(&["dn"]))).hidden(),
    column("organization", "Organization", Kind::Text, |it| text(it.at(&["subject", "organization"]))).hidden(),
    column("organizational-units", "Organizational Units", Kind::Texts, |it| Ok(texts_at(it, &["subject", "organizationUnit"]))).hidden(),
    column("locality", "Locality", Kind::Text, |it| text(it.at(&["subject", "locality"]))).hidden(),
    column("state", "State", Kind::Text, |it| text(it.at(&["subject", "state"]))).hidden(),
    column("country", "Country", Kind::Text, |it| text(it.at(&["subject", "country"]))).hidden(),
    column("issuer-organization", "Issuer Organization", Kind::Text, |it| text(it.at(&["issuer", "organization"]))).hidden(),
    column("issuer-hash", "Issuer Fingerprint", Kind::Text, |it| text(it.at(&["issuer", "certhash"]))).hidden(),
    column("issuer-category", "Issuer Category", Kind::Text, |it| text(it.at(&["issuerCategory"]))).hidden(),
    column("root-issuer", "Root Issuer", Kind::Text, |it| text(it.at(&["rootissuer", "name"]))).hidden(),
    column("root-hash", "Root Fingerprint", Kind::Text, |it| text(it.at(&["rootissuer", "certhash"]))).hidden(),
    column("key-algorithm", "Key Algorithm", Kind::Text, |it| text(it.at(&[KEY_ALGORITHM]))).hidden()
        .help("Absent in answers of CertView before v2.1."),
    column("key-size", "Key Size", Kind::Integer, |it| integer(it.at(&["keySize"]))).hidden()
        .help("In bits."),
    column("key-strength", "Key Strength", Kind::Text, |it| Ok(Value::Text(strength(it).to_owned()))).hidden()
        .help("Weak: RSA below 2048 bits, or elliptic curves below 256. Sufficient, where it is known not to be weak; else unknown."),
    column("extended-validation", "Extended Validation", Kind::Boolean, |it| boolean(it.at(&["extendedValidation"]))).hidden(),
    column("imported", "Imported", Kind::Boolean, |it| boolean(it.at(&["imported"]))).hidden(),
    column("last-found", "Last Found", Kind::Instant, |it| date_of(it, &["lastFound"])).hidden(),
    column("created", "Created", Kind::Instant, |it| date_of(it, &["createdDate"])).hidden(),
    column("updated", "Updated", Kind::Instant, |it| date_of(it, &["updateDate"])).hidden(),
    column("instance-count", "Instance Count", Kind::Integer, |it| integer(it.at(&["instanceCount"]))).hidden(),
    column("asset-count", "Asset Count", Kind::Integer, |it| integer(it.at(&["assetCount"]))).hidden(),
    column("ip-addresses", "IP Addresses", Kind::Texts, |it| Ok(of_assets(it, |asset| clean(asset.get("primaryIp")?)))).hidden(),
    column("operating-systems", "Operating Systems", Kind::Texts, |it| Ok(of_assets(it, |asset| clean(asset.get("operatingSystem")?)))).hidden(),
    column("tags", "Asset Tags", Kind::Texts, |it| Ok(tags(it))).hidden(),
    column("sources", "Sources", Kind::Texts, |it| Ok(texts_at(it, &["sources"]))).hidden(),
];

const VALID_TO: &[&str] = &["validToDate", "validTo"];
/// By the filter `certificate.publicKeyAlgorithm`, which is documented: other fields of filters have the names of members.
const KEY_ALGORITHM: &str = "publicKeyAlgorithm";

/// RFC 5280: a certificate that states no end has 99991231235959Z.
const NO_END: Instant = 253_370_764_800_000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;
/// What is asked for in days: a century.
const MAX_DAYS: i64 = 36_500;
/// So much of a fingerprint stands for a name.
const PREFIX_CHARS: usize = 16;

/// RSA keys below it are weak, and curves below the other, as NIST SP 800-131A has it.
const RSA_BITS: i64 = 2_048;
const CURVE_BITS: i64 = 256;
/// The largest curve in use; a larger key without an algorithm is none of a curve.
const LARGEST_CURVE_BITS: i64 = 571;

const SUFFICIENT: &str = "sufficient";
const WEAK: &str = "weak";
const UNKNOWN: &str = "unknown";

const EXPIRING_IN: &str = "expiring-in";
const TYPE: &str = "type";
const TAG: &str = "tag";
/// What is set, what a person reads, and what Qualys is sent.
const TYPES: [(&str, &str, &str); 3] = [
    ("all", "Certificates of managed and of unmanaged assets", "ALL"),
    ("managed", "Certificates of managed assets", "MANAGED"),
    ("unmanaged", "Certificates of unmanaged assets", "UNMANAGED"),
];

fn describe() -> ProofType {
    let help = "The certificates that CertView found on the hosts that the collecting account can see, with their end, key, \
                signature, hosts and grade. Whether one was revoked is not included.";
    let types = TYPES.map(|(value, label, _)| (value, label));
    ProofType {
        criteria: vec![
            Parameter::integer(
                EXPIRING_IN,
                "Expiring in",
                "Only certificates that end within so many days, and those that have ended.",
            ),
            Parameter::text(TYPE, "Type of assets", "Only certificates of managed or of unmanaged assets.")
                .choices(types)
                .default(Value::Text("all".to_owned())),
            Parameter::text(
                TAG,
                "Asset tag",
                "Only certificates of assets that have the tag with this name.",
            ),
        ],
        needs: vec![
            "API access".to_owned(),
            "a CertView licence".to_owned(),
            "a role that may view certificates: only those of assets in the account's tag scope are included"
                .to_owned(),
        ],
        link: console("", "The console shows the current state of the certificates."),
        suggested: suggested(),
        ..proof_type(
            "certificates",
            "List of Certificates",
            help,
            COLUMNS.iter().map(Column::field).collect(),
            &["certhash"],
        )
    }
}

fn suggested() -> Vec<Test> {
    let controls =
        ["soc2:cc6.7", "iso27001-2022:a.8.24", "nist-800-53r5:sc-17", "pci-dss-4.0.1:4.2.1", "cis-8.1:3.10"];
    vec![
        test(
            "none-expired",
            "No certificate has expired",
            "Clients refuse an expired certificate, or users learn to ignore it.",
        )
        .passes("not expired", [condition("days-left", Operator::AtLeast, 0)])
        .passes("states no end", [condition("days-left", Operator::IsEmpty, ())])
        .controls(&controls),
        test(
            "none-expires-within-30-days",
            "No certificate expires within 30 days",
            "A certificate that is renewed late interrupts its service.",
        )
        .passes(
            "valid for 30 days or longer",
            [condition("valid-to", Operator::IsAtLeastDaysFromNow, days(30))],
        )
        .controls(&controls),
        test(
            "no-weak-key",
            "No certificate has an RSA key below 2048 bits or an elliptic curve below 256 bits",
            "The private key can be computed from a public key that is too short.",
        )
        .passes("sufficient", [condition("key-strength", Operator::Equals, SUFFICIENT)])
        .passes("strength unknown", [condition("key-strength", Operator::Equals, UNKNOWN)])
        .controls(&controls),
        test(
            "no-sha-1-signature",
            "No certificate is signed with SHA-1",
            "With SHA-1, another certificate with the same signature can be made.",
        )
        // Clients trust a root for what it is, and not for its signature.
        .of(condition("type", Operator::DoesNotEqual, "Root"))
        .passes(
            "another algorithm",
            [condition("signature-algorithm", Operator::DoesNotMatchRegex, r"(?i)sha-?1([^0-9]|$)")],
        )
        .controls(&controls),
        test(
            "no-self-signed-leaf",
            "No certificate of a server is self-signed",
            "Clients cannot tell a self-signed certificate from one of an attacker.",
        )
        .of(condition("type", Operator::Equals, "Leaf"))
        .passes("signed by an issuer", [condition("self-signed", Operator::IsFalse, ())])
        .controls(&controls),
    ]
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    check_gateway(&order.settings)?;
    let kind = order.criteria.text(TYPE).unwrap_or("all");
    let asked = TYPES.into_iter().find(|(value, ..)| *value == kind).map_or("ALL", |it| it.2);
    let mut listing = Listing {
        path: format!("/certview/{}/certificates", certview_version(order)?),
        body: vec![
            ("includes", Json::from(["ASSET_TAGS", "EXTENSIVE_CERTIFICATE_INFO"].map(Json::from).to_vec())),
            ("assetType", Json::from(asked)),
        ],
        record: "certificate",
        module: "CertView",
        version_setting: CERTVIEW_VERSION,
        columns: &COLUMNS,
        identity,
        limit: None,
        remark,
        notes: vec![
            "Qualys reports no total for certificates, so completeness cannot be cross-checked.".to_owned(),
            "Qualys lists certificates page by page in no documented order: one that was added or removed during the \
             collection, or another one because of it, may be missing."
                .to_owned(),
            "Only certificates of assets in the tag scope of the collecting account are included.".to_owned(),
        ],
        probe: order.probe,
        as_of: order.as_of,
        reserve: reserve(order)?,
    };
    let mut filters = Vec::new();
    if let Some(within) = order.criteria.integer(EXPIRING_IN) {
        let before = expiring_before(order.as_of, within)?;
        // The day after: what the border of this filter is, is not documented.
        if let Some(day) = instant::write(before.saturating_add(DAY_MILLIS)).get(..10) {
            filters.push(filter("certificate.validToDate", day, "LESSER"));
        }
        listing.limit = Some(Limit { date: valid_to, before });
        listing.notes.push(format!(
            "Only certificates that end within {within} days are included, and those that have ended."
        ));
    }
    if let Some(tag) = order.criteria.text(TAG) {
        if tag.trim().is_empty() {
            return Err(invalid(format!("the criterion {TAG:?} must not be empty")).about(TAG));
        }
        filters.push(filter("asset.tagName", tag, "EQUALS"));
    }
    if !filters.is_empty() {
        let members = [("filters", Json::from(filters)), ("operation", Json::from("AND"))];
        listing.body.push(("filter", members.into_iter().collect()));
    }
    Ok(Box::new(listing))
}

fn filter(field: &str, value: &str, operator: &str) -> Json {
    [("field", field), ("value", value), ("operator", operator)]
        .into_iter()
        .map(|(name, text)| (name, Json::from(text)))
        .collect()
}

/// The first instant at which a certificate that ends is of no interest.
fn expiring_before(as_of: Instant, within: i64) -> Result<Instant, Error> {
    if !(0..=MAX_DAYS).contains(&within) {
        let message = format!("the criterion {EXPIRING_IN:?} must be a number of days from 0 to {MAX_DAYS}");
        return Err(invalid(message).about(EXPIRING_IN));
    }
    // Half-open: what ends at that very instant is within so many days.
    Ok(as_of.saturating_add(within.saturating_mul(DAY_MILLIS)).saturating_add(1))
}

/// The fingerprint, else the ID. Letters of a fingerprint are written large by some versions.
fn identity(certificate: &Record<'_>) -> Option<String> {
    if let Some(hash) = certificate.get(&["certhash"]) {
        return Some(hash.to_ascii_lowercase());
    }
    let id = certificate.at(&["id"]).and_then(Json::as_i64)?;
    Some(format!("ID {id}"))
}

fn remark(certificate: &Record<'_>, page: &mut Page) {
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
fn label(certificate: &Record<'_>) -> String {
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

fn alternative_names(certificate: &Record<'_>) -> Value {
    match certificate.at(&["subjectAlternativeNames"]) {
        None => Value::Absent,
        Some(_) => listed(names(certificate)),
    }
}

fn issuer(certificate: &Record<'_>) -> Value {
    if certificate.at(&["issuer"]).is_none() {
        return Value::Absent;
    }
    let name = ["name", "organization"].into_iter().find_map(|it| certificate.get(&["issuer", it]));
    name.map_or(Value::Empty, |it| Value::Text(it.into_owned()))
}

fn valid_to(certificate: &Record<'_>) -> Option<Instant> {
    match date_of(certificate, VALID_TO) {
        Ok(Value::Instant(at)) => Some(at),
        _ => None,
    }
}

fn days_left(certificate: &Record<'_>) -> Cell {
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

fn key(certificate: &Record<'_>) -> Value {
    match (certificate.get(&[KEY_ALGORITHM]), key_size(certificate)) {
        (Some(algorithm), Some(bits)) => Value::Text(format!("{algorithm} {bits}")),
        (Some(algorithm), None) => Value::Text(algorithm.into_owned()),
        (None, Some(bits)) => Value::Text(format!("{bits} bits")),
        (None, None) => Value::Absent,
    }
}

/// Whether the key is strong enough. An algorithm that is not known here is not weak for its number of bits.
fn strength(certificate: &Record<'_>) -> &'static str {
    let at_least = |bits: Option<i64>, least: i64| match bits {
        Some(bits) if bits < least => WEAK,
        Some(_) => SUFFICIENT,
        None => UNKNOWN,
    };
    let bits = key_size(certificate);
    let Some(algorithm) = certificate.get(&[KEY_ALGORITHM]).map(|it| it.to_ascii_uppercase()) else {
        return match bits {
            Some(bits) if bits >= RSA_BITS => SUFFICIENT,
            // No curve has as many, so it is too short for what it is.
            Some(bits) if bits > LARGEST_CURVE_BITS => WEAK,
            _ => UNKNOWN,
        };
    };
    match algorithm.as_str() {
        it if it.starts_with("ED25519") || it.starts_with("ED448") || it.starts_with("EDDSA") => SUFFICIENT,
        it if it.contains("RSA") => at_least(bits, RSA_BITS),
        it if it.starts_with("EC") || it.contains("ELLIPTIC") => at_least(bits, CURVE_BITS),
        _ => UNKNOWN,
    }
}

/// What `read` finds in each asset; absent where the answer has no assets at all.
fn of_assets(certificate: &Record<'_>, read: for<'a> fn(&'a Json) -> Option<Cow<'a, str>>) -> Value {
    match certificate.at(&["assets"]) {
        None => Value::Absent,
        Some(_) => listed(certificate.list(&["assets"]).iter().filter_map(read)),
    }
}

/// The same of each instance of each asset.
fn of_instances(certificate: &Record<'_>, read: for<'a> fn(&'a Json) -> Option<Cow<'a, str>>) -> Value {
    match certificate.at(&["assets"]) {
        None => Value::Absent,
        Some(_) => listed(instances(certificate).filter_map(read)),
    }
}

fn instances<'a>(certificate: &Record<'a>) -> impl Iterator<Item = &'a Json> + use<'a> {
    certificate.list(&["assets"]).iter().flat_map(|it| list(it.get("hostInstances")))
}

fn host(asset: &Json) -> Option<Cow<'_, str>> {
    ["name", "netbiosName", "primaryIp"].into_iter().find_map(|it| clean(asset.get(it)?))
}

fn port(instance: &Json) -> Option<Cow<'_, str>> {
    let port = instance.get("port")?.as_i64()?;
    Some(Cow::Owned(match instance.get("protocol").and_then(clean) {
        Some(protocol) => format!("{port}/{protocol}"),
        None => port.to_string(),
    }))
}

fn tags(certificate: &Record<'_>) -> Value {
    let assets = certificate.list(&["assets"]);
    if !assets.iter().any(|it| it.get("tags").is_some()) {
        return Value::Absent;
    }
    let tags = assets.iter().flat_map(|it| list(it.get("tags")));
    listed(tags.filter_map(|it| clean(it.get("name")?)))
}

fn texts_at(certificate: &Record<'_>, path: &[&str]) -> Value {
    match certificate.at(path) {
        None => Value::Absent,
        // One may come without its list.
        Some(it @ Json::String(_)) => listed(clean(it)),
        Some(_) => listed(certificate.list(path).iter().filter_map(clean)),
    }
}

/// The worst grade of the instances. Grades are letters in the order of the alphabet, with `+` better and `-` worse than
/// the letter alone; what is none of these is no grade to compare, and counts where there is nothing else.
fn grade(certificate: &Record<'_>) -> Value {
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
