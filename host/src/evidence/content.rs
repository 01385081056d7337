//! What is in a part that is kept in zstd frames: unpacked as it is read, a bounded piece at a
//! time, and digested on the way.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use exhibit_records::{ContentRecord, Digest, Digester, PartRecord};

use crate::disk::{self, at, invalid};

/// How far back a frame may refer, as a power of two of bytes: what RFC 8878 asks every reader to
/// take. It is the memory that a file from anywhere can make a reader use; our frames need far
/// less.
pub(super) const WINDOW_LOG: u32 = 23;
/// Large pieces: system calls do not count then.
const BUFFER: usize = 256 << 10;

/// The text of a part. One that goes on for longer than its record says ends in an error; whether it
/// is the same text is known at the end.
pub struct Content {
    frames: zstd::Decoder<'static, BufReader<File>>,
    kept: ContentRecord,
    left: u64,
    digester: Digester,
}

impl Content {
    /// Of the file at this path, which should be this part.
    pub fn open(path: &Path, part: &PartRecord) -> io::Result<BufReader<Self>> {
        let unknown = || at(path, invalid("its record does not say what is in it".to_owned()));
        let kept = part.content.ok_or_else(unknown)?;
        let frames = unpacked(disk::open_regular_file(path)?)?;
        let content = Self { frames, kept, left: kept.bytes, digester: Digester::default() };
        Ok(BufReader::with_capacity(BUFFER, content))
    }

    /// How many bytes of what it should have did not come so far.
    pub(crate) fn missing(&self) -> u64 {
        self.left
    }

    /// Reads what is left. Gives the digest of all of it.
    pub fn finish(mut self) -> io::Result<Digest> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.digester.finish())
    }
}

impl Read for Content {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.frames.read(into).map_err(damaged)?;
        let Some(left) = self.left.checked_sub(read as u64) else {
            let bytes = self.kept.bytes;
            return Err(invalid(format!(
                "it was altered: there is more in it than the {bytes} bytes it had"
            )));
        };
        self.left = left;
        self.digester.update(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("kept", &self.kept).field("left", &self.left).finish_non_exhaustive()
    }
}

/// What is wrong with frames is no failure of the disk.
fn damaged(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(_) => error,
        None => invalid(format!("it was altered: its frames cannot be unpacked ({error})")),
    }
}

/// What is in the frames of a file, in memory that is bounded.
pub(super) fn unpacked(file: File) -> io::Result<zstd::Decoder<'static, BufReader<File>>> {
    let mut decoder = zstd::Decoder::new(file)?;
    decoder.window_log_max(WINDOW_LOG)?;
    Ok(decoder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::examples::{framed, part};

    fn said(bytes: &[u8], part: &PartRecord) -> io::Result<Result<Digest, String>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("part.zst");
        std::fs::write(&path, bytes)?;
        let read = Content::open(&path, part).and_then(|it| it.into_inner().finish());
        Ok(read.map_err(|it| it.to_string().replace(&folder.path().display().to_string(), ".")))
    }

    #[test]
    fn frames_are_read_one_after_the_other() -> io::Result<()> {
        let bytes = [framed(b"one\n"), framed(b""), framed(b"two\n")].concat();
        assert_eq!(said(&bytes, &part("it", b"one\ntwo\n"))?, Ok(Digest::of(b"one\ntwo\n")));
        Ok(())
    }

    #[test]
    fn what_goes_on_and_on_is_not_followed() -> io::Result<()> {
        let bomb = framed(&vec![b'a'; 64 << 20]);
        assert!(bomb.len() < 64 << 10, "it is small");
        let short = "it was altered: there is more in it than the 4 bytes it had".to_owned();
        assert_eq!(said(&bomb, &part("it", b"one\n"))?, Err(short));
        Ok(())
    }

    #[test]
    fn a_frame_that_would_take_much_memory_is_refused() -> io::Result<()> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3)?;
        encoder.window_log(WINDOW_LOG + 1)?;
        io::Write::write_all(&mut encoder, b"one\n")?;
        let bytes = encoder.finish()?;
        let refused = said(&bytes, &part("it", b"one\n"))?.expect_err("a window of 16 MiB");
        assert!(refused.contains("memory"), "{refused}");
        Ok(())
    }

    #[test]
    fn a_part_that_broke_off_or_that_nobody_described_is_refused() -> io::Result<()> {
        let bytes = framed(b"one\n");
        let refused = said(&bytes[..bytes.len() - 2], &part("it", b"one\n"))?;
        assert!(refused.is_err(), "{refused:?}");
        let bare = PartRecord { content: None, ..part("it", b"one\n") };
        let undescribed = "./part.zst: its record does not say what is in it".to_owned();
        assert_eq!(said(&bytes, &bare)?, Err(undescribed));
        Ok(())
    }
}
