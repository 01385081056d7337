//! Testing proofs: what people require of them, and the results.
//!
//! A run holds some tests against the rows of kept evidence, and is kept in a folder of its
//! own below that evidence's, `tests/0001` and so on:
//!
//! ```text
//! run.json              the tests, what each came to, and the digests of the other files
//! tests.toml            the tests themselves, to run again or to edit
//! verdicts.ndjson.zst   what every row came to in every test
//! findings.ndjson.zst   why rows did not pass: field, value seen, value wanted
//! findings.csv          the same, for a spreadsheet
//! history.ndjson.zst    every row that ever failed: new, still failing, reopened, fixed
//! ```

mod columns;
pub mod earlier;
mod error;
pub mod file;
mod files;
mod history;
mod judge;
mod run;
pub mod run_signature;
mod run_writer;
mod test_run;

pub use self::error::TestError;
pub use self::files::{FINDINGS, TABLE, VERDICTS};
#[cfg(feature = "store")]
pub(crate) use self::history::FILE as HISTORY;
pub use self::history::{Changes, Record, State, compared_in_words};
pub use self::judge::{Order, Subject, proof_type};
pub(crate) use self::run::parsed as run_of;
pub use self::run::read as read_run;
pub use self::run_signature::check as check_signature;
pub(crate) use self::run_signature::check_of as check_signature_of;
pub use self::run_writer::Example;
pub(crate) use self::test_run::judge_again;
pub(crate) use self::test_run::{StagedRun, stage_run};
pub use self::test_run::{TestRun, dry_run, run_on, run_with_collection};
