//! Rules for the repository itself: imports go in one direction, and the top level stays small.

mod circles;
mod conditions;
mod imports;
mod made_up;
mod names;
mod reader;
mod sources;
mod tokens;
mod top_level;
mod workspace;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::sources::Crate;

/// The packages whose files must not import each other in circles, each by its folder.
const WITHOUT_CIRCLES: &[&str] = &[
    "guest/build",
    "guest/package",
    "guest/signer",
    "guest/signing",
    "tests",
    "tests/broken",
    "tests/hostile",
    "tests/simulator",
    "tests/skipped",
];

/// What to do about a circle.
const NEXT: &str = "next: in each circle, cut one arrow. Move what both files need into a third file below them, or \
                    pass it as an argument; what a parent's children use of the parent itself belongs into a file \
                    beside them.";

#[test]
fn imports_make_no_circles() -> Result<()> {
    let report = report(&workspace::root()?, WITHOUT_CIRCLES)?;
    ensure!(report.is_empty(), "files or modules that import each other:\n\n{report}{NEXT}");
    Ok(())
}

/// Those with circles, too: a rule for them would be of no use if they could not be read.
#[test]
fn all_packages_of_the_workspace_can_be_read() -> Result<()> {
    let top = workspace::root()?;
    let packages = workspace::packages(&top)?;
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    for package in WITHOUT_CIRCLES {
        ensure!(packages.contains(package), "{package} is no package of the workspace");
    }
    report(&top, &packages)?;
    Ok(())
}

#[test]
fn the_top_level_holds_only_what_belongs_there() -> Result<()> {
    let strangers = top_level::strangers(&workspace::root()?)?;
    ensure!(
        strangers.is_empty(),
        "these do not belong at the top of the repository: {}\nnext: move each beside what it is for, under guest, \
         host or tests, or into a folder that begins with a dot",
        strangers.join(", ")
    );
    Ok(())
}

/// The circles of packages, each named by its folder from the repository's top on. Empty where there are
/// none.
fn report(top: &Path, packages: &[&str]) -> Result<String> {
    let mut report = String::new();
    for package in packages {
        let roots = workspace::crates(&top.join(package))?;
        ensure!(!roots.is_empty(), "{package} has no crate: is it still where it was?");
        for root in roots {
            let circles = circles(&root)?;
            if !circles.is_empty() {
                let _ = writeln!(report, "{}, {circles}", root.display());
            }
        }
    }
    Ok(report.replace(&format!("{}/", top.display()), ""))
}

/// The circles of one crate, in words.
fn circles(root: &Path) -> Result<String> {
    let uses = imports::uses(&Crate::read(root)?);
    Ok(uses.files.report("files") + &uses.modules.report("top-level modules"))
}
