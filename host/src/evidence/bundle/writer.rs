//! Packs evidence.

use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use exhibit_records::{Digest, Digester};
use exhibit_rows::ShowPath as _;

use super::super::plugin::file_of;
use super::super::read;
use super::form::{BLOCK, BUFFER, END, Size, header, is_part, padding};
use crate::disk::staging::StagingDir;
use crate::disk::{self, KeepError, at, invalid, names, private_file, staging, sync};

/// Folders in folders; evidence has two.
const DEPTH: usize = 2;

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
