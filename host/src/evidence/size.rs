//! How much evidence is read of, unpacked. Every reader of a file ends where the record of that file says that it ends, so what the
//! records say bounds what is read: a package of a few kilobytes can say that it has a terabyte, and have it.

use std::path::Path;

use exhibit_records::{AnswerRecord, PartRecord};

use super::index::index;

/// So many bytes the answers of a piece of evidence may have, unpacked, and so many its rows with all runs of tests. The answers
/// of a million assets have about 10 GiB. This much is read in minutes.
pub const MAX_UNPACKED: u64 = 64 << 30;

/// Evidence says that it has more than is read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {what} have more than {} when unpacked: not checked further", bytes(*.limit))]
#[non_exhaustive]
pub struct TooMuch {
    /// Of what.
    pub what: &'static str,
    /// How many bytes there may be.
    pub limit: u64,
}

/// A bound in bytes, in the largest unit that it is a whole number of.
fn bytes(bound: u64) -> String {
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let fitting = units.into_iter().find(|(power, _)| bound > 0 && bound.is_multiple_of(1 << power));
    fitting.map_or_else(|| format!("{bound} bytes"), |(power, unit)| format!("{} {unit}", bound >> power))
}

/// Whether all answers together have at most so many bytes, as their index says, packed or not. What is wrong with the index
/// itself is for its readers to say: no one of them reads on after the first fault.
///
/// # Errors
/// Where they have more.
pub fn check_answers(folder: &Path, limit: u64) -> Result<(), TooMuch> {
    let Ok(index) = index(folder) else { return Ok(()) };
    check("answers", index.map_while(Result::ok).map(|it| of_answer(&it)), limit)
}

/// Whether all of these files together have at most so many bytes, packed or not: the rows, and what runs of tests have.
///
/// # Errors
/// Where they have more.
pub fn check_parts<'a>(parts: impl IntoIterator<Item = &'a PartRecord>, limit: u64) -> Result<(), TooMuch> {
    check("rows and runs of tests", parts.into_iter().map(of_part), limit)
}

fn check(what: &'static str, sizes: impl IntoIterator<Item = u64>, limit: u64) -> Result<(), TooMuch> {
    let mut all = 0_u64;
    let is_over = |size| {
        all = all.saturating_add(size);
        all > limit
    };
    if sizes.into_iter().any(is_over) { Err(TooMuch { what, limit }) } else { Ok(()) }
}

/// Of one that broke off, nothing is kept.
fn of_answer(record: &AnswerRecord) -> u64 {
    let stored = record.stored.map_or(0, |it| it.bytes);
    let unpacked = if record.file.is_some() || record.broken.is_none() { record.bytes } else { 0 };
    stored.max(unpacked)
}

fn of_part(part: &PartRecord) -> u64 {
    part.content.map_or(0, |it| it.bytes).max(part.bytes)
}

#[cfg(test)]
mod tests {
    use exhibit_records::{ContentRecord, Digest, StoredRecord};

    use super::*;
    use crate::evidence::examples;

    #[test]
    fn sizes_are_added_up_and_never_overflow() {
        let part = |bytes, unpacked: Option<u64>| PartRecord {
            path: "rows.ndjson.zst".to_owned(),
            bytes,
            digest: Digest::of(b""),
            content: unpacked.map(|bytes| ContentRecord { bytes, digest: Digest::of(b"") }),
        };
        let parts = [part(3, Some(10)), part(20, None), part(5, Some(2))];
        assert_eq!(check_parts(&parts, 35), Ok(()));
        let error = check_parts(&parts, 34).expect_err("one byte more");
        assert_eq!(
            error.to_string(),
            "the rows and runs of tests have more than 34 bytes when unpacked: not checked further"
        );
        assert!(check_parts(&[part(1, Some(u64::MAX)), part(1, Some(u64::MAX))], MAX_UNPACKED).is_err());
    }

    #[test]
    fn an_answer_that_broke_off_has_nothing_and_one_that_says_so_and_has_a_file_is_counted() {
        let digest = Digest::of(b"");
        let whole = AnswerRecord { bytes: 7, ..examples::answer() };
        let broken = AnswerRecord { broken: Some("reset".to_owned()), ..whole.clone() };
        let kept = AnswerRecord { file: Some("000001.zst".to_owned()), ..broken.clone() };
        let stored = AnswerRecord { stored: Some(StoredRecord { bytes: 9, digest }), ..broken.clone() };
        assert_eq!([whole, broken, kept, stored].map(|it| of_answer(&it)), [7, 0, 7, 9]);
    }

    #[test]
    fn bounds_are_said_in_units_that_people_read() {
        assert_eq!(
            [MAX_UNPACKED, 1 << 20, 3 << 10, 1000, 0].map(bytes),
            ["64 GiB", "1 MiB", "3 KiB", "1000 bytes", "0 bytes"]
        );
    }
}
