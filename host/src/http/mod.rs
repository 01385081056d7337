//! Requests on a plugin's behalf: only to the origins of the connection, only as the
//! contract allows, signed on the way out.

mod certificate_file;
mod client;
mod decoding;
mod diagnosis;
mod echo;
mod egress;
pub(crate) mod fuzzing;
mod head;
mod leases;
mod message;
mod origin;
mod proxy;
mod request;
mod send_error;
mod sign;
mod sign_error;
mod tls_error;
mod transport_error;

pub use crate::certificate_fault::CertificateFileFault;

pub use self::client::location;
#[cfg(feature = "store")]
pub(crate) use self::client::use_ring;
pub use self::client::{Client, ClientError, ClientOptions};
pub use self::echo::{Echo, MARK};
pub use self::egress::{
    BlockedAddress, Denial, Destination, Egress, EgressPolicy, EgressRemedy, EgressRule, EgressRules,
    Network, NotANetwork, Refused, refused,
};
pub use self::message::{Incoming, Outgoing};
pub use self::origin::{Origin, OriginError, OriginSource, Origins};
pub use self::request::{RequestError, build};
pub use self::send_error::SendError;
pub use self::sign::Signer;
pub use self::sign::{basic, credentials};
pub use self::sign_error::SignError;
pub use self::transport_error::{TransportError, TransportErrorKind};
