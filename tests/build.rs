//! Builds the components that the tests look into and run, and says where they are. The tests read them
//! when they run, so they can be checked without them.

use std::path::PathBuf;

use exhibit_guest_build::{Built, bare_module, command, component, signer};

fn main() {
    let components = [
        ("HOSTILE_PLUGIN", component("exhibit-hostile", "tests/hostile")),
        ("BROKEN_PLUGIN", component("exhibit-broken", "tests/broken")),
        ("QUALYS_PLUGIN", component("exhibit-qualys", "guest")),
        ("QUALYS_BARE_MODULE", bare_module("exhibit-qualys", "guest")),
        ("QUALYS_COMMAND", command("exhibit-qualys", "guest", "qualys-proofs")),
        ("SIGNER", signer()),
    ];
    for (variable, built) in components {
        let file = match built {
            Built::Component(file) => file,
            Built::Not(_) => PathBuf::from("not-built.wasm"),
        };
        println!("cargo::rustc-env={variable}={}", file.display());
    }
}
