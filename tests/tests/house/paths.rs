//! Paths are shown to people by `ShowPath`: a name of a file may be made by anyone, and has anything in it.

use std::path::Path;

use anyhow::Result;

use crate::lines;

/// The packages that show paths.
const PACKAGES: [&str; 7] =
    ["guest/command", "host", "host/cli", "host/conformance", "host/registry", "host/render", "host/secrets"];
/// Files that write paths for machines, as they are, and why.
const ALLOWED: [(&str, &str); 13] = [
    ("host/src/store/open.rs", "a place, as data: the command shows it"),
    ("host/src/store/objects/mod.rs", "the same"),
    ("host/src/store/location.rs", "the same"),
    ("host/src/run/test.rs", "the same"),
    ("host/src/run/collecting.rs", "the same"),
    ("host/conformance/src/lib.rs", "the same"),
    ("host/secrets/src/reference.rs", "a reference, as it can be given again"),
    ("host/cli/src/environment.rs", "a word for a shell, with its own escapes"),
    ("host/cli/src/bundle.rs", "JSON"),
    ("host/cli/src/certificates/export.rs", "JSON, and shown where it is not"),
    ("host/cli/src/collect/ready.rs", "JSON, and shown where it is not"),
    ("host/cli/src/keys.rs", "JSON"),
    ("host/cli/src/demo.rs", "JSON, and shown where it is not"),
];

/// What to do about it.
pub(crate) const NEXT: &str = "next: write `path.shown()`, of `exhibit_rows::ShowPath`; JSON has `path.display()`, and is \
                               named in tests/tests/house/paths.rs.";

/// Where paths are shown in another way, a line each.
pub(crate) fn report(top: &Path) -> Result<String> {
    let allowed = |name: &str| ALLOWED.iter().any(|it| it.0 == name);
    lines::report(top, &PACKAGES, &allowed, &|line| line.contains(".display()"))
}
