//! Which formats of a record are read. Evidence is kept for years and programs change: a format that was ever
//! released stays in the list of its record, with a reader that makes the newest type of it.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::weight::{self, TooLarge, Weight};

/// Why the bytes of a record cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Not JSON, or not the JSON of this record.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// Larger than any such record is: it was not read.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// Written by a later version of Exhibit, or by something else.
    #[error("format {found} of {record} is not supported; this version reads {}", formats(known))]
    UnknownFormat {
        /// The record's file name.
        record: &'static str,
        /// What it says.
        found: u32,
        /// What is read here.
        known: &'static [u32],
    },
}

/// What every format of every record has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Reads a record whose format is one of these, all of which have the layout of `T`.
pub(crate) fn parse<T: DeserializeOwned>(
    json: &[u8],
    record: &'static str,
    known: &'static [u32],
) -> Result<T, ReadError> {
    weight::check(json, &Weight::RECORD)?;
    let Format { format } = serde_json::from_slice(json)?;
    if !known.contains(&format) {
        return Err(ReadError::UnknownFormat { record, found: format, known });
    }
    Ok(serde_json::from_slice(json)?)
}

/// The error of a record that has what its format does not have, or lacks what it has.
pub(crate) fn wrong(what: String) -> ReadError {
    ReadError::Json(serde::de::Error::custom(what))
}

fn formats(known: &[u32]) -> String {
    let (word, known) =
        (if known.len() == 1 { "format" } else { "formats" }, known.iter().map(u32::to_string));
    format!("{word} {}", known.collect::<Vec<_>>().join(", "))
}
