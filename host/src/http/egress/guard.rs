//! What stands between a resolved name and a connection.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use exhibit_rows::Shown;

use crate::remedy::Remedy;

use super::fixed::{Refused, carried_v4, is_localhost, refused};
use super::network::Network;
use super::policy::{Denial, Destination, EgressPolicy};
use super::rules::EgressRules;

/// A policy for outgoing requests, below what holds in any case. The default is that of [`EgressRules`].
#[derive(Debug, Clone)]
pub struct Egress(Arc<dyn EgressPolicy>);

/// Which rule refuses an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EgressRule {
    /// One that holds before any policy is asked.
    Fixed(Refused),
    /// One of the policy.
    Policy(Denial),
}

/// An address that requests do not go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedAddress {
    host: String,
    address: IpAddr,
    judged: IpAddr,
    rule: EgressRule,
}

/// What the operator can do about a refused address, once it is clear that the address is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EgressRemedy {
    /// No policy permits this address: the name must resolve to another one, or the origin be another.
    OtherAddress,
    /// Name this machine as the origin: a plugin may not.
    NameOrigin,
    /// Allow this network, or a larger one that has it.
    Allow(Network),
    /// Do not deny this network, or allow the address in spite of it.
    Permit {
        /// The network that is denied.
        denied: Network,
        /// The network of the address alone, where that decides against the denied one.
        allow: Option<Network>,
    },
    /// Ask the platform, whose own rule it is.
    AskPlatform,
}

impl Default for Egress {
    fn default() -> Self {
        Self::from(EgressRules::default())
    }
}

impl<P: EgressPolicy + 'static> From<P> for Egress {
    fn from(policy: P) -> Self {
        Self(Arc::new(policy))
    }
}

impl From<Arc<dyn EgressPolicy>> for Egress {
    fn from(policy: Arc<dyn EgressPolicy>) -> Self {
        Self(policy)
    }
}

impl Egress {
    /// Whether requests to this host may go to this address, which it has: `host` is a name or an address, without a
    /// port.
    ///
    /// # Errors
    /// Which rule refuses it. An address of IPv6 that carries one of IPv4 is refused if either is.
    pub fn check(&self, host: &str, address: IpAddr) -> Result<(), BlockedAddress> {
        let canonical = address.to_canonical();
        let blocked =
            |judged, rule| BlockedAddress { host: Shown::line(host).to_string(), address, judged, rule };
        let fixed = |why| Err(blocked(canonical, EgressRule::Fixed(why)));
        // Only an operator can name this machine, see `Origin::parse`. What goes there may be
        // unencrypted and passes no proxy, so it must not go anywhere else.
        let own_name = is_localhost(host) || is_loopback(host);
        let permits = || self.0.permits_this_machine(&Destination { host, address: canonical });
        match refused(address) {
            Some(Refused::Loopback) if canonical.is_loopback() && (own_name || permits()) => {}
            Some(why) => return fixed(why),
            None if own_name => return fixed(Refused::Elsewhere),
            None => {}
        }
        // A carried address can refuse and not permit: some of these forms are routed to networks of anyone.
        let carried = match canonical {
            IpAddr::V6(it) if !it.is_loopback() => carried_v4(it).map(IpAddr::V4),
            _ => None,
        };
        for address in std::iter::once(canonical).chain(carried) {
            let judgement = self.0.judge(&Destination { host, address });
            judgement.map_err(|denial| blocked(address, EgressRule::Policy(denial)))?;
        }
        Ok(())
    }
}

impl BlockedAddress {
    /// The host: a name, escaped and cut, or an address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What to do next.
    pub fn advice(&self) -> Remedy {
        let named = self.is_named();
        match self.remedy() {
            EgressRemedy::Allow(network) => Remedy::AllowNetwork { network: network.to_string(), named },
            EgressRemedy::Permit { denied, allow } => Remedy::PermitNetwork {
                denied: denied.to_string(),
                allow: allow.map(|it| it.to_string()),
                named,
            },
            other => other.into(),
        }
    }

    /// Whether the host is a name, and not the address itself.
    pub fn is_named(&self) -> bool {
        self.host.parse::<IpAddr>().is_err()
    }

    /// The address that it has, and that is refused.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Which rule refuses it.
    pub fn rule(&self) -> &EgressRule {
        &self.rule
    }

    /// What the operator can do.
    pub fn remedy(&self) -> EgressRemedy {
        let one = Network::of_one(self.judged);
        match &self.rule {
            EgressRule::Fixed(Refused::Loopback) if self.judged.is_loopback() => EgressRemedy::Allow(one),
            EgressRule::Fixed(_) => EgressRemedy::OtherAddress,
            EgressRule::Policy(Denial::NotAllowed) => EgressRemedy::Allow(one),
            EgressRule::Policy(Denial::Network(denied)) => {
                let allow = Some(one).filter(|it| it.prefix() > denied.prefix());
                EgressRemedy::Permit { denied: *denied, allow }
            }
            EgressRule::Policy(Denial::Rule(_)) => EgressRemedy::AskPlatform,
        }
    }
}

impl EgressRemedy {
    /// In a sentence that can follow an error.
    pub fn text(self) -> &'static str {
        match self {
            Self::OtherAddress => {
                "no policy permits requests to that address: check the origin, and what its name resolves to here"
            }
            Self::NameOrigin => {
                "a plugin may not name this machine: if it is meant, name it as the origin yourself"
            }
            Self::Allow(_) => {
                "check what the origin's name resolves to here; if that address is meant, allow its network"
            }
            Self::Permit { .. } => {
                "check what the origin's name resolves to here; if that address is meant, allow it or no longer deny \
                 its network"
            }
            Self::AskPlatform => {
                "check what the origin's name resolves to here; if that address is meant, ask for a change of the \
                 policy for outgoing requests"
            }
        }
    }
}

impl From<EgressRemedy> for Remedy {
    fn from(remedy: EgressRemedy) -> Self {
        match remedy {
            EgressRemedy::NameOrigin => Self::NameThisMachine,
            EgressRemedy::Allow(network) => Self::AllowNetwork { network: network.to_string(), named: true },
            EgressRemedy::Permit { denied, allow } => Self::PermitNetwork {
                denied: denied.to_string(),
                allow: allow.map(|it| it.to_string()),
                named: true,
            },
            EgressRemedy::OtherAddress | EgressRemedy::AskPlatform => remedy.text().into(),
        }
    }
}

impl fmt::Display for BlockedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, address, judged, rule } = self;
        if self.is_named() {
            write!(f, "`{host}` resolves to {address}, ")?;
        } else {
            write!(f, "{address} is ")?;
        }
        if *judged != address.to_canonical() {
            write!(f, "which carries {judged}, ")?;
        }
        write!(f, "{rule}; requests to it are blocked")
    }
}

impl std::error::Error for BlockedAddress {}

impl fmt::Display for EgressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(why) => write!(f, "{why}"),
            Self::Policy(Denial::Network(network)) => write!(f, "in the denied network {network}"),
            Self::Policy(Denial::NotAllowed) => f.write_str("in none of the allowed networks"),
            Self::Policy(Denial::Rule(text)) => write!(f, "{}", Shown::line(text)),
        }
    }
}

/// Whether a host is an address of this machine.
fn is_loopback(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(|it| it.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// What is said of it, and what can be done.
    fn checked(egress: &Egress, host: &str, address: &str) -> Result<(), (String, EgressRemedy)> {
        let checked = egress.check(host, address.parse().expect("an address"));
        checked.map_err(|blocked| (blocked.to_string(), blocked.remedy()))
    }

    fn ok(egress: &Egress, host: &str, address: &str) -> bool {
        checked(egress, host, address).is_ok()
    }

    /// Permits all that it is asked about.
    #[derive(Debug)]
    struct Careless;

    impl EgressPolicy for Careless {
        fn judge(&self, _: &Destination<'_>) -> Result<(), Denial> {
            Ok(())
        }

        fn permits_this_machine(&self, _: &Destination<'_>) -> bool {
            true
        }
    }

    #[test]
    fn no_policy_permits_what_gives_credentials_to_any_caller() {
        let all = [
            "0.0.0.0/0",
            "::/0",
            "169.254.0.0/16",
            "169.254.169.254",
            "fd00:ec2::254",
            "fe80::/10",
            "0.0.0.0/8",
        ];
        let allowing = all.map(network).into_iter().fold(EgressRules::default(), EgressRules::allow);
        for egress in [Egress::from(Careless), Egress::from(allowing)] {
            for address in [
                "169.254.169.254",
                "::ffff:169.254.169.254",
                "64:ff9b::169.254.169.254",
                "2002:a9fe:a9fe::",
                "100.100.100.200",
                "168.63.129.16",
                "fd00:ec2::254",
                "fe80::1",
                "0.0.0.0",
                "::",
                "224.0.0.1",
                // Loopback in forms that are routed.
                "2002:7f00:1::",
                "64:ff9b::127.0.0.1",
            ] {
                let blocked = checked(&egress, "api.example", address);
                let (said, remedy) = blocked.expect_err(address);
                assert_eq!(remedy, EgressRemedy::OtherAddress, "{said}");
            }
        }
    }

    #[test]
    fn this_machine_is_for_its_own_names_or_by_permission() {
        let usual = Egress::default();
        for (host, address) in [
            ("localhost", "127.0.0.1"),
            ("app.localhost", "::ffff:127.0.0.1"),
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
        ] {
            assert!(ok(&usual, host, address), "{host} {address}");
        }
        assert_eq!(
            checked(&usual, "api.example", "127.0.0.1"),
            Err((
                "`api.example` resolves to 127.0.0.1, this machine; requests to it are blocked".to_owned(),
                EgressRemedy::Allow(network("127.0.0.1"))
            ))
        );
        let tunnel = Egress::from(EgressRules::default().allow(network("127.0.0.1")));
        assert!(ok(&tunnel, "api.example", "127.0.0.1"));
        assert!(!ok(&tunnel, "api.example", "127.0.0.2"));
        assert!(!ok(&tunnel, "api.example", "::1"));
        // And a policy may refuse this machine to those who name it.
        let denied = Egress::from(EgressRules::default().deny(network("127.0.0.0/8")));
        assert!(!ok(&denied, "localhost", "127.0.0.1"));
        let only = EgressRules::only([network("10.20.0.0/16")]);
        assert!(!ok(&Egress::from(only.clone()), "localhost", "127.0.0.1"));
        assert!(ok(&Egress::from(only.allow(network("::1"))), "localhost", "::1"));
    }

    #[test]
    fn a_carried_address_refuses_and_does_not_permit() {
        let denied = Egress::from(EgressRules::default().deny(network("10.0.0.0/8")));
        for address in ["::ffff:10.1.1.1", "2002:a01:101::", "64:ff9b::10.1.1.1", "2001:db8::5efe:a01:101"] {
            assert!(!ok(&denied, "api.example", address), "{address}");
        }
        assert_eq!(
            checked(&denied, "api.example", "2002:a01:101::").err().map(|(said, _)| said).as_deref(),
            Some(
                "`api.example` resolves to 2002:a01:101::, which carries 10.1.1.1, in the denied network \
                 10.0.0.0/8; requests to it are blocked"
            )
        );
        let only = EgressRules::only([network("10.20.0.0/16")]);
        let egress = Egress::from(only.clone());
        assert!(ok(&egress, "api.example", "::ffff:10.20.1.1"), "another spelling of the same address");
        for address in ["2002:a14:101::", "2001:db8::5efe:a14:101", "64:ff9b::10.20.1.1"] {
            assert!(!ok(&egress, "api.example", address), "{address}");
        }
        let translated = Egress::from(only.allow(network("64:ff9b::/96")));
        assert!(ok(&translated, "api.example", "64:ff9b::10.20.1.1"));
        assert!(!ok(&translated, "api.example", "64:ff9b::10.21.1.1"));
    }

    #[test]
    fn says_which_rule_refuses_and_what_can_be_done() {
        let rules = EgressRules::default().deny(network("203.0.113.0/24")).deny(network("192.0.2.1"));
        let egress = Egress::from(rules);
        let (said, remedy) = checked(&egress, "203.0.113.9", "203.0.113.9").expect_err("denied");
        assert_eq!(said, "203.0.113.9 is in the denied network 203.0.113.0/24; requests to it are blocked");
        let allow = Some(network("203.0.113.9"));
        assert_eq!(remedy, EgressRemedy::Permit { denied: network("203.0.113.0/24"), allow });
        let (_, remedy) = checked(&egress, "a.example", "192.0.2.1").expect_err("denied");
        assert_eq!(remedy, EgressRemedy::Permit { denied: network("192.0.2.1"), allow: None });

        let only = Egress::from(EgressRules::only([network("10.20.0.0/16")]));
        let (said, remedy) = checked(&only, "a.example", "10.21.0.1").expect_err("not allowed");
        assert_eq!(
            said,
            "`a.example` resolves to 10.21.0.1, in none of the allowed networks; requests to it are blocked"
        );
        assert_eq!(remedy, EgressRemedy::Allow(network("10.21.0.1")));
        let allowed = Egress::from(EgressRules::only([network("10.20.0.0/16"), network("10.21.0.1")]));
        assert!(ok(&allowed, "a.example", "10.21.0.1"), "what the remedy says is one");
    }
}
