//! Tests of proofs: what is asked of rows, and what comes of it.
//!
//! A test is compiled once against a proof type, and then looks at any number of rows,
//! keeping nothing but counts.

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
