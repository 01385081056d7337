//! How much memory another process took at its peak.

use std::fs;
use std::process::Child;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// The kernel keeps the peak itself, so only what happens in the very last of these is missed.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// Waits until a process ends with this exit code. The most that it had in memory at once, in bytes.
///
/// Not from `getrusage`: that counts what the process was before it became another
/// program, which is a copy of this one.
pub(crate) fn until_exit(process: &mut Child, code: i32) -> Result<u64> {
    let status_file = format!("/proc/{}/status", process.id());
    let mut peak = None;
    loop {
        if let Some(status) = process.try_wait()? {
            ensure!(status.code() == Some(code), "the program ended with {status}");
            return peak.context("this system does not tell the memory of a process: there is no /proc");
        }
        // A process that has just ended has a status without memory.
        peak = fs::read_to_string(&status_file).ok().as_deref().and_then(peak_in).max(peak);
        thread::sleep(BETWEEN_LOOKS);
    }
}

fn peak_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib << 10)
}
