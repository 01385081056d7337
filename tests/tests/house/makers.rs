//! Folders and files are made in one place, which makes them for their owner alone.

use std::path::Path;

use anyhow::Result;

use crate::lines;

/// The packages that handle evidence.
const PACKAGES: [&str; 7] =
    ["host", "host/cli", "host/conformance", "host/inventory", "host/registry", "host/render", "host/state"];
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
    let allowed = |name: &str| ALLOWED.iter().any(|it| it.0 == name);
    lines::report(top, &PACKAGES, &allowed, &|line| !line.trim_start().starts_with("//") && makes(line))
}

/// Whether a line has one of them, and not as the end of another name.
fn makes(line: &str) -> bool {
    let is_whole = |at: usize| !line[..at].ends_with(|it: char| it.is_alphanumeric() || it == '_');
    MAKERS.iter().any(|it| line.match_indices(it).any(|(at, _)| it.starts_with('.') || is_whole(at)))
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
