//! Files by WASI itself.

use std::io::{self, Read};
use std::path::Path;

use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use wasip2::io::streams::{InputStream, StreamError};

use super::folder::within;

/// What is read at a time.
const CHUNK_BYTES: u64 = 64 << 10;
/// What a stream takes at once, as WASI has it.
const WRITE_BYTES: usize = 4 << 10;

/// The nearest folder that this component was given, and the path from there on: `.` for that folder itself.
fn place(path: &Path) -> io::Result<(Descriptor, String)> {
    let path = path.to_str().ok_or_else(|| io::Error::other("its name is not UTF-8"))?;
    let path = path.trim_start_matches("./").trim_end_matches('/');
    let is_itself = |folder: &str| folder.trim_end_matches('/').trim_start_matches("./") == path;
    // The longest name is the nearest folder.
    let found = preopens::get_directories().into_iter().filter_map(|(folder, name)| {
        let rest = if is_itself(&name) { Some(".") } else { within(path, &name) };
        let rest = rest.map(|it| if it.is_empty() { "." } else { it }.to_owned());
        Some((folder, rest?))
    });
    found.min_by_key(|(_, rest)| rest.len()).ok_or_else(|| {
        io::Error::new(io::ErrorKind::NotFound, "it is in no folder that this component has access to")
    })
}

fn failed(code: ErrorCode) -> io::Error {
    let kind = match code {
        ErrorCode::NoEntry => io::ErrorKind::NotFound,
        ErrorCode::Exist => io::ErrorKind::AlreadyExists,
        ErrorCode::NotEmpty => io::ErrorKind::DirectoryNotEmpty,
        ErrorCode::NotDirectory => io::ErrorKind::NotADirectory,
        ErrorCode::Access | ErrorCode::NotPermitted | ErrorCode::ReadOnly => io::ErrorKind::PermissionDenied,
        ErrorCode::InsufficientSpace | ErrorCode::Quota => io::ErrorKind::StorageFull,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, code.message())
}

fn broken(error: &StreamError) -> io::Error {
    match error {
        StreamError::Closed => io::Error::other("it was closed"),
        StreamError::LastOperationFailed(error) => io::Error::other(error.to_debug_string()),
    }
}

/// Opens a file to be read from its beginning.
pub(crate) fn open(path: &Path) -> io::Result<impl Read + use<>> {
    let (folder, rest) = place(path)?;
    let file = folder
        .open_at(PathFlags::SYMLINK_FOLLOW, &rest, OpenFlags::empty(), DescriptorFlags::READ)
        .map_err(failed)?;
    let stream = file.read_via_stream(0).map_err(failed)?;
    Ok(File { stream, chunk: Vec::new(), at: 0, _file: file })
}

/// The names of what is in a folder. `None` where it is not there.
pub(crate) fn names(path: &Path) -> io::Result<Option<Vec<String>>> {
    let folder = match open_folder(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        folder => folder?,
    };
    let entries = folder.read_directory().map_err(failed)?;
    let mut names = Vec::new();
    while let Some(entry) = entries.read_directory_entry().map_err(failed)? {
        names.push(entry.name);
    }
    Ok(Some(names))
}

fn open_folder(path: &Path) -> io::Result<Descriptor> {
    let (folder, rest) = place(path)?;
    folder.open_at(PathFlags::empty(), &rest, OpenFlags::DIRECTORY, DescriptorFlags::READ).map_err(failed)
}

/// Makes a folder in one that is there.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let (folder, rest) = place(path)?;
    match rest.as_str() {
        "." => Err(io::Error::from(io::ErrorKind::AlreadyExists)),
        rest => folder.create_directory_at(rest).map_err(failed),
    }
}

/// Writes a file, whatever was there, and has it on the disk for good.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (folder, rest) = place(path)?;
    let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE;
    let file = folder.open_at(PathFlags::empty(), &rest, flags, DescriptorFlags::WRITE).map_err(failed)?;
    let stream = file.write_via_stream(0).map_err(failed)?;
    for piece in bytes.chunks(WRITE_BYTES) {
        stream.blocking_write_and_flush(piece).map_err(|error| broken(&error))?;
    }
    drop(stream);
    file.sync().map_err(failed)
}

/// Gives a folder or a file another name. Fails where a folder with something in it has that name.
pub(crate) fn move_folder(from: &Path, to: &Path) -> io::Result<()> {
    let ((folder, from), (other, to)) = (place(from)?, place(to)?);
    folder.rename_at(&from, &other, &to).map_err(failed)
}

/// Has the names in a folder on the disk for good.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match open_folder(path)?.sync() {
        // Not every file system can be asked for it.
        Err(ErrorCode::Unsupported | ErrorCode::Invalid | ErrorCode::BadDescriptor) => Ok(()),
        synced => synced.map_err(failed),
    }
}

/// Removes a file.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    let (folder, rest) = place(path)?;
    folder.unlink_file_at(&rest).map_err(failed)
}

/// Removes an empty folder.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    let (folder, rest) = place(path)?;
    folder.remove_directory_at(&rest).map_err(failed)
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
