//! Archives that another program made of evidence: they are no bundles, but what is in them may be unharmed.

use tar::{EntryType, Header};

use crate::disk::desktop;

/// How archives begin that are not tar, and what they are called.
const BEGINNINGS: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
];
/// Where a header of tar has its sum, which is made as if there were blanks.
const SUM: std::ops::Range<usize> = 148..156;

/// What a file that begins so is called, where it is an archive and not tar.
pub(super) fn format(beginning: &[u8]) -> Option<&'static str> {
    BEGINNINGS.iter().find(|it| beginning.starts_with(it.0)).map(|it| it.1)
}

/// Whether it is a header of a tar archive, and as it was written.
pub(super) fn is_header(header: &Header) -> bool {
    let bytes = header.as_bytes().iter().enumerate();
    let sum: u32 = bytes.map(|(at, byte)| u32::from(if SUM.contains(&at) { b' ' } else { *byte })).sum();
    header.cksum().is_ok_and(|it| it == sum)
}

/// Whether another program could have written this header for evidence, as for any folder: with folders, names of its
/// own, or further headers. `is_part` tells whether evidence has a file of a name.
pub(super) fn is_of_evidence(header: &Header, is_part: impl Fn(&str) -> bool) -> bool {
    let name = header.path_bytes();
    let Ok(name) = std::str::from_utf8(&name) else { return false };
    let name = name.trim_start_matches("./");
    // Who unpacks it is not to be advised to write elsewhere.
    if name.starts_with('/') || name.contains(['\\', ':']) || name.split('/').any(|it| it == "..") {
        return false;
    }
    match header.entry_type() {
        EntryType::Directory
        | EntryType::XHeader
        | EntryType::XGlobalHeader
        | EntryType::GNULongName
        | EntryType::GNULongLink => true,
        EntryType::Regular => {
            let below = name.split_once('/').map_or("", |it| it.1);
            is_part(name) || is_part(below) || desktop::leaves(name).is_some()
        }
        _ => false,
    }
}
