//! Lines of the program's own files, without those of tests.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::sources::Crate;
use crate::workspace;

/// The lines of these packages that are `wrong`, each with its file and number, but for those of files that are `allowed`.
pub(crate) fn report(
    top: &Path,
    packages: &[&str],
    allowed: &dyn Fn(&str) -> bool,
    wrong: &dyn Fn(&str) -> bool,
) -> Result<String> {
    let mut report = String::new();
    for package in packages {
        for root in workspace::crates(&top.join(package))? {
            if root.strip_prefix(top.join(package)).is_ok_and(|it| !it.starts_with("src")) {
                continue;
            }
            let crate_ = Crate::read(&root)?;
            for id in crate_.ids() {
                let file = &crate_.module(id).file;
                let name = file.strip_prefix(top)?.to_string_lossy().into_owned();
                if allowed(&name) {
                    continue;
                }
                let text = fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
                for (number, line) in outside_tests(&text).lines().enumerate() {
                    if wrong(line) {
                        let _ = writeln!(report, "{name}:{}: {}", number + 1, line.trim());
                    }
                }
            }
        }
    }
    Ok(report)
}

/// The text up to its tests, which come last.
fn outside_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ")
        .into_iter()
        .chain(text.find("#[cfg(all(test"))
        .min()
        .map_or(text, |at| &text[..at])
}

#[test]
fn only_what_comes_before_the_tests_counts() {
    assert_eq!(outside_tests("a\n#[cfg(test)]\nmod tests {\nfs::write("), "a\n");
    assert_eq!(outside_tests("a\n#[cfg(test)]\nuse x;\nb"), "a\n#[cfg(test)]\nuse x;\nb");
}
