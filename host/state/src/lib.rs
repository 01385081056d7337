//! The state database: what Exhibit remembers between runs beside evidence, which is in stores.
//!
//! SQLite in a file of one machine, or PostgreSQL for several: the same schema, the same statements, the same rules. The
//! database brings itself up to date when it is opened. What it holds of evidence can be built again from the store;
//! what persons entered cannot.
//!
//! Statements have `$1`, `$2` for values, which both databases take, and values are whole numbers and texts alone. A
//! change is one transaction that no other one overlaps: [`Database::change`].

mod database;
mod error;
mod location;
mod migrate;
mod schema;
mod transaction;
mod value;

pub use database::{Database, MakeFile};
pub use error::StateError;
pub use location::{Location, LocationError, Server, Tls};
pub use schema::LATEST;
pub use transaction::Transaction;
pub use value::{Bound, Row};
