//! Unpacks evidence.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use tar::Header;

use super::super::archive;
use super::form::{BLOCK, BUFFER, END, ENDING, Size, header as header_of, is_part, padding};
use crate::disk::{self, at, invalid, private, private_file};

/// What bundles are, and many archives of other programs.
const TAR: &str = "tar";

/// Why a bundle is not unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// Another program made it, and it may well have evidence in it.
    #[error("it is a {0} archive of another program")]
    Other(&'static str),
    /// It is not a bundle, or cannot be read or unpacked.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Whether a file is meant as a bundle, altered or not: by its name, or by how it begins.
pub(crate) fn is_meant_as_one(file: &Path) -> bool {
    let is_named_so = file.file_name().is_some_and(|it| it.to_string_lossy().ends_with(ENDING));
    let begins_so = || {
        let mut header = Header::new_ustar();
        let read = disk::open_regular_file(file).and_then(|mut it| it.read_exact(header.as_mut_bytes()));
        // One byte of it may be altered: its sum, or its mark.
        read.is_ok() && (header.as_ustar().is_some() || archive::is_header(&header))
    };
    is_named_so || begins_so()
}

/// Unpacks a bundle into a folder, which is made. Nothing is written but what evidence has, and
/// nothing outside of the folder.
pub(crate) fn unpack(bundle: &Path, folder: &Path) -> Result<(), UnpackError> {
    let mut input = BufReader::with_capacity(BUFFER, disk::open_regular_file(bundle)?);
    private(folder).map_err(|error| at(folder, error))?;
    files(&mut input, bundle, &mut |name, content| {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            disk::create_all(parent)?;
        }
        let mut file = private_file(&path)?;
        io::copy(content, &mut file).map_err(|error| at(&path, error))
    })
}

/// Reads a bundle, and gives each file's name and content to `put`, which says how many bytes it has read. `bundle` is
/// what errors name.
pub(crate) fn files(
    input: &mut impl BufRead,
    bundle: &Path,
    put: &mut dyn FnMut(&str, &mut dyn Read) -> io::Result<u64>,
) -> Result<(), UnpackError> {
    let in_bundle = |error| match error {
        UnpackError::Io(error) => UnpackError::Io(at(bundle, error)),
        other => other,
    };
    let beginning = input.fill_buf().map_err(|error| at(bundle, error))?;
    if let Some(format) = archive::format(beginning) {
        return Err(UnpackError::Other(format));
    }
    let (mut all, mut last) = (Size::default(), String::new());
    while let Some((name, size)) = next(input).map_err(in_bundle)? {
        all.add(size).map_err(|error| in_bundle(error.into()))?;
        if name == last {
            return Err(in_bundle(invalid(format!("{name:?} is in it twice")).into()));
        }
        if name < last {
            return Err(UnpackError::Other(TAR));
        }
        let copied = put(&name, &mut input.by_ref().take(size))?;
        let mut rest = [0; BLOCK];
        let rest = &mut rest[..padding(size)];
        input.read_exact(rest).map_err(|error| in_bundle(cut_short(error).into()))?;
        if copied < size {
            return Err(in_bundle(ends_early().into()));
        }
        if rest.iter().any(|it| *it != 0) {
            return Err(in_bundle(invalid(format!("there is something behind {name:?}")).into()));
        }
        last = name;
    }
    Ok(())
}

/// Name and size of the next file. `None` at the end, which must be one.
pub(super) fn next(input: &mut impl Read) -> Result<Option<(String, u64)>, UnpackError> {
    let mut header = Header::new_ustar();
    input.read_exact(header.as_mut_bytes()).map_err(cut_short)?;
    if header.as_bytes().iter().all(|it| *it == 0) {
        let mut rest = Vec::new();
        input.take(END as u64).read_to_end(&mut rest)?;
        return match rest.as_slice() {
            rest if rest.iter().any(|it| *it != 0) => {
                Err(invalid("there is something behind its end".to_owned()).into())
            }
            rest if rest.len() == BLOCK => Ok(None),
            rest if rest.len() < BLOCK => Err(ends_early().into()),
            rest if rest.len() % BLOCK != 0 => {
                Err(invalid("there is something behind its end".to_owned()).into())
            }
            // Most programs fill a record of twenty blocks.
            _ => Err(UnpackError::Other(TAR)),
        };
    }
    if !archive::is_header(&header) {
        return Err(invalid("it is no tar archive, or one of its headers is damaged".to_owned()).into());
    }
    let name = String::from_utf8(header.path_bytes().into_owned()).ok().filter(|it| is_part(it));
    let Some(name) = name else {
        if archive::is_of_evidence(&header, is_part) {
            return Err(UnpackError::Other(TAR));
        }
        return Err(invalid("it has a file that evidence does not have".to_owned()).into());
    };
    let bytes = header.entry_size()?;
    if header.as_bytes() == header_of(&name, bytes)?.as_bytes() {
        Ok(Some((name, bytes)))
    } else if archive::is_of_evidence(&header, is_part) {
        Err(UnpackError::Other(TAR))
    } else {
        Err(invalid(format!("{name:?} is not written as a bundle has it")).into())
    }
}

/// The error of a read that should have got more.
fn cut_short(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { ends_early() } else { error }
}

fn ends_early() -> io::Error {
    invalid("it ends early".to_owned())
}
