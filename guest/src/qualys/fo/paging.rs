//! Where the next page begins, in the forms in which Qualys says so.

use std::fmt;
use std::str::FromStr;

use exhibit_plugin::Error;
use exhibit_plugin::problem::{invalid, malformed};

/// How a list continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// It does not: everything is in one answer.
    Whole,
    /// It might, but the first answer is all that is wanted.
    FirstPage,
    /// `WARNING/URL`, with a growing `id_min`. Host, version and all other parameters of
    /// that address are Qualys' own, or ours already: only `id_min` is taken.
    IdMin,
    /// `TRUNCATION last="…"`: the number of the last record. The next page begins after it, by
    /// `since_ticket_number`.
    Truncation,
}

/// Names and values of a request's parameters.
pub(super) type Parameters = Vec<(String, String)>;

/// Where a page begins, and where the pages before it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The smallest ID or number of the page.
    from: u64,
    /// The greatest ID or number of the pages before.
    pub(super) seen: u64,
}

impl Paging {
    /// The parameter that says where a page begins.
    fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Whole | Self::FirstPage => None,
            Self::IdMin => Some("id_min"),
            Self::Truncation => Some("since_ticket_number"),
        }
    }

    /// The parameters of the page at `cursor`, from those of the first.
    pub(super) fn parameters(self, first: &Parameters, cursor: Option<Cursor>) -> Parameters {
        let mut parameters = first.clone();
        if let (Some(name), Some(cursor)) = (self.parameter(), cursor) {
            parameters.push((name.to_owned(), cursor.from.to_string()));
        }
        parameters
    }
}

/// Where the page after `before` begins, as a `WARNING/URL` says it.
pub(super) fn after_warning(before: Option<Cursor>, url: &str) -> Result<u64, Error> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let ids = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "id_min");
    // A repeated parameter counts as its last, as at Qualys.
    check_advances(before, ids.last().and_then(|(_, it)| it.parse().ok()), "the address of the next page")
}

/// Where the page after `before` begins, as a `TRUNCATION last="…"` says it.
pub(super) fn after_truncation(before: Option<Cursor>, last: &str) -> Result<u64, Error> {
    let next = last.trim().parse::<u64>().ok().and_then(|it| it.checked_add(1));
    check_advances(before, next, "the number of the last record")
}

fn check_advances(before: Option<Cursor>, next: Option<u64>, what: &str) -> Result<u64, Error> {
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

impl Cursor {
    pub(super) fn new(from: u64, seen: u64) -> Self {
        Self { from, seen }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.from, self.seen)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers =
            text.split_once(' ').and_then(|(from, seen)| Some((from.parse().ok()?, seen.parse().ok()?)));
        let (from, seen) =
            numbers.ok_or_else(|| invalid("the checkpoint does not say where the next page begins"))?;
        Ok(Self { from, seen })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Parameters {
        vec![("action".to_owned(), "list".to_owned())]
    }

    #[test]
    fn takes_nothing_but_the_place() {
        let url = "https://internal.example:444/api/4.0/x/?action=purge&details=None&flag=0&id_min=145359";
        let from = after_warning(None, url).expect("moves on");
        let parameters = Paging::IdMin.parameters(&own(), Some(Cursor::new(from, 7)));
        assert_eq!(parameters[..1], own());
        assert_eq!(parameters[1..], [("id_min".to_owned(), "145359".to_owned())]);
        assert_eq!(Paging::IdMin.parameters(&own(), None), own());
    }

    #[test]
    fn refuses_to_go_in_circles() {
        let five = Some(Cursor::new(5, 4));
        for url in [
            "https://x/?id_min=5",
            "https://x/?id_min=4",
            "https://x/?a=b",
            "https://x/",
            "https://x/?id_min=x",
        ] {
            assert!(after_warning(five, url).is_err(), "{url}");
        }
        assert_eq!(after_warning(five, "https://x/?id_min=6").ok(), Some(6));
    }

    #[test]
    fn goes_on_after_the_last_ticket() {
        assert_eq!(after_truncation(None, "1234").ok(), Some(1235));
        assert!(after_truncation(Some(Cursor::new(1235, 1234)), "1234").is_err());
        assert!(after_truncation(None, "many").is_err());
    }

    #[test]
    fn a_cursor_reads_back() {
        let cursor = Cursor::new(12, 11);
        assert_eq!(cursor.to_string().parse::<Cursor>().ok(), Some(cursor));
        assert!("12".parse::<Cursor>().is_err());
    }
}
