//! Other languages at both ends of the contract: a plugin in JavaScript that the host runs, and a host
//! in JavaScript that runs the plugin.
//!
//! Where there is no Node, or npm gets no packages, the tests say so and pass: unless
//! `EXHIBIT_TESTS_NEED_NODE` is set, as where they must not be skipped unnoticed.

mod host;
mod npm;
mod plugin;
mod process;
mod source;
