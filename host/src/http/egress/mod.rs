//! Which addresses requests may go to: judged between the resolution of a name and the connection.

mod fixed;
mod guard;
mod network;
mod policy;
mod resolver;
mod rules;

pub(super) use self::fixed::is_localhost;
pub use self::fixed::{Refused, refused};
pub use self::guard::{BlockedAddress, Egress, EgressRemedy, EgressRule};
pub use self::network::{Network, NotANetwork};
pub use self::policy::{Denial, Destination, EgressPolicy};
pub(super) use self::resolver::Resolver;
pub use self::rules::EgressRules;
