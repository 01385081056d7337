//! Rules for the repository itself: imports go in one direction, and the top level stays small.

mod circles;
mod commands;
mod conditions;
mod imports;
mod lines;
mod made_up;
mod makers;
mod names;
mod paths;
mod reader;
mod sources;
mod tokens;
mod top_level;
mod workspace;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::sources::Crate;

/// What to do about a circle.
const NEXT: &str = "next: in each circle, cut one arrow. Move what both files need into a third file below them, or \
                    pass it as an argument; what a parent's children use of the parent itself belongs into a file \
                    beside them.";

#[test]
fn imports_make_no_circles() -> Result<()> {
    let top = workspace::root()?;
    let packages = workspace::packages(&top)?;
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    let report = report(&top, &packages)?;
    ensure!(report.is_empty(), "files or modules that import each other:\n\n{report}{NEXT}");
    Ok(())
}

#[test]
fn the_library_names_no_flag_command_or_environment_variable() -> Result<()> {
    let top = workspace::root()?;
    let mut found = Vec::new();
    for package in commands::LIBRARY {
        found.extend(commands::named(&top.join(package).join("src/lib.rs"))?);
    }
    for it in &mut found {
        it.file = it.file.strip_prefix(&top)?.to_owned();
    }
    let report = commands::report(&found, &commands::ALLOWED);
    ensure!(report.is_empty(), "{report}{}", commands::NEXT);
    Ok(())
}

#[test]
fn files_and_folders_are_made_in_one_place_for_their_owner_alone() -> Result<()> {
    let report = makers::report(&workspace::root()?)?;
    ensure!(report.is_empty(), "made with the rights that the umask leaves:\n\n{report}{}", makers::NEXT);
    Ok(())
}

#[test]
fn paths_are_shown_with_nothing_in_them_that_acts_on_a_terminal() -> Result<()> {
    let report = paths::report(&workspace::root()?)?;
    ensure!(report.is_empty(), "paths that are shown as they are:\n\n{report}{}", paths::NEXT);
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
