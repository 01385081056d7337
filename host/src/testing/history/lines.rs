//! Reading the lines of a run: its verdicts, and what it remembers.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use exhibit_records::{Digest, PartRecord};
use serde::Deserialize;

use crate::disk::{at, invalid};
use crate::evidence::{Content, MaxUnpacked, check_parts};

/// A longer line is invalid: the key of a row has less than the 4 MiB of text that a row has, and its tests a name each.
const LONGEST_LINE: u64 = 16 << 20;

/// A file of JSON lines.
pub(super) struct Lines {
    path: PathBuf,
    lines: BufReader<Content>,
    /// The last one that was read.
    pub(super) line: Vec<u8>,
}

impl Lines {
    pub(super) fn open(folder: &Path, part: &PartRecord) -> io::Result<Self> {
        let path = folder.join(&part.path);
        // It may be a run of evidence beside the one that is tested, whose size no one has looked at.
        check_parts([part], MaxUnpacked::default()).map_err(|error| at(&path, invalid(error.to_string())))?;
        Ok(Self { lines: Content::open(&path, part)?, path, line: vec![] })
    }

    pub(super) fn skip(&mut self) -> io::Result<bool> {
        self.line.clear();
        let read = self.lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line);
        let read = read.map_err(|error| at(&self.path, error))?;
        if read as u64 == LONGEST_LINE && self.line.last() != Some(&b'\n') {
            let problem = format!("a line has more than {} MiB", LONGEST_LINE >> 20);
            return Err(at(&self.path, invalid(problem)));
        }
        Ok(read > 0)
    }

    /// The digest of all of them.
    pub(super) fn finish(self) -> io::Result<Digest> {
        self.lines.into_inner().finish().map_err(|error| at(&self.path, error))
    }

    pub(super) fn next<'a, T: Deserialize<'a>>(&'a mut self) -> io::Result<Option<T>> {
        if !self.skip()? {
            return Ok(None);
        }
        let path = &self.path;
        serde_json::from_slice(&self.line).map(Some).map_err(|error| at(path, invalid(error.to_string())))
    }
}
