//! Paths are shown to people by `ShowPath`: a name of a file may be made by anyone, and has anything in it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::makers::outside_tests;
use crate::sources::Crate;
use crate::workspace;

/// The packages that show paths.
const PACKAGES: [&str; 7] =
    ["guest/command", "host", "host/cli", "host/conformance", "host/registry", "host/render", "host/secrets"];
/// Files that write paths for machines, as they are, and why.
const ALLOWED: [(&str, &str); 12] = [
    ("host/src/store/open.rs", "a place, as data: the command shows it"),
    ("host/src/store/objects/mod.rs", "the same"),
    ("host/src/store/location.rs", "the same"),
    ("host/src/run/test.rs", "the same"),
    ("host/src/run/collecting.rs", "the same"),
    ("host/conformance/src/lib.rs", "the same"),
    ("host/secrets/src/reference.rs", "a reference, as it can be given again"),
    ("host/cli/src/environment.rs", "a word for a shell, with its own escapes"),
    ("host/cli/src/bundle.rs", "JSON"),
    ("host/cli/src/collect.rs", "JSON, and shown where it is not"),
    ("host/cli/src/keys.rs", "JSON"),
    ("host/cli/src/demo.rs", "JSON, and shown where it is not"),
];

/// What to do about it.
pub(crate) const NEXT: &str = "next: write `path.shown()`, of `exhibit_rows::ShowPath`; JSON has `path.display()`, and is \
                               named in tests/tests/house/paths.rs.";

/// Where paths are shown in another way, a line each.
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
                    if line.contains(".display()") {
                        let _ = writeln!(report, "{name}:{}: {}", number + 1, line.trim());
                    }
                }
            }
        }
    }
    Ok(report)
}
