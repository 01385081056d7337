//! A plugin that keeps the contract where the setting `flaw` is `none`, and breaks it in one place
//! where it names another: so that a check that finds nothing wrong with the first and something
//! with each of the others looks where it says.
//!
//! Its source lists things: a heading, a line for each, and where it goes on.
//!
//! ```text
//! things
//! anvil,3
//! more after anvil
//! ```
//!
//! Bindings are raw: the kit for plugins would not let it do most of this.

mod catalog;
mod collection;
mod flaw;
mod operation;
mod page;
mod testing;

#[allow(missing_docs, unreachable_pub, clippy::use_self, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "plugin" });
}

struct Plugin;

bindings::export!(Plugin with_types_in bindings);
