//! Networks, as operators write them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Addresses of IPv4 within IPv6 (`::ffff:a.b.c.d`) have these bits in common.
const MAPPED: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96);
const THIS_MACHINE_V4: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8);
const THIS_MACHINE_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128);

/// A network: an address and how many of its bits all addresses of the network begin with. Written as `10.20.0.0/16`,
/// or as an address alone, which is a network of one.
///
/// A network of IPv4 has addresses of IPv4, however they are written; one of IPv6 has none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network(IpNet);

/// Why a text or a pair is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotANetwork {
    /// Not of the right form.
    #[error("write a network as 10.20.0.0/16 or 2001:db8::/32, or a single address")]
    Form,
    /// More bits than an address has.
    #[error("an address of this kind has {0} bits: write no more after the slash")]
    TooLong(u8),
    /// Bits after the prefix: perhaps a slip in either number.
    #[error("the address has bits after the first {bits}: write {0}, or more bits", bits = .0.prefix())]
    HostBits(Network),
}

impl Network {
    /// The network of all addresses with the first `prefix` bits of this one.
    ///
    /// # Errors
    /// Where an address has fewer bits, or this one has any after them.
    pub fn new(address: IpAddr, prefix: u8) -> Result<Self, NotANetwork> {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let given = IpNet::new(address, prefix).map_err(|_| NotANetwork::TooLong(bits))?;
        let network = Self::of(given.trunc());
        if given.addr() == given.network() { Ok(network) } else { Err(NotANetwork::HostBits(network)) }
    }

    /// The network of this address alone.
    pub fn of_one(address: IpAddr) -> Self {
        Self(IpNet::from(address.to_canonical()))
    }

    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// How many bits its addresses have in common.
    pub fn prefix(&self) -> u8 {
        self.0.prefix_len()
    }

    /// Whether all its addresses are those by which this machine reaches itself.
    pub fn is_this_machine(&self) -> bool {
        match &self.0 {
            IpNet::V4(network) => THIS_MACHINE_V4.contains(network),
            IpNet::V6(network) => THIS_MACHINE_V6.contains(network),
        }
    }

    fn of(network: IpNet) -> Self {
        match network {
            IpNet::V6(it) if MAPPED.contains(&it) => {
                let address = IpAddr::V6(it.addr()).to_canonical();
                let shorter = IpNet::new(address, it.prefix_len() - MAPPED.prefix_len());
                Self(shorter.unwrap_or(network))
            }
            _ => Self(network),
        }
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let Some((address, prefix)) = text.split_once('/') else {
            return text.parse().map(Self::of_one).map_err(|_| NotANetwork::Form);
        };
        let address = address.parse().map_err(|_| NotANetwork::Form)?;
        // Only digits: `+8` is a number, too.
        if !prefix.bytes().all(|it| it.is_ascii_digit()) {
            return Err(NotANetwork::Form);
        }
        Self::new(address, prefix.parse().map_err(|_| NotANetwork::Form)?)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn contains(of: &str, address: &str) -> bool {
        network(of).contains(address.parse().expect("an address"))
    }

    #[test]
    fn has_the_addresses_that_begin_alike() {
        assert!(contains("10.20.0.0/16", "10.20.255.1"));
        assert!(!contains("10.20.0.0/16", "10.21.0.1"));
        assert!(contains("10.20.1.2", "10.20.1.2"));
        assert!(!contains("10.20.1.2", "10.20.1.3"));
        assert!(contains("0.0.0.0/0", "203.0.113.1"));
        assert!(contains("2001:db8::/32", "2001:db8:1::1"));
        assert!(!contains("2001:db8::/32", "2001:db9::1"));
    }

    #[test]
    fn an_address_of_ipv4_is_one_in_both_spellings() {
        assert!(contains("10.20.0.0/16", "::ffff:10.20.1.1"));
        assert!(contains("::ffff:10.20.0.0/112", "10.20.1.1"));
        assert_eq!(network("::ffff:10.20.0.0/112").to_string(), "10.20.0.0/16");
        assert_eq!(network("::ffff:0:0/96").to_string(), "0.0.0.0/0");
        assert!(!contains("::/0", "10.20.1.1"));
        assert!(!contains("::/0", "::ffff:10.20.1.1"));
    }

    #[test]
    fn says_what_is_no_network() {
        let said = |text: &str| text.parse::<Network>().map_err(|it| it.to_string()).err();
        for text in
            ["", "ten", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0/8", "10.0.0.0/+8", "api.example", "10.0.0.0/999"]
        {
            assert_eq!(said(text), Some(NotANetwork::Form.to_string()), "{text}");
        }
        assert_eq!(
            said("10.0.0.0/33").as_deref(),
            Some("an address of this kind has 32 bits: write no more after the slash")
        );
        assert_eq!(
            said("10.20.1.1/16").as_deref(),
            Some("the address has bits after the first 16: write 10.20.0.0/16, or more bits")
        );
    }

    #[test]
    fn knows_this_machine() {
        for text in ["127.0.0.1", "127.0.0.0/8", "::1", "::ffff:127.0.0.1"] {
            assert!(network(text).is_this_machine(), "{text}");
        }
        for text in ["126.0.0.0/7", "0.0.0.0/0", "::/0", "::/127", "10.0.0.0/8"] {
            assert!(!network(text).is_this_machine(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn is_read_back_as_it_is_written(address in any::<IpAddr>(), prefix in 0..=128_u8) {
            let of = Network::new(address, prefix);
            let network = match of { Err(NotANetwork::HostBits(network)) => Ok(network), of => of };
            if let Ok(network) = network {
                // A network of IPv6 that is larger than all of IPv4 within it has none of that.
                let is_larger = address.to_canonical() != address && prefix < MAPPED.prefix_len();
                prop_assert_eq!(network.contains(address), !is_larger);
                prop_assert_eq!(network.to_string().parse(), Ok(network));
            } else {
                prop_assert!(address.is_ipv4() && prefix > 32);
            }
        }
    }
}
