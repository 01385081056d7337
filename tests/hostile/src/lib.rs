//! A plugin that misbehaves: the setting `evil` says how, and to a tester the name of its first
//! test. Set to `nothing`, it is a well-behaved one that makes a row of each line of its source's one
//! answer.
//!
//! Bindings are raw, without the kit for plugins, which would not let it do most of this.

mod acts;
mod catalog;
mod collection;
mod testing;

#[allow(missing_docs, unreachable_pub, clippy::use_self, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({ path: "../../wit", world: "plugin" });
}

struct Plugin;

bindings::export!(Plugin with_types_in bindings);
