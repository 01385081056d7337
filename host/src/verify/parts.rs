//! The files of evidence, against the digests that it has of them.

use std::io;
use std::path::Path;

use exhibit_records::{Digest, PartRecord, Proof, RUN_FILE, StoredRecord};
use exhibit_rows::Shown;

use crate::checks::{Fault, Verdict};
use crate::disk::staging::{self, State};
use crate::disk::{self, desktop};
use crate::evidence::{INDEX, bundle, file_of, recorded, signature, timestamp};
use crate::format::counted;
use crate::remedy::Remedy;
use crate::store::store_of;
use crate::testing::earlier::{self, Earlier};
use crate::testing::run_signature;

use super::bounds::Bounds;
use super::faults::Faults;
use super::known_files::{Known, beside};
use super::shared_files::{SharedFiles, digest};

/// The record of all other files; signatures are checked by themselves.
const OWN: [&str; 1] = ["proof.json"];

/// Every listed file is there and as it was, and no other is there. `runs` is `None` where this machine cannot read them:
/// then it is not known which files are others.
pub(super) fn files(
    folder: &Path,
    proof: &Proof,
    runs: Option<&[Earlier]>,
    (shared, bounds): (&SharedFiles, &Bounds),
) -> Verdict {
    let mut faults = Faults::default();
    let mut known = Known::default();
    known.add(OWN);
    if proof.signed_by.is_some() {
        known.add([signature::FILE]);
    }
    if proof.timestamped_by.is_some() {
        known.add([timestamp::FILE]);
    }
    let mut all_is_known = runs.is_some();
    match brings_log(folder) {
        Ok(true) => {
            known.names.extend([bundle::ENTRY, bundle::INCLUSION].map(|it| format!("{}/{it}", bundle::LOG)));
        }
        Ok(false) => {}
        Err(error) => {
            all_is_known = false;
            faults.unread(bundle::LOG, &error);
        }
    }
    for part in &proof.parts {
        let found = || {
            let file = file_of(folder, part)?;
            let is_shared = part.is_plugin() && file != folder.join(&part.path);
            if is_shared { shared.digest(&file, part.bytes) } else { digest(&file, part.bytes) }
        };
        faults.extend(altered(part, found));
        known.names.insert(part.path.clone());
    }
    for run in runs.unwrap_or_default() {
        let name = run.name();
        known.names.insert(format!("{name}/{RUN_FILE}"));
        match disk::is_there(&run.folder.join(run_signature::FILE)) {
            Ok(true) => {
                known.names.insert(format!("{name}/{}", run_signature::FILE));
            }
            Ok(false) => {}
            Err(error) => {
                all_is_known = false;
                faults.unread(&name, &error);
            }
        }
        for part in &run.run.parts {
            let part = PartRecord { path: format!("{name}/{}", part.path), ..part.clone() };
            faults.extend(altered(&part, || digest(&folder.join(&part.path), part.bytes)));
            known.names.insert(part.path);
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
                            faults.unread(INDEX, &error);
                        }
                        break;
                    }
                };
                if let Some(over) = bounds.is_over() {
                    return over;
                }
                let Some(file) = record.file else { continue };
                let path = format!("answers/{file}");
                if let Some(StoredRecord { bytes, digest: stored }) = record.stored {
                    let part = PartRecord::new(&path, (bytes, stored));
                    faults.extend(altered(&part, || digest(&folder.join(&path), bytes)));
                }
                known.answer(record.answer, &file);
                if faults.are_endless() {
                    // Which files the rest of it lists is not known.
                    all_is_known = false;
                    break;
                }
            }
        }
        // That it is missing is said above.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            all_is_known &= !disk::is_of_this_machine(&error);
            faults.unread(INDEX, &error);
        }
    }
    let mut said = counted(known.count(), "file", "files");
    let mut in_the_making = Vec::new();
    for within in ["", earlier::RUNS] {
        let found = staging::found(&folder.join(within)).unwrap_or_else(|error| {
            all_is_known = false;
            faults.unread(within, &error);
            Vec::new()
        });
        for (name, state) in found {
            let path = if within.is_empty() { name } else { format!("{within}/{name}") };
            match unfinished(&path, state) {
                // What a process of this machine writes there now is no part of the evidence, and no harm to it.
                None => said.push_str(&format!("; {} {state}", Shown::line(&path))),
                Some(fault) => faults.extend([fault]),
            }
            in_the_making.push(path);
        }
    }
    if all_is_known {
        faults.extend(added(folder, &known, &in_the_making));
    }
    Verdict::of(faults.0, said)
}

/// How a part differs from what was `found`. `None` where it does not.
fn altered(part: &PartRecord, found: impl FnOnce() -> io::Result<(u64, Digest)>) -> Option<Fault> {
    if !bundle::is_part(&part.path) {
        return Some(fault(format!("{} is no file that evidence has", Shown::line(&part.path))));
    }
    match found() {
        Ok((bytes, digest)) if (bytes, digest) == (part.bytes, part.digest) => None,
        Ok((_, digest)) => {
            Some(fault(format!("{} was altered: {} was written, and it is {digest}", part.path, part.digest)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(missing(part)),
        Err(error) => Some(unread(&part.path, &error)),
    }
}

/// Whether it has what shows that the log of a store has it, as a bundle brings it.
fn brings_log(folder: &Path) -> io::Result<bool> {
    Ok(disk::is_dir(&folder.join(bundle::LOG))? && store_of(folder)?.is_none())
}

/// Every whole answer is there, and as it came.
pub(super) fn answers(folder: &Path, bounds: &Bounds) -> Verdict {
    let index = match recorded::index(folder) {
        Ok(index) => index,
        Err(error) => return Verdict::of(vec![unread(INDEX, &error)], ""),
    };
    let (mut faults, mut whole) = (Faults::default(), 0);
    for record in index {
        if faults.are_endless() {
            break;
        }
        if let Some(over) = bounds.is_over() {
            return over;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.unread(INDEX, &error);
                break;
            }
        };
        if record.broken.is_some() {
            continue;
        }
        whole += 1;
        // The body is held against its digest as it is read.
        match recorded::body(folder, &record).and_then(|it| bounds.read(it)) {
            Ok(None) => {}
            Ok(Some(over)) => return over,
            Err(error) => faults.unread(&format!("answer {}", record.answer), &error),
        }
    }
    Verdict::of(faults.0, counted(whole, "answer", "answers"))
}

/// What is no part of the evidence. What no program is known to leave comes first: it weighs more.
fn added(folder: &Path, known: &Known, in_the_making: &[String]) -> Vec<Fault> {
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

/// What is in the making there, where no process is known to write it: anyone who had the evidence can have put it there. `None`
/// where one is.
fn unfinished(path: &str, state: State) -> Option<Fault> {
    let why = match state {
        State::UnderWay => return None,
        State::Unknown => "locks do not work there, so it cannot be known whether a process writes it",
        _ => "it is what killed processes leave, and no process writes it",
    };
    let path = Shown::line(path).to_string();
    let what = format!("{path} is no part of the evidence: {why}");
    Some(Fault::new(what, Remedy::RemoveLeftover { path }))
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
    use std::fs;

    use super::*;

    fn known(names: &[&str]) -> Known {
        Known { names: names.iter().map(|it| (*it).to_owned()).collect(), ..Known::default() }
    }

    #[test]
    fn answers_are_known_by_their_numbers_and_other_names_of_them_are_not() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        fs::create_dir(place.path().join("answers"))?;
        let mut known = known(&["proof.json"]);
        known.answer(1, "000001.zst");
        known.answer(3, "000003.zst");
        known.answer(4, "000007.zst");
        assert_eq!(known.count(), 4);
        let names =
            ["000001.zst", "000002.zst", "000003.zst", "000004.zst", "000007.zst", "0000001.zst", "1.zst"];
        for name in names {
            fs::write(place.path().join("answers").join(name), "")?;
        }
        let said: Vec<String> = added(place.path(), &known, &[]).into_iter().map(|it| it.what).collect();
        insta::assert_snapshot!(said.join("\n"), @"
        answers/0000001.zst was added
        answers/000002.zst was added
        answers/000004.zst was added
        answers/1.zst was added
        ");
        Ok(())
    }

    #[test]
    fn what_is_in_the_making_is_no_fault_and_junk_that_looks_like_it_is() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let known = known(&["proof.json"]);
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
    fn only_what_a_process_writes_now_is_no_fault() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let partial = place.path().join(".exhibit.partial-1-0");
        fs::create_dir_all(partial.join("moving/tests/0001"))?;
        fs::write(partial.join("lock"), "")?;
        let said = || -> Vec<(String, String)> {
            let found = staging::found(place.path()).expect("readable").into_iter();
            let faults = found.filter_map(|(name, state)| unfinished(&name, state));
            faults.map(|it| (it.what, it.next.to_string())).collect()
        };
        let left = said();
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(
            left[0].0,
            ".exhibit.partial-1-0 is no part of the evidence: it is what killed processes leave, and no process writes it"
        );
        assert!(left[0].1.starts_with("remove .exhibit.partial-1-0"), "{left:?}");
        let lock = fs::File::open(partial.join("lock"))?;
        lock.lock()?;
        assert_eq!(said(), []);
        drop(lock);
        fs::remove_file(partial.join("lock"))?;
        assert!(said()[0].0.contains("cannot be known"), "{:?}", said());
        Ok(())
    }

    #[test]
    fn what_desktops_leave_is_named_as_that_and_comes_last() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        for folder in ["answers", "__MACOSX/evidence"] {
            fs::create_dir_all(place.path().join(folder))?;
        }
        let files = ["proof.json", "answers/000001.zst"];
        let left =
            [".DS_Store", "Thumbs.db", "__MACOSX/evidence/._proof.json", "answers/._000001.zst", "more.txt"];
        for name in files.iter().chain(&left) {
            fs::write(place.path().join(name), "")?;
        }
        let known = known(&files);
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
