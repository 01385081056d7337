//! A policy by networks.

use super::network::Network;
use super::policy::{Denial, Destination, EgressPolicy};

/// A policy by networks. The default allows all addresses that requests can go to at all: the internet and private
/// networks, where sources stand, too.
///
/// The longest prefix decides, and between two of the same length the denial does. So a network can be denied and a
/// part of it allowed, or the other way round.
///
/// ```
/// use exhibit::http::{Egress, EgressRules};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // No private addresses, but for the network of a private platform.
/// let rules = EgressRules::default().deny("10.0.0.0/8".parse()?).allow("10.20.0.0/16".parse()?);
/// let egress = Egress::from(rules);
/// assert!(egress.check("qualys.example", "10.20.1.2".parse()?).is_ok());
/// assert!(egress.check("qualys.example", "10.1.1.1".parse()?).is_err());
/// assert!(egress.check("qualys.example", "64.39.96.133".parse()?).is_ok());
///
/// // That network and nothing else.
/// let egress = Egress::from(EgressRules::only(["10.20.0.0/16".parse()?]));
/// assert!(egress.check("qualys.example", "64.39.96.133".parse()?).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EgressRules {
    allowed: Vec<Network>,
    denied: Vec<Network>,
    only: bool,
}

impl EgressRules {
    /// Allows addresses of these networks, and of those that are allowed later, and no others.
    pub fn only(networks: impl IntoIterator<Item = Network>) -> Self {
        Self { allowed: networks.into_iter().collect(), denied: vec![], only: true }
    }

    /// Allows a network that would be denied as part of a larger one, or one of this machine: where that is within
    /// `127.0.0.0/8` or `::1`, names may resolve to it. A larger one that has these in it opens nothing on this machine.
    #[must_use]
    pub fn allow(mut self, network: Network) -> Self {
        self.allowed.push(network);
        self
    }

    /// Denies a network.
    #[must_use]
    pub fn deny(mut self, network: Network) -> Self {
        self.denied.push(network);
        self
    }
}

impl EgressPolicy for EgressRules {
    fn judge(&self, destination: &Destination<'_>) -> Result<(), Denial> {
        let longest = |networks: &[Network]| {
            let having = networks.iter().filter(|it| it.contains(destination.address));
            having.max_by_key(|it| it.prefix()).copied()
        };
        match (longest(&self.denied), longest(&self.allowed)) {
            (Some(denied), Some(allowed)) if allowed.prefix() > denied.prefix() => Ok(()),
            (Some(denied), _) => Err(Denial::Network(denied)),
            (None, None) if self.only => Err(Denial::NotAllowed),
            (None, _) => Ok(()),
        }
    }

    fn permits_this_machine(&self, destination: &Destination<'_>) -> bool {
        self.allowed.iter().any(|it| it.is_this_machine() && it.contains(destination.address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn judged(rules: &EgressRules, address: &str) -> Result<(), Denial> {
        let address = address.parse().expect("an address");
        rules.judge(&Destination { host: "api.example", address })
    }

    #[test]
    fn the_default_denies_nothing() {
        for address in ["64.39.96.133", "10.0.0.1", "192.168.1.1", "fd12::1", "2001:db8::1"] {
            assert_eq!(judged(&EgressRules::default(), address), Ok(()), "{address}");
        }
    }

    #[test]
    fn the_longest_prefix_decides() {
        let [wide, inner, one] = ["10.0.0.0/8", "10.20.0.0/16", "10.20.3.4"].map(network);
        for rules in [
            EgressRules::default().deny(wide).allow(inner).deny(one),
            EgressRules::default().deny(one).allow(inner).deny(wide),
        ] {
            assert_eq!(judged(&rules, "10.1.1.1"), Err(Denial::Network(wide)));
            assert_eq!(judged(&rules, "10.20.1.1"), Ok(()));
            assert_eq!(judged(&rules, "10.20.3.4"), Err(Denial::Network(one)));
            assert_eq!(judged(&rules, "203.0.113.1"), Ok(()));
        }
        let both = EgressRules::default().allow(inner).deny(inner);
        assert_eq!(judged(&both, "10.20.1.1"), Err(Denial::Network(inner)));
    }

    #[test]
    fn only_some_are_allowed() {
        let rules = EgressRules::only([network("10.20.0.0/16")]).allow(network("2001:db8::/32"));
        for (address, judgement) in [
            ("10.20.1.1", Ok(())),
            ("2001:db8::1", Ok(())),
            ("10.21.1.1", Err(Denial::NotAllowed)),
            ("203.0.113.1", Err(Denial::NotAllowed)),
            ("127.0.0.1", Err(Denial::NotAllowed)),
        ] {
            assert_eq!(judged(&rules, address), judgement, "{address}");
        }
        let rules = rules.deny(network("10.20.3.0/24"));
        assert_eq!(judged(&rules, "10.20.3.1"), Err(Denial::Network(network("10.20.3.0/24"))));
        assert_eq!(judged(&EgressRules::only([]), "203.0.113.1"), Err(Denial::NotAllowed));
    }

    #[test]
    fn this_machine_is_opened_by_a_network_of_it_and_no_larger_one() {
        let permits = |allowed: &str, address: &str| {
            let address = address.parse().expect("an address");
            let rules = EgressRules::default().allow(network(allowed));
            rules.permits_this_machine(&Destination { host: "api.example", address })
        };
        assert!(permits("127.0.0.1", "127.0.0.1"));
        assert!(permits("127.0.0.0/8", "127.0.0.2"));
        assert!(!permits("127.0.0.1", "127.0.0.2"));
        assert!(!permits("0.0.0.0/0", "127.0.0.1"));
        assert!(!permits("::/0", "::1"));
        assert!(permits("::1", "::1"));
    }
}
