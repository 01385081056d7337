//! What is said about a host, element by element in the order of the DTD.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{
    groups::{GROUPS, TAGS, group_id, tag_id},
    host::{Host, Tracking},
};
use crate::{
    clock::DAY,
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    xml::{Xml, push_hex, push_number},
};

/// Where the made-up addresses of IPv6 are: the prefix for documentation.
const IPV6_PREFIX: u128 = 0x2001_0DB8 << 96;

const REGIONS: [&str; 4] = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"];

/// How much is said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Details {
    None,
    Basic,
    All,
}

/// What a request wants to see of each host.
pub(crate) struct Show {
    pub(crate) details: Details,
    groups: bool,
    asset_id: bool,
    tags: bool,
    cloud_tags: bool,
    metadata: bool,
    trurisk: bool,
    ars: bool,
    os_hostname: bool,
    networks: bool,
    version: u8,
}

impl Show {
    pub(crate) fn read(parameters: &Parameters, question: &Question<'_>) -> Result<Self, Refusal> {
        let levels = [
            ("Basic", (Details::Basic, false)),
            ("Basic/AGs", (Details::Basic, true)),
            ("All", (Details::All, false)),
            ("All/AGs", (Details::All, true)),
            ("None", (Details::None, false)),
        ];
        let level = parameters.choice("details", &levels)?;
        let (details, groups) = level.unwrap_or((Details::Basic, false));
        parameters.flag("cloud_agent_activationkey")?;
        let services = [("all", true), ("ec2", true), ("google", false), ("azure", false)];
        Ok(Self {
            details,
            groups,
            asset_id: parameters.is_set("show_asset_id")?,
            tags: parameters.is_set("show_tags")?,
            cloud_tags: parameters.is_set("show_cloud_tags")?,
            metadata: parameters.choice("host_metadata", &services)?.unwrap_or(false),
            trurisk: parameters.is_set("show_trurisk")?,
            ars: parameters.is_set("show_ars")?,
            os_hostname: parameters.is_set("os_hostname")?,
            networks: question.world.networks,
            version: question.version,
        })
    }

    /// Writes a host, or its id where nothing more is wanted.
    pub(crate) fn host(&self, xml: &mut Xml<'_>, host: &Host) {
        if self.details == Details::None {
            xml.number("ID", host.id);
            return;
        }
        xml.open("HOST");
        xml.number("ID", host.id);
        if self.asset_id {
            xml.number("ASSET_ID", host.asset_id);
        }
        self.addresses(xml, host);
        self.names(xml, host);
        if self.details == Details::All {
            history(xml, host);
        }
        self.labels(xml, host);
        if self.details == Details::All {
            self.scans(xml, host);
        }
        if self.groups {
            xml.with("ASSET_GROUP_IDS", |out| {
                for (count, place) in host.groups().enumerate() {
                    if count > 0 {
                        out.push(b',');
                    }
                    push_number(out, group_id(place));
                }
            });
        }
        xml.close("HOST");
    }

    fn addresses(&self, xml: &mut Xml<'_>, host: &Host) {
        xml.with("IP", |out| push_address(out, host.address, b'.'));
        if host.has_ipv6 {
            xml.text("IPV6", &ipv6(host).to_string());
        }
        if self.trurisk {
            xml.number("TRURISK_SCORE", host.score);
        } else if self.ars {
            xml.number("ASSET_RISK_SCORE", host.score);
        }
        if self.trurisk || self.ars {
            xml.number("ASSET_CRITICALITY_SCORE", host.criticality);
        }
        xml.text("TRACKING_METHOD", host.tracking.name());
        if self.networks {
            xml.number("NETWORK_ID", 0);
        }
    }

    fn names(&self, xml: &mut Xml<'_>, host: &Host) {
        if host.has_dns {
            match host.odd {
                Some(odd) => xml.cdata("DNS", odd),
                None => xml.cdata_with("DNS", |out| push_fqdn(out, host)),
            }
            xml.open("DNS_DATA");
            xml.cdata_with("HOSTNAME", |out| push_hostname(out, host));
            xml.cdata("DOMAIN", "corp.acme.example");
            xml.cdata_with("FQDN", |out| push_fqdn(out, host));
            xml.close("DNS_DATA");
        }
        if host.tracking == Tracking::Ec2 {
            xml.cdata("CLOUD_PROVIDER", "AWS");
            xml.cdata("CLOUD_SERVICE", "EC2");
            xml.cdata_with("CLOUD_RESOURCE_ID", |out| push_instance(out, host));
            xml.cdata_with("EC2_INSTANCE_ID", |out| push_instance(out, host));
        }
        if host.has_netbios {
            xml.cdata_with("NETBIOS", |out| push_netbios(out, host));
        }
        if self.os_hostname && host.tracking.is_agent() {
            xml.cdata_with("OS_HOSTNAME", |out| push_hostname(out, host));
        }
        if let Some(system) = host.system {
            // Some texts of the service stand on a line of their own.
            if host.identity.is_multiple_of(8) {
                xml.padded_cdata("OS", system);
            } else {
                xml.cdata("OS", system);
            }
        }
        if host.tracking.is_agent() || host.identity.is_multiple_of(3) {
            xml.cdata_with("QG_HOSTID", |out| push_uuid(out, host.identity));
        }
    }

    fn labels(&self, xml: &mut Xml<'_>, host: &Host) {
        if self.tags {
            write_tags(xml, host);
        }
        if host.tracking != Tracking::Ec2 {
            return;
        }
        let scanned = host.vm_scanned.unwrap_or(host.first_found);
        if self.metadata {
            xml.open("METADATA");
            xml.open("EC2");
            let region = REGIONS[(host.identity % 4) as usize];
            attribute(xml, "latest/dynamic/instance-identity/document/region", region, scanned);
            attribute(xml, "latest/meta-data/instance-type", "m6i.large", scanned);
            xml.close("EC2");
            xml.close("METADATA");
        }
        if self.cloud_tags {
            xml.open("CLOUD_PROVIDER_TAGS");
            xml.open("CLOUD_TAG");
            xml.cdata("NAME", "Team");
            xml.cdata("VALUE", host.odd.unwrap_or("Payments"));
            xml.moment("LAST_SUCCESS_DATE", scanned);
            xml.close("CLOUD_TAG");
            xml.close("CLOUD_PROVIDER_TAGS");
        }
    }

    fn scans(&self, xml: &mut Xml<'_>, host: &Host) {
        if let (Some(processed), Some(scanned)) = (host.vm_processed, host.vm_scanned) {
            xml.moment("LAST_VULN_SCAN_DATETIME", processed);
            xml.moment("LAST_VM_SCANNED_DATE", scanned);
            xml.number("LAST_VM_SCANNED_DURATION", host.vm_duration);
        }
        if let Some(scanned) = host.vm_auth_scanned {
            xml.moment("LAST_VM_AUTH_SCANNED_DATE", scanned);
            xml.number("LAST_VM_AUTH_SCANNED_DURATION", host.vm_duration);
        }
        if let Some(scanned) = host.compliance_scanned {
            xml.moment("LAST_COMPLIANCE_SCAN_DATETIME", scanned);
        }
        if let Some(scanned) = host.scap_scanned {
            xml.moment("LAST_SCAP_SCAN_DATETIME", scanned);
        }
        if let Some(owner) = host.owner {
            xml.text("OWNER", owner);
        }
        if self.version >= 5 && host.vm_auth_scanned.is_some() {
            xml.flag("VM_AUTH_INSUFFICIENT_PRIVILEGE", host.identity.is_multiple_of(6));
        }
        if let Some(odd) = host.odd {
            // Here without CDATA, for both forms occur.
            xml.text("COMMENTS", odd);
        } else if host.identity.is_multiple_of(5) {
            xml.cdata_with("COMMENTS", |out| {
                out.extend_from_slice(b"Moved from ");
                out.extend_from_slice(GROUPS[(host.identity % 8) as usize].as_bytes());
                out.extend_from_slice(b", ticket CHG-");
                push_number(out, host.identity % 100_000);
            });
        }
    }
}

/// The tags of a host, where it has any.
pub(crate) fn write_tags(xml: &mut Xml<'_>, host: &Host) {
    if host.tags().next().is_none() {
        return;
    }
    xml.open("TAGS");
    for place in host.tags() {
        xml.open("TAG");
        xml.number("TAG_ID", tag_id(place));
        xml.cdata("NAME", TAGS[place]);
        xml.close("TAG");
    }
    xml.close("TAGS");
}

/// What a host is called in the list of detections.
pub(crate) fn push_names(xml: &mut Xml<'_>, host: &Host, networks: bool) {
    // Some hosts have an address of IPv6 only.
    let only_ipv6 = host.has_ipv6 && host.identity.is_multiple_of(2);
    if !only_ipv6 {
        xml.with("IP", |out| push_address(out, host.address, b'.'));
    }
    if host.has_ipv6 {
        xml.text("IPV6", &ipv6(host).to_string());
    }
    xml.text("TRACKING_METHOD", host.tracking.name());
    if networks {
        xml.number("NETWORK_ID", 0);
    }
    if let Some(system) = host.system {
        xml.cdata("OS", system);
    }
    if host.has_dns {
        match host.odd {
            Some(odd) => xml.cdata("DNS", odd),
            None => xml.cdata_with("DNS", |out| push_fqdn(out, host)),
        }
    }
    if host.has_netbios {
        xml.cdata_with("NETBIOS", |out| push_netbios(out, host));
    }
    if host.tracking.is_agent() {
        xml.cdata_with("QG_HOSTID", |out| push_uuid(out, host.identity));
    }
}

fn ipv6(host: &Host) -> Ipv6Addr {
    Ipv6Addr::from(IPV6_PREFIX | u128::from(host.identity >> 8))
}

fn push_netbios(out: &mut Vec<u8>, host: &Host) {
    out.extend_from_slice(b"ACME-");
    push_number(out, host.index);
}

fn history(xml: &mut Xml<'_>, host: &Host) {
    let last_seen = host.vm_scanned.or(host.compliance_scanned).unwrap_or(host.first_found);
    if host.tracking.is_agent() {
        xml.moment("LAST_BOOT", last_seen - (host.identity % 40) as i64 * DAY);
        xml.cdata_with("SERIAL_NUMBER", |out| push_number(out, host.identity >> 20));
        xml.cdata_with("HARDWARE_UUID", |out| push_uuid(out, !host.identity));
    }
    xml.moment("FIRST_FOUND_DATE", host.first_found);
    xml.moment("LAST_ACTIVITY", last_seen);
}

fn attribute(xml: &mut Xml<'_>, name: &str, value: &str, date: i64) {
    xml.open("ATTRIBUTE");
    xml.text("NAME", name);
    xml.text("LAST_STATUS", "Success");
    xml.cdata("VALUE", value);
    xml.moment("LAST_SUCCESS_DATE", date);
    xml.with("LAST_ERROR_DATE", |_| {});
    xml.cdata("LAST_ERROR", "");
    xml.close("ATTRIBUTE");
}

fn push_address(out: &mut Vec<u8>, address: u32, separator: u8) {
    let parts = Ipv4Addr::from(address).octets();
    for (count, part) in parts.into_iter().enumerate() {
        if count > 0 {
            out.push(separator);
        }
        push_number(out, u64::from(part));
    }
}

fn push_hostname(out: &mut Vec<u8>, host: &Host) {
    out.extend_from_slice(b"ip-");
    push_address(out, host.address, b'-');
}

fn push_fqdn(out: &mut Vec<u8>, host: &Host) {
    push_hostname(out, host);
    out.extend_from_slice(b".corp.acme.example");
}

fn push_instance(out: &mut Vec<u8>, host: &Host) {
    out.extend_from_slice(b"i-0");
    push_hex(out, host.identity);
}

fn push_uuid(out: &mut Vec<u8>, bits: u64) {
    let mut digits = Vec::with_capacity(32);
    push_hex(&mut digits, bits);
    push_hex(&mut digits, bits.rotate_left(21));
    for (count, part) in [0..8, 8..12, 12..16, 16..20, 20..32].into_iter().enumerate() {
        if count > 0 {
            out.push(b'-');
        }
        out.extend_from_slice(&digits[part]);
    }
}
