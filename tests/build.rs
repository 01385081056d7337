//! Builds the hostile plugin, and says where it is. The tests read it when they run, so they can be
//! checked without it.

use std::path::PathBuf;

use exhibit_guest_build::{Built, component};

fn main() {
    let file = match component("exhibit-hostile", "tests/hostile") {
        Built::Component(file) => file,
        Built::Not(_) => PathBuf::from("not-built.wasm"),
    };
    println!("cargo::rustc-env=HOSTILE_PLUGIN={}", file.display());
}
