//! What may stand at the top of the repository.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

use anyhow::{Context as _, Result};

/// All of it, beside names that begin with a dot.
const ALLOWED: [&str; 8] =
    ["Cargo.lock", "Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "guest", "host", "tests"];
/// The contract, which plugins of others are built against.
const CONTRACT: &str = "wit";
/// What builds leave there, where git does not say what belongs to the repository.
const BUILDS: &str = "target";

/// What stands there and should not.
pub(crate) fn strangers(root: &Path) -> Result<Vec<String>> {
    let is_allowed = |it: &String| it.starts_with('.') || it == CONTRACT || ALLOWED.contains(&it.as_str());
    let found = match tracked(root) {
        Some(names) => names,
        None => listed(root).with_context(|| format!("cannot list {}", root.display()))?,
    };
    Ok(found.into_iter().filter(|it| !is_allowed(it)).collect())
}

/// The first segment of each path that git knows. `None` where there is no git, or no repository of it.
fn tracked(root: &Path) -> Option<BTreeSet<String>> {
    let output = Command::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let paths = String::from_utf8_lossy(&output.stdout).into_owned();
    let first = |path: &str| path.split('/').next().map(str::to_owned);
    let names: BTreeSet<String> = paths.split('\0').filter(|it| !it.is_empty()).filter_map(first).collect();
    // Sources that were unpacked within a repository of something else.
    names.contains("Cargo.toml").then_some(names)
}

fn listed(root: &Path) -> io::Result<BTreeSet<String>> {
    let names = fs::read_dir(root)?.map(|it| it.map(|it| it.file_name().to_string_lossy().into_owned()));
    let names: io::Result<BTreeSet<String>> = names.collect();
    names.map(|it| it.into_iter().filter(|it| it != BUILDS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_belong_is_listed() -> Result<()> {
        let folder = tempfile::tempdir()?;
        for name in ["Cargo.toml", "README.md", "LICENSE-MIT", ".gitignore", "notes.md"] {
            fs::write(folder.path().join(name), "")?;
        }
        for name in ["guest", "wit", "target", ".github", "docs"] {
            fs::create_dir(folder.path().join(name))?;
        }
        assert_eq!(strangers(folder.path())?, ["docs", "notes.md"]);
        Ok(())
    }
}
