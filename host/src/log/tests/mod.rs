//! A log checked against RFC 6962, and against alterations.

mod damage;
mod model;
mod proofs;
mod writers;

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::signing::key_of;

use super::{Checkpoint, Log};

/// A log in a folder of its own.
struct Stage {
    folder: TempDir,
    log: Log,
}

impl Stage {
    /// An empty one.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = log_in(&folder.path().join("log"));
        log.create(&key_of(1)).expect("created");
        Self { folder, log }
    }

    /// One with so many entries, appended at once.
    fn with(entries: u64) -> Self {
        let stage = Self::new();
        stage.append(&(0..entries).map(entry).collect::<Vec<_>>());
        stage
    }

    fn append(&self, entries: &[Vec<u8>]) -> Checkpoint {
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        self.log.append(&entries, &key_of(1)).expect("appended").checkpoint
    }

    /// A folder beside the log's.
    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn log_in(folder: &Path) -> Log {
    Log::new(folder, "example.com/evidence".parse().expect("a name"), vec![key_of(1).public()])
}

/// The entry that is at an index.
fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

/// The files below a folder, by their paths in it, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).expect("within").to_owned());
            }
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        copy_file(from, to, &file);
    }
}

fn copy_file(from: &Path, to: &Path, file: &Path) {
    fs::create_dir_all(to.join(file).parent().expect("a folder")).expect("made");
    fs::copy(from.join(file), to.join(file)).expect("copied");
}
