//! The kit for authors of Exhibit plugins.
//!
//! A plugin turns a source's answers into rows. It has no network, no secrets, no
//! files and no clock: it says which request it wants and reads what comes back.
//! The kit has what every plugin needs, so that no author has to write it again:
//!
//! - [`Plugin`] and [`export!`](crate::export!): a plugin without any code for bindings;
//! - [`Source`] and [`Answer`]: one collection, as requests and what reads their
//!   answers; the [`session`] behind them keeps pages whole, rows unique at their
//!   borders, and checkpoints small;
//! - [`Procedure`]: an operation, such as launching a scan, which changes something once;
//! - [`xml`] and [`json`]: records out of answers that arrive in pieces of any size;
//! - [`Arguments`]: what a person set, checked against the manifest;
//! - [`Column`]: a field and how its cells are read, in one place;
//! - [`tester`]: the tests of the contract, done.

pub mod arguments;
pub mod bindings;
pub mod cell;
pub mod column;
mod contract;
mod export;
pub mod instant;
pub mod json;
pub mod manifest;
pub mod operation;
mod plugin;
pub mod problem;
pub mod session;
pub mod tester;
mod work;
pub mod xml;

pub use arguments::Arguments;
pub use column::Column;
pub use contract::{catalog, collection, testing, types};
pub use export::Export;
pub use operation::{Assignment, Need, Procedure, Report, WholeAnswer};
pub use plugin::Plugin;
pub use session::{Answer, Outcome, Page, Source};
pub use types::{Error, Kind, Problem, Row, Value};
pub use work::Work;

/// Exports a [`Plugin`] from a component.
///
/// ```text
/// exhibit_plugin::export!(MyPlugin);
/// ```
///
/// On any other target it does nothing, so that the plugin's own tests run natively.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            type Exported = $crate::Export<$plugin>;
    $crate::bindings::export_bindings!(Exported with_types_in $crate::bindings);
        };
    };
}
