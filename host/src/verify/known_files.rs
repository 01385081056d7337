//! Which files evidence has, and which are in its folder beside them.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::disk;
use crate::evidence::recorded;
use crate::testing::earlier;

/// Folders in folders; evidence has two.
const DEPTH: usize = 4;

/// Files of evidence, by their paths from its folder on.
#[derive(Default)]
pub(super) struct Known {
    pub(super) names: BTreeSet<String>,
    /// Whether the answer of each number, from 1, is kept: there may be a million of them.
    pub(super) answers: Vec<bool>,
    /// How many are.
    pub(super) kept: u64,
}

impl Known {
    pub(super) fn add<const N: usize>(&mut self, names: [&str; N]) {
        self.names.extend(names.map(str::to_owned));
    }

    /// An answer that is kept in this file of the folder of answers.
    pub(super) fn answer(&mut self, number: u32, file: &str) {
        if file != recorded::file_name(number) {
            self.names.insert(format!("answers/{file}"));
            return;
        }
        let at = number as usize;
        if self.answers.len() <= at {
            self.answers.resize(at + 1, false);
        }
        self.answers[at] = true;
        self.kept += 1;
    }

    pub(super) fn count(&self) -> u64 {
        self.names.len() as u64 + self.kept
    }

    pub(super) fn has(&self, path: &str) -> bool {
        let of_answer = || {
            let file = path.strip_prefix("answers/")?;
            let number: u32 = file.strip_suffix(".zst")?.parse().ok()?;
            let is_kept = self.answers.get(number as usize).copied().unwrap_or(false);
            (is_kept && recorded::file_name(number) == file).then_some(())
        };
        self.names.contains(path) || of_answer().is_some()
    }

    /// Whether any is in this folder, whose name ends in a slash.
    fn has_within(&self, folder: &str) -> bool {
        let mut from = self.names.range(folder.to_owned()..);
        from.next().is_some_and(|it| it.starts_with(folder)) || self.kept > 0 && folder == "answers/"
    }
}

/// Files that are not part of the evidence, folders without any other, and links, by their paths from the folder on.
pub(super) fn beside(folder: &Path, known: &Known, in_the_making: &[String]) -> io::Result<Vec<String>> {
    let mut added = Vec::new();
    let mut folders: Vec<(PathBuf, String, usize)> = vec![(folder.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = folders.pop() {
        let unread = |error| disk::at(&folder, error);
        for entry in fs::read_dir(&folder).map_err(unread)? {
            let entry = entry.map_err(unread)?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type().map_err(unread)?;
            let within = format!("{path}/");
            if in_the_making.contains(&path) {
                continue;
            }
            // Where the first run of tests is under way, or was, the folder of all of them has nothing else.
            let is_for_runs = path == earlier::RUNS;
            if kind.is_dir() && depth < DEPTH && (is_for_runs || known.has_within(&within)) {
                folders.push((entry.path(), within, depth + 1));
            } else if !known.has(&path) || !kind.is_file() {
                added.push(path);
            }
        }
    }
    added.sort();
    Ok(added)
}
