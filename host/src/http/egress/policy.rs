//! What a policy for outgoing requests is.

use std::fmt;
use std::net::IpAddr;

use super::network::Network;

/// Where a request would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Destination<'a> {
    /// The host as the origin names it, without a port: a name, or an address.
    pub host: &'a str,
    /// An address that it has: the one that the connection would be made to, or one of IPv4 that this one carries. An
    /// address of IPv4 is never in the form `::ffff:a.b.c.d` here.
    pub address: IpAddr,
}

/// Why a policy denies an address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial {
    /// It is in this network, which is denied.
    Network(Network),
    /// It is in none of the networks that are allowed, and only these are.
    NotAllowed,
    /// A rule of a platform's own: what the address is, so that it can follow "`host` resolves to ADDRESS,", such as
    /// "outside of the networks of this tenant".
    Rule(String),
}

/// Decides which addresses requests may go to. [`EgressRules`](super::EgressRules) is one by networks; a platform
/// supplies its own by implementing this.
///
/// A policy only narrows, and opens this machine: what no policy can permit is refused before it is asked, see
/// [`Refused`](super::Refused).
///
/// It is asked between the resolution of a name and the connection, for each address that the name has, each time:
/// the connection is made to the very addresses that were judged, so a name that resolves to something else a moment
/// later changes nothing. One refused address is enough to refuse the name. That is why a policy is not asynchronous:
/// what it decides by is to be at hand, and nothing may happen between the answer of the resolver and the connection.
///
/// Through a proxy, names are resolved there: the policy is asked for the proxy, where that is named by a name, and
/// for origins that are named by their addresses.
///
/// ```
/// use exhibit::http::{Denial, Destination, Egress, EgressPolicy, EgressRule, Network};
///
/// /// Each tenant's requests go to its own network, and to the vendor's names anywhere.
/// #[derive(Debug)]
/// struct Tenant {
///     network: Network,
/// }
///
/// impl EgressPolicy for Tenant {
///     fn judge(&self, to: &Destination<'_>) -> Result<(), Denial> {
///         if self.network.contains(to.address) || to.host.ends_with(".qualys.com") {
///             return Ok(());
///         }
///         Err(Denial::Rule("outside of the networks of this tenant".to_owned()))
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let egress = Egress::from(Tenant { network: "10.20.0.0/16".parse()? });
/// assert!(egress.check("qualys.tenant.example", "10.20.1.2".parse()?).is_ok());
///
/// let blocked = egress.check("qualys.tenant.example", "10.21.1.2".parse()?).unwrap_err();
/// assert_eq!(
///     blocked.to_string(),
///     "`qualys.tenant.example` resolves to 10.21.1.2, outside of the networks of this tenant; \
///      requests to it are blocked"
/// );
///
/// // What hands credentials to any caller is refused, whatever a policy says.
/// let blocked = egress.check("metadata.qualys.com", "169.254.169.254".parse()?).unwrap_err();
/// assert!(matches!(blocked.rule(), EgressRule::Fixed(_)));
/// # Ok(())
/// # }
/// ```
///
/// A connection takes it with [`egress`](crate::collect::ConnectionBuilder::egress):
///
/// ```no_run
/// # use exhibit::collect::{Connection, ConnectionError};
/// # use exhibit::http::EgressPolicy;
/// # use exhibit::plugin::Plugin;
/// async fn connect(plugin: Plugin, policy: impl EgressPolicy + 'static) -> Result<Connection, ConnectionError> {
///     Connection::builder(plugin).egress(policy).build().await
/// }
/// ```
pub trait EgressPolicy: fmt::Debug + Send + Sync {
    /// Whether requests may go there.
    ///
    /// # Errors
    /// Why not.
    fn judge(&self, destination: &Destination<'_>) -> Result<(), Denial>;

    /// Whether a name that is not this machine's own may have an address of this machine, such as that of a tunnel's
    /// end. It may not, unless a policy says so for this very address: services that trust all that runs on the machine
    /// listen there, and with such a name a plugin would reach them. `localhost` and `127.0.0.1` are names of this
    /// machine: an operator may give these in any case, and they are for [`Self::judge`] alone.
    fn permits_this_machine(&self, _destination: &Destination<'_>) -> bool {
        false
    }
}
