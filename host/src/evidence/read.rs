//! Reads evidence back.

use std::io::{self, BufRead, BufReader};
use std::path::Path;

use exhibit_records::{PartRecord, Proof, ReadError};
use exhibit_rows::ShowPath as _;

use crate::contract::types::{Kind, Row, Value};
use crate::disk::{self, at, invalid};

use super::content::Content;
use super::pages::ROWS;
use super::proof::KINDS;

/// The rows of a proof, in their order. Ends after the first error.
#[derive(Debug)]
pub struct Rows<R>(exhibit_rows::read::Rows<R>);

/// `proof.json` of the evidence in this folder. A layout that this version does not know is
/// [`io::ErrorKind::Unsupported`].
pub fn proof(folder: &Path) -> io::Result<Proof> {
    let path = folder.join(exhibit_records::PROOF_FILE);
    parsed(&path, &disk::read_bounded(&path)?)
}

/// The same, of a file that was read.
pub fn parsed(path: &Path, json: &[u8]) -> io::Result<Proof> {
    Proof::parse(json).map_err(|error| match error {
        ReadError::UnknownFormat { .. } => {
            io::Error::new(io::ErrorKind::Unsupported, format!("{}: {error}", path.shown()))
        }
        ReadError::Json(error) => at(path, error.into()),
        ReadError::TooLarge(error) => at(path, invalid(error.to_string())),
        error => at(path, io::Error::other(error)),
    })
}

/// The rows of the evidence in this folder, of the type that its `proof.json` describes.
pub fn rows(folder: &Path, proof: &Proof) -> io::Result<Rows<BufReader<Content>>> {
    Ok(Rows::new(lines(folder, proof)?, fields(proof)?))
}

/// The same, with values as the rows of records have them, for what knows no contract.
#[cfg(feature = "inventory")]
pub(crate) fn plain_rows(
    folder: &Path,
    proof: &Proof,
) -> io::Result<exhibit_rows::read::Rows<BufReader<Content>>> {
    Ok(Rows::new(lines(folder, proof)?, fields(proof)?).0)
}

/// The same, as they are written: one JSON object a line.
pub(crate) fn lines(folder: &Path, proof: &Proof) -> io::Result<BufReader<Content>> {
    Content::open(&folder.join(ROWS), kept_rows(proof)?)
}

/// What `proof.json` has of the file of rows.
pub(crate) fn kept_rows(proof: &Proof) -> io::Result<&PartRecord> {
    proof.part(ROWS).ok_or_else(|| invalid(format!("proof.json does not list {ROWS}")))
}

/// The fields of a proof's rows, by their names and kinds.
pub fn fields(proof: &Proof) -> io::Result<Vec<(String, Kind)>> {
    let field = |field: &exhibit_records::Field| {
        let kind = kind(&field.kind).ok_or_else(|| invalid(format!("{} is no kind of value", field.kind)))?;
        Ok((field.name.clone(), kind))
    };
    proof.proof_type.fields.iter().map(field).collect()
}

impl<R: BufRead> Rows<R> {
    /// The rows in these lines. Each field by its name and kind, in the order of a row.
    pub fn new(lines: R, fields: Vec<(String, Kind)>) -> Self {
        let fields = fields.into_iter().map(|(name, kind)| (name, kind.into())).collect();
        Self(exhibit_rows::read::Rows::new(lines, fields))
    }

    /// The same, of these of its fields alone, in this order. What the others hold is not looked at.
    pub fn only(self, names: &[&str]) -> Self {
        Self(self.0.only(names))
    }

    /// How many bytes the row has that was read last, as it is written.
    pub(crate) fn last_bytes(&self) -> usize {
        self.0.last_bytes()
    }

    /// What they were read from.
    pub fn into_lines(self) -> R {
        self.0.into_lines()
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.map(|row| row.into_iter().map(Value::from).collect()))
    }
}

pub(super) fn kind(word: &str) -> Option<Kind> {
    KINDS.into_iter().find(|it| it.name() == word)
}
