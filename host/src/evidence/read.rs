//! Reads evidence back.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::plugin::contract::types::{Kind, Row, Value};

use super::proof::{KINDS, Proof};

/// The rows of a proof, in their order. Ends after the first error.
#[derive(Debug)]
pub struct Rows<R>(exhibit_rows::read::Rows<R>);

/// `proof.json` of the evidence in this folder.
pub fn proof(folder: &Path) -> io::Result<Proof> {
    let json = std::fs::read(folder.join("proof.json"))?;
    Ok(serde_json::from_slice(&json)?)
}

/// The rows of the evidence in this folder, of the type that its `proof.json` describes.
pub fn rows(folder: &Path, proof: &Proof) -> io::Result<Rows<BufReader<File>>> {
    let field = |field: &super::Field| {
        let kind = kind(&field.kind).ok_or_else(|| invalid(format!("{} is no kind of value", field.kind)))?;
        Ok((field.name.clone(), kind))
    };
    let fields = proof.proof_type.fields.iter().map(field).collect::<io::Result<_>>()?;
    Ok(Rows::new(BufReader::new(File::open(folder.join("rows.ndjson"))?), fields))
}

impl<R: BufRead> Rows<R> {
    /// The rows in these lines. Each field by its name and kind, in the order of a row.
    pub fn new(lines: R, fields: Vec<(String, Kind)>) -> Self {
        let fields = fields.into_iter().map(|(name, kind)| (name, kind.into())).collect();
        Self(exhibit_rows::read::Rows::new(lines, fields))
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.map(|row| row.into_iter().map(Value::from).collect()))
    }
}

fn kind(word: &str) -> Option<Kind> {
    KINDS.into_iter().find(|it| it.name() == word)
}

fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}
