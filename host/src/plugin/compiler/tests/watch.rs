//! What the processes that this one began take.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Between two looks. What a process takes at most is kept by the system as long as it runs.
const LOOK: Duration = Duration::from_millis(2);

/// The processes that this one began for a test, of which nothing is left where this is empty.
pub(super) fn children_of_this_process(test: &str) -> Vec<u32> {
    let own = std::process::id();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|it| it.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |process: &u32| {
        let line = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        let named = String::from_utf8_lossy(&line).split('\0').any(|it| it.ends_with(&format!("::{test}")));
        named && field(*process, "PPid:") == Some(own.into())
    };
    numbers.filter(is_child).collect()
}

/// A number of a process, in the unit of the system.
fn field(process: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|it| it.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Looks at the processes of a test from now on.
pub(super) struct Watch {
    most: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(super) fn begin(test: &'static str) -> Self {
        let (most, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (found, end) = (Arc::clone(&most), Arc::clone(&ended));
        let thread = thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                for process in children_of_this_process(test) {
                    let kib = field(process, "VmHWM:").unwrap_or(0);
                    found.fetch_max(kib << 10, Ordering::Relaxed);
                }
                thread::sleep(LOOK);
            }
        });
        Self { most, ended, thread: Some(thread) }
    }

    /// Bytes that one of them had in memory at most since this was asked last; 0 where there was none.
    pub(super) fn most(&self) -> u64 {
        self.most.swap(0, Ordering::Relaxed)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it only looks");
        }
    }
}
