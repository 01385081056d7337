//! The loop of a collection, written once and without I/O.
//!
//! A session of a plugin says what it needs, its host supplies it, and the order of the calls is the contract's. A
//! [`Driver`] knows that order, counts, and decides when a request is repeated and when all of it ends. It calls
//! nothing: its user carries out each [`Output`] and reports by an [`Input`] how that ended. So the live host, a
//! replay and the command component do the same in the same order, with a network, a recording or WASI in between.
//!
//! ```
//! use exhibit_driver::{Driver, Effect, Input, Limits, Output, Totals};
//!
//! // A session that wants one request and gives one row.
//! let mut driver = Driver::new(Limits::default());
//! assert_eq!(driver.next(Input::Done), Output::Next);
//! assert_eq!(driver.next(Input::Request(Effect::Read)), Output::Send);
//! assert_eq!(driver.next(Input::Head), Output::Accept);
//! assert_eq!(driver.next(Input::Done), Output::Read);
//! assert_eq!(driver.next(Input::Chunk(12)), Output::Feed);
//! assert_eq!(driver.next(Input::Batch { rows: 1, rejected: 0 }), Output::Keep);
//! assert_eq!(driver.next(Input::Done), Output::Read);
//! assert_eq!(driver.next(Input::BodyEnded), Output::End);
//! assert_eq!(driver.next(Input::Batch { rows: 0, rejected: 0 }), Output::Commit);
//! assert_eq!(driver.next(Input::Done), Output::Checkpoint);
//! assert_eq!(driver.next(Input::Done), Output::Next);
//! let totals = Totals { pages: 1, rows: 1, rejected: 0 };
//! assert_eq!(driver.next(Input::Finished(totals)), Output::Finished);
//! assert_eq!(driver.counts().rows, 1);
//! ```

mod limits;
mod machine;
mod stop;

pub use self::limits::{Limits, PLUGIN_TIME};
pub use self::machine::{Counts, Driver, Effect, Input, Output, Totals};
pub use self::stop::Stop;
