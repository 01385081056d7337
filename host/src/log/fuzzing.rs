//! What holds of tiles, whatever is in them.

use super::hash::HASH_BYTES;
use super::tile::{read_entries, read_hashes, write_entry, write_hashes};

/// Reads bytes as a bundle of entries and as a tile of hashes. What was read is written in the same bytes.
///
/// # Panics
///
/// Where that is not so.
pub fn tile(bytes: &[u8]) {
    if let Some(entries) = read_entries(bytes) {
        let mut written = Vec::new();
        for entry in entries {
            let length = u16::try_from(entry.len()).expect("a length has two bytes");
            write_entry(&mut written, length, entry);
        }
        assert_eq!(written, bytes);
    }
    let whole = bytes.len() / HASH_BYTES * HASH_BYTES;
    assert_eq!(write_hashes(&read_hashes(bytes)), bytes[..whole]);
}
