//! Folders and files are made in one place, which makes them for their owner alone.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::sources::Crate;
use crate::workspace;

/// The packages that handle evidence.
const PACKAGES: [&str; 5] = ["host", "host/cli", "host/conformance", "host/registry", "host/render"];
/// How a file or a folder is made that has the rights which the umask leaves. Temporary files of the `tempfile` crate are
/// for their owner alone; its folders are not.
const MAKERS: [&str; 12] = [
    "File::create",
    "fs::create_dir",
    "fs::write(",
    "fs::copy(",
    "OpenOptions::new",
    "DirBuilder::new",
    ".create(true)",
    ".create_new(true)",
    "TempDir::with_prefix",
    "TempDir::new",
    "tempfile::tempdir(",
    ".tempdir(",
];
/// Files that may, and why.
const ALLOWED: [(&str, &str); 4] = [
    ("host/src/disk/private.rs", "the one place"),
    ("host/src/signing/files.rs", "a public key is for everyone, and a private one for its owner"),
    ("host/cli/src/plugin/new.rs", "the source of a new plugin, as any other source of its author"),
    ("host/cli/src/output/schemas.rs", "a test writes what is committed"),
];

/// What to do about it.
pub(crate) const NEXT: &str = "next: make it with what host/src/disk/private.rs has for it.";

/// Where files or folders are made elsewhere, a line each.
pub(crate) fn report(top: &Path) -> Result<String> {
    let mut report = String::new();
    for package in PACKAGES {
        for root in workspace::crates(&top.join(package))? {
            if root.strip_prefix(top.join(package)).is_ok_and(|it| !it.starts_with("src")) {
                continue;
            }
            let crate_ = Crate::read(&root)?;
            for id in crate_.ids() {
                let file = &crate_.module(id).file;
                let name = file.strip_prefix(top)?.to_string_lossy().into_owned();
                if ALLOWED.iter().any(|it| it.0 == name) {
                    continue;
                }
                let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
                for (number, line) in outside_tests(&text).lines().enumerate() {
                    if !line.trim_start().starts_with("//") && makes(line) {
                        let _ = writeln!(report, "{name}:{}: {}", number + 1, line.trim());
                    }
                }
            }
        }
    }
    Ok(report)
}

/// Whether a line has one of them, and not as the end of another name.
fn makes(line: &str) -> bool {
    let is_whole = |at: usize| !line[..at].ends_with(|it: char| it.is_alphanumeric() || it == '_');
    MAKERS.iter().any(|it| line.match_indices(it).any(|(at, _)| it.starts_with('.') || is_whole(at)))
}

/// The text up to its tests, which come last.
pub(crate) fn outside_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ")
        .into_iter()
        .chain(text.find("#[cfg(all(test"))
        .min()
        .map_or(text, |at| &text[..at])
}

#[test]
fn what_makes_files_is_seen_and_what_ends_like_it_is_not() {
    for line in
        ["File::create(path)", "std::fs::File::create_new(path)", "fs::create_dir_all(it)", "a.create(true)"]
    {
        assert!(makes(line), "{line}");
    }
    assert!(!makes("AppendFile::create(path)"));
}

#[test]
fn only_what_comes_before_the_tests_counts() {
    assert_eq!(outside_tests("a\n#[cfg(test)]\nmod tests {\nfs::write("), "a\n");
    assert_eq!(outside_tests("a\n#[cfg(test)]\nuse x;\nb"), "a\n#[cfg(test)]\nuse x;\nb");
}
