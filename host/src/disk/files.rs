//! Opens files of a folder that may have come from anywhere. A pipe among them would be waited
//! for without end, and a device read without end.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use exhibit_records::RECORD_BYTES;
use exhibit_rows::ShowPath as _;

/// Opens a file, if it is one.
pub(crate) fn open_regular_file(path: &Path) -> io::Result<File> {
    let file = regular_file(path).map_err(|error| at(path, error))?;
    file.ok_or_else(|| at(path, io::Error::new(io::ErrorKind::InvalidData, "this is no file")))
}

/// The same; `None` where there is something else.
pub fn regular_file(path: &Path) -> io::Result<Option<File>> {
    // Before it is opened: to open a pipe is to wait for somebody to write to it.
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let file = File::open(path)?;
    // Another one may be there by now.
    Ok(file.metadata()?.is_file().then_some(file))
}

/// All of a file that is a record, as `proof.json` is.
pub fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    read_at_most(path, RECORD_BYTES)
}

/// All of a file that has no more than so many bytes. Of a larger one nothing is kept in memory.
pub fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let too_large = || {
        let problem = format!("it has more than {most} bytes, which no such file has");
        at(path, io::Error::new(io::ErrorKind::InvalidData, problem))
    };
    let file = open_regular_file(path)?;
    let size = file.metadata().map_err(|error| at(path, error))?.len();
    if size > most {
        return Err(too_large());
    }
    // One that grows while it is read, or has no length of its own.
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default().saturating_add(1));
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| at(path, error))?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

/// The error of a file that does not say what it should.
pub(crate) fn invalid(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

/// Whether an error says something of this machine, and nothing of what the file holds: the disk is full or fails, locks do not
/// work, rights are missing. Files that are missing, or not what they should be, are no such thing.
pub fn is_of_this_machine(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    let of_the_file = [
        Kind::NotFound,
        Kind::InvalidData,
        Kind::InvalidInput,
        Kind::UnexpectedEof,
        Kind::Unsupported,
        Kind::NotADirectory,
        Kind::IsADirectory,
        Kind::AlreadyExists,
        Kind::InvalidFilename,
        // What reads compressed and structured text says so of it.
        Kind::Other,
    ];
    // A link that leads to itself.
    #[cfg(unix)]
    let is_circle = error.kind() == io::Error::from(rustix::io::Errno::LOOP).kind();
    #[cfg(not(unix))]
    let is_circle = false;
    !is_circle && !of_the_file.contains(&error.kind())
}

/// What was read, or `None` where it is not there or not what it should be.
///
/// # Errors
/// Where this machine cannot read it.
pub(crate) fn readable<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if is_of_this_machine(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Whether an error says that nothing of that name is there.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether there is something of that name, whatever it is.
///
/// # Errors
/// Where that cannot be known.
pub(crate) fn is_there(path: &Path) -> io::Result<bool> {
    Ok(kind(path.symlink_metadata(), path)?.is_some())
}

/// Whether there is a file of that name, or a link to one.
///
/// # Errors
/// Where that cannot be known.
pub(crate) fn is_file(path: &Path) -> io::Result<bool> {
    Ok(kind(fs::metadata(path), path)?.is_some_and(|it| it.is_file()))
}

/// Whether there is a folder of that name, or a link to one.
///
/// # Errors
/// Where that cannot be known.
pub(crate) fn is_dir(path: &Path) -> io::Result<bool> {
    Ok(kind(fs::metadata(path), path)?.is_some_and(|it| it.is_dir()))
}

/// Whether it is a link, wherever that leads.
///
/// # Errors
/// Where that cannot be known.
pub(crate) fn is_link(path: &Path) -> io::Result<bool> {
    Ok(kind(path.symlink_metadata(), path)?.is_some_and(|it| it.is_symlink()))
}

/// `None` where there is nothing that can be opened; an error only where this machine does not say.
fn kind(found: io::Result<fs::Metadata>, path: &Path) -> io::Result<Option<fs::Metadata>> {
    match found {
        Ok(it) => Ok(Some(it)),
        Err(error) if is_of_this_machine(&error) => Err(at(path, error)),
        Err(_) => Ok(None),
    }
}

/// The error with the file that it is about.
pub(crate) fn at(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.shown()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn the_largest_is_read_and_one_byte_more_is_not() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("file");
        fs::write(&file, "four")?;
        assert_eq!(read_at_most(&file, 4)?, b"four");
        let refused = read_at_most(&file, 3).expect_err("too large");
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
        assert!(
            refused.to_string().ends_with("it has more than 3 bytes, which no such file has"),
            "{refused}"
        );
        // One that says that it is empty, and is not.
        assert!(read_at_most(Path::new("/proc/self/maps"), 4).is_err());
        Ok(())
    }

    #[test]
    fn whether_something_is_there_is_not_known_where_this_machine_does_not_say_so() {
        let path = Path::new("rows");
        let said = |errno: Errno| kind(Err(errno.into()), path).map(|it| it.is_some());
        for errno in [Errno::NOENT, Errno::NOTDIR, Errno::LOOP, Errno::NAMETOOLONG] {
            assert_eq!(said(errno).ok(), Some(false), "{errno:?}");
        }
        for errno in [Errno::IO, Errno::ACCESS, Errno::MFILE, Errno::NOMEM] {
            let error = said(errno).expect_err("that is not known");
            assert!(error.to_string().starts_with("rows: "), "{error}");
        }
    }

    #[test]
    fn what_fails_here_is_told_from_what_is_wrong_with_a_file() {
        let is_here = |error: io::Error| is_of_this_machine(&at(Path::new("rows"), error));
        for errno in [
            Errno::NOSPC,
            Errno::IO,
            Errno::NOLCK,
            Errno::DQUOT,
            Errno::ROFS,
            Errno::ACCESS,
            Errno::MFILE,
            Errno::NOMEM,
        ] {
            assert!(is_here(errno.into()), "{errno:?}");
        }
        for errno in [Errno::NOENT, Errno::NOTDIR, Errno::ISDIR, Errno::LOOP, Errno::NAMETOOLONG] {
            assert!(!is_here(errno.into()), "{errno:?}");
        }
        for error in
            [invalid("half".to_owned()), io::ErrorKind::UnexpectedEof.into(), io::Error::other("zstd")]
        {
            assert!(!is_here(error));
        }
    }
}
