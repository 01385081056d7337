//! The plugin without our host: under the `wasmtime` command, alone and behind the signer.

mod composed;
#[cfg(target_os = "linux")]
mod figures;
#[path = "../collect/high_water.rs"]
mod high_water;
mod imports;
#[cfg(target_os = "linux")]
#[path = "../collect/memories.rs"]
mod memories;
#[cfg(target_os = "linux")]
mod memory;
mod operate;
mod recorded;
mod rows;
mod runtime;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of other tests, of which these use a part")]
mod stage;
