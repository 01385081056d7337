//! Which page of a list is next.

use std::fmt;
use std::str::FromStr;

use exhibit_plugin::Error;
use exhibit_plugin::problem::invalid;

/// A page that cannot be delivered is asked for in parts of this size. It divides the usual size, so that a number of pages
/// leads to the same record in both.
const PARTS: u64 = 4;
/// What is smaller uses up the calls of an hour.
const SMALLEST_PAGE: u64 = 50;

/// A page, and how the ones before it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Its number, from 0, in pages of this size.
    pub(super) number: u64,
    /// The records of a page.
    pub(super) size: u64,
    /// How many pages in a row, up to the one before this, had no record that did not come before.
    pub(super) stale: u32,
    /// A digest of the page before; 0 before the first.
    pub(super) before: u64,
}

impl Cursor {
    pub(super) fn first(size: u64) -> Self {
        Self { number: 0, size, stale: 0, before: 0 }
    }

    /// The page after this one.
    pub(super) fn next(self, stale: u32, digest: u64) -> Self {
        Self { number: self.number.saturating_add(1), stale, before: digest, ..self }
    }

    /// The same place in smaller pages, where there are any.
    pub(super) fn smaller(self) -> Option<Self> {
        let size = self.size / PARTS;
        (size >= SMALLEST_PAGE && self.size.is_multiple_of(PARTS)).then(|| Self {
            number: self.number.saturating_mul(PARTS),
            size,
            ..self
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.number, self.size, self.stale, self.before)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let read = || {
            let mut parts = text.split(' ');
            let (number, size) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let (stale, before) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            (parts.next().is_none() && size > 0).then_some(Self { number, size, stale, before })
        };
        read().ok_or_else(|| invalid(format!("the place of the next page cannot be read: {text:.60}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_pages_begin_at_the_same_record() {
        let page = Cursor { number: 3, size: 200, stale: 1, before: 7 };
        let smaller = page.smaller().expect("there are smaller ones");
        assert_eq!((smaller.number * smaller.size, smaller.size), (600, 50));
        assert_eq!(smaller.smaller(), None);
        assert_eq!(Cursor::first(1).smaller(), None);
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let page = Cursor { number: 3, size: 200, stale: 1, before: u64::MAX };
        assert_eq!(page.to_string().parse::<Cursor>().ok(), Some(page));
        for text in ["", "1 2 3", "1 0 0 0", "1 2 3 4 5", "-1 2 3 4", "a b c d"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
