//! Collecting: a connection, an order, and the loop that carries it out.

mod body;
mod connection;
mod driver;
mod error;
mod gate;
mod limits;
mod order;
pub mod progress;
pub mod sink;

pub use self::connection::{Connection, ConnectionBuilder, ConnectionError};
pub use self::driver::run;
pub use self::error::{CollectError, Fault};
pub use self::limits::Limits;
pub(crate) use self::order::miscounted;
pub use self::order::{Order, Outcome};
