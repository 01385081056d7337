//! The records of evidence: what `proof.json`, `run.json`, the index of answers, a store's log and `store.json` say.
//!
//! Types, their JSON Schemas, and readers of every format that was ever written. No file, no network and no plugin is
//! touched here: the bytes of a record suffice to read it.

mod answer;
mod counts;
pub mod digest;
mod entry;
pub mod notes;
mod proof;
mod run;
mod schema;
pub mod source_clock;
mod store;
mod verdict;
mod version;
pub mod weight;

pub use answer::{AnswerRecord, BodyRecord, RequestRecord, StoredRecord};
pub use counts::Counts;
pub use digest::{Digest, Digester, NotADigest};
pub use entry::{
    Entry, EvidenceAdded, EvidencePruned, EvidenceTested, Outcomes, Terms, about, label_without_ports,
};
pub use proof::{
    Argument, ChangesUse, Completeness, ContentRecord, EarlierProof, FORMAT, Field, Job, Link,
    OperationOutcome, OriginRecord, PLUGIN_FILE, PROOF_FILE, PROVES_SINCE, PartRecord, PluginRecord, Proof,
    ProvenTime, RejectionRecord, Rejections, Span, Type,
};
pub use run::{CHAINED_SINCE, Comparison, FILE as RUN_FILE, FORMAT as RUN_FORMAT, Predecessor, Run, Tested};
pub use schema::{of as schema_of, of_written as schema_of_written, schemas};
pub use store::{STORE_FILE, STORE_FORMAT, StoreRecord};
pub use verdict::{Verdict, Verdicts};
pub use version::ReadError;
pub use weight::{RECORD_BYTES, TooLarge, Weight};
