//! A moment of fuzzing with each build: every reader over its corpus, and over a few thousand changes of it.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use exhibit_fuzz::{TARGETS, Target};

/// Changes of each target's corpus. Without optimisation a reader takes ten times as long.
const CHANGES: u64 = if cfg!(debug_assertions) { 300 } else { 3_000 };
/// The bound of a single run, as libFuzzer has it.
const LONGEST: Duration = Duration::from_secs(10);
/// The corpora are committed, and read with each build.
const CORPUS_BYTES: u64 = 1 << 20;
/// What syntaxes are made of, and numbers at their ends.
const PIECES: [&[u8]; 28] = [
    b"\0",
    b"\xff",
    b"\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x80\0\0\0",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\n\n",
    b"\r\n",
    b"<a>",
    b"</a>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"&#0;",
    b"<!ENTITY",
    b"<?",
    b"{",
    b"[",
    b"\"",
    b"\\ud800",
    b":null,",
    b"1e999",
    b"-0",
    b"18446744073709551616",
    b"/../",
    b"=",
    b"0000",
    b"\xe2\x80\xae",
];

/// Numbers that look like chance, and are the same each time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ mixed >> 31) % (bound.max(1) as u64)).unwrap_or_default()
    }

    /// One to four changes of one of these.
    fn changed(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            let end = (at + 1 + self.below(16)).min(bytes.len());
            match self.below(7) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                1 if !bytes.is_empty() => bytes[at] = self.below(256) as u8,
                2 => drop(bytes.drain(at.min(end)..end)),
                3 => bytes.truncate(at),
                4 => {
                    let piece = bytes[at.min(end)..end].to_vec();
                    drop(bytes.splice(at..at, piece));
                }
                5 => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len());
                    drop(bytes.splice(at.., other[from.min(other.len())..].iter().copied()));
                }
                _ => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].iter().copied())),
            }
        }
        bytes
    }
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn names(folder: &Path) -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    entries.map(|it| Ok(it?.path().file_stem().unwrap_or_default().to_string_lossy().into_owned())).collect()
}

/// The files of a target's corpus, in their order.
fn corpus(target: &Target) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let folder = folder().join("corpus").join(target.name);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("cannot list {}", folder.display()))?
        .map(|it| Ok(it?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    ensure!(!files.is_empty(), "{} is empty", folder.display());
    files.into_iter().map(|it| Ok((it.clone(), fs::read(it)?))).collect()
}

/// What is wrong with the target, where something is.
fn fault(target: &Target, what: &str, bytes: &[u8]) -> Option<String> {
    let begun = Instant::now();
    let ran = catch_unwind(AssertUnwindSafe(|| (target.run)(bytes)));
    let took = begun.elapsed();
    let shown = || bytes.escape_ascii().to_string();
    match ran {
        Err(_) => Some(format!("{} panics at {what}: b\"{}\"", target.name, shown())),
        Ok(()) if took > LONGEST => {
            Some(format!("{} takes {took:?} at {what}: b\"{}\"", target.name, shown()))
        }
        Ok(()) => None,
    }
}

fn tried(target: &Target) -> Result<()> {
    let corpus = corpus(target)?;
    for (file, bytes) in &corpus {
        let fault = fault(target, &file.display().to_string(), bytes);
        ensure!(fault.is_none(), fault.unwrap_or_default());
    }
    let seeds: Vec<Vec<u8>> = corpus.into_iter().map(|it| it.1).collect();
    for change in 0..CHANGES {
        let bytes = Dice(change << 8 ^ target.name.len() as u64).changed(&seeds);
        let fault = fault(target, &format!("change {change}"), &bytes);
        ensure!(fault.is_none(), fault.unwrap_or_default());
    }
    Ok(())
}

#[test]
fn every_reader_is_sound_whatever_it_is_given() -> Result<()> {
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(target) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = tried(target) {
                        failed.lock().expect("no thread panics").push(format!("{error:#}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner()?;
    ensure!(failed.is_empty(), "{}", failed.join("\n\n"));
    Ok(())
}

#[test]
fn every_reader_has_a_corpus_and_is_run_by_libfuzzer() -> Result<()> {
    let known: BTreeSet<String> = TARGETS.iter().map(|it| it.name.to_owned()).collect();
    assert_eq!(names(&folder().join("corpus"))?, known);
    let libfuzzer = folder().join("libfuzzer");
    assert_eq!(names(&libfuzzer.join("fuzz_targets"))?, known);
    let manifest = fs::read_to_string(libfuzzer.join("Cargo.toml"))?;
    for name in &known {
        let source = fs::read_to_string(libfuzzer.join(format!("fuzz_targets/{name}.rs")))?;
        ensure!(source.contains(&format!("exhibit_fuzz::{name}(bytes)")), "{name} runs something else");
        ensure!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not built");
    }
    Ok(())
}

#[test]
fn the_corpora_are_small() -> Result<()> {
    let mut bytes = 0;
    for target in TARGETS {
        bytes += corpus(target)?.iter().map(|it| it.1.len() as u64).sum::<u64>();
    }
    ensure!(bytes < CORPUS_BYTES, "{bytes} bytes");
    Ok(())
}
