//! Folders of what can be made again, that do not grow for ever.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use exhibit_rows::ShowPath as _;

/// A temporary file of that age is the rest of a process that was killed: what is written here takes seconds.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// How much a folder may have.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Room {
    /// Files.
    pub files: usize,
    /// Bytes of all of them together.
    pub bytes: u64,
}

impl Room {
    /// For so many files, of so many bytes together.
    pub const fn new(files: usize, bytes: u64) -> Self {
        Self { files, bytes }
    }
}

/// Removes the files of a folder that were used least recently, until the others fit. Only those whose names end like
/// this count, and temporary files: hidden ones with such an end in their names, which go after a day. One file that
/// was used just now stays in any case.
///
/// # Errors
///
/// Where the folder cannot be read. A file that cannot be removed stays.
pub fn keep_newest(folder: &Path, end: &str, room: Room, used: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Of the entry itself, not of what a link leads to. It may be gone by now.
        let Ok(metadata) = entry.metadata() else { continue };
        if !metadata.is_file() {
            continue;
        }
        let modified = metadata.modified()?;
        if name.starts_with('.') {
            let is_stale = now.duration_since(modified).is_ok_and(|it| it > STALE);
            if name.contains(end) && is_stale {
                remove(&entry.path());
            }
        } else if name.ends_with(end) && entry.path() != used {
            files.push((modified, metadata.len(), entry.path()));
        }
    }
    files.sort_unstable();
    let own = fs::metadata(used).map_or(0, |it| it.len());
    let (mut count, mut bytes) =
        (files.len() + 1, files.iter().fold(own, |sum, it| sum.saturating_add(it.1)));
    for (_, size, file) in files {
        if count <= room.files && bytes <= room.bytes {
            break;
        }
        remove(&file);
        count -= 1;
        bytes -= size;
    }
    Ok(())
}

/// Notes that a file is used now, so that others go before it.
pub fn used_now(file: &Path) {
    // A file system that keeps no times removes by those of writing.
    drop(File::open(file).and_then(|it| it.set_modified(SystemTime::now())));
}

fn remove(file: &Path) {
    match fs::remove_file(file) {
        Ok(()) => tracing::debug!(file = %file.shown(), "removed what was used least recently"),
        Err(error) => {
            tracing::debug!(file = %file.shown(), %error, "cannot remove what was used least recently");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, name: &str, bytes: usize, age: u64) -> io::Result<PathBuf> {
        let path = folder.join(name);
        fs::write(&path, vec![0; bytes])?;
        File::open(&path)?.set_modified(SystemTime::now() - Duration::from_secs(age))?;
        Ok(path)
    }

    fn names(folder: &Path) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(folder)?;
        let mut names: Vec<_> = entries
            .map(|it| Ok(it?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<_>>()?;
        names.sort();
        Ok(names)
    }

    #[test]
    fn the_least_recently_used_go_until_the_others_fit() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let here = place.path();
        let used = file(here, "used.code", 60, 1_000_000)?;
        for (name, age) in [("old.code", 400), ("older.code", 500), ("young.code", 10), ("middle.code", 100)]
        {
            file(here, name, 20, age)?;
        }
        for (name, age) in
            [(".rest.code.1", 2 * 24 * 3600), (".written.code.2", 60), ("other.txt", 1_000_000)]
        {
            file(here, name, 1000, age)?;
        }
        fs::create_dir(here.join("folder.code"))?;
        let others = [".written.code.2", "folder.code", "other.txt"];
        let left = |own: &[&str]| {
            let mut left: Vec<_> = others.iter().chain(own).map(|it| (*it).to_owned()).collect();
            left.sort();
            left
        };

        keep_newest(here, ".code", Room::new(4, 1000), &used)?;
        assert_eq!(names(here)?, left(&["middle.code", "old.code", "used.code", "young.code"]));
        used_now(&here.join("old.code"));
        keep_newest(here, ".code", Room::new(4, 100), &used)?;
        assert_eq!(names(here)?, left(&["old.code", "used.code", "young.code"]));
        keep_newest(here, ".code", Room::new(0, 0), &used)?;
        assert_eq!(names(here)?, left(&["used.code"]));
        Ok(())
    }
}
