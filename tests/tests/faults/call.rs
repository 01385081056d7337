//! The calls of a command, and what is done to each.

use std::collections::HashMap;
use std::fmt;

use anyhow::{Context as _, Result};

/// A file system call, as the shim has it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Counted from 1, over all threads.
    pub(crate) number: usize,
    name: String,
    /// `n`: it needs room; `w`: it changes something; `l`: it locks; `r`: none of these.
    kind: char,
    path: String,
    /// How many of the same kind came before it, in the same place.
    before: usize,
    /// Whether it is the first of its kind in its place.
    pub(crate) is_first: bool,
}

/// What is done to a call.
#[derive(Debug, Clone)]
pub(crate) struct Injection {
    pub(crate) call: Call,
    /// As the shim takes it.
    pub(crate) action: &'static str,
}

const EIO: &str = "5";
const EACCES: &str = "13";
const EMFILE: &str = "24";
const ENOSPC: &str = "28";
const ENOLCK: &str = "37";

impl Call {
    /// Those in the shim's log.
    pub(crate) fn parse(log: &str) -> Result<Vec<Self>> {
        let mut seen: HashMap<(String, String), usize> = HashMap::new();
        log.lines()
            .map(|line| {
                let mut parts = line.splitn(4, ' ');
                let mut next = || parts.next().with_context(|| format!("half a line: {line}"));
                let (number, name) = (next()?.parse()?, next()?.to_owned());
                let kind = next()?.chars().next().context("a kind")?;
                let path = next()?.to_owned();
                let count = seen.entry((name.clone(), place(&path))).or_default();
                let before = *count;
                *count += 1;
                Ok(Self { number, name, kind, path, before, is_first: before == 0 })
            })
            .collect()
    }

    /// Whether it is one of the first so many of its kind in its place, or each so manyth of the others.
    pub(crate) fn is_among_first(&self, first: usize, step: usize) -> bool {
        self.before < first || self.before.is_multiple_of(step)
    }

    fn actions(&self) -> Vec<&'static str> {
        let mut actions = match (self.name.as_str(), self.kind) {
            ("read" | "pread64" | "readv" | "getdents64" | "lseek" | "fstat", _) => vec![EIO],
            (_, 'l') => vec![ENOLCK, EIO],
            ("openat" | "open", 'r') => vec![EACCES, EIO, EMFILE],
            (_, 'r') => vec![EIO, EACCES],
            (_, 'w') => vec![EACCES, EIO],
            ("write" | "pwrite64" | "writev" | "fsync" | "fdatasync" | "copy_file_range", _) => {
                vec![ENOSPC, EIO, "full"]
            }
            _ => vec![ENOSPC, EACCES, EIO, "full"],
        };
        if matches!(self.kind, 'n' | 'w') {
            actions.push("kill");
        }
        if self.name == "write" {
            actions.push("torn");
        }
        actions
    }
}

/// All that can be done to these.
pub(crate) fn injections(calls: &[Call]) -> Vec<Injection> {
    let of = |call: &Call| {
        let call = call.clone();
        call.actions().into_iter().map(move |action| Injection { call: call.clone(), action })
    };
    calls.iter().flat_map(of).collect()
}

impl Injection {
    /// Whether the command ends there.
    pub(crate) fn kills(&self) -> bool {
        matches!(self.action, "kill" | "torn")
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call { number, name, path, .. } = &self.call;
        write!(f, "call {number}, {name} {path}, {}", self.action)
    }
}

/// The path without what differs from time to time: numbers and digests.
fn place(path: &str) -> String {
    path.split(|it: char| it.is_ascii_digit()).collect::<Vec<_>>().join("#")
}
