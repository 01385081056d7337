//! The place of a page in a list whose records ascend by a number.

use std::fmt;
use std::str::FromStr;

use exhibit_plugin::Error;
use exhibit_plugin::problem::{invalid, malformed};

/// A page that cannot be delivered is asked for in parts of this size: few requests lead from the largest page to one
/// that passes.
const PARTS: u64 = 4;
/// What is smaller uses up the calls of an hour: it is the default of some of Qualys' APIs, and a tenth of that of others.
const SMALLEST_PAGE: u64 = 100;
/// Pages of at most so many records are small from the beginning, as their records are large: the smallest has a tenth of
/// the first.
const SMALL_FIRST_PAGE: u64 = 250;
const SMALLEST_PART: u64 = 10;

/// Where a page begins, where the pages before it ended, and how large it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The number that the page is asked for by; 0 for the first page.
    pub(super) from: u64,
    /// The greatest ID or number of the pages before; 0 before the first.
    pub(super) seen: u64,
    /// Its records, where that is less than what was asked for at first.
    pub(super) size: Option<u64>,
}

impl Cursor {
    pub(super) const fn new(from: u64, seen: u64, size: Option<u64>) -> Self {
        Self { from, seen, size }
    }

    /// Whether it is the place of the first page.
    pub(super) fn is_first(self) -> bool {
        self.from == 0
    }

    /// The same place with a smaller page, where that is not too small already; the first page has `first_size` records.
    pub(super) fn smaller(self, first_size: u64) -> Option<Self> {
        let least = match first_size {
            ..=SMALL_FIRST_PAGE => SMALLEST_PAGE.min(first_size / SMALLEST_PART).max(1),
            _ => SMALLEST_PAGE,
        };
        let size = self.size.unwrap_or(first_size);
        (size > least).then(|| Self { size: Some((size / PARTS).max(least)), ..self })
    }
}

/// Where the page after `before` begins: a list that does not advance would be asked for without end. `what` is
/// called what says it.
///
/// # Errors
/// `malformed` where it does not say it, or nothing new.
pub(super) fn check_advances(before: Option<Cursor>, next: Option<u64>, what: &str) -> Result<u64, Error> {
    let from = before.map_or(0, |it| it.from);
    match next {
        Some(next) if next > from => Ok(next),
        Some(next) => Err(malformed(format!(
            "the page that begins at {from} says that the next one begins at {next}: the list does not advance"
        ))),
        None => Err(malformed(format!(
            "Qualys truncated the list, and {what} does not say where the next page begins"
        ))),
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.from, self.seen)?;
        self.size.map_or(Ok(()), |it| write!(f, " {it}"))
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers: Result<Vec<u64>, _> = text.split(' ').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[from, seen]) => Ok(Self { from, seen, size: None }),
            Ok(&[from, seen, size]) => Ok(Self { from, seen, size: Some(size) }),
            _ => Err(invalid("the checkpoint does not say where the next page begins")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back() {
        for cursor in [Cursor::new(12, 11, None), Cursor::new(12, 11, Some(250))] {
            assert_eq!(cursor.to_string().parse::<Cursor>().ok(), Some(cursor));
        }
        for text in ["12", "", "1 2 3 4", "1 x"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }

    #[test]
    fn pages_become_smaller_but_not_small() {
        let sizes = |first_size| -> Vec<_> {
            std::iter::successors(Some(Cursor::new(7, 6, None)), |it| it.smaller(first_size))
                .map(|it| (it.from, it.size))
                .collect()
        };
        assert_eq!(sizes(1_000), [(7, None), (7, Some(250)), (7, Some(100))], "the place stays");
        assert_eq!(sizes(250), [(7, None), (7, Some(62)), (7, Some(25))], "small from the beginning");
        assert_eq!(sizes(300), [(7, None), (7, Some(100))]);
        assert_eq!(sizes(1), [(7, None)]);
    }
}
