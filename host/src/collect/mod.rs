//! Collecting: a connection, an order, and the loop that carries it out.

mod body;
mod connection;
mod error;
pub mod limiter;
mod live;
mod order;
pub mod progress;
pub mod sink;
pub mod spool;
mod step;

pub(crate) use self::connection::portals;
pub use self::connection::{Connection, ConnectionBuilder, ConnectionError};
pub use self::error::{CollectError, Fault};
pub use self::live::{Ended, Resume, propose, resume, run};
pub use self::order::{Order, Outcome, Since};
pub(crate) use self::step::{is_write, reported};
pub use exhibit_driver::Limits;
