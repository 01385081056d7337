//! List of Certificates: what CertView found on hosts, when each ends, and how strong it is.

mod cells;
mod inventory;
mod tag;

use exhibit_plugin::catalog::{ChangesUse, Parameter, ProofType};
use exhibit_plugin::json::Json;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, days, test};
use exhibit_plugin::testing::{Operator, Test};
use exhibit_plugin::types::{Instant, Kind};
use exhibit_plugin::{Error, Source, Value, instant};

use self::cells::{
    DAY_MILLIS, KEY_ALGORITHM, SUFFICIENT, VALID_TO, alternative_names, days_left, grade, host, identity,
    issuer, key, label, of_assets, of_instances, port, remark, strength, tags, texts_at, updated, valid_to,
};
use self::tag::{TAG, Tagged};
use super::entering;
use super::proof::{Proof, console, proof_type};
use crate::qualys::gateway::listing::{Limit, Listing};
use crate::qualys::gateway::record::{Column, boolean, clean, column, date_of, integer, text};
use crate::qualys::platforms::check_gateway;
use crate::qualys::settings::{CERTVIEW_VERSION, certview_version, reserve};

pub(super) use self::inventory::inventory;

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
        .help("What Qualys identifies the certificate by (certhash), a digest in hexadecimal digits."),
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
    column("key-strength", "Key Strength", Kind::Text, |it| Ok(strength(it))).hidden()
        .help("Weak: RSA below 2048 bits, or elliptic curves below 256. Sufficient, where it is known not to be weak; absent where neither is known."),
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

/// What is asked for in days: a century.
const MAX_DAYS: i64 = 36_500;

/// By its name, or by the identifier of sha1WithRSAEncryption (RFC 8017).
const SHA_1: &str = r"(?i)sha-?1([^0-9]|$)|(^|[^0-9.]\.?)1\.2\.840\.113549\.1\.1\.5([^0-9.]|$)";

/// What counts as a change.
const CHANGES: &str = "Certificates that CertView updated. CertView does not tell which certificates were removed, and it is \
                       not documented whether it counts as an update when a certificate is found again, or on another host.";
/// What follows from the day, and what may be another without an update.
const LAGGING: [&str; 10] = [
    "days-left",
    "hosts",
    "ports",
    "grade",
    "last-found",
    "instance-count",
    "asset-count",
    "ip-addresses",
    "operating-systems",
    "tags",
];

const EXPIRING_IN: &str = "expiring-in";
const TYPE: &str = "type";
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
        changes: Ok(ChangesUse::of(CHANGES, &LAGGING)),
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
            [
                condition("signature-algorithm", Operator::IsNotEmpty, ()),
                condition("signature-algorithm", Operator::DoesNotMatchRegex, SHA_1),
            ],
        )
        .controls(&controls),
        test(
            "no-self-signed-leaf",
            "No certificate of a server is self-signed",
            "Clients cannot tell a self-signed certificate from one of an attacker.",
        )
        // What is of no known type may be of a server.
        .of(condition("type", Operator::DoesNotEqual, "Root"))
        .of(condition("type", Operator::DoesNotEqual, "Intermediate"))
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
        changed: updated,
        limit: None,
        remark,
        notes: vec![
            "Qualys lists certificates page by page, in no documented order and without a total: where some were added or \
             removed during the collection, others may be missing."
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
    if let Some(since) = order.since {
        if order.criteria.integer(EXPIRING_IN).is_some() {
            let message = format!(
                "the criterion {EXPIRING_IN:?} and changes exclude each other: a certificate comes to its end without being updated"
            );
            return Err(invalid(message).remedy("collect changes of all certificates").about(EXPIRING_IN));
        }
        entering::refuse(
            order,
            TAG,
            "a certificate's asset is given a tag without the certificate being updated",
        )?;
        // The day before: whether that of this filter is among the answers is not documented.
        if let Some(day) = instant::write(since.saturating_sub(DAY_MILLIS)).get(..10) {
            filters.push(filter("certificate.updateDate", day, "GREATER"));
        }
        listing.notes.push(format!(
            "Only certificates that CertView updated from {} on are included. It does not tell which were removed.",
            instant::write(since)
        ));
    }
    if let Some(tag) = order.criteria.text(TAG) {
        if tag.trim().is_empty() {
            return Err(invalid(format!("the criterion {TAG:?} must not be empty")).about(TAG));
        }
        filters.push(filter("asset.tagName", tag, "EQUALS"));
        listing.notes.push(format!("Only certificates of assets with the tag {tag:?} are included."));
    }
    if !filters.is_empty() {
        let members = [("filters", Json::from(filters)), ("operation", Json::from("AND"))];
        listing.body.push(("filter", members.into_iter().collect()));
    }
    match order.criteria.text(TAG).filter(|_| !order.probe) {
        Some(tag) => Ok(Box::new(Tagged { tag: tag.to_owned(), listing })),
        None => Ok(Box::new(listing)),
    }
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
