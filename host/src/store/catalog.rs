//! What there is in a store, by its log.

use std::collections::HashMap;

use exhibit_records::{Entry, EvidenceAdded, EvidencePruned, EvidenceTested, Outcomes};

use crate::contract::types::Instant;
use crate::evidence::parse_instant;
use crate::testing::earlier;

/// All evidence that was ever kept in a store, in the order of its coming.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    packages: Vec<Package>,
    by_name: HashMap<String, usize>,
}

/// Evidence, and what became of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Package {
    /// Where in the log its coming is, counted from 0.
    pub index: u64,
    /// Its coming.
    pub kept: EvidenceAdded,
    /// Runs of tests that came after it.
    pub runs: Vec<EvidenceTested>,
    /// The evidence that took its place.
    pub superseded_by: Option<String>,
    /// Its going.
    pub pruned: Option<EvidencePruned>,
}

/// What evidence is worth at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It stands.
    Current,
    /// It has expired.
    Stale,
    /// Other evidence of the same things at the same time has taken its place.
    Superseded,
    /// It is gone.
    Pruned,
}

impl Package {
    /// What the last run of tests came to, where there was one.
    pub fn tests(&self) -> Option<Outcomes> {
        self.runs.last().map_or(self.kept.tests, |it| it.tests)
    }

    /// Whether its log lists this run, a folder such as `tests/0002`: by itself, or with the evidence.
    pub(crate) fn knows(&self, run: &str) -> bool {
        let came_with_it = run == earlier::OWN && self.kept.tests.is_some();
        came_with_it || self.runs.iter().any(|it| it.run == run)
    }

    /// What it is worth at this instant.
    pub fn state(&self, now: Instant) -> State {
        let expires = self.kept.expires.as_deref().and_then(parse_instant);
        match (&self.pruned, &self.superseded_by, expires) {
            (Some(_), _, _) => State::Pruned,
            (None, Some(_), _) => State::Superseded,
            (None, None, Some(expires)) if expires <= now => State::Stale,
            (None, None, _) => State::Current,
        }
    }
}

impl Catalog {
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
                let runs = &mut self.known(&tested.evidence)?.runs;
                match runs.iter().find(|it| it.run == tested.run) {
                    Some(known) if known.digest == tested.digest => {}
                    Some(_) => return Err(format!("two runs are called `{}`", tested.run)),
                    None => runs.push(tested),
                }
                Ok(())
            }
            Entry::Pruned(pruned) => {
                let package = self.known(&pruned.evidence)?;
                if package.kept.proof != pruned.proof {
                    return Err(format!(
                        "other evidence than `{}` was pruned under its name",
                        pruned.evidence
                    ));
                }
                package.pruned = Some(pruned);
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
            return if self.packages[known].kept.proof == kept.proof {
                Ok(())
            } else {
                Err(format!("two proofs are called `{}`", kept.evidence))
            };
        }
        if self.packages.iter().any(|it| it.kept.proof == kept.proof) {
            return Err(format!("`{}` is there already, under another name", kept.evidence));
        }
        if let Some(earlier) = &kept.supersedes {
            self.known(earlier)?.superseded_by = Some(kept.evidence.clone());
        }
        self.by_name.insert(kept.evidence.clone(), self.packages.len());
        self.packages.push(Package { index, kept, runs: Vec::new(), superseded_by: None, pruned: None });
        Ok(())
    }

    fn known(&mut self, evidence: &str) -> Result<&mut Package, String> {
        let at = self.by_name.get(evidence).ok_or_else(|| format!("there was no evidence `{evidence}`"))?;
        Ok(&mut self.packages[*at])
    }

    /// All of it.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// The evidence of this name.
    pub fn find(&self, evidence: &str) -> Option<&Package> {
        self.by_name.get(evidence).map(|&it| &self.packages[it])
    }

    /// What evidence like this takes the place of.
    pub(super) fn superseded_by(&self, kept: &EvidenceAdded) -> Option<&Package> {
        self.packages.iter().rev().find(|it| it.superseded_by.is_none() && it.kept.same_as(kept))
    }
}

/// Whether it can be the name of a file, and of nothing outside of its folder.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    !text.is_empty() && !text.starts_with('.') && text.chars().all(fits)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use exhibit_records::Digest;
    use exhibit_records::Span;

    /// Evidence of users, as of a day of November 2026.
    pub(in crate::store) fn kept(name: &str, day: u32) -> EvidenceAdded {
        EvidenceAdded {
            at: format!("2026-11-{day:02}T08:00:01Z"),
            evidence: name.to_owned(),
            proof: Digest::of(name.as_bytes()),
            plugin: None,
            proof_type: "users".to_owned(),
            label: "platform=US2".to_owned(),
            about: Digest::of(b"users of US2"),
            window: None,
            as_of: format!("2026-11-{day:02}T08:00:00Z"),
            asked: Some(format!("2026-11-{day:02}T08:00:00Z")),
            expires: Some(format!("2026-12-{day:02}T08:00:00Z")),
            rows: 12,
            complete: None,
            supersedes: None,
            tests: None,
        }
    }

    pub(in crate::store) fn catalog(entries: &[Entry]) -> Result<Catalog, String> {
        let mut catalog = Catalog::default();
        for (index, entry) in (0..).zip(entries) {
            catalog.read(index, &serde_json::to_vec(entry).expect("JSON"))?;
        }
        Ok(catalog)
    }

    fn now(text: &str) -> Instant {
        parse_instant(text).expect("an instant")
    }

    #[test]
    fn evidence_stands_until_it_expires_is_superseded_or_pruned() {
        let again = EvidenceAdded { supersedes: Some("a".to_owned()), ..kept("b", 1) };
        let pruned = EvidencePruned {
            at: "2026-11-09T00:00:00Z".to_owned(),
            evidence: "a".to_owned(),
            proof: Digest::of(b"a"),
            why: "superseded".to_owned(),
        };
        let entries = [Entry::from(kept("a", 1)), Entry::from(again), Entry::Pruned(pruned)];
        let before = now("2026-11-30T23:59:59Z");
        let state = |entries: &[Entry], name: &str, now| {
            catalog(entries).expect("a log").find(name).expect("evidence").state(now)
        };
        assert_eq!(state(&entries[..1], "a", before), State::Current);
        assert_eq!(state(&entries[..1], "a", now("2026-12-01T08:00:00Z")), State::Stale);
        assert_eq!(state(&entries[..2], "a", before), State::Superseded);
        assert_eq!(state(&entries, "a", before), State::Pruned);
        assert_eq!(state(&entries, "b", before), State::Current);
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        let other = EvidenceAdded { proof: Digest::of(b"other"), ..kept("a", 1) };
        let refused = catalog(&[Entry::from(kept("a", 1)), Entry::from(other)]).expect_err("another proof");
        assert_eq!(refused, "two proofs are called `a`");
        let pruned = EvidencePruned {
            at: String::new(),
            evidence: "b".to_owned(),
            proof: Digest::of(b"b"),
            why: String::new(),
        };
        assert_eq!(catalog(&[Entry::Pruned(pruned)]).expect_err("nothing"), "there was no evidence `b`");
    }

    #[test]
    fn a_copy_under_another_name_takes_nothings_place() {
        let copy =
            EvidenceAdded { evidence: "b".to_owned(), supersedes: Some("a".to_owned()), ..kept("a", 1) };
        assert!(catalog(&[Entry::from(kept("a", 1)), Entry::from(copy)]).is_err());
    }

    #[test]
    fn no_name_leads_out_of_the_store() {
        for name in ["", "..", ".hidden", "a/b", "../a", "/a", "a\\b", "a\0"] {
            assert!(catalog(&[Entry::from(kept(name, 1))]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn what_was_left_behind_may_be_entered_twice() {
        let catalog = catalog(&[Entry::from(kept("a", 1)), Entry::from(kept("a", 1))]).expect("a log");
        assert_eq!(catalog.packages().len(), 1);
    }

    #[test]
    fn only_the_same_things_at_the_same_time_take_each_others_place() {
        let window = |end: &str| Some(Span { start: "2026-10-01T00:00:00Z".into(), end: end.into() });
        let scans = EvidenceAdded { window: window("2026-11-01T00:00:00Z"), ..kept("a", 1) };
        let catalog = catalog(&[Entry::from(scans.clone()), Entry::from(kept("b", 2))]).expect("a log");
        let of = |kept: EvidenceAdded| catalog.superseded_by(&kept).map(|it| it.kept.evidence.clone());
        assert_eq!(
            of(EvidenceAdded { as_of: "2027-01-01T00:00:00Z".to_owned(), ..scans.clone() }),
            Some("a".to_owned())
        );
        assert_eq!(of(EvidenceAdded { window: window("2026-10-31T00:00:00Z"), ..scans.clone() }), None);
        assert_eq!(of(EvidenceAdded { about: Digest::of(b"users of EU1"), ..scans }), None);
        assert_eq!(of(kept("c", 2)), Some("b".to_owned()));
        assert_eq!(of(kept("c", 3)), None);
    }
}
