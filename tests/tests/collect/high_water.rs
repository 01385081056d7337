//! The most that a child process had in memory, as the kernel keeps it.

use std::fs;
use std::path::PathBuf;

/// In bytes, so far. `None` until the child is a program of its own, before which it is a copy of this process and has its
/// memory, and once it has ended.
pub(crate) fn of_child(process: u32) -> Option<u64> {
    let process = PathBuf::from(format!("/proc/{process}"));
    let this = std::env::current_exe().ok()?;
    if fs::read_link(process.join("exe")).ok()? == this {
        return None;
    }
    let status = fs::read_to_string(process.join("status")).ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}
