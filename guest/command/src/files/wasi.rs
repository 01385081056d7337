//! Files by WASI itself.

use std::io::{self, Read};
use std::path::Path;

use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use wasip2::io::streams::{InputStream, StreamError};

use super::folder::within;

/// What is read at a time.
const CHUNK_BYTES: u64 = 64 << 10;

/// Opens a file to be read from its beginning.
pub(crate) fn open(path: &Path) -> io::Result<impl Read + use<>> {
    let path = path.to_str().ok_or_else(|| io::Error::other("its name is not UTF-8"))?;
    let folders = preopens::get_directories();
    // The longest name is the nearest folder.
    let found = folders
        .iter()
        .filter_map(|(folder, name)| Some((folder, within(path, name)?)))
        .min_by_key(|(_, rest)| rest.len());
    let Some((folder, rest)) = found else {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "it is in no folder that this component has access to",
        ));
    };
    let file = folder
        .open_at(PathFlags::SYMLINK_FOLLOW, rest, OpenFlags::empty(), DescriptorFlags::READ)
        .map_err(|code| io::Error::other(code.message()))?;
    let stream = file.read_via_stream(0).map_err(|code| io::Error::other(code.message()))?;
    Ok(File { stream, chunk: Vec::new(), at: 0, _file: file })
}

/// The stream must go before what it is of: fields are dropped in their order.
struct File {
    stream: InputStream,
    chunk: Vec<u8>,
    at: usize,
    _file: Descriptor,
}

impl Read for File {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() {
            match self.stream.blocking_read(CHUNK_BYTES) {
                Ok(chunk) => (self.chunk, self.at) = (chunk, 0),
                Err(StreamError::Closed) => return Ok(0),
                Err(StreamError::LastOperationFailed(_)) => {
                    return Err(io::Error::other("it cannot be read"));
                }
            }
        }
        let size = out.len().min(self.chunk.len() - self.at);
        out[..size].copy_from_slice(&self.chunk[self.at..self.at + size]);
        self.at += size;
        Ok(size)
    }
}
