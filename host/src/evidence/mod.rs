//! What is kept of a collection: a folder that a person can open and a machine can
//! check.
//!
//! ```text
//! rows.ndjson.zst        the proof: one JSON object a row, canonical; one zstd frame a page
//! proof.csv              its shown columns, for a spreadsheet; not the evidence itself
//! proof.json             what it is, how it was made, how complete it is, and the digests
//! answers/000001.zst     each answer of the source as it came, compressed
//! answers/index.ndjson   what was asked for each, and the digest of what came
//! plugin.wasm.zst        the plugin that made it, to be run over the answers again
//! signature.json         who vouches for all of it, where somebody does
//! timestamp.tsr          since when it is there, where an authority was asked
//! tests/0001/            what tests of it came to, where there were any
//! ```
//!
//! `proof.json` has the digests of the rows and of the index, the index those of the
//! answers: whoever vouches for `proof.json` vouches for all of it.

mod answers;
mod aside;
pub mod bundle;
mod content;
mod disk;
#[cfg(test)]
pub(crate) mod examples;
mod folder;
pub(crate) mod found;
mod frames;
pub(crate) mod ndjson;
mod pages;
mod part;
mod partial;
mod plugin;
mod proof;
pub mod read;
pub mod recorded;
mod reservations;
mod schema;
pub(crate) mod signature;
pub(crate) mod spreadsheet;
pub(crate) mod timestamp;

pub(crate) use aside::Aside;
pub use content::Content;
#[cfg(any(unix, feature = "cli"))]
pub(crate) use disk::private_all;
pub(crate) use disk::{private, sync};
use exhibit_rows::instant;
pub(crate) use frames::Frames;
pub(crate) use part::{Part, at};
pub use plugin::kept as kept_plugin;
pub(crate) use plugin::{file_of, is_plugin, plugin_in};

pub use answers::{AnswerRecord, BodyRecord, RequestRecord, StoredRecord};
pub use exhibit_rows::instant::{OutOfRange, format as format_instant, parse as parse_instant};
pub use exhibit_rows::{shown_fields, text};
pub use folder::{Folder, KeepError, Whole};
pub(crate) use ndjson::Encoder;
pub(crate) use pages::ROWS;
pub use proof::{
    Argument, Collected, Completeness, ContentRecord, Field, Job, Link, Maker, OriginRecord, PartRecord,
    Proof, RejectionRecord, Rejections, Span, Type, json,
};
pub use schema::schemas;
pub use signature::{SignatureError, check as check_signature};
pub use spreadsheet::ABSENT;
pub use timestamp::StampError;
pub(crate) use timestamp::kept as kept_timestamp;
