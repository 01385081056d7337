//! Secrets, as references to where they are kept, read when they are used.

mod backend;
mod backends;
mod env;
mod error;
mod file;
mod reference;
mod secret;

pub use self::backend::{Lease, Reading, SecretBackend};
pub use self::backends::{Backends, READ_LIMIT};
pub use self::error::SecretError;
pub use self::reference::{NotAReference, SecretRef};
pub use self::secret::Secret;
