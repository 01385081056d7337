//! The chain of runs of tests: each names the record before it, so one that was removed, swapped, renumbered or copied shows.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use exhibit_records::{CHAINED_SINCE, Digest, PROOF_FILE, Predecessor, Proof, RUN_FILE};

use crate::checks::{Fault, Verdict};
use crate::disk;
use crate::format::counted;
use crate::remedy::Remedy;
use crate::testing::earlier::{self, Earlier};

/// So many breaks of the chain are looked into: a few are listed.
const EXPLAINED: usize = 10;

/// Every run names the record before it as it is there. `None` where there is no run, and none should be. That the last
/// ones are gone shows in no record of this evidence.
pub(super) fn of(folder: &Path, proof: &Proof, runs: &[Earlier]) -> Option<Verdict> {
    walk(folder, proof.part(&format!("{}/{RUN_FILE}", earlier::OWN)).is_some(), runs)
}

/// The same, where `own` says whether a run came with the evidence.
fn walk(folder: &Path, own: bool, runs: &[Earlier]) -> Option<Verdict> {
    let mut numbers = match earlier::numbers(folder) {
        Ok(numbers) => numbers,
        Err(error) => return Some(unread(&error)),
    };
    numbers.sort_unstable();
    if numbers.is_empty() && !own {
        return None;
    }
    let mut walk =
        Walk { came_with_it: own, before: None, seen: HashMap::new(), chained: None, old: 0, faults: vec![] };
    walk.before = match record(folder, PROOF_FILE) {
        Ok(record) => record,
        Err(error) => return Some(unread(&error)),
    };
    if own && !numbers.contains(&1) {
        walk.fault(format!("{} is missing, which came with the evidence", earlier::OWN));
    }
    // They are in the order of their numbers, too.
    let mut rest = runs.iter().peekable();
    for &number in &numbers {
        while rest.next_if(|it| it.number < number).is_some() {}
        match rest.next_if(|it| it.number == number) {
            // What this machine cannot read is neither right nor wrong, and so are the runs after it.
            Some(run) => {
                if let Err(error) = walk.run(folder, run, runs) {
                    return Some(unread(&error));
                }
            }
            None => {
                walk.fault(format!("{} is not a run that this version can read", earlier::record(number)));
            }
        }
    }
    let mut said = counted(numbers.len() as u64, "run", "runs");
    if walk.old > 0 {
        let name = if walk.old == 1 { "names" } else { "name" };
        let old = counted(walk.old, "run", "runs");
        said.push_str(&format!("; {old} of a format before {CHAINED_SINCE} {name} no run before it"));
    }
    Some(Verdict::of(walk.faults, said))
}

/// From run to run, in the order of their numbers.
struct Walk {
    /// Whether the first run is part of the evidence.
    came_with_it: bool,
    /// The record before the next run, where it can be read.
    before: Option<Predecessor>,
    /// The names of the runs so far, by the digests of their records.
    seen: HashMap<Digest, String>,
    /// The last run so far that names the record before it.
    chained: Option<String>,
    /// Runs of a format that does not have that.
    old: u64,
    faults: Vec<Fault>,
}

impl Walk {
    fn run(&mut self, folder: &Path, run: &Earlier, all: &[Earlier]) -> io::Result<()> {
        let name = run.name();
        let this = record(folder, &run.file())?;
        if let Some(this) = &this
            && let Some(first) = self.seen.insert(this.digest, name.clone())
        {
            self.fault(format!("{name} is a copy of {first}"));
            return Ok(());
        }
        let came_with_it = self.came_with_it && name == earlier::OWN;
        match (&run.run.previous, &self.chained) {
            (Some(_), _) if came_with_it => {
                self.fault(format!("{name} came with the evidence, and names a record before it"));
            }
            (None, _) if came_with_it => {}
            (Some(previous), _) => {
                if self.before.as_ref() != Some(previous) {
                    // Only the first are listed, and to say more of thousands would take long.
                    let what = if self.faults.len() < EXPLAINED {
                        broken(&name, &run.file(), previous, self.before.as_ref(), all)
                    } else {
                        format!("{name} does not come after the record that it names")
                    };
                    self.fault(what);
                }
                self.chained = Some(name);
            }
            (None, Some(chained)) => self.fault(format!(
                "{name} names no run before it, although {chained} does: it was moved there, or a version of before added it"
            )),
            (None, None) if run.run.format >= CHAINED_SINCE => {
                self.fault(format!("{name} came with evidence, and not with this one"));
            }
            (None, None) => self.old += 1,
        }
        self.before = this;
        Ok(())
    }

    fn fault(&mut self, what: String) {
        self.faults.push(Fault::new(what, Remedy::DoNotRely));
    }
}

/// What is wrong with a run that names another record than the one before it.
fn broken(
    name: &str,
    own: &str,
    named: &Predecessor,
    before: Option<&Predecessor>,
    all: &[Earlier],
) -> String {
    if named.file == own {
        return format!(
            "{name} had another number when it was made: it names another run of that number as the one before it"
        );
    }
    let moved =
        all.iter().find(|it| it.file() != named.file && it.digest().is_ok_and(|it| it == named.digest));
    if let Some(moved) = moved {
        return format!("{name} comes after {}, which is {} now", folder_of(&named.file), moved.name());
    }
    let is_there = named.file == PROOF_FILE || all.iter().any(|it| it.file() == named.file);
    if !is_there {
        return format!("{} is missing, which {name} names as the run before it", folder_of(&named.file));
    }
    match before {
        Some(before) if before.file == named.file => format!(
            "{} is not the one that {name} was made after: it names {}, and it is {}",
            before.file, named.digest, before.digest
        ),
        Some(before) => {
            format!(
                "{name} names {} as the record before it, and {} is between them",
                named.file,
                folder_of(&before.file)
            )
        }
        None => format!("the record before {name} cannot be read"),
    }
}

fn folder_of(file: &str) -> &str {
    file.strip_suffix(RUN_FILE).map_or(file, |it| it.trim_end_matches('/'))
}

/// `None` where it is not there, or is no file.
fn record(folder: &Path, file: &str) -> io::Result<Option<Predecessor>> {
    match disk::read_bounded(&folder.join(file)) {
        Ok(json) => Ok(Some(Predecessor { file: file.to_owned(), digest: Digest::of(&json) })),
        Err(error) if disk::is_of_this_machine(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

fn unread(error: &io::Error) -> Verdict {
    Verdict::of(vec![Fault::unread(error.to_string(), error, Remedy::DoNotRely)], "")
}

#[cfg(test)]
mod tests;
