//! The packages of the workspace, and the crates in each.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folder that has everything in it.
pub(crate) fn root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(root.context("the tests are in a folder of the repository")?.to_owned())
}

/// The folders of all packages, as the workspace lists them.
pub(crate) fn packages(root: &Path) -> Result<Vec<String>> {
    let manifest = read(&root.join("Cargo.toml"))?;
    let (_, after) = manifest.split_once("\nmembers").context("Cargo.toml lists no members")?;
    let list = after.split_once('[').and_then(|(_, it)| it.split_once(']'));
    let (list, _) = list.context("the members in Cargo.toml are no list")?;
    // What stands between quotes is every second piece.
    Ok(list.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}

/// The root files of a package's libraries, binaries, examples, tests, benchmarks and build scripts.
pub(crate) fn crates(package: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for file in ["src/lib.rs", "src/main.rs", "build.rs"] {
        found.insert(package.join(file));
    }
    for folder in ["src/bin", "examples", "tests", "benches"] {
        let Ok(entries) = fs::read_dir(package.join(folder)) else { continue };
        for entry in entries {
            let path = entry?.path();
            let is_file = path.extension().is_some_and(|it| it == "rs");
            found.insert(if is_file { path } else { path.join("main.rs") });
        }
    }
    // Those with names of their own: `path = "src/exhibit.rs"`, `build = "build/main.rs"`.
    for line in read(&package.join("Cargo.toml"))?.lines() {
        if let Some((key, value)) = line.split_once('=')
            && matches!(key.trim(), "path" | "build")
            && let Some(value) = value.trim().strip_prefix('"').and_then(|it| it.strip_suffix('"'))
            && value.ends_with(".rs")
        {
            found.insert(package.join(value));
        }
    }
    found.retain(|it| it.is_file());
    Ok(found)
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
