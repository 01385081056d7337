//! Interoperability with software of others: their tools read exports and check signatures, and their client
//! talks to the simulator.
//!
//! A tool is installed once into the target directory, from its usual registry, in the version that is known
//! to work. Where that cannot be done, its tests are skipped, in writing.

mod evidence;
mod in_toto;
mod openpyxl;
mod openssl;
mod pyarrow;
mod qualysdk;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
mod tools;
mod trestle;
