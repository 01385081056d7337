//! Tests of proofs: what people ask of the rows.

pub mod file;
