//! How a test is skipped: in writing, since a test that passes says nothing; and not at all where the
//! environment says that it must not be.

use std::fmt::{self, Display};
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::{env, thread};

/// What must be there for a test: names of [`NEEDS`], separated by commas, or `all`.
const VARIABLE: &str = "EXHIBIT_TESTS_NEED";
const ALL: &str = "all";
/// What tests may do without.
const NEEDS: [&str; 12] = [
    "browser",
    "cc",
    "node",
    "npm",
    "openssl",
    "pdftotext",
    "pip",
    "postgresql",
    "python3",
    "seccomp",
    "toolchain",
    "unzip",
];
/// In the target directory: a line for each test that was skipped.
const FILE: &str = "skipped-tests";

/// A test that must not be skipped, and would be.
#[derive(Debug)]
pub struct NotToBeSkipped(String);

impl Display for NotToBeSkipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotToBeSkipped {}

/// The caller's test, or a part of it, is skipped for want of `need`, one of those that are known here. An
/// error where it must not be.
pub fn skip(need: &str, why: impl Display) -> Result<(), NotToBeSkipped> {
    let why = why.to_string();
    decide(env::var(VARIABLE).ok().as_deref(), need, &why)?;
    let thread = thread::current();
    let line = format!("{}: no {need}: {}", thread.name().unwrap_or("a test"), first_line(&why));
    println!("skipped: {line}");
    write(&line).map_err(|error| NotToBeSkipped(format!("{line}: and that cannot be written down: {error}")))
}

fn decide(wanted: Option<&str>, need: &str, why: &str) -> Result<(), NotToBeSkipped> {
    let wanted: Vec<&str> = wanted.unwrap_or_default().split(',').filter(|it| !it.is_empty()).collect();
    if let Some(unknown) = wanted.iter().chain([&need]).find(|it| **it != ALL && !NEEDS.contains(it)) {
        let known = NEEDS.join(", ");
        return Err(NotToBeSkipped(format!("tests have no need {unknown:?}; there are {known}, and {ALL}")));
    }
    if wanted.iter().any(|it| *it == need || *it == ALL) {
        return Err(NotToBeSkipped(format!("not to be skipped, but there is no {need}: {why}")));
    }
    Ok(())
}

fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default()
}

/// Tests of several programs write at once: each line goes in one piece, to the end.
fn write(line: &str) -> io::Result<()> {
    let file = target_dir()?.join(FILE);
    OpenOptions::new().create(true).append(true).open(file)?.write_all(format!("{line}\n").as_bytes())
}

/// Where the test's program is built: cargo marks it.
fn target_dir() -> io::Result<PathBuf> {
    let program = env::current_exe()?;
    let marked = program.ancestors().find(|it| it.join("CACHEDIR.TAG").is_file());
    marked.map(PathBuf::from).ok_or_else(|| io::Error::other("this program is in no target directory"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_be_there_is_not_skipped() {
        let decided = |wanted| decide(wanted, "node", "it does not start").map_err(|it| it.to_string());
        for wanted in [None, Some(""), Some("npm"), Some("npm,openssl")] {
            assert_eq!(decided(wanted), Ok(()), "{wanted:?}");
        }
        for wanted in ["node", "npm,node", "all"] {
            let said = Err("not to be skipped, but there is no node: it does not start".to_owned());
            assert_eq!(decided(Some(wanted)), said, "{wanted}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_told() {
        for (wanted, need) in [(Some("nodejs"), "node"), (None, "nodejs")] {
            let error = decide(wanted, need, "").expect_err("an unknown need").to_string();
            assert!(error.starts_with("tests have no need \"nodejs\"; there are browser, cc,"), "{error}");
        }
    }
}
