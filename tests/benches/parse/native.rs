//! The plugin's code without a sandbox, built as the plugin is.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::run;

/// The settings of the workspace's profile `guest`. A program of its own, since link-time
/// optimisation here would build the whole host library again.
const PROFILE: &str = "lto = true\ncodegen-units = 1\npanic = \"abort\"\n";

/// Builds `baselines/native/rows.rs` in `place`; the command that runs it.
pub(crate) fn build(place: &Path) -> Result<Vec<String>> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = tests.parent().context("a crate in no workspace")?;
    let (guest, program) = (workspace.join("guest"), tests.join("benches/baselines/native/rows.rs"));
    fs::create_dir_all(place)?;
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"rows\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [[bin]]\nname = \"rows\"\npath = {program:?}\n\n\
         [dependencies]\nexhibit-plugin = {{ path = {:?} }}\nexhibit-qualys = {{ path = {guest:?} }}\n\n\
         [profile.release]\n{PROFILE}",
        guest.join("kit")
    );
    fs::write(place.join("Cargo.toml"), manifest)?;
    // The same versions of everything as the plugin's.
    fs::copy(workspace.join("Cargo.lock"), place.join("Cargo.lock"))?;
    run(Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--target-dir", "target"])
        .current_dir(place))?;
    Ok(vec![place.join("target/release/rows").display().to_string()])
}
