//! Other languages at both ends of the contract: a plugin in JavaScript that the host runs, and a host
//! in JavaScript that runs the plugin.
//!
//! Where there is no Node, or npm gets no packages, the tests are skipped: unless the variable
//! `EXHIBIT_TESTS_NEED` names `node` and `npm`, as where they must not be.

mod host;
mod npm;
mod operate;
mod plugin;
mod process;
mod source;
