//! `exhibit collect`, from end to end: the real binary, real sockets, real files.

mod calls;
mod certificates;
mod encrypted;
mod faults;
#[cfg(target_os = "linux")]
mod memories;
mod network;
mod proofs;
mod refusals;
#[cfg(unix)]
mod resumed;
mod searches;
mod secrets;
mod stage;
#[cfg(unix)]
mod stopped;
mod test_files;
mod trust;
mod ways_out;
