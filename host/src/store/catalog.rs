//! What there is in a store, by its log.

use std::collections::{HashMap, HashSet};
use std::io;

use exhibit_records::{Digest, Entry, EvidenceAdded, EvidenceTested, ProvenTime};

use super::dates::Dates;
use super::package::{Logged, Package};
use super::supersession::is_no_less_than;

/// All evidence that was ever kept in a store, in the order of its coming.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    packages: Vec<Package>,
    by_name: HashMap<String, usize>,
    proofs: HashSet<Digest>,
    /// Whether only what a check of the store needs is kept of each entry.
    for_checks: bool,
    /// What is of the same things, in the order of its coming.
    by_about: HashMap<Digest, Vec<usize>>,
    /// When what is in the log was entered. Of what was pruned the caller can have said when: that is as stated.
    dates: Dates,
}

impl Catalog {
    /// One that is to say what there is, and not what it is worth: it takes a fraction of the memory.
    pub(super) fn for_checks() -> Self {
        Self { for_checks: true, ..Self::default() }
    }

    /// The next entry of the log. Says what is wrong with one that makes no sense after those before it.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong with the entry.
    pub fn read(&mut self, index: u64, entry: &[u8]) -> Result<(), String> {
        match serde_json::from_slice(entry).map_err(|error| error.to_string())? {
            Entry::Kept(kept) => self.kept(index, *kept),
            Entry::Tested(tested) => {
                if !tested.run.split('/').all(is_name) {
                    return Err("it names an invalid run".to_owned());
                }
                let at = self.known(&tested.evidence)?;
                self.dates.next(index, &tested.at);
                let Package { runs, entries, .. } = &mut self.packages[at];
                let place = match runs.iter().position(|it| it.run == tested.run) {
                    Some(known) if runs[known].digest == tested.digest => known,
                    Some(_) => return Err(format!("two runs are called `{}`", tested.run)),
                    None if self.for_checks => {
                        runs.push(EvidenceTested { tests: None, verdicts: None, ..tested });
                        runs.len() - 1
                    }
                    None => {
                        runs.push(tested);
                        runs.len() - 1
                    }
                };
                entries.push(Logged { index, run: Some(place) });
                self.supersede(at);
                Ok(())
            }
            Entry::Pruned(pruned) => {
                let at = self.known(&pruned.evidence)?;
                let package = &mut self.packages[at];
                if package.kept.proof != pruned.proof {
                    return Err(format!(
                        "other evidence than `{}` was pruned under its name",
                        pruned.evidence
                    ));
                }
                package.pruned = Some(pruned);
                self.join_all();
                self.supersede(at);
                Ok(())
            }
        }
    }

    fn kept(&mut self, index: u64, kept: EvidenceAdded) -> Result<(), String> {
        if !is_name(&kept.evidence) {
            return Err("it names invalid evidence".to_owned());
        }
        if let Some(&known) = self.by_name.get(&kept.evidence) {
            // Two processes may each have entered what a third had left behind.
            if self.packages[known].kept.proof != kept.proof {
                return Err(format!("two proofs are called `{}`", kept.evidence));
            }
            self.dates.next(index, &kept.at);
            self.packages[known].entries.push(Logged { index, run: None });
            return Ok(());
        }
        if !self.proofs.insert(kept.proof) {
            return Err(format!("`{}` is there already, under another name", kept.evidence));
        }
        if let Some(earlier) = &kept.supersedes {
            self.known(earlier)?;
        }
        self.dates.next(index, &kept.at);
        if self.for_checks {
            let (index, at) = (index, self.packages.len());
            self.by_name.insert(kept.evidence.clone(), at);
            self.packages.push(Package::of_checks(index, kept));
            return Ok(());
        }
        let at = self.packages.len();
        let is_joined = self.is_joined(&kept);
        self.by_name.insert(kept.evidence.clone(), at);
        self.by_about.entry(kept.about).or_default().push(at);
        let proves = kept.proves;
        self.packages.push(Package {
            index,
            kept,
            runs: Vec::new(),
            superseded_by: None,
            proves,
            pruned: None,
            is_missing: false,
            is_joined,
            entries: vec![Logged { index, run: None }],
        });
        self.supersede(at);
        Ok(())
    }

    /// Where the evidence of this name is.
    fn known(&self, evidence: &str) -> Result<usize, String> {
        let at = self.by_name.get(evidence).copied();
        at.ok_or_else(|| format!("there was no evidence `{evidence}`"))
    }

    /// Says of all evidence of the same things at the same time as this which of it is superseded, as of the log so far:
    /// tests that are run later, and evidence that goes, change that. What `supersedes` in an entry says is not enough: it
    /// was written before those.
    fn supersede(&mut self, changed: usize) {
        if self.for_checks {
            return;
        }
        let kept = &self.packages[changed].kept;
        let of_same_things = self.by_about.get(&kept.about).map_or(&[][..], Vec::as_slice);
        let same: Vec<usize> =
            of_same_things.iter().copied().filter(|&it| self.packages[it].kept.same_as(kept)).collect();
        for (place, &earlier) in same.iter().enumerate() {
            let by = same[place + 1..].iter().rev().map(|&it| &self.packages[it]);
            let by =
                by.filter(|it| it.pruned.is_none()).find(|it| is_no_less_than(it, &self.packages[earlier]));
            let by = by.map(|it| it.kept.evidence.clone());
            self.packages[earlier].superseded_by = by;
        }
    }

    /// Asks the records of evidence whose entries do not say which time it proves.
    pub(super) fn complete(&mut self, proves: impl Fn(&EvidenceAdded) -> Option<ProvenTime>) {
        for package in self.packages.iter_mut().filter(|it| it.proves.is_none() && it.pruned.is_none()) {
            package.proves = proves(&package.kept);
        }
        // What it covers may be known only now.
        for at in 0..self.packages.len() {
            self.supersede(at);
        }
    }

    /// Looks which evidence is there.
    ///
    /// # Errors
    /// Where that cannot be known: it is neither there nor missing.
    pub(super) fn look(&mut self, is_there: impl Fn(&str) -> io::Result<bool>) -> io::Result<()> {
        for package in self.packages.iter_mut().filter(|it| it.pruned.is_none()) {
            package.is_missing = !is_there(&package.kept.evidence)?;
        }
        self.join_all();
        Ok(())
    }

    /// Whether the proof that this one continues is there as it names it, and whatever that one continues. One that has all that
    /// there is continues none.
    fn is_joined(&self, kept: &EvidenceAdded) -> bool {
        let (Some(since), Some(named)) = (&kept.since, &kept.predecessor) else {
            return kept.since.is_none() && kept.predecessor.is_none();
        };
        self.find(&named.evidence).is_some_and(|it| {
            let is_named = it.kept.proof == named.proof && it.kept.point.as_ref() == Some(since);
            is_named && it.kept.about == kept.about && it.pruned.is_none() && !it.is_missing && it.is_joined
        })
    }

    /// The same of all of it, after some was removed or found missing.
    fn join_all(&mut self) {
        if self.for_checks || self.packages.iter().all(|it| it.kept.since.is_none()) {
            return;
        }
        // A proof comes after the one that it continues.
        for at in 0..self.packages.len() {
            self.packages[at].is_joined = self.is_joined(&self.packages[at].kept);
        }
    }

    /// All of it.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// Entries about this evidence that are dated before one that comes before them: why that is wrong.
    pub(crate) fn misordered(&self, package: &Package) -> Vec<String> {
        self.dates.of(&package.entries).map(str::to_owned).collect()
    }

    /// When what is in the log was entered.
    pub(super) fn dates(&self) -> &Dates {
        &self.dates
    }

    /// The evidence of this name.
    pub fn find(&self, evidence: &str) -> Option<&Package> {
        self.by_name.get(evidence).map(|&it| &self.packages[it])
    }

    /// What evidence like this takes the place of, as it comes: the last of what still stands.
    pub(super) fn superseded_by(&self, kept: &EvidenceAdded) -> Option<&Package> {
        let new = Package {
            index: 0,
            kept: kept.clone(),
            runs: Vec::new(),
            superseded_by: None,
            proves: kept.proves,
            pruned: None,
            is_missing: false,
            is_joined: self.is_joined(kept),
            entries: Vec::new(),
        };
        let stands = |it: &&Package| it.superseded_by.is_none() && it.pruned.is_none();
        let superseded = |it: &&Package| it.kept.same_as(kept) && is_no_less_than(&new, it);
        self.packages.iter().rev().filter(stands).find(superseded)
    }
}

/// Whether it can be the name of a file, and of nothing outside of its folder.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    !text.is_empty() && !text.starts_with('.') && text.chars().all(fits)
}

#[cfg(test)]
pub(super) mod tests;
