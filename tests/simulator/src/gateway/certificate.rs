//! A made-up certificate, and where it was found.

use serde_json::{Value, json};

use crate::{
    chance::{Chance, Subject},
    clock::{self, DAY},
    life::Life,
    texts,
    world::World,
};

/// The ID of the first certificate.
const FIRST_ID: u64 = 9_000_001;
/// Neighbours in the list are none by their IDs.
const SCATTER: u64 = 0b10_1101;
/// One in so many is on the hosts of a whole farm.
const FARM_PERIOD: u64 = 97;
const FARM_HOSTS: u64 = 40;

/// What an answer has only where it is asked for.
#[derive(Clone, Copy, Default)]
pub(super) struct Includes {
    pub(super) interfaces: bool,
    pub(super) tags: bool,
    pub(super) extensive: bool,
}

/// How certificates are written.
#[derive(Clone, Copy)]
pub(super) struct Form<'a> {
    /// What is asked for besides the usual.
    pub(super) includes: Includes,
    /// Newer versions name the algorithm of a key.
    pub(super) names_algorithms: bool,
    /// Names are padded with NUL characters, as in some answers.
    pub(super) pads: bool,
    /// What the organization of each is called instead.
    pub(super) organization: Option<&'a str>,
}

/// What was found.
pub(super) struct Certificate {
    index: u64,
    pub(super) hash: String,
    pub(super) serial: String,
    pub(super) kind: &'static str,
    pub(super) is_managed: bool,
    pub(super) valid_from: i64,
    pub(super) valid_to: i64,
    pub(super) updated: i64,
    /// Whether it is not there yet.
    pub(super) unborn: bool,
    pub(super) tag: &'static str,
    key: (&'static str, u32),
    signature: &'static str,
    is_self_signed: bool,
    hosts: u64,
    grade: &'static str,
}

impl Certificate {
    /// Certificate number `index` of a subscription.
    pub(super) fn at(world: &World, index: u64) -> Self {
        let mut chance = Chance::new(world.seed, Subject::Certificate, index);
        let now = world.now_seconds();
        let hash: String = (0..4).map(|_| format!("{:016x}", chance.bits())).collect();
        let kind = match chance.below(20) {
            0 => "Root",
            1 | 2 => "Intermediate",
            _ => "Leaf",
        };
        let lasting = if kind == "Leaf" { 397 * DAY } else { 3_650 * DAY };
        // A few have ended, and a few end soon.
        let valid_to = match chance.below(25) {
            0 => now - 1 - chance.seconds(60 * DAY),
            1 => now + chance.seconds(30 * DAY),
            _ => now + 30 * DAY + chance.seconds(lasting - 60 * DAY),
        };
        let life = Life::of(world, Subject::CertificateLife, index);
        // Renewed each time.
        let valid_to = valid_to + life.times as i64 * 90 * DAY;
        Self {
            index,
            hash,
            serial: format!("{:016x}{:04x}", chance.bits(), index & 0xFFFF),
            kind,
            is_managed: !chance.one_in(8),
            valid_from: valid_to - lasting,
            valid_to,
            updated: life.changed.unwrap_or_else(|| now - chance.seconds(20 * DAY)),
            unborn: life.unborn,
            tag: chance.pick(&["Prod", "Test", "DMZ"]),
            key: match chance.below(40) {
                0 => ("RSA", 1_024),
                1..=6 => ("EC", 256),
                7 => ("EC", 384),
                8..=12 => ("RSA", 4_096),
                _ => ("RSA", 2_048),
            },
            signature: match chance.below(40) {
                0 => "SHA1withRSA",
                1..=6 => "SHA256withECDSA",
                _ => "SHA256withRSA",
            },
            is_self_signed: kind == "Root" || chance.one_in(30),
            hosts: if index % FARM_PERIOD == FARM_PERIOD - 1 { FARM_HOSTS } else { chance.below(3) },
            grade: chance.pick(&["A+", "A", "A", "A-", "B", "C", "F", "T"]),
        }
    }

    pub(super) fn id(&self) -> u64 {
        FIRST_ID + (self.index ^ SCATTER)
    }

    /// As an answer of this form has it.
    pub(super) fn json(&self, form: Form<'_>) -> Value {
        let padded = |text: &str| if form.pads { format!("{text}\0\0") } else { text.to_owned() };
        let name = format!("www{}.acme.example", self.index);
        let organization = form.organization.or(texts::odd(self.index)).unwrap_or("Acme, Inc.");
        let ca = if self.is_self_signed { name.clone() } else { format!("Acme CA {}", self.index % 3) };
        let ca_hash =
            if self.is_self_signed { self.hash.clone() } else { format!("{:064x}", 1 + self.index % 3) };
        let mut json = json!({
            "id": self.id(),
            "certhash": self.hash,
            "keySize": self.key.1,
            "serialNumber": self.serial,
            "validFrom": self.valid_from * 1_000,
            "validTo": self.valid_to * 1_000,
            "lastFound": self.updated * 1_000,
            "validFromDate": date(self.valid_from),
            "validToDate": date(self.valid_to),
            "createdDate": date(self.valid_from),
            "updateDate": date(self.updated),
            "signatureAlgorithm": self.signature,
            "extendedValidation": self.index.is_multiple_of(50),
            "selfSigned": self.is_self_signed,
            "imported": false,
            "type": self.kind,
            "dn": format!("CN={name}, O=Acme, C=DE"),
            "subject": {
                "name": padded(&name), "organization": organization, "organizationUnit": ["IT"],
                "locality": padded("Frankfurt"), "state": padded("Hesse"), "country": "DE",
            },
            "issuer": { "name": ca, "organization": "Acme, Inc.", "organizationUnit": [], "certhash": ca_hash },
            "rootissuer": { "name": "Acme Root", "organization": "Acme, Inc.", "certhash": format!("{:064x}", 9) },
            "issuerCategory": "Others",
            "instanceCount": self.hosts,
            "assetCount": self.hosts,
            "sources": ["SCANNER"],
            "assets": (0..self.hosts).map(|it| self.asset(it, form.includes)).collect::<Vec<_>>(),
        });
        if form.includes.extensive {
            json["keyUsage"] = json!(["Digital Signature", "Key Encipherment"]);
            json["subjectAlternativeNames"] =
                json!({ "DNS Name": [name, format!("acme{}.example", self.index)] });
        }
        if form.names_algorithms {
            json["publicKeyAlgorithm"] = self.key.0.into();
        }
        json
    }

    fn asset(&self, host: u64, includes: Includes) -> Value {
        let id = self.index * 100 + host;
        let mut json = json!({
            "id": id,
            "uuid": format!("00000000-0000-4000-8000-{id:012}"),
            "netbiosName": format!("H{id}"),
            "name": format!("h{id}.acme.example"),
            "operatingSystem": if host.is_multiple_of(2) { "Linux 5.x" } else { "Windows Server 2022" },
            "primaryIp": format!("10.{}.{}.{}", id >> 16 & 255, id >> 8 & 255, id & 255),
            "hostInstances": [{
                "id": id, "port": if host == 1 { 8_443 } else { 443 }, "fqdn": format!("h{id}.acme.example"),
                "protocol": "tcp", "service": "https", "grade": self.grade,
            }],
        });
        if includes.interfaces {
            json["assetInterfaces"] =
                json!([{ "hostname": format!("h{id}.acme.example"), "address": json["primaryIp"] }]);
        }
        if includes.tags {
            json["tags"] = json!([{ "name": self.tag, "uuid": "00000000-0000-4000-8000-000000000010" }]);
        }
        json
    }
}

/// `2038-01-15T12:00:00.000+00:00`.
fn date(seconds: i64) -> String {
    let mut out = Vec::new();
    clock::push(&mut out, seconds);
    String::from_utf8_lossy(&out).replace('Z', ".000+00:00")
}
