//! The files of evidence, against the digests that it has of them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use exhibit_records::{Digest, PartRecord, Proof, RUN_FILE, StoredRecord};
use exhibit_rows::Shown;

use crate::checks::{Fault, Verdict};
use crate::disk::{self, Extent, desktop, staging};
use crate::evidence::{bundle, file_of, recorded, signature, timestamp};
use crate::format::counted;
use crate::remedy::Remedy;
use crate::store::store_of;
use crate::testing::earlier::{self, Earlier};
use crate::testing::run_signature;

/// The record of all other files; signatures are checked by themselves.
const OWN: [&str; 1] = ["proof.json"];
/// Folders in folders; evidence has two.
const DEPTH: usize = 4;

/// Every listed file is there and as it was, and no other is there. `runs` is `None` where this machine cannot read them:
/// then it is not known which files are others.
pub(super) fn files(folder: &Path, proof: &Proof, runs: Option<&[Earlier]>) -> Verdict {
    let mut faults = Vec::new();
    let mut known: BTreeSet<String> = OWN.iter().map(|it| (*it).to_owned()).collect();
    if proof.signed_by.is_some() {
        known.insert(signature::FILE.to_owned());
    }
    if proof.timestamped_by.is_some() {
        known.insert(timestamp::FILE.to_owned());
    }
    let mut all_is_known = runs.is_some();
    match brings_log(folder) {
        Ok(true) => {
            known.extend([bundle::ENTRY, bundle::INCLUSION].map(|it| format!("{}/{it}", bundle::LOG)));
        }
        Ok(false) => {}
        Err(error) => {
            all_is_known = false;
            faults.push(unread(bundle::LOG, &error));
        }
    }
    let mut listed = proof.parts.clone();
    for run in runs.unwrap_or_default() {
        let name = run.name();
        known.insert(format!("{name}/{RUN_FILE}"));
        match disk::is_there(&run.folder.join(run_signature::FILE)) {
            Ok(true) => {
                known.insert(format!("{name}/{}", run_signature::FILE));
            }
            Ok(false) => {}
            Err(error) => {
                all_is_known = false;
                faults.push(unread(&name, &error));
            }
        }
        for part in &run.run.parts {
            listed.push(PartRecord { path: format!("{name}/{}", part.path), ..part.clone() });
        }
    }
    match recorded::index(folder) {
        Ok(index) => {
            for record in index {
                let record = match record {
                    Ok(record) => record,
                    // What is wrong with what it says is said of the answers.
                    Err(error) => {
                        if disk::is_of_this_machine(&error) {
                            all_is_known = false;
                            faults.push(unread("answers/index.ndjson", &error));
                        }
                        break;
                    }
                };
                let Some(path) = record.file.map(|it| format!("answers/{it}")) else { continue };
                if let Some(StoredRecord { bytes, digest }) = record.stored {
                    listed.push(PartRecord::new(&path, (bytes, digest)));
                }
                known.insert(path);
            }
        }
        // That it is missing is said below.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            all_is_known &= !disk::is_of_this_machine(&error);
            faults.push(unread("answers/index.ndjson", &error));
        }
    }
    for part in &listed {
        if !bundle::is_part(&part.path) {
            faults.push(fault(format!("{} is no file that evidence has", Shown::line(&part.path))));
            continue;
        }
        match file_of(folder, part).and_then(|it| digest(&it, part.bytes)) {
            Ok((bytes, digest)) if (bytes, digest) == (part.bytes, part.digest) => {}
            Ok((_, digest)) => faults.push(fault(format!(
                "{} was altered: {} was written, and it is {digest}",
                part.path, part.digest
            ))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => faults.push(missing(part)),
            Err(error) => faults.push(unread(&part.path, &error)),
        }
        known.insert(part.path.clone());
    }
    let mut said = counted(known.len() as u64, "file", "files");
    // What another process writes there, or a killed one left, is no part of the evidence, and no harm to it.
    let mut in_the_making = Vec::new();
    for within in ["", earlier::RUNS] {
        let found = staging::found(&folder.join(within)).unwrap_or_else(|error| {
            all_is_known = false;
            faults.push(unread(within, &error));
            Vec::new()
        });
        for (name, state) in found {
            let path = if within.is_empty() { name } else { format!("{within}/{name}") };
            said.push_str(&format!("; {} {state}", Shown::line(&path)));
            in_the_making.push(path);
        }
    }
    if all_is_known {
        faults.extend(added(folder, &known, &in_the_making));
    }
    Verdict::of(faults, said)
}

/// Whether it has what shows that the log of a store has it, as a bundle brings it.
fn brings_log(folder: &Path) -> io::Result<bool> {
    Ok(disk::is_dir(&folder.join(bundle::LOG))? && store_of(folder)?.is_none())
}

/// Every whole answer is there, and as it came.
pub(super) fn answers(folder: &Path) -> Verdict {
    let index = match recorded::index(folder) {
        Ok(index) => index,
        Err(error) => return Verdict::of(vec![unread("answers/index.ndjson", &error)], ""),
    };
    let (mut faults, mut whole) = (Vec::new(), 0);
    for record in index {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(unread("answers/index.ndjson", &error));
                break;
            }
        };
        if record.broken.is_some() {
            continue;
        }
        whole += 1;
        // The body is held against its digest as it is read.
        let read = recorded::body(folder, &record).and_then(|mut it| io::copy(&mut it, &mut io::sink()));
        if let Err(error) = read {
            faults.push(unread(&format!("answer {}", record.answer), &error));
        }
    }
    Verdict::of(faults, counted(whole, "answer", "answers"))
}

/// Files that are not part of the evidence, folders without any other, and links, by their paths from the folder on.
fn beside(folder: &Path, known: &BTreeSet<String>, in_the_making: &[String]) -> io::Result<Vec<String>> {
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
            if kind.is_dir()
                && depth < DEPTH
                && (is_for_runs
                    || known.range(within.clone()..).next().is_some_and(|it| it.starts_with(&within)))
            {
                folders.push((entry.path(), within, depth + 1));
            } else if !known.contains(&path) || !kind.is_file() {
                added.push(path);
            }
        }
    }
    added.sort();
    Ok(added)
}

/// Size and digest of a file that should have so many bytes. Of a larger one they are those of its beginning,
/// which has one byte too many.
fn digest(path: &Path, bytes: u64) -> io::Result<(u64, Digest)> {
    let file = disk::open_regular_file(path)?.take(bytes.saturating_add(1));
    Ok(Extent::read(file)?.finish())
}

/// What is no part of the evidence. What no program is known to leave comes first: it weighs more.
fn added(folder: &Path, known: &BTreeSet<String>, in_the_making: &[String]) -> Vec<Fault> {
    let mut added = match beside(folder, known, in_the_making) {
        Ok(added) => added,
        Err(error) => return vec![Fault::unread(error.to_string(), &error, Remedy::DoNotRely)],
    };
    added.sort_by_key(|it| desktop::leaves(it).is_some());
    let said = |path: String| match desktop::leaves(&path) {
        Some(program) => Fault::left(&path, program),
        None => fault(format!("{} was added", Shown::line(&path))),
    };
    added.into_iter().map(said).collect()
}

fn missing(part: &PartRecord) -> Fault {
    let what = format!("{} is missing", part.path);
    if part.is_plugin() { Fault::new(what, Remedy::Bundle) } else { fault(what) }
}

fn unread(what: &str, error: &io::Error) -> Fault {
    Fault::unread(format!("{what}: {error}"), error, Remedy::DoNotRely)
}

fn fault(what: String) -> Fault {
    Fault::new(what, Remedy::DoNotRely)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_making_is_no_fault_and_junk_that_looks_like_it_is() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let known = ["proof.json".to_owned()].into();
        fs::write(place.path().join("proof.json"), "")?;
        let left = place.path().join("tests/.0001.partial-7-0");
        fs::create_dir_all(left.join("written"))?;
        fs::write(left.join("lock"), "")?;
        fs::write(left.join("written/run.json"), "")?;
        let making = ["tests/.0001.partial-7-0".to_owned()];
        assert_eq!(staging::found(&place.path().join(earlier::RUNS))?.len(), 1);
        assert_eq!(added(place.path(), &known, &making), []);
        fs::write(left.join("junk"), "")?;
        assert_eq!(staging::found(&place.path().join(earlier::RUNS))?, []);
        let said: Vec<String> = added(place.path(), &known, &[]).into_iter().map(|it| it.what).collect();
        assert_eq!(said, ["tests/.0001.partial-7-0 was added"]);
        // What is left once that is gone is an empty folder, which is no file of anybody.
        fs::remove_dir_all(&left)?;
        assert_eq!(added(place.path(), &known, &[]), []);
        Ok(())
    }

    #[test]
    fn what_desktops_leave_is_named_as_that_and_comes_last() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        for folder in ["answers", "__MACOSX/evidence"] {
            fs::create_dir_all(place.path().join(folder))?;
        }
        let known = ["proof.json", "answers/000001.zst"];
        let left =
            [".DS_Store", "Thumbs.db", "__MACOSX/evidence/._proof.json", "answers/._000001.zst", "more.txt"];
        for name in known.iter().chain(&left) {
            fs::write(place.path().join(name), "")?;
        }
        let known = known.map(str::to_owned).into();
        let said = |it: Fault| format!("{} ({})", it.what, it.next);
        let said: Vec<String> = added(place.path(), &known, &[]).into_iter().map(said).collect();
        insta::assert_snapshot!(said.join("\n"), @"
        more.txt was added (do not rely on it: take it from where it was kept, or collect it again)
        .DS_Store was added: macOS leaves such files in folders that it shows or packs (remove .DS_Store, which is not part of it, and verify the rest again)
        Thumbs.db was added: Windows leaves such files in folders that it shows or packs (remove Thumbs.db, which is not part of it, and verify the rest again)
        __MACOSX was added: macOS leaves such files in folders that it shows or packs (remove __MACOSX, which is not part of it, and verify the rest again)
        answers/._000001.zst was added: macOS leaves such files in folders that it shows or packs (remove answers/._000001.zst, which is not part of it, and verify the rest again)
        ");
        Ok(())
    }
}
