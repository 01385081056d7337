//! A file of the evidence: written in large pieces, digested as it grows, and cut back
//! to where a page began if that page broke off.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use exhibit_records::{Digest, Digester};
use serde::{Deserialize, Serialize};

use super::files::{at, invalid};
use super::private::private_file;

/// Written out in pieces of about this many bytes: large enough that system calls do not
/// count, small enough for a cache.
const PIECE: usize = 256 * 1024;

/// A file that grows.
#[derive(Debug)]
pub(crate) struct AppendFile {
    path: PathBuf,
    file: File,
    /// What is not yet in the file.
    buffer: Vec<u8>,
    /// What is.
    written: Extent,
    /// Where to cut back to.
    checkpoint: Extent,
}

/// How far something reaches, and the digest of it until there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extent {
    bytes: u64,
    digester: Digester,
}

impl AppendFile {
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        let file = private_file(&path)?;
        let buffer = Vec::with_capacity(PIECE + PIECE / 4);
        Ok(Self { path, file, buffer, written: Extent::default(), checkpoint: Extent::default() })
    }

    /// Opens one again that reached so far, and cuts off what came after that.
    ///
    /// # Errors
    /// Where it does not reach so far, or has another digest until there.
    pub(crate) fn reopen(path: PathBuf, reached: &Reached) -> io::Result<Self> {
        let file = File::options().read(true).write(true).open(&path).map_err(|error| at(&path, error))?;
        let written = Extent::read((&file).take(reached.bytes)).map_err(|error| at(&path, error))?;
        reached.check(&written).map_err(|error| at(&path, error))?;
        file.set_len(reached.bytes).map_err(|error| at(&path, error))?;
        (&file).seek(SeekFrom::Start(reached.bytes)).map_err(|error| at(&path, error))?;
        let buffer = Vec::with_capacity(PIECE + PIECE / 4);
        Ok(Self { path, file, buffer, checkpoint: written.clone(), written })
    }

    /// How far it reached at its last checkpoint.
    pub(crate) fn reached(&self) -> Reached {
        self.checkpoint.reached()
    }

    /// What is there until the last checkpoint, on the disk for good.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data().map_err(|error| at(&self.path, error))
    }

    /// Appends what `write` appends. Where it fails, the part is as it was.
    pub(crate) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
        let before = self.buffer.len();
        write(&mut self.buffer).inspect_err(|_| self.buffer.truncate(before))?;
        if self.buffer.len() >= PIECE { self.write_out() } else { Ok(()) }
    }

    /// What is there now stays, whatever comes.
    pub(crate) fn checkpoint(&mut self) -> io::Result<()> {
        self.write_out()?;
        self.checkpoint = self.written.clone();
        Ok(())
    }

    /// Back to the last checkpoint, or to nothing.
    pub(crate) fn roll_back(&mut self) -> io::Result<()> {
        self.buffer.clear();
        if self.written.bytes != self.checkpoint.bytes {
            self.file.set_len(self.checkpoint.bytes).map_err(|error| at(&self.path, error))?;
            self.file.seek(SeekFrom::Start(self.checkpoint.bytes)).map_err(|error| at(&self.path, error))?;
            self.written = self.checkpoint.clone();
        }
        Ok(())
    }

    /// On the disk for good. Gives its size in bytes and the digest of all of it.
    pub(crate) fn finish(mut self) -> io::Result<(u64, Digest)> {
        self.write_out()?;
        self.file.sync_all().map_err(|error| at(&self.path, error))?;
        Ok(self.written.finish())
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer).map_err(|error| at(&self.path, error))?;
        self.written.add(&self.buffer);
        self.buffer.clear();
        Ok(())
    }
}

/// How far a file reached, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reached {
    pub(crate) bytes: u64,
    pub(crate) digest: Digest,
}

impl Reached {
    pub(crate) fn check(&self, is: &Extent) -> io::Result<()> {
        let is = is.reached();
        if *self == is {
            Ok(())
        } else {
            Err(invalid(format!("its first {} bytes were altered", self.bytes)))
        }
    }
}

impl Extent {
    /// Of all that there is to read.
    pub(crate) fn read(mut from: impl Read) -> io::Result<Self> {
        let mut extent = Self::default();
        let mut piece = vec![0; PIECE];
        loop {
            match from.read(&mut piece)? {
                0 => return Ok(extent),
                read => extent.add(piece.get(..read).unwrap_or_default()),
            }
        }
    }

    pub(crate) fn reached(&self) -> Reached {
        let (bytes, digest) = self.clone().finish();
        Reached { bytes, digest }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.digester.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// Its size in bytes, and their digest.
    pub(crate) fn finish(self) -> (u64, Digest) {
        (self.bytes, self.digester.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(part: &mut AppendFile, bytes: &[u8]) -> io::Result<()> {
        part.append(|out| {
            out.extend_from_slice(bytes);
            Ok(())
        })
    }

    #[test]
    fn what_comes_after_a_mark_can_be_undone() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("part");
        let mut part = AppendFile::create(path.clone())?;
        add(&mut part, b"kept ")?;
        part.checkpoint()?;
        add(&mut part, b"dropped")?;
        add(&mut part, &vec![b'x'; 3 * PIECE])?;
        part.roll_back()?;
        add(&mut part, b"and more")?;
        let (bytes, digest) = part.finish()?;
        assert_eq!(std::fs::read(&path)?, b"kept and more");
        assert_eq!((bytes, digest), (13, Digest::of(b"kept and more")));
        Ok(())
    }

    #[test]
    fn it_goes_on_where_it_reached_and_not_where_it_was_altered() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("part");
        let mut part = AppendFile::create(path.clone())?;
        add(&mut part, b"kept ")?;
        part.checkpoint()?;
        let reached = part.reached();
        add(&mut part, &vec![b'x'; 3 * PIECE])?;
        drop(part);
        let mut part = AppendFile::reopen(path.clone(), &reached)?;
        add(&mut part, b"and more")?;
        assert_eq!(part.finish()?, (13, Digest::of(b"kept and more")));
        assert_eq!(std::fs::read(&path)?, b"kept and more");

        for other in [&b"kep"[..], b"kepT and more"] {
            std::fs::write(&path, other)?;
            let error = AppendFile::reopen(path.clone(), &reached).expect_err("it is another one");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            assert_eq!(std::fs::read(&path)?, other, "it is left as it is");
        }
        Ok(())
    }
}
