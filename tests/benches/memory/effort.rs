//! How much processor time other processes took: on a machine that others use, too, that says more than a
//! clock on the wall.

use std::fs;

use anyhow::{Context, Result};

/// What the kernel counts in, for programs: hundredths of a second, whatever it counts in itself.
const TICKS: f64 = 100.0;
/// The first of two fields, counted from the one behind the program's name: in the program and in the
/// kernel. See proc_pid_stat(5), `cutime` and `cstime`.
const FIELD: usize = 13;

/// Seconds of all processes that this one has waited for so far, and of those that they have.
pub(crate) fn so_far() -> Result<f64> {
    let stat =
        fs::read_to_string("/proc/self/stat").context("this system does not tell: there is no /proc")?;
    // The name may hold anything, but ends with the last bracket.
    let (_, fields) = stat.rsplit_once(") ").context("a stat without a program's name")?;
    let mut ticks = 0;
    for field in fields.split(' ').skip(FIELD).take(2) {
        ticks += field.parse::<u64>()?;
    }
    Ok(ticks as f64 / TICKS)
}
