//! A page of a collection on its way into an object store: what was added to each file, in one object.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use exhibit_records::Digest;
use object_store::path::Path as Key;
use serde::{Deserialize, Serialize};

use crate::disk::{at, invalid, private_all, private_or_there};
use crate::signing::SigningKey;

use super::pull::files;

/// No page adds more: an answer of a million hosts, its rows, and as much again for their table.
pub(super) const PAGE_BYTES: u64 = 1 << 30;

/// A part of a page.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    path: String,
    /// Where in the file it begins.
    offset: u64,
    bytes: u64,
}

/// A page after the signature over its place and its bytes.
pub(super) fn signed(key: &SigningKey, path: &Key, page: Vec<u8>) -> Vec<u8> {
    let signature = key.sign(&statement(path, &page));
    let mut whole = signature.to_vec();
    whole.extend(page);
    whole
}

/// What is signed.
pub(super) fn statement(path: &Key, page: &[u8]) -> Vec<u8> {
    format!("exhibit-resume/v1 {path} {}", Digest::of(page)).into_bytes()
}

/// What was added since the last page, after which the files reached so far, and how far each reaches with it.
pub(super) fn added(
    staging: &Path,
    sizes: &BTreeMap<String, u64>,
) -> io::Result<(Vec<u8>, BTreeMap<String, u64>)> {
    let (mut parts, mut paths, mut reached) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (path, file) in files(staging)? {
        let grows = path.starts_with("written/");
        if !grows && !path.starts_with("resume/") {
            continue;
        }
        let size = fs::metadata(&file).map_err(|error| at(&file, error))?.len();
        let before = sizes.get(&path).copied();
        // One that was cut back is as it was, or a page has come after that.
        let offset = if grows { before.unwrap_or_default().min(size) } else { 0 };
        if grows {
            reached.insert(path.clone(), size);
            if before == Some(size) {
                continue;
            }
        }
        parts.push(Part { path, offset, bytes: size - offset });
        paths.push(file);
    }
    let mut page = serde_json::to_vec(&parts)?;
    page.push(b'\n');
    for (part, path) in parts.iter().zip(paths) {
        let mut file = File::open(&path).map_err(|error| at(&path, error))?;
        file.seek(SeekFrom::Start(part.offset))?;
        let read = file.take(part.bytes).read_to_end(&mut page).map_err(|error| at(&path, error))?;
        if read as u64 != part.bytes {
            return Err(at(&path, io::ErrorKind::UnexpectedEof.into()));
        }
    }
    Ok((page, reached))
}

/// Adds a page to the files of a folder.
pub(super) fn restore(page: &[u8], place: &Path) -> io::Result<()> {
    let broken = || invalid("a page is damaged".to_owned());
    let line = page.iter().position(|it| *it == b'\n').ok_or_else(broken)?;
    let (parts, contents) = page.split_at(line);
    let parts: Vec<Part> = serde_json::from_slice(parts).map_err(|_| broken())?;
    let mut contents = contents.get(1..).unwrap_or_default();
    for part in parts {
        if !part.path.split('/').all(super::super::catalog::is_name) {
            return Err(broken());
        }
        let length = usize::try_from(part.bytes).map_err(|_| broken())?;
        let (bytes, rest) = contents.split_at_checked(length).ok_or_else(broken)?;
        contents = rest;
        let path = place.join(&part.path);
        if let Some(parent) = path.parent() {
            private_all(parent).map_err(|error| at(parent, error))?;
        }
        let mut file = private_or_there(&path).map_err(|error| at(&path, error))?;
        file.set_len(part.offset)?;
        file.seek(SeekFrom::Start(part.offset))?;
        file.write_all(bytes).map_err(|error| at(&path, error))?;
    }
    Ok(())
}

/// How far the files of a folder reach.
pub(super) fn sizes(place: &Path) -> io::Result<BTreeMap<String, u64>> {
    let mut sizes = BTreeMap::new();
    for (path, file) in files(place)? {
        if path.starts_with("written/") {
            sizes.insert(path, fs::metadata(&file)?.len());
        }
    }
    Ok(sizes)
}
