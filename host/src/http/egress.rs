//! Where requests never go, whatever a name resolves to: the machine's own services,
//! link-local addresses, and the metadata services of clouds, which hand credentials
//! to anyone who asks.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Metadata services outside the link-local range: Alibaba's, and Azure's wire server.
const METADATA_V4: [Ipv4Addr; 2] = [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(168, 63, 129, 16)];
/// AWS keeps its instance services under this prefix of 32 bits.
const METADATA_AWS: [u16; 2] = [0xfd00, 0x0ec2];
/// Google's, and Oracle's.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
];

/// Why an address is not talked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Whether, and why, an address is not talked to. Addresses of IPv4 are recognised in
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
    carried_v4(&groups).and_then(refused_v4)
}

/// The address of IPv4 that one of IPv6 leads to.
fn carried_v4(groups: &[u16; 8]) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match *groups {
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

/// A name that leads to addresses which are not talked to.
#[derive(Debug)]
pub(crate) struct NotThere {
    name: String,
    address: IpAddr,
    why: Refused,
}

impl fmt::Display for NotThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, address, why } = self;
        write!(f, "`{name}` resolves to {address}, {why}; requests to it are blocked")
    }
}

impl Error for NotThere {}

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

/// Resolves names as the system does, and takes the addresses that are talked to. The
/// connection is made to the very addresses that were checked.
#[derive(Debug)]
pub(crate) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            // Port 0 stands for the scheme's own.
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let checked = check(name, found)?;
            Ok(Box::new(checked.into_iter()) as Addrs)
        })
    }
}

fn check(name: String, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NotThere> {
    // Only an operator can name this machine, see `Origin::parse`. What goes there may be
    // unencrypted and passes no proxy, so it must not go anywhere else.
    let local = is_localhost(&name);
    for address in found.iter().map(SocketAddr::ip) {
        let why = match refused(address) {
            Some(Refused::Loopback) if local && address.to_canonical().is_loopback() => continue,
            None if local => Refused::Elsewhere,
            None => continue,
            Some(why) => why,
        };
        // One bad address is enough: the next attempt might take it.
        return Err(NotThere { name, address, why });
    }
    Ok(found)
}

/// Whether a host name means this machine by definition (RFC 6761).
pub(crate) fn is_localhost(name: &str) -> bool {
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

    #[test]
    fn one_bad_address_spoils_a_name() {
        let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|it| SocketAddr::new(it.parse().expect("an address"), 0)).collect()
        };
        assert!(check("api.example".to_owned(), addresses(&["192.0.2.1"])).is_ok());
        assert!(check("localhost".to_owned(), addresses(&["::1", "127.0.0.1"])).is_ok());
        let rebound = check("api.example".to_owned(), addresses(&["192.0.2.1", "127.0.0.1"]));
        assert_eq!(
            rebound.expect_err("should be refused").to_string(),
            "`api.example` resolves to 127.0.0.1, this machine; requests to it are blocked"
        );
        assert!(check("localhost".to_owned(), addresses(&["169.254.169.254"])).is_err());
    }

    #[test]
    fn names_of_this_machine_lead_nowhere_else() {
        let check = |name: &str, address: &str| {
            let address = SocketAddr::new(address.parse().expect("an address"), 0);
            check(name.to_owned(), vec![address]).map_err(|error| error.to_string()).map(drop)
        };
        assert_eq!(check("app.localhost", "::ffff:127.0.0.1"), Ok(()));
        assert_eq!(
            check("app.localhost", "192.0.2.1"),
            Err("`app.localhost` resolves to 192.0.2.1, not this machine; requests to it are blocked"
                .to_owned())
        );
        // Loopback in a form that is routed is not loopback.
        assert!(check("localhost", "2002:7f00:1::").is_err());
    }
}
