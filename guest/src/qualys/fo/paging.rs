//! Where the next page begins, in the forms in which Qualys says so.

use exhibit_plugin::Error;
use exhibit_plugin::problem::malformed;

use crate::qualys::cursor::{Cursor, check_advances};

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

/// The parameter that says how many records a page has.
const PAGE_SIZE: &str = "truncation_limit";

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
        let (Some(name), Some(cursor)) = (self.parameter(), cursor) else { return parameters };
        if let (Some(size), Some(at)) = (cursor.size, position(&parameters)) {
            parameters[at].1 = size.to_string();
        }
        if cursor.from > 0 {
            parameters.push((name.to_owned(), cursor.from.to_string()));
        }
        parameters
    }

    /// The same place with a smaller page, where the list has one.
    pub(super) fn smaller(self, first: &Parameters, cursor: Option<Cursor>) -> Option<Cursor> {
        if self != Self::IdMin {
            return None;
        }
        let size = first.get(position(first)?)?.1.parse().ok()?;
        cursor.unwrap_or_default().smaller(size)
    }
}

fn position(parameters: &Parameters) -> Option<usize> {
    parameters.iter().position(|(name, _)| name == PAGE_SIZE)
}

/// The ID that the address in a `WARNING` begins at, where it has one.
pub(super) fn in_warning(url: &str) -> Option<u64> {
    // In a CDATA section, too, some servers escape what separates parameters.
    let url = url.replace("&amp;", "&");
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let ids = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "id_min");
    // A repeated parameter counts as its last, as at Qualys.
    ids.last()?.1.parse().ok()
}

/// Where the page after `before` begins, as a `WARNING/URL` says it.
pub(super) fn after_warning(before: Option<Cursor>, next: Option<u64>) -> Result<u64, Error> {
    check_advances(before, next, "the address of the next page")
}

/// Where the page after `before` begins, as a `TRUNCATION last="…"` says it.
/// `greatest` is the number of the last record that came, where it is known: were they to differ, records would be
/// left out.
pub(super) fn after_truncation(
    before: Option<Cursor>,
    last: &str,
    greatest: Option<u64>,
) -> Result<u64, Error> {
    if let (Some(greatest), Ok(said)) = (greatest, last.trim().parse::<u64>())
        && greatest != said
    {
        return Err(malformed(format!(
            "Qualys truncated the list after record {said}, as it says, but the last record in the answer is {greatest}"
        )));
    }
    let next = last.trim().parse::<u64>().ok().and_then(|it| it.checked_add(1));
    check_advances(before, next, "the number of the last record")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Parameters {
        let pairs = [("action", "list"), ("truncation_limit", "1000")];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    fn after(before: Option<Cursor>, url: &str) -> Option<u64> {
        after_warning(before, in_warning(url)).ok()
    }

    #[test]
    fn takes_nothing_but_the_place() {
        let url = "https://internal.example:444/api/4.0/x/?action=purge&details=None&flag=0&id_min=145359";
        let from = after(None, url).expect("moves on");
        let parameters = Paging::IdMin.parameters(&own(), Some(Cursor::new(from, 7, None)));
        assert_eq!(parameters[..2], own());
        assert_eq!(parameters[2..], [("id_min".to_owned(), "145359".to_owned())]);
        assert_eq!(Paging::IdMin.parameters(&own(), None), own());
    }

    #[test]
    fn refuses_to_go_in_circles() {
        let five = Some(Cursor::new(5, 4, None));
        for url in [
            "https://x/?id_min=5",
            "https://x/?id_min=4",
            "https://x/?a=b",
            "https://x/",
            "https://x/?id_min=x",
        ] {
            assert_eq!(after(five, url), None, "{url}");
        }
        for url in ["https://x/?id_min=6", "https://x/?a=b&amp;id_min=6", "https://x/?id_min=2&id_min=6"] {
            assert_eq!(after(five, url), Some(6), "{url}");
        }
    }

    #[test]
    fn goes_on_after_the_last_ticket() {
        assert_eq!(after_truncation(None, "1234", Some(1234)).ok(), Some(1235));
        assert_eq!(after_truncation(None, "1234", None).ok(), Some(1235));
        assert!(after_truncation(Some(Cursor::new(1235, 1234, None)), "1234", None).is_err());
        assert!(after_truncation(None, "1234", Some(1240)).is_err(), "records would be left out");
        assert!(after_truncation(None, "many", None).is_err());
    }

    #[test]
    fn pages_become_smaller_but_not_small() {
        let start = Some(Cursor::new(7, 6, None));
        let smaller =
            std::iter::successors(start, |it| Paging::IdMin.smaller(&own(), Some(*it))).skip(1).take(5);
        let of_few = vec![("truncation_limit".to_owned(), "250".to_owned())];
        let few = std::iter::successors(start, |it| Paging::IdMin.smaller(&of_few, Some(*it)));
        assert_eq!(few.skip(1).map(|it| it.size).collect::<Vec<_>>(), [Some(62), Some(25)]);
        let sizes: Vec<String> = smaller
            .map(|cursor| {
                let parameters = Paging::IdMin.parameters(&own(), Some(cursor));
                assert_eq!(parameters[2].1, "7", "the place stays");
                parameters[1].1.clone()
            })
            .collect();
        assert_eq!(sizes, ["250", "100"]);
        assert_eq!(Paging::Truncation.smaller(&own(), None), None, "has pages of one size");
        let first = Paging::IdMin.smaller(&own(), None);
        assert_eq!(Paging::IdMin.parameters(&own(), first).len(), 2, "the first page begins nowhere");
    }
}
