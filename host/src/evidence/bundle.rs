//! Evidence as one file: a tar archive that `tar -xf` unpacks. The same evidence gives the same bytes:
//! names in their order, no owners, no times. What is not written so is refused, so no byte of a
//! bundle can change unnoticed.

use std::fs;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use exhibit_records::{Digest, Digester};
use exhibit_rows::ShowPath as _;
use tar::{EntryType, Header};

use crate::disk::staging::StagingDir;
use crate::disk::{self, KeepError, at, invalid, names, private, private_file, staging, sync};

use super::plugin::file_of;
use super::{archive, read};

/// What bundles are, and many archives of other programs.
const TAR: &str = "tar";
/// What the names of bundles end with.
pub const ENDING: &str = ".exhibit.tar";
/// Archives are made of blocks of so many bytes.
const BLOCK: usize = 512;
/// Two empty blocks end an archive.
const END: usize = 2 * BLOCK;
/// So many files of evidence are in a bundle at most: answers without end are no proof, and each takes
/// a name on the disk that it is unpacked on.
const MOST_FILES: u64 = 1_000_000;
/// So many bytes of them: a hundred times the answers of a million assets.
const MOST_BYTES: u64 = 64 << 30;
/// Where a bundle has what shows that the log of a store has the evidence.
pub const LOG: &str = "log";
/// The entry, as it is in the log.
pub const ENTRY: &str = "entry.json";
/// That it is in the log: C2SP's tlog-proof.
pub const INCLUSION: &str = "entry.tlog-proof";
/// Folders in folders; evidence has two.
const DEPTH: usize = 2;
/// Tar has a mode for each file; who may read a bundle is a matter of where it is.
const MODE: u32 = 0o644;
/// Large pieces: system calls do not count then.
const BUFFER: usize = 256 << 10;

/// The evidence in a folder as a bundle, at a place where nothing is yet.
///
/// `beside` are further files that come into it, by their names in it.
pub fn write(folder: &Path, bundle: &Path, beside: &[(String, PathBuf)]) -> Result<(), KeepError> {
    write_checked(folder, bundle, beside, &mut ())
}

/// What is packed, in the order of the names. Says what is wrong with it.
pub(crate) trait Check {
    /// A file of the evidence, of so many bytes and with this digest.
    fn packed(&mut self, name: &str, bytes: u64, digest: Digest) -> Result<(), KeepError>;

    /// There are no more.
    fn all_packed(&mut self) -> Result<(), KeepError>;
}

impl Check for () {
    fn packed(&mut self, _: &str, _: u64, _: Digest) -> Result<(), KeepError> {
        Ok(())
    }

    fn all_packed(&mut self) -> Result<(), KeepError> {
        Ok(())
    }
}

/// The same, of what is as it was written alone.
pub(crate) fn write_checked(
    folder: &Path,
    bundle: &Path,
    beside: &[(String, PathBuf)],
    check: &mut dyn Check,
) -> Result<(), KeepError> {
    let parent = match bundle.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let name = bundle.file_name().unwrap_or_default().to_string_lossy();
    staging::clean_up_stale(parent, &name);
    if disk::is_there(bundle)? {
        return Err(KeepError::Taken(bundle.shown().to_string()));
    }
    let partial = (0..staging::ATTEMPTS).find_map(|it| StagingDir::create(parent, &name, it).transpose());
    let partial =
        partial.ok_or_else(|| io::Error::other("no name is free for the bundle in the making"))??;
    let made = make(folder, &partial.written().join("bundle"), beside, check)
        .and_then(|made| Ok(place(&made, bundle).map_err(|error| at(bundle, error))?));
    let synced = made.map(|()| sync(parent));
    // The bundle is in its place, or there is none: what is left of its writing is for the next process.
    if let Err(error) = partial.remove() {
        tracing::warn!(%error, "what was left of the writing could not be removed");
    }
    synced?.map_err(|why| KeepError::NotSynced { destination: bundle.shown().to_string(), why })
}

/// Puts a file where nothing is.
fn place(made: &Path, bundle: &Path) -> io::Result<()> {
    // A link is never made over what has come there in the meantime.
    match fs::hard_link(made, bundle) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Not every disk has links.
        Err(_) if bundle.symlink_metadata().is_err() => fs::rename(made, bundle),
        linked => linked,
    }
}

fn make(
    folder: &Path,
    path: &Path,
    beside: &[(String, PathBuf)],
    check: &mut dyn Check,
) -> Result<PathBuf, KeepError> {
    let mut files = Vec::new();
    list(folder, "", DEPTH, &mut files)?;
    let mut files: Vec<(String, PathBuf)> =
        files.into_iter().map(|name| (name.clone(), folder.join(name))).collect();
    files.extend(plugin_elsewhere(folder)?);
    files.extend(beside.iter().cloned());
    files.sort();
    let file = private_file(path)?;
    let unwritten = |error| at(path, error);
    let mut out = BufWriter::with_capacity(BUFFER, file);
    let mut size = Size::default();
    for (name, within) in &files {
        let file = disk::open_regular_file(within)?;
        let bytes = file.metadata()?.len();
        // No one could unpack it.
        size.add(bytes)?;
        out.write_all(header(name, bytes)?.as_bytes()).map_err(unwritten)?;
        let mut read = Digesting { file: file.take(bytes), digester: Digester::default() };
        let copied = io::copy(&mut read, &mut out).map_err(|error| at(within, error))?;
        if copied < bytes {
            return Err(at(within, invalid("it became shorter while it was read".to_owned())).into());
        }
        // What is beside comes from the caller.
        if !beside.iter().any(|it| it.0 == *name) {
            check.packed(name, bytes, read.digester.finish())?;
        }
        out.write_all(&[0; BLOCK][..padding(bytes)]).map_err(unwritten)?;
    }
    check.all_packed()?;
    out.write_all(&[0; END]).map_err(unwritten)?;
    let file = out.into_inner().map_err(|error| unwritten(error.into_error()))?;
    file.sync_all().map_err(unwritten)?;
    Ok(path.to_owned())
}

/// How much is in a bundle.
#[derive(Default)]
struct Size {
    files: u64,
    bytes: u64,
}

impl Size {
    /// Counts a file of so many bytes.
    fn add(&mut self, bytes: u64) -> io::Result<()> {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        if self.files > MOST_FILES || self.bytes > MOST_BYTES {
            let gib = MOST_BYTES >> 30;
            return Err(invalid(format!(
                "a bundle has at most {MOST_FILES} files and {gib} GiB, and this has more"
            )));
        }
        Ok(())
    }
}

/// Reads, and digests what it reads.
struct Digesting<R> {
    file: R,
    digester: Digester,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.digester.update(&into[..read]);
        Ok(read)
    }
}

/// Adds a file of so many bytes.
pub(crate) fn add(out: &mut impl Write, name: &str, bytes: u64, content: impl Read) -> io::Result<()> {
    out.write_all(header(name, bytes)?.as_bytes())?;
    if io::copy(&mut content.take(bytes), out)? < bytes {
        return Err(invalid("it became shorter while it was read".to_owned()));
    }
    out.write_all(&[0; BLOCK][..padding(bytes)])
}

/// After the last file.
pub(crate) fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; END])
}

/// The plugin, where a store keeps it once for all evidence: a bundle is all that anybody needs.
fn plugin_elsewhere(folder: &Path) -> io::Result<Option<(String, PathBuf)>> {
    let Some(proof) = disk::readable(read::proof(folder))? else { return Ok(None) };
    let Some(part) = proof.parts.into_iter().find(exhibit_records::PartRecord::is_plugin) else {
        return Ok(None);
    };
    let file = file_of(folder, &part)?;
    let is_elsewhere = file != folder.join(&part.path) && disk::is_file(&file)?;
    Ok(is_elsewhere.then_some((part.path, file)))
}

/// The files of evidence, by their names from its folder on.
fn list(folder: &Path, prefix: &str, depth: usize, files: &mut Vec<String>) -> io::Result<()> {
    // What is being written there, or was left while it was, is no part of it.
    let in_the_making = staging::found(folder)?;
    for entry in names(folder)? {
        if in_the_making.iter().any(|it| entry == *it.0) {
            continue;
        }
        let path = folder.join(&entry);
        let name = format!("{prefix}{}", entry.to_string_lossy());
        let kind = path.symlink_metadata().map_err(|error| at(&path, error))?.file_type();
        if kind.is_dir() && depth > 0 {
            list(&path, &format!("{name}/"), depth - 1, files)?;
        } else if kind.is_file() && is_part(&name) {
            files.push(name);
        } else {
            return Err(at(&path, invalid("evidence has no such file: take it away first".to_owned())));
        }
    }
    Ok(())
}

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
fn next(input: &mut impl Read) -> Result<Option<(String, u64)>, UnpackError> {
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
    if header.as_bytes() == self::header(&name, bytes)?.as_bytes() {
        Ok(Some((name, bytes)))
    } else if archive::is_of_evidence(&header, is_part) {
        Err(UnpackError::Other(TAR))
    } else {
        Err(invalid(format!("{name:?} is not written as a bundle has it")).into())
    }
}

fn header(name: &str, bytes: u64) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_path(name)?;
    header.set_size(bytes);
    header.set_mode(MODE);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    Ok(header)
}

/// Bytes from the end of a file to the next block.
fn padding(bytes: u64) -> usize {
    (BLOCK - (bytes % BLOCK as u64) as usize) % BLOCK
}

/// The error of a read that should have got more.
fn cut_short(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::UnexpectedEof { ends_early() } else { error }
}

fn ends_early() -> io::Error {
    invalid("it ends early".to_owned())
}

/// Whether evidence has a file of this name, from its folder on.
pub(crate) fn is_part(name: &str) -> bool {
    let is_number = |text: &str, digits: usize| {
        text.len() >= digits
            && text.bytes().all(|it| it.is_ascii_digit())
            && (text.len() == digits || !text.starts_with('0'))
    };
    match name.split('/').collect::<Vec<_>>().as_slice() {
        [name] => [
            "plugin.wasm.zst",
            "proof.csv",
            "proof.json",
            "rows.ndjson.zst",
            "signature.json",
            "timestamp.tsr",
        ]
        .contains(name),
        [LOG, name] => [ENTRY, INCLUSION].contains(name),
        ["answers", "index.ndjson"] => true,
        ["answers", name] => name.strip_suffix(".zst").is_some_and(|it| is_number(it, 6)),
        ["tests", run, name] => {
            is_number(run, 4)
                && [
                    "findings.csv",
                    "findings.ndjson.zst",
                    "history.ndjson.zst",
                    "run.json",
                    "signature.json",
                    "tests.toml",
                    "verdicts.ndjson.zst",
                ]
                .contains(name)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
