//! Interoperability with software of others: their tools read exports and check signatures, their clients talk to
//! the simulator, and evidence is kept in their object stores.
//!
//! A tool is installed once into the target directory, from its usual registry, in the version that is known
//! to work. Where that cannot be done, its tests are skipped, in writing.

mod azurite;
mod clients;
mod evidence;
mod in_toto;
mod moto;
mod object_store;
mod openpyxl;
mod openssl;
mod poppler;
mod pyarrow;
mod rows;
mod server;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
mod tools;
mod trestle;
