//! Resolving names, for the HTTP client.

use std::io;
use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::{BlockedAddress, Egress};

/// Resolves names as the system does, and gives the addresses that requests may go to. The
/// connection is made to the very addresses that were checked.
#[derive(Debug, Clone)]
pub(in super::super) struct Resolver(Egress);

impl Resolver {
    pub(in super::super) fn new(egress: Egress) -> Self {
        Self(egress)
    }

    /// The addresses of a proxy. As in the HTTP client, the rules are about what names resolve to.
    pub(in super::super) async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<_> = tokio::net::lookup_host((host, port)).await?.collect();
        if host.parse::<IpAddr>().is_err() {
            check(&self.0, host, &found).map_err(io::Error::other)?;
        }
        Ok(found)
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.0.clone();
        Box::pin(async move {
            // Port 0 stands for the scheme's own.
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            check(&egress, name.as_str(), &found)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// One bad address is enough: the next attempt might take it.
fn check(egress: &Egress, name: &str, found: &[SocketAddr]) -> Result<(), BlockedAddress> {
    found.iter().try_for_each(|it| egress.check(name, it.ip()))
}

#[cfg(test)]
mod tests {
    use super::super::rules::EgressRules;
    use super::*;

    fn checked(egress: &Egress, name: &str, addresses: &[&str]) -> Result<(), String> {
        let address = |it: &&str| SocketAddr::new(it.parse().expect("an address"), 0);
        let found: Vec<SocketAddr> = addresses.iter().map(address).collect();
        check(egress, name, &found).map_err(|error| error.to_string())
    }

    #[test]
    fn one_bad_address_spoils_a_name() {
        let check = |name, addresses: &[&str]| checked(&Egress::default(), name, addresses);
        assert_eq!(check("api.example", &["192.0.2.1"]), Ok(()));
        assert_eq!(check("localhost", &["::1", "127.0.0.1"]), Ok(()));
        assert_eq!(
            check("api.example", &["192.0.2.1", "127.0.0.1"]),
            Err("`api.example` resolves to 127.0.0.1, this machine; requests to it are blocked".to_owned())
        );
        assert!(check("localhost", &["169.254.169.254"]).is_err());
        let denied = Egress::from(EgressRules::default().deny("203.0.113.0/24".parse().expect("a network")));
        assert!(checked(&denied, "api.example", &["192.0.2.1", "203.0.113.1"]).is_err());
    }

    #[test]
    fn names_of_this_machine_lead_nowhere_else() {
        let check = |name, address| checked(&Egress::default(), name, &[address]);
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
