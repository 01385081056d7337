//! How much evidence is read of, unpacked. Every reader of a file ends where the record of that file says that it ends, so what the
//! records say bounds what is read: a package of a few kilobytes can say that it has a terabyte, and have it.

use std::path::Path;

use exhibit_records::{AnswerRecord, PartRecord};

use super::index::index;

/// So many bytes the answers of a piece of evidence may have, unpacked, and so many its rows with all runs of tests. The answers
/// of a million assets have about 10 GiB. This much is read in minutes.
const MAX_BYTES: u64 = 64 << 30;
/// Many times what they have packed. XML and JSON of sources become 10 to 50 times smaller; what becomes a thousand times smaller
/// says the same again and again.
const MAX_TIMES: u64 = 1_000;
/// So many bytes may be unpacked of anything: they are read in seconds.
const ALWAYS: u64 = 1 << 30;

/// How much may be unpacked of answers, and how much of rows with all runs of tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxUnpacked {
    bytes: u64,
    /// Of what is packed, beyond [`ALWAYS`].
    times: u64,
}

impl Default for MaxUnpacked {
    fn default() -> Self {
        Self { bytes: MAX_BYTES, times: MAX_TIMES }
    }
}

impl MaxUnpacked {
    /// So many bytes, however small they are packed: for who expects that many.
    pub fn of_bytes(bytes: u64) -> Self {
        Self { bytes, times: u64::MAX }
    }
}

/// Evidence says that it has more than is read of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TooMuch {
    /// More than so many bytes.
    #[error("the {what} have more than {} when unpacked: not checked further", bytes(*.limit))]
    Bytes {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: u64,
    },
    /// Many times what they have packed.
    #[error("the {what} have more than {times} times as many bytes when unpacked: not checked further")]
    Times {
        /// Of what.
        what: &'static str,
        /// How many times there may be.
        times: u64,
    },
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
pub fn check_answers(folder: &Path, limit: MaxUnpacked) -> Result<(), TooMuch> {
    let Ok(index) = index(folder) else { return Ok(()) };
    check("answers", index.map_while(Result::ok).map(|it| of_answer(&it)), limit)
}

/// Whether all of these files together have at most so many bytes, packed or not: the rows, and what runs of tests have.
///
/// # Errors
/// Where they have more.
pub fn check_parts<'a>(
    parts: impl IntoIterator<Item = &'a PartRecord>,
    limit: MaxUnpacked,
) -> Result<(), TooMuch> {
    check("rows and runs of tests", parts.into_iter().map(of_part), limit)
}

/// `sizes`: packed and unpacked, of each.
fn check(
    what: &'static str,
    sizes: impl IntoIterator<Item = (u64, u64)>,
    limit: MaxUnpacked,
) -> Result<(), TooMuch> {
    let MaxUnpacked { bytes, times } = limit;
    let (mut packed, mut unpacked) = (0_u64, 0_u64);
    for (small, large) in sizes {
        packed = packed.saturating_add(small);
        unpacked = unpacked.saturating_add(large.max(small));
        if unpacked > bytes {
            return Err(TooMuch::Bytes { what, limit: bytes });
        }
    }
    if unpacked > packed.saturating_mul(times).max(ALWAYS) {
        return Err(TooMuch::Times { what, times });
    }
    Ok(())
}

/// Of one that broke off, nothing is kept. Earlier formats do not say how large a file is.
fn of_answer(record: &AnswerRecord) -> (u64, u64) {
    let unpacked = if record.file.is_some() || record.broken.is_none() { record.bytes } else { 0 };
    (record.stored.map_or(unpacked, |it| it.bytes), unpacked)
}

fn of_part(part: &PartRecord) -> (u64, u64) {
    (part.bytes, part.content.map_or(part.bytes, |it| it.bytes))
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
        assert_eq!(check_parts(&parts, MaxUnpacked::of_bytes(35)), Ok(()));
        let error = check_parts(&parts, MaxUnpacked::of_bytes(34)).expect_err("one byte more");
        assert_eq!(
            error.to_string(),
            "the rows and runs of tests have more than 34 bytes when unpacked: not checked further"
        );
        let all = [part(1, Some(u64::MAX)), part(1, Some(u64::MAX))];
        assert!(check_parts(&all, MaxUnpacked::default()).is_err());
    }

    #[test]
    fn what_becomes_a_thousand_times_smaller_is_no_evidence_beyond_what_is_read_in_seconds() {
        let said = |packed, unpacked, limit| check("answers", [(packed, unpacked)], limit);
        let usual = MaxUnpacked::default();
        assert_eq!(said(1, ALWAYS, usual), Ok(()));
        let error = said(1 << 20, ALWAYS + 1, usual).expect_err("1,024 times");
        assert_eq!(
            error.to_string(),
            "the answers have more than 1000 times as many bytes when unpacked: not checked further"
        );
        assert_eq!(said(1 << 20, ALWAYS + 1, MaxUnpacked::of_bytes(2 << 30)), Ok(()), "it was expected");
        assert_eq!(said(1 << 30, 50 << 30, usual), Ok(()));
        assert_eq!(said(2 << 30, 65 << 30, usual), Err(TooMuch::Bytes { what: "answers", limit: MAX_BYTES }));
    }

    #[test]
    fn an_answer_that_broke_off_has_nothing_and_one_that_says_so_and_has_a_file_is_counted() {
        let digest = Digest::of(b"");
        let whole = AnswerRecord { bytes: 7, ..examples::answer() };
        let broken = AnswerRecord { broken: Some("reset".to_owned()), ..whole.clone() };
        let kept = AnswerRecord { file: Some("000001.zst".to_owned()), ..broken.clone() };
        let stored = AnswerRecord { stored: Some(StoredRecord { bytes: 9, digest }), ..broken.clone() };
        assert_eq!([whole, broken, kept, stored].map(|it| of_answer(&it)), [(7, 7), (0, 0), (7, 7), (9, 0)]);
    }

    #[test]
    fn bounds_are_said_in_units_that_people_read() {
        assert_eq!(
            [MAX_BYTES, 1 << 20, 3 << 10, 1000, 0].map(bytes),
            ["64 GiB", "1 MiB", "3 KiB", "1000 bytes", "0 bytes"]
        );
    }
}
