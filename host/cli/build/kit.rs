//! What a new plugin needs: the template, and the kit, its packaging and the contract as they are here, so
//! that it builds with nothing but crates.io.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Crates, and where they are in a new plugin. The kit finds the contract two folders above itself, as here.
const VENDORED: [(&str, &str); 2] =
    [("guest/kit", "vendor/exhibit-plugin"), ("guest/package", "vendor/exhibit-package")];

/// Writes `new_plugin.rs` into the build's folder: an array of paths and texts.
///
/// # Panics
/// Where a file cannot be read or written, as build scripts do.
pub(crate) fn embed() {
    let host = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let root = host.join("../..");
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    gather(&host.join("template"), "", &mut files);
    gather(&root.join("wit"), "wit", &mut files);
    // Older versions are a host's affair.
    files.retain(|(path, _)| !path.starts_with("wit/frozen/") && path != "wit/README.md");
    files.push(("toolchain.sh".to_owned(), root.join("guest/toolchain.sh")));
    let out = PathBuf::from(variable("OUT_DIR"));
    let workspace = read(&root.join("Cargo.toml"));
    for (from, to) in VENDORED {
        gather(&root.join(from).join("src"), &format!("{to}/src"), &mut files);
        let manifest = out.join(format!("{}.toml", from.replace('/', "-")));
        write(&manifest, &standalone(&read(&root.join(from).join("Cargo.toml")), &workspace));
        files.push((format!("{to}/Cargo.toml"), manifest));
    }
    files.sort();

    let mut code = String::from("&[\n");
    for (path, file) in &files {
        // What was written just now would always be newer than the build.
        if !file.starts_with(&out) {
            println!("cargo::rerun-if-changed={}", file.display());
        }
        // Writing to a text cannot fail.
        let _ = writeln!(code, "({path:?}, include_str!({:?})),", file.display().to_string());
    }
    code.push(']');
    write(&out.join("new_plugin.rs"), &code);
}

/// A crate's manifest without the workspace: what it takes from there is written out.
fn standalone(of_the_crate: &str, workspace: &str) -> String {
    let mut manifest = String::new();
    let mut section = "";
    for line in of_the_crate.lines() {
        if line.starts_with('[') {
            section = line;
        }
        // What tests and linters of the kit want is no affair of who uses it.
        if section == "[lints]" || section == "[dev-dependencies]" {
            continue;
        }
        match line.split_once(".workspace = true") {
            None => manifest.push_str(line),
            Some((name, _)) => {
                let table =
                    if section == "[package]" { "[workspace.package]" } else { "[workspace.dependencies]" };
                let rest = workspace.split_once(table).map_or("", |(_, rest)| rest);
                let beginning = format!("{name} = ");
                let found = rest.lines().find(|it| it.starts_with(&beginning));
                manifest.push_str(found.unwrap_or_else(|| panic!("{table} has no {name}")));
            }
        }
        manifest.push('\n');
    }
    manifest
}

fn gather(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.path().is_dir() {
            gather(&entry.path(), &path, files);
        } else {
            files.push((path, entry.path()));
        }
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn write(file: &Path, text: &str) {
    fs::write(file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}
