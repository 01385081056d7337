//! Builds the plugins that tests load by file, and says where they are. The tests read them when they
//! run, so they can be checked without.

use std::path::PathBuf;

use exhibit_guest_build::{Built, component};

fn main() {
    for (variable, package, folder) in [
        ("HOSTILE_PLUGIN", "exhibit-hostile", "tests/hostile"),
        ("BROKEN_PLUGIN", "exhibit-broken", "tests/broken"),
        ("QUALYS_PLUGIN", "exhibit-qualys", "guest"),
    ] {
        let file = match component(package, folder) {
            Built::Component(file) => file,
            Built::Not(_) => PathBuf::from("not-built.wasm"),
        };
        println!("cargo::rustc-env={variable}={}", file.display());
    }
}
