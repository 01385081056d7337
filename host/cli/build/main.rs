//! Builds the plugin that the binary carries, and says where it is; and gathers what
//! `exhibit plugin new` writes.

mod kit;

use exhibit_guest_build::{Built, component};

fn main() {
    println!("cargo::rustc-check-cfg=cfg(no_plugin)");
    match component("exhibit-qualys", "guest") {
        Built::Component(file) => println!("cargo::rustc-env=EXHIBIT_PLUGIN={}", file.display()),
        Built::Not(_) => println!("cargo::rustc-cfg=no_plugin"),
    }
    kit::embed();
}
