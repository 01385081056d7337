//! How a bundle is written: its headers, its ends, its bounds, and the names that it may have.

use std::io;

use tar::{EntryType, Header};

use crate::disk::invalid;

/// What the names of bundles end with.
pub const ENDING: &str = ".exhibit.tar";
/// Archives are made of blocks of so many bytes.
pub(super) const BLOCK: usize = 512;
/// Two empty blocks end an archive.
pub(super) const END: usize = 2 * BLOCK;
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
/// Tar has a mode for each file; who may read a bundle is a matter of where it is.
const MODE: u32 = 0o644;
/// Large pieces: system calls do not count then.
pub(super) const BUFFER: usize = 256 << 10;

/// How much is in a bundle.
#[derive(Default)]
pub(super) struct Size {
    files: u64,
    bytes: u64,
}

impl Size {
    /// Counts a file of so many bytes.
    pub(super) fn add(&mut self, bytes: u64) -> io::Result<()> {
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

/// That of a file of so many bytes.
pub(super) fn header(name: &str, bytes: u64) -> io::Result<Header> {
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
pub(super) fn padding(bytes: u64) -> usize {
    (BLOCK - (bytes % BLOCK as u64) as usize) % BLOCK
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
