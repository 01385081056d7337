//! Signatures: Ed25519 keys, and signed statements about parts by their digests.
//!
//! A [`Statement`] is an in-toto Statement v1 and says something, its [`Predicate`], of
//! subjects that it names by SHA-256. It travels in an [`Envelope`], as DSSE has it, and is
//! checked with a [`PublicKey`] alone: by this program, or by any other that knows the two
//! formats. An [`Authority`] adds a [`Timestamp`]: since when it is there.
//!
//! - DSSE: <https://github.com/secure-systems-lab/dsse>
//! - Statement: <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>
//! - Time stamps: <https://www.rfc-editor.org/rfc/rfc3161>

mod authority;
mod envelope;
mod error;
mod files;
mod key;
mod pem;
mod predicate;
mod public;
mod statement;
mod subject;
mod timestamp;

#[cfg(test)]
pub(crate) use key::tests::key_of;

pub use crate::randomness::NoRandomness;
pub use authority::{Authority, AuthorityError};
pub(crate) use envelope::ENVELOPE_BYTES;
pub use envelope::{Envelope, EnvelopeError};
pub use error::VerifyError;
pub use files::{MadeKey, MakeKeyError, make, read_certificates, read_public, read_public_keys};
pub use key::{KeyError, SigningKey};
pub use predicate::{Collector, Evidence, NoTests, Predicate, Span, TestOutcome, TestResult};
pub use public::{KeyId, NotAPublicKey, NotSigned, PublicKey, SIGNATURE_BYTES};
pub use statement::{Mismatch, Statement};
pub use subject::Subject;
pub(crate) use timestamp::REPLY_BYTES;
pub use timestamp::{Authorities, NotCertificates, Timestamp, TimestampError};
