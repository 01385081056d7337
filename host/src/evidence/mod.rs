//! What is kept of a collection: a folder that a person can open and a machine can
//! check.
//!
//! ```text
//! rows.ndjson            the proof: one JSON object a row, canonical
//! proof.csv              its shown columns, for a spreadsheet; not the evidence itself
//! proof.json             what it is, how it was made, how complete it is, and the digests
//! answers/000001.zst     each answer of the source as it came, compressed
//! answers/index.ndjson   what was asked for each, and the digest of what came
//! ```
//!
//! `proof.json` has the digest of the rows and of the index, the index those of the
//! answers: whoever vouches for `proof.json` vouches for all of it.

mod answers;
mod aside;
#[cfg(test)]
pub(crate) mod examples;
mod folder;
mod ndjson;
mod pages;
mod part;
mod proof;
pub mod read;
mod reservations;
mod spreadsheet;

pub use answers::{AnswerRecord, BodyRecord, RequestRecord};
use exhibit_rows::instant;
pub use exhibit_rows::instant::{OutOfRange, format as format_instant};
pub use exhibit_rows::{shown_fields, text};
pub use folder::{Folder, KeepError};
pub use proof::{
    Argument, Collected, Completeness, Field, Job, Link, Maker, OriginRecord, PartRecord, Proof,
    RejectionRecord, Rejections, Span, Type, json,
};
pub use spreadsheet::ABSENT;
