//! Where requests never go, whatever a name resolves to and whatever a policy says.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Metadata services outside the link-local range: Alibaba's, and Azure's wire server.
const METADATA_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16)];
/// AWS keeps its instance services under this prefix of 32 bits.
const METADATA_AWS: [u16; 2] = [0xfd00, 0x0ec2];
/// Google's, and Oracle's.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
];

/// Why requests do not go to an address, by the rules that hold before any [`EgressPolicy`](super::EgressPolicy) is
/// asked.
///
/// No policy permits link-local and metadata addresses, and those that are not of one host. A metadata service gives
/// the credentials of the machine to any caller that reaches it, without a secret; a plugin or a resolver that leads
/// there would have them in an answer, and so in evidence. No source of evidence has such an address, so a permission
/// would have no use but a mistake. Nor has one an address that is no host's: `0.0.0.0` is another spelling of this
/// machine on many systems.
///
/// This machine is different: a tunnel to a source may end there. So an operator may name it (`localhost`), or a policy
/// may permit names that resolve to it, address by address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// This machine.
    Loopback,
    /// The network that the machine is plugged into, where metadata services live.
    LinkLocal,
    /// A cloud's metadata service at another place.
    Metadata,
    /// No address of one machine: unspecified, multicast, broadcast, reserved.
    NotAHost,
    /// Another machine, where the name says that it is this one.
    Elsewhere,
}

/// Whether, and why, an address is refused before any policy is asked. Addresses of IPv4 are recognised in
/// every form in which IPv6 carries them.
pub fn refused(address: IpAddr) -> Option<Refused> {
    match address {
        IpAddr::V4(address) => refused_v4(address),
        IpAddr::V6(address) => refused_v6(address),
    }
}

fn refused_v4(address: Ipv4Addr) -> Option<Refused> {
    match address.octets() {
        [127, ..] => Some(Refused::Loopback),
        [169, 254, ..] => Some(Refused::LinkLocal),
        _ if METADATA_V4.contains(&address) => Some(Refused::Metadata),
        // "This network", multicast, and what is reserved or broadcast.
        [0 | 224..=255, ..] => Some(Refused::NotAHost),
        _ => None,
    }
}

fn refused_v6(address: Ipv6Addr) -> Option<Refused> {
    if address.is_loopback() {
        return Some(Refused::Loopback);
    }
    if address.is_unspecified() || address.is_multicast() {
        return Some(Refused::NotAHost);
    }
    let groups = address.segments();
    if groups[0] & 0xffc0 == 0xfe80 {
        return Some(Refused::LinkLocal);
    }
    if groups[..2] == METADATA_AWS || METADATA_V6.contains(&address) {
        return Some(Refused::Metadata);
    }
    carried_v4(address).and_then(refused_v4)
}

/// The address of IPv4 that one of IPv6 leads to.
pub(super) fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        // Compatible (::a.b.c.d), mapped (::ffff:a.b.c.d), translated (::ffff:0:a.b.c.d).
        [0, 0, 0, 0, 0, 0, high, low]
        | [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        // NAT64, well-known and local.
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        // 6to4.
        | [0x2002, high, low, ..]
        // ISATAP.
        | [_, _, _, _, 0 | 0x200, 0x5efe, high, low] => Some(from(high, low)),
        // Teredo, which inverts the bits.
        [0x2001, 0, .., high, low] => Some(from(!high, !low)),
        _ => None,
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "this machine",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "a cloud's metadata service",
            Self::NotAHost => "a reserved address",
            Self::Elsewhere => "not this machine",
        })
    }
}

/// Whether a host name means this machine by definition (RFC 6761).
pub(in super::super) fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(address: &str) -> Option<Refused> {
        refused(address.parse().expect("an address"))
    }

    #[test]
    fn metadata_services_in_every_spelling() {
        for spelling in [
            "169.254.169.254",
            "169.254.170.2",
            "::169.254.169.254",
            "::ffff:169.254.169.254",
            "::ffff:0:169.254.169.254",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::169.254.169.254",
            "64:ff9b:1:abcd::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "2002:a9fe:a9fe::1",
            "fd00::5efe:169.254.169.254",
            "2001:0:102:304::5601:5601",
            "fe80::a9fe:a9fe",
        ] {
            assert_eq!(verdict(spelling), Some(Refused::LinkLocal), "{spelling}");
        }
        for spelling in [
            "100.100.100.200",
            "::ffff:100.100.100.200",
            "168.63.129.16",
            "64:ff9b::168.63.129.16",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "fd00:c1::a9fe:a9fe",
        ] {
            assert_eq!(verdict(spelling), Some(Refused::Metadata), "{spelling}");
        }
    }

    #[test]
    fn this_machine_and_no_machine() {
        for spelling in ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "2002:7f00:1::"] {
            assert_eq!(verdict(spelling), Some(Refused::Loopback), "{spelling}");
        }
        for spelling in [
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "::ffff:0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "ff02::1",
        ] {
            assert_eq!(verdict(spelling), Some(Refused::NotAHost), "{spelling}");
        }
    }

    #[test]
    fn machines_of_the_internet_and_of_private_networks() {
        for spelling in [
            "64.39.96.133",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "fd12:3456:789a::1",
            "2606:4700::1111",
            "::ffff:10.0.0.1",
            "64:ff9b::8.8.8.8",
            "2001:db8::1",
        ] {
            assert_eq!(verdict(spelling), None, "{spelling}");
        }
    }
}
