//! A part that is text and grows with the rows: kept in zstd frames, of which each can be
//! unpacked by itself, and all of them in one go, as `zstdcat` does.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::PathBuf;

use exhibit_records::{ContentRecord, Digest, PartRecord};
use serde::{Deserialize, Serialize};
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation as _, OutBuffer};

use super::append::{AppendFile, Extent, Reached};
use super::files::at;

/// Of records that resemble each other as answers, rows and findings do, zstd's first level makes no
/// more bytes than its third, in two thirds of the time.
pub(crate) const LEVEL: i32 = 1;

/// Compressed in pieces of about this many bytes: enough that calls do not count, little enough
/// for a cache.
const PIECE: usize = 128 << 10;
/// Room that the compressor is given at a time: a block of zstd's fits into it.
const ROOM: usize = (128 << 10) + 512;

/// A file of frames that grows. What is appended between two checkpoints is a frame.
pub(crate) struct ZstdFrameWriter {
    file: AppendFile,
    encoder: Encoder<'static>,
    /// What is not yet compressed.
    text: Vec<u8>,
    /// Whether a frame is begun and not ended.
    begun: bool,
    content: Extent,
    /// Where to cut back to.
    checkpoint: Extent,
    /// Frames that have ended.
    frames: u64,
}

/// A file of frames that was written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrittenFrames {
    /// Size and digest of the file.
    pub(crate) stored: (u64, Digest),
    /// Of the text in it.
    pub(crate) content: ContentRecord,
}

impl WrittenFrames {
    /// The record of it, under this path.
    pub(crate) fn record(self, path: &str) -> PartRecord {
        let Self { stored: (bytes, digest), content } = self;
        PartRecord { path: path.to_owned(), bytes, digest, content: Some(content) }
    }
}

impl ZstdFrameWriter {
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        Ok(Self {
            file: AppendFile::create(path)?,
            encoder: encoder()?,
            text: Vec::with_capacity(PIECE + PIECE / 4),
            begun: false,
            content: Extent::default(),
            checkpoint: Extent::default(),
            frames: 0,
        })
    }

    /// Opens one again that reached so far, and cuts off what came after that.
    ///
    /// # Errors
    /// Where it does not reach so far, or is another one until there.
    pub(crate) fn reopen(path: PathBuf, reached: &ReachedFrames) -> io::Result<Self> {
        let file = AppendFile::reopen(path.clone(), &reached.file)?;
        let content = if reached.frames > 0 {
            let text = zstd::Decoder::new(File::open(&path).map_err(|error| at(&path, error))?)?;
            Extent::read(text).map_err(|error| at(&path, error))?
        } else {
            Extent::default()
        };
        reached.content.check(&content).map_err(|error| at(&path, error))?;
        Ok(Self {
            file,
            encoder: encoder()?,
            text: Vec::with_capacity(PIECE + PIECE / 4),
            begun: false,
            checkpoint: content.clone(),
            content,
            frames: reached.frames,
        })
    }

    /// How far it reached at its last checkpoint.
    pub(crate) fn reached(&self) -> ReachedFrames {
        let content = self.checkpoint.reached();
        ReachedFrames { file: self.file.reached(), content, frames: self.frames }
    }

    /// What is there until the last checkpoint, on the disk for good.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    /// Appends what `write` appends. Where it fails, the part is as it was.
    pub(crate) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
        let before = self.text.len();
        write(&mut self.text).inspect_err(|_| self.text.truncate(before))?;
        if self.text.len() >= PIECE { self.compress() } else { Ok(()) }
    }

    /// Ends a frame, where anything came since the last one. What is there now stays, whatever comes.
    pub(crate) fn checkpoint(&mut self) -> io::Result<()> {
        self.compress()?;
        if self.begun {
            self.end()?;
        }
        self.checkpoint = self.content.clone();
        self.file.checkpoint()
    }

    /// Back to the last checkpoint, or to nothing.
    pub(crate) fn roll_back(&mut self) -> io::Result<()> {
        self.text.clear();
        self.encoder.reinit()?;
        self.begun = false;
        self.content = self.checkpoint.clone();
        self.file.roll_back()
    }

    /// On the disk for good.
    pub(crate) fn finish(mut self) -> io::Result<WrittenFrames> {
        self.checkpoint()?;
        if self.frames == 0 {
            // To zstd, a file without a frame is not a zstd file.
            self.end()?;
        }
        let (bytes, digest) = self.content.finish();
        Ok(WrittenFrames { stored: self.file.finish()?, content: ContentRecord { bytes, digest } })
    }

    fn compress(&mut self) -> io::Result<()> {
        if self.text.is_empty() {
            return Ok(());
        }
        let Self { file, encoder, text, .. } = self;
        file.append(|out| {
            let mut input = InBuffer::around(text);
            while input.pos() < text.len() {
                step(out, |output| encoder.run(&mut input, output))?;
            }
            Ok(())
        })?;
        self.content.add(&self.text);
        self.text.clear();
        self.begun = true;
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let encoder = &mut self.encoder;
        self.file.append(|out| {
            while step(out, |output| encoder.finish(output, true))? > 0 {}
            Ok(())
        })?;
        self.begun = false;
        self.frames += 1;
        Ok(())
    }
}

/// How far a file of frames reached, as it is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReachedFrames {
    file: Reached,
    content: Reached,
    frames: u64,
}

fn encoder() -> io::Result<Encoder<'static>> {
    let mut encoder = Encoder::new(LEVEL)?;
    encoder.set_parameter(CParameter::ChecksumFlag(true))?;
    Ok(encoder)
}

/// Appends what the compressor gives in one go.
fn step<T>(
    out: &mut Vec<u8>,
    run: impl FnOnce(&mut OutBuffer<'_, Vec<u8>>) -> io::Result<T>,
) -> io::Result<T> {
    out.reserve(ROOM);
    let end = out.len();
    run(&mut OutBuffer::around_pos(out, end))
}

impl fmt::Debug for ZstdFrameWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZstdFrameWriter")
            .field("file", &self.file)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Read as _;
    use std::path::Path;

    use super::*;

    fn add(frames: &mut ZstdFrameWriter, text: &[u8]) -> io::Result<()> {
        frames.append(|out| {
            out.extend_from_slice(text);
            Ok(())
        })
    }

    /// What is in each of the frames.
    fn unpacked(path: &Path) -> io::Result<Vec<Vec<u8>>> {
        let mut file = io::BufReader::new(File::open(path)?);
        let mut all = Vec::new();
        while !io::BufRead::fill_buf(&mut file)?.is_empty() {
            let mut frame = Vec::new();
            let mut decoder = zstd::Decoder::with_buffer(&mut file)?.single_frame();
            decoder.read_to_end(&mut frame)?;
            all.push(frame);
        }
        Ok(all)
    }

    #[test]
    fn a_page_is_a_frame_and_one_that_broke_off_is_none() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("part.zst");
        let large: Vec<u8> = (0..3 * PIECE).map(|it| b'a' + (it * it % 23) as u8).collect();
        let mut frames = ZstdFrameWriter::create(path.clone())?;
        add(&mut frames, b"one\n")?;
        frames.checkpoint()?;
        add(&mut frames, b"dropped\n")?;
        add(&mut frames, &large)?;
        frames.roll_back()?;
        frames.checkpoint()?;
        add(&mut frames, &large)?;
        add(&mut frames, b"end\n")?;
        frames.checkpoint()?;
        let framed = frames.finish()?;
        let second = [&large[..], b"end\n"].concat();
        assert_eq!(unpacked(&path)?, [b"one\n".to_vec(), second.clone()]);
        let whole = [b"one\n", &second[..]].concat();
        assert_eq!(framed.content, ContentRecord { bytes: whole.len() as u64, digest: Digest::of(&whole) });
        let file = std::fs::read(&path)?;
        assert_eq!(framed.stored, (file.len() as u64, Digest::of(&file)));
        Ok(())
    }

    #[test]
    fn nothing_is_a_frame_of_nothing() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("part.zst");
        let framed = ZstdFrameWriter::create(path.clone())?.finish()?;
        assert_eq!(framed.content, ContentRecord { bytes: 0, digest: Digest::of(b"") });
        assert_eq!(unpacked(&path)?, [b"".to_vec()]);
        Ok(())
    }

    /// Appends these pages, each committed; before those of `left` the writer is dropped and the file opened again.
    fn written(path: &Path, pages: &[Vec<u8>], left: &[bool]) -> io::Result<(Vec<u8>, WrittenFrames)> {
        let mut frames = ZstdFrameWriter::create(path.to_owned())?;
        frames.checkpoint()?;
        for (page, left) in pages.iter().zip(left) {
            if *left {
                let reached = frames.reached();
                add(&mut frames, &vec![b'?'; 2 * PIECE])?;
                drop(frames);
                frames = ZstdFrameWriter::reopen(path.to_owned(), &reached)?;
            }
            add(&mut frames, page)?;
            frames.checkpoint()?;
        }
        let written = frames.finish()?;
        Ok((std::fs::read(path)?, written))
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(32))]

        /// Wherever it was left, the file is the same, to the byte, and so is what is known of it.
        #[test]
        fn is_the_same_file_wherever_it_was_left(
            pages in proptest::collection::vec(
                (proptest::collection::vec(0..4_u8, 0..2_000), proptest::bool::ANY),
                0..6,
            ),
        ) {
            let folder = tempfile::tempdir()?;
            let (pages, left): (Vec<_>, Vec<_>) = pages.into_iter().unzip();
            let whole = written(&folder.path().join("whole"), &pages, &vec![false; pages.len()])?;
            let resumed = written(&folder.path().join("resumed"), &pages, &left)?;
            proptest::prop_assert_eq!(&whole.0, &resumed.0);
            proptest::prop_assert_eq!(whole.1.stored, resumed.1.stored);
            proptest::prop_assert_eq!(whole.1.content, resumed.1.content);
        }
    }
}
