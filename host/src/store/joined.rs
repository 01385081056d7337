//! The rows of a proof of changes and of those that it continues, as one list: of each record the latest row.

use std::collections::{HashSet, VecDeque};
use std::io::{self, BufReader};
use std::path::PathBuf;

use exhibit_records::{Digest, Digester, PROOF_FILE, Proof};

use crate::contract::types::{Row, Value};
use crate::disk;
use crate::evidence::{Content, json, read};

use super::error::StoreError;
use super::folder::Store;

/// A row of a list, and the proof that has it.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinedRow {
    /// Its values, in the order of the fields of the proof type.
    pub row: Row,
    /// The name of the evidence that it is from. Of an earlier proof than the last, the fields that
    /// [`exhibit_records::ChangesUse::lagging`] names are as they were then.
    pub evidence: String,
}

/// The list at the point of a proof: its rows, then those of the proof that it continues that are not older rows of the same records, and so on
/// back to a proof that has all that there is. Rows that say that their record no longer meets the criteria are left out, and so are
/// the older ones of those records. Keys are remembered, at 32 bytes each; rows are not.
#[derive(Debug)]
pub struct Joined {
    /// The proof itself.
    proof: Proof,
    /// The proofs to be read, the latest first.
    parts: VecDeque<Part>,
    /// The rows that are being read.
    reading: Option<(String, read::Rows<BufReader<Content>>)>,
    /// Where a row has its key.
    key: Vec<usize>,
    /// Where it says that its record has left.
    left: Option<usize>,
    /// The keys of the proofs that were read, and of the one that is being read.
    seen: (HashSet<Digest>, HashSet<Digest>),
}

#[derive(Debug)]
struct Part {
    name: String,
    folder: PathBuf,
    proof: Proof,
}

impl Store {
    /// The list that this evidence shows, with the proofs that it continues. What is read is what the log names, as far as its digests
    /// say; it is not verified.
    ///
    /// # Errors
    /// [`StoreError::NoEvidence`] where the log does not list it, or one that it continues; [`StoreError::Altered`] where one of them
    /// is not there as the log names it. Otherwise where this machine cannot read them.
    pub fn joined(&self, evidence: &str) -> Result<Joined, StoreError> {
        let catalog = self.catalog()?;
        let (mut parts, mut next) = (VecDeque::new(), Some(evidence.to_owned()));
        while let Some(name) = next {
            let package = catalog.find(&name).filter(|it| it.pruned.is_none() && it.is_joined);
            let package = package.ok_or_else(|| StoreError::NoEvidence(name.clone()))?;
            let folder = self.evidence().join(&name);
            let path = folder.join(PROOF_FILE);
            let json = disk::read_bounded(&path)?;
            if Digest::of(&json) != package.kept.proof {
                return Err(StoreError::Altered(name));
            }
            let proof = read::parsed(&path, &json)?;
            // A proof comes after the one that it continues, so this ends.
            next = package.kept.predecessor.as_ref().map(|it| it.evidence.clone());
            parts.push_back(Part { name, folder, proof });
        }
        let Some(last) = parts.front() else { return Err(StoreError::NoEvidence(evidence.to_owned())) };
        let proof = last.proof.clone();
        let fields = &proof.proof_type.fields;
        let at = |name: &String| fields.iter().position(|it| it.name == *name);
        let key: Vec<usize> = proof.proof_type.key.iter().filter_map(at).collect();
        let left = proof.proof_type.changes.as_ref().and_then(|it| at(it.left.as_ref()?));
        // A later plugin may have other columns: rows of both are no list.
        if let Some(other) = parts.iter().find(|it| it.proof.proof_type.fields != *fields) {
            return Err(StoreError::OtherColumns {
                evidence: evidence.to_owned(),
                earlier: other.name.clone(),
            });
        }
        Ok(Joined { proof, parts, reading: None, key, left, seen: Default::default() })
    }
}

impl Joined {
    /// What `proof.json` of the last proof says.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The names of the proofs that are to be read, the latest first.
    pub fn evidence(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|it| it.name.as_str())
    }

    /// Whether a row is the latest of its record, and that record is in the list.
    fn is_of_list(&mut self, row: &Row) -> bool {
        let values = self.key.iter().filter_map(|at| row.get(*at));
        if values.clone().all(|it| matches!(it, Value::Absent | Value::Empty)) {
            // Without a key it is the row of no other record.
            return true;
        }
        let mut digester = Digester::default();
        for value in values {
            digester.update(json(value).to_string().as_bytes());
            digester.update(b"\n");
        }
        let key = digester.finish();
        if self.seen.0.contains(&key) {
            return false;
        }
        // Rows of one proof that share a key are different records.
        self.seen.1.insert(key);
        !self.left.is_some_and(|at| row.get(at) == Some(&Value::Boolean(true)))
    }
}

impl Iterator for Joined {
    type Item = io::Result<JoinedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((name, rows)) = &mut self.reading else {
                let Part { name, folder, proof } = self.parts.pop_front()?;
                let read = std::mem::take(&mut self.seen.1);
                self.seen.0.extend(read);
                match read::rows(&folder, &proof) {
                    Ok(rows) => self.reading = Some((name, rows)),
                    Err(error) => {
                        self.parts.clear();
                        return Some(Err(error));
                    }
                }
                continue;
            };
            let evidence = name.clone();
            match rows.next() {
                None => self.reading = None,
                Some(Ok(row)) if self.is_of_list(&row) => return Some(Ok(JoinedRow { row, evidence })),
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    self.reading = None;
                    self.parts.clear();
                    return Some(Err(error));
                }
            }
        }
    }
}
