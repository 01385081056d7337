//! The last run of each test: in the same evidence, or in evidence beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use exhibit_records::weight::Weight;
use exhibit_records::{Digest, PROOF_FILE, Predecessor, Proof, RUN_FILE, Run};

use crate::contract::types::Instant;
use crate::disk;
use crate::evidence::{SignatureError, parse_instant, read};

use super::{run, run_signature};

/// Where an evidence folder has its runs.
pub(crate) const RUNS: &str = "tests";
/// The run that is part of the evidence: that of the tests it was collected with.
pub(crate) const OWN: &str = "tests/0001";
/// Folders that are looked into: years of daily proofs of many types. Beyond it the rest is not seen.
const FOLDERS: usize = 20_000;
/// So many folders are named that cannot be read.
const PASSED_OVER: usize = 3;
/// Digits of a run's number, so that folders are listed in their order.
const DIGITS: usize = 4;

/// Whether a run that is kept in the folder of this evidence is to be believed. An error where that cannot be known on this
/// machine.
pub type Known<'a> = &'a (dyn Fn(&Path, &Earlier) -> io::Result<bool> + Sync);

/// An earlier run.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The run's folder.
    pub(crate) folder: PathBuf,
    /// The name of its evidence's folder; empty for the evidence itself.
    pub(super) evidence: String,
    /// Its number.
    pub number: u32,
    /// What it came to.
    pub run: Run,
}

impl Earlier {
    /// The run of this number of evidence in this folder, whose `run.json` has these bytes. `None` where it is no run that
    /// this version knows.
    pub(crate) fn of(evidence: &Path, number: u32, json: &[u8]) -> Option<Self> {
        let run = run::parsed(json).ok()??;
        Some(Self { folder: folder(evidence, number), evidence: String::new(), number, run })
    }

    /// The path of its folder, from its evidence's folder on.
    pub fn name(&self) -> String {
        format!("{RUNS}/{:0DIGITS$}", self.number)
    }

    /// The keys that are said to have signed it, over what is there. `None` where it has no signature of its own. No signature
    /// is checked.
    ///
    /// # Errors
    /// Where that cannot be read, or is about something else.
    pub fn unverified_signers(&self) -> Result<Option<Vec<String>>, SignatureError> {
        run_signature::unverified_signers(&self.folder, &self.run)
    }

    /// The path of its record, from its evidence's folder on.
    pub(crate) fn file(&self) -> String {
        record(self.number)
    }

    /// Of its `run.json`.
    ///
    /// # Errors
    ///
    /// Where its `run.json` cannot be read.
    pub fn digest(&self) -> io::Result<Digest> {
        Ok(Digest::of(&disk::read_bounded(&self.folder.join(RUN_FILE))?))
    }

    /// Whether it is about this very evidence, whose `proof.json` has this digest.
    pub fn is_of(&self, proof: &Proof, json: Digest) -> bool {
        let came_with_it = proof.part(&format!("{}/{RUN_FILE}", self.name())).is_some();
        self.run.proof == (!came_with_it).then_some(json)
            && self.run.proof_type == proof.proof_type.name
            && read::kept_rows(proof).is_ok_and(|it| it.meaning() == self.run.rows)
    }
}

/// The last runs of some tests.
#[derive(Debug, Clone, Default)]
pub struct Last {
    /// That of each test, in their order.
    pub runs: Vec<Option<Arc<Earlier>>>,
    /// Folders beside the evidence whose records are there and cannot be read: why, for people. The first of them.
    pub passed_over: Vec<String>,
}

/// The last run before this one of each of these tests, in their order: of those held against
/// this evidence, or against evidence of the same proof, from the same place, that was kept
/// beside it and covers no later time. Folders beside it that are no evidence, or may not be read, are passed over.
///
/// # Errors
///
/// Where this machine cannot read what is there: a run would be taken for the first one.
pub fn find(evidence: &Path, proof: &Proof, tests: &[&str], known: Option<Known<'_>>) -> io::Result<Last> {
    let mut passed_over = Vec::new();
    let Some(limit) = parse_instant(&proof.job.as_of) else {
        return Ok(Last { runs: vec![None; tests.len()], passed_over });
    };
    let mut last: Vec<Option<(Order, Arc<Earlier>)>> = vec![None; tests.len()];
    let mut consider = |time: Instant, it: Earlier| {
        let order = (time, it.evidence.is_empty(), it.run.made.clone(), it.number);
        let it = Arc::new(it);
        for (last, name) in last.iter_mut().zip(tests) {
            let has =
                it.run.proof_type == proof.proof_type.name && it.run.tests.iter().any(|it| it.name == *name);
            if has && last.as_ref().is_none_or(|(other, _)| *other < order) {
                *last = Some((order.clone(), Arc::clone(&it)));
            }
        }
    };
    let kept = |folder: &Path, name: &str| -> io::Result<Vec<Earlier>> {
        let mut all = Vec::new();
        for it in runs(folder, name)? {
            if known.map_or(Ok(true), |known| known(folder, &it))? {
                all.push(it);
            }
        }
        Ok(all)
    };
    for it in kept(evidence, "")? {
        consider(limit, it);
    }
    for (name, folder) in located(evidence)?.map_or(Ok(Vec::new()), |it| beside(&it))? {
        let other = match read::proof(&folder) {
            Ok(other) => other,
            // What others keep beside it and do not let this user read is not compared with.
            Err(error)
                if disk::is_of_this_machine(&error) && error.kind() != io::ErrorKind::PermissionDenied =>
            {
                return Err(error);
            }
            Err(error) => {
                // Most folders are no evidence, and a later program's is not damaged.
                let is_damaged = error.kind() == io::ErrorKind::InvalidData;
                if is_damaged && passed_over.len() < PASSED_OVER {
                    passed_over.push(error.to_string());
                }
                continue;
            }
        };
        let time = parse_instant(&other.job.as_of).filter(|it| *it <= limit && is_alike(&other, proof));
        let Some(time) = time else { continue };
        for it in kept(&folder, &name)? {
            consider(time, it);
        }
    }
    Ok(Last { runs: last.into_iter().map(|it| it.map(|(_, it)| it)).collect(), passed_over })
}

/// The interval that its evidence covers, whether that is the same evidence, when it was made, its number.
type Order = (Instant, bool, String, u32);

/// The folder of this number's run.
pub(super) fn folder(evidence: &Path, number: u32) -> PathBuf {
    evidence.join(RUNS).join(named(number))
}

fn named(number: u32) -> String {
    format!("{number:0DIGITS$}")
}

/// The path of the run of this number, from its evidence's folder on.
#[cfg(feature = "store")]
pub(crate) fn named_path(number: u32) -> String {
    format!("{RUNS}/{}", named(number))
}

/// The folder of the number that follows this run's. `None` where this is not a run's folder.
#[cfg(feature = "store")]
pub(crate) fn following(run: &Path) -> Option<PathBuf> {
    let number: u32 = run.file_name()?.to_str()?.parse().ok()?;
    Some(run.with_file_name(named(number.checked_add(1)?)))
}

/// The number that the next run of this evidence has.
///
/// # Errors
///
/// Where the folder of runs cannot be read.
pub(super) fn next(evidence: &Path) -> io::Result<u32> {
    Ok(numbers(evidence)?.into_iter().max().map_or(1, |it| it.saturating_add(1)))
}

/// The path of the record of this number's run, from the evidence's folder on.
pub(crate) fn record(number: u32) -> String {
    format!("{RUNS}/{}/{RUN_FILE}", named(number))
}

/// The record that a run of this number comes after: that of the run with the next lower number that has one, or
/// `proof.json`.
///
/// # Errors
///
/// Where that cannot be read.
pub(crate) fn before(evidence: &Path, number: u32) -> io::Result<Predecessor> {
    let mut lower: Vec<u32> = numbers(evidence)?.into_iter().filter(|it| *it < number).collect();
    lower.sort_unstable();
    for file in lower.into_iter().rev().map(record).chain([PROOF_FILE.to_owned()]) {
        let path = evidence.join(&file);
        // A folder without a record is no run.
        if disk::is_file(&path)? {
            return Ok(Predecessor { digest: Digest::of(&disk::read_bounded(&path)?), file });
        }
    }
    Err(disk::at(&evidence.join(PROOF_FILE), io::ErrorKind::NotFound.into()))
}

/// The numbers that runs of this evidence have, in no order.
///
/// # Errors
///
/// Where the folder of runs is there and cannot be read.
pub(crate) fn numbers(evidence: &Path) -> io::Result<Vec<u32>> {
    let number = |name: std::ffi::OsString| {
        let name = name.into_string().ok()?;
        name.parse().ok().filter(|it| named(*it) == name)
    };
    let names = disk::names_if_any(&evidence.join(RUNS))?;
    Ok(names.into_iter().take(FOLDERS).filter_map(number).collect())
}

/// The runs that are kept with this evidence. Folders that are none are passed over.
///
/// # Errors
///
/// Where this machine cannot read one: without it, the others would seem to be all.
pub fn runs(evidence: &Path, name: &str) -> io::Result<Vec<Earlier>> {
    let mut numbers = numbers(evidence)?;
    numbers.sort_unstable();
    let (mut runs, mut all) = (Vec::new(), Weight::default());
    for number in numbers {
        let folder = folder(evidence, number);
        let (run, weight) = match run::weighed(&folder) {
            Ok(Some(weighed)) => weighed,
            Err(error) if disk::is_of_this_machine(&error) => return Err(error),
            Ok(None) | Err(_) => continue,
        };
        // All of them are in memory at a time. What is not read is no run that is known: who verifies says so.
        all = all.plus(&weight);
        if all.within(&Weight::RUNS).is_err() {
            break;
        }
        runs.push(Earlier { folder, evidence: name.to_owned(), number, run });
    }
    Ok(runs)
}

/// The run that is part of this evidence: the one that was made when it was collected. Later ones are beside it. `None` where
/// it was collected without tests.
///
/// # Errors
///
/// Where it cannot be read, or was altered since.
pub(crate) fn collected_with(evidence: &Path, proof: &Proof) -> io::Result<Option<Run>> {
    let own = format!("{OWN}/{RUN_FILE}");
    let Some(part) = proof.parts.iter().find(|it| it.path == own) else { return Ok(None) };
    let json = disk::read_bounded(&evidence.join(&own))?;
    // The evidence's signature covers this alone.
    if Digest::of(&json) != part.digest {
        return Err(disk::invalid(format!("{own} was altered")));
    }
    run::parsed(&json)?
        .map(Some)
        .ok_or_else(|| disk::invalid(format!("{own} is of a format that this version does not know")))
}

/// Where evidence is, without links, `.` and `..`, even if it is not there yet.
fn located(evidence: &Path) -> io::Result<Option<PathBuf>> {
    let there = |path: &Path| match path.canonicalize() {
        Ok(path) => Ok(Some(path)),
        Err(error) if disk::is_of_this_machine(&error) => Err(disk::at(path, error)),
        Err(_) => Ok(None),
    };
    if let Some(path) = there(evidence)? {
        return Ok(Some(path));
    }
    let parent = evidence.parent().filter(|it| *it != Path::new("")).unwrap_or(Path::new("."));
    Ok(there(parent)?.zip(evidence.file_name()).map(|(parent, name)| parent.join(name)))
}

/// Other folders in the same one, in the order of their names.
fn beside(evidence: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let (Some(parent), Some(own)) = (evidence.parent(), evidence.file_name()) else { return Ok(vec![]) };
    let entries = match fs::read_dir(parent) {
        Ok(entries) => entries,
        // A folder may be opened that may not be listed.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(vec![]),
        Err(error) if disk::is_of_this_machine(&error) => return Err(disk::at(parent, error)),
        Err(_) => return Ok(vec![]),
    };
    // What a link leads to in the same folder has a name of its own there.
    let is_second_name = |entry: &fs::DirEntry| {
        entry.file_type().is_ok_and(|it| it.is_symlink())
            && entry.path().canonicalize().is_ok_and(|it| it.parent() == Some(parent))
    };
    let other = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        // What begins with a dot is being written.
        let other = entry.file_name() != own && !name.starts_with('.') && !is_second_name(&entry);
        other.then(|| (name, entry.path()))
    };
    let mut others: Vec<_> = entries.take(FOLDERS).filter_map(other).collect();
    others.sort();
    Ok(others)
}

/// Whether two proofs are of the same things: the same type by the same plugin, from the same
/// place, narrowed down in the same way. Windows and versions may differ, but a list of some rows is not compared with
/// one of all.
fn is_alike(a: &Proof, b: &Proof) -> bool {
    a.proof_type.name == b.proof_type.name
        && a.plugin.id == b.plugin.id
        && a.origins == b.origins
        && a.account == b.account
        && a.job.criteria == b.job.criteria
        && a.filter().is_some() == b.filter().is_some()
        && a.job.since.is_none() == b.job.since.is_none()
        && a.proof_type.key == b.proof_type.key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_are_too_much_together_are_not_all_read() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let digest = Digest::of(b"");
        let control = "\"\",".repeat(249_000);
        let test = format!(
            r#"{{"name":"a","label":"","why":"","controls":[{control}""],"threshold":1,"digest":"{digest}","outcome":"pass",
               "counted":0,"passed":0,"failed":0,"inconclusive":0,"not-applicable":0,"message":"","since":null}}"#
        );
        let run = |tests: &str| {
            format!(
                r#"{{"format":3,"type":"users","proof":null,"rows":"{digest}","as-of":"","made":"","host":"",
                   "plugin":{{"id":"","version":"","digest":"{digest}"}},"tests":[{tests}],"parts":[]}}"#
            )
        };
        for number in 1..=7 {
            let folder = folder(place.path(), number);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(RUN_FILE), run(if number == 6 { "" } else { &test }))?;
        }
        let read: Vec<u32> = runs(place.path(), "")?.iter().map(|it| it.number).collect();
        assert_eq!(read, [1, 2, 3, 4], "a quarter of a million values in each");
        Ok(())
    }

    #[test]
    fn neighbours_that_cannot_be_read_are_named_and_others_are_found() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let write = |name: &str, json: &str| {
            fs::create_dir(place.path().join(name))?;
            fs::write(place.path().join(name).join(PROOF_FILE), json)
        };
        let proof = crate::evidence::examples::record().to_string();
        write("own", &proof)?;
        write("alike", &proof)?;
        write("heavy", &format!("[{}0]", "{\"\":0},".repeat(30_000)))?;
        fs::create_dir(place.path().join("none"))?;
        let own = Proof::parse(proof.as_bytes()).expect("a proof");
        let run = format!(
            r#"{{"format":3,"type":"assets","proof":null,"rows":"{0}","as-of":"2026-11-01T00:00:00Z","made":"","host":"",
               "plugin":{{"id":"","version":"","digest":"{0}"}},"tests":[{{"name":"a","label":"","why":"","controls":[],
               "threshold":1,"digest":"{0}","outcome":"pass","counted":0,"passed":0,"failed":0,"inconclusive":0,
               "not-applicable":0,"message":"","since":null}}],"parts":[]}}"#,
            Digest::of(b"")
        );
        let folder = folder(&place.path().join("alike"), 1);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(RUN_FILE), run)?;
        let Last { runs, passed_over } = find(&place.path().join("own"), &own, &["a"], None)?;
        assert_eq!(runs[0].as_ref().map(|it| it.evidence.as_str()), Some("alike"));
        let [why] = &passed_over[..] else { panic!("{passed_over:?}") };
        assert!(
            why.ends_with("heavy/proof.json: it has more than 20000 objects, which no such record has"),
            "{why}"
        );
        Ok(())
    }
}
