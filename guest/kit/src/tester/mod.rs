//! Tests of proofs: conditions on rows, and their results.
//!
//! A test is compiled once for a proof type, and is then evaluated on any number of rows.
//! Only counts are kept.

mod check;
mod compile;
mod expression;
mod operators;
mod report;
mod run;
#[cfg(test)]
mod tests;
mod truth;
mod write;

pub use run::Tester;
pub use write::{condition, days, field, test};
