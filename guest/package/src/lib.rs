//! Writes into a plugin what it is built of, where people and tools look for it: see "What a component
//! says about itself" in the contract's README.

mod cargo;
mod sections;

use std::env;
use std::path::Path;

use serde_json::Value as Json;

pub use self::cargo::{active, clean};

/// The variable with the revision of the source, where the builder sets it. It is not read from git, since
/// each commit would then make a different plugin of the same source.
pub const REVISION: &str = "EXHIBIT_REVISION";

/// What a package is built of.
#[derive(Debug)]
pub struct About {
    /// Sections that no runtime reads: they belong behind all others of the component.
    pub sections: Vec<u8>,
    /// For people, on a line.
    pub summary: String,
}

/// What `package`, of the workspace in `folder`, is built of for `target`. `features` are arguments of
/// cargo. The error is for people.
pub fn about(folder: &Path, package: &str, target: &str, features: &[&str]) -> Result<About, String> {
    let revision = env::var(REVISION).ok().filter(|it| !it.is_empty());
    let metadata =
        cargo::output(active().current_dir(folder).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Json =
        serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let named = |it: &&Json| it["name"] == package;
    let found = metadata["packages"].as_array().and_then(|it| it.iter().find(named));
    let found = found.ok_or_else(|| format!("cargo does not know the package {package}"))?;
    let tree = tree(folder, package, target, features)?;
    let list = sections::list(&tree)
        .ok_or_else(|| format!("cargo tree does not list the dependencies of {package}: {tree}"))?;

    let facts = sections::facts(found, revision.as_deref());
    let said = |what: &str, text: Option<&str>| match text {
        Some(text) => format!("{what} {text}"),
        None => format!("no {what}"),
    };
    let summary = [
        said("version", found["version"].as_str()),
        said("licence", found["license"].as_str()),
        said("source", found["repository"].as_str()),
        said("revision", revision.as_deref()),
        format!("{} packages", list["packages"].as_array().map_or(0, Vec::len)),
    ];
    Ok(About { sections: [facts, sections::dependencies(&list)].concat(), summary: summary.join(", ") })
}

fn tree(folder: &Path, package: &str, target: &str, features: &[&str]) -> Result<String, String> {
    let mut cargo = active();
    cargo
        .current_dir(folder)
        .args(["tree", "--package", package, "--target", target])
        // What runs while it is built is not in it.
        .args(["--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "{p}"])
        .args(features);
    cargo::output(&mut cargo)
}
