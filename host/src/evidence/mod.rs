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
//! signature.json         a signature over all of it, where it is signed
//! timestamp.tsr          since when it is there, where an authority was asked
//! tests/0001/            what tests of it came to, where there were any
//! ```
//!
//! `proof.json` has the digests of the rows and of the index, the index those of the
//! answers: a signature of `proof.json` covers all of it.

mod answers;
mod archive;
pub mod bundle;
mod caveats;
mod content;
#[doc(hidden)]
pub mod examples;
pub(crate) mod in_store;
mod index;
pub(crate) mod ndjson;
mod pages;
mod plugin;
mod proof;
pub mod read;
pub mod recorded;
pub mod signature;
mod size;
pub(crate) mod spool;
pub(crate) mod spreadsheet;
mod staged;
pub(crate) mod timestamp;
mod writer;

pub use caveats::stale;
pub(crate) use caveats::{AS_OF_WORTH_TELLING_MS, expected as expected_notes};
pub use content::Content;
use exhibit_rows::instant;
pub use exhibit_rows::instant::{OutOfRange, format as format_instant, parse as parse_instant};
pub(crate) use index::INDEX;
pub use ndjson::Encoder;
pub use pages::ROWS;
pub(crate) use pages::{LISTED_REJECTIONS, TABLE as PROOF_TABLE};
pub use plugin::kept as kept_plugin;
pub(crate) use plugin::{file_of, plugin_in};
pub(crate) use proof::effective_window;
pub use proof::{CollectionSummary, json, type_record};
pub(crate) use signature::check_of as check_signature_of;
pub use signature::{SignatureError, check as check_signature};
pub use size::{MaxUnpacked, TooMuch, check_answers, check_parts};
pub use spreadsheet::ABSENT;
pub use staged::StagedEvidence;
pub use timestamp::StampError;
pub(crate) use timestamp::kept as kept_timestamp;
pub use writer::EvidenceWriter;
