//! A source that is hostile, or broken in any of the ways that HTTP, its codings, XML, Qualys' paging and Qualys' values
//! leave room for: the real program collects from it, and ends in the right rows or in a clear error, in little memory
//! and in little time.
//!
//! Each case is made by a program (`catalogue`), and says which of the two is right for it.

mod case;
mod catalogue;
mod documents;
#[path = "../collect/high_water.rs"]
mod high_water;
mod program;
mod server;
mod slow;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};

use self::case::Case;
use self::program::Program;

/// So many cases at least.
const CASES: usize = 200;
/// Part of the name of a case: only such are run. For those who look into one of them.
const ONLY: &str = "EXHIBIT_TEST_CASES";

#[test]
fn each_case_ends_in_the_right_rows_or_in_a_clear_error() -> Result<()> {
    let only = std::env::var(ONLY).unwrap_or_default();
    let cases: Vec<Case> = catalogue::all().into_iter().filter(|it| it.name.contains(&only)).collect();
    let program = Program::new()?;
    // The first one compiles the plugin, which is kept for the others: what that takes is not the source's doing.
    if let Some(first) = cases.first() {
        drop(first.run(&program));
    }
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let peak = Mutex::new((0, String::new()));
    let longest = Mutex::new((Duration::ZERO, String::new()));
    // One waits for its source while the other computes.
    let threads = 2 * std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match case.run(&program) {
                        Ok(ended) => {
                            let mut peak = peak.lock().expect("no thread panics");
                            *peak = (ended.peak, case.name.clone()).max(peak.clone());
                            let mut longest = longest.lock().expect("no thread panics");
                            *longest = (ended.took, case.name.clone()).max(longest.clone());
                        }
                        Err(error) => {
                            failed
                                .lock()
                                .expect("no thread panics")
                                .push(format!("{}: {error:#}", case.name));
                        }
                    }
                }
            });
        }
    });
    let (peak, longest) = (peak.into_inner()?, longest.into_inner()?);
    eprintln!(
        "{} cases; at most {} KiB ({}) and {:?} ({})",
        cases.len(),
        peak.0 >> 10,
        peak.1,
        longest.0,
        longest.1
    );
    let mut failed = failed.into_inner()?;
    failed.sort();
    ensure!(failed.is_empty(), "{} of {} cases:\n\n{}", failed.len(), cases.len(), failed.join("\n\n"));
    Ok(())
}

#[test]
fn the_catalogue_is_large_and_no_case_is_in_it_twice() {
    let cases = catalogue::all();
    let names: BTreeSet<&str> = cases.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names.len(), cases.len());
    assert!(cases.len() >= CASES, "{} cases", cases.len());
    let mut answers: BTreeMap<String, &str> = BTreeMap::new();
    for case in &cases {
        let twin = answers.insert(format!("{} {:?}", case.proof, case.answers), &case.name);
        assert_eq!(twin, None, "{} is the same", case.name);
    }
}
