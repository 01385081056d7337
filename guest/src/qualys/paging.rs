//! Where the next page is, in the ways in which Qualys says so.

use exhibit_plugin::Error;
use exhibit_plugin::problem::malformed;

/// How an API continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// It does not: everything is in one answer.
    Whole,
    /// `WARNING/URL`, with a growing `id_min`. Its host, version and other parameters are
    /// Qualys' own: only the query is taken.
    IdMin,
    /// `TRUNCATION last="…"`: the number of the last record, to be gone on after in
    /// `since_ticket_number`.
    Truncation,
}

/// The parameter that says where a page begins, for [`Paging::IdMin`].
const ID_MIN: &str = "id_min";
/// The same for [`Paging::Truncation`]: inclusive.
const SINCE: &str = "since_ticket_number";
/// What is done at a path. It is ours to say, wherever a page's address comes from.
const ACTION: &str = "action";

/// Names and values of a request's parameters.
pub(super) type Parameters = Vec<(String, String)>;

/// The parameters of the page at `cursor`: the first page's, with what the cursor says.
pub(super) fn parameters(first: &Parameters, cursor: Option<&str>) -> Parameters {
    let mut merged = first.clone();
    for (name, value) in form_urlencoded::parse(cursor.unwrap_or_default().as_bytes()) {
        if name != ACTION {
            set(&mut merged, &name, &value);
        }
    }
    merged
}

/// The cursor after a page that ended with this `WARNING/URL`. `cursor` is that page's own.
pub(super) fn after_warning(cursor: Option<&str>, url: &str) -> Result<String, Error> {
    let Some((_, query)) = url.split_once('?') else {
        return Err(malformed("the answer is cut off, and the address of the next page has no query"));
    };
    let before = cursor.and_then(|it| number(it, ID_MIN)).unwrap_or(0);
    match number(query, ID_MIN) {
        Some(next) if next > before => Ok(query.to_owned()),
        next => {
            let next = next.map_or_else(|| "nowhere".to_owned(), |it| format!("id_min {it}"));
            Err(malformed(format!("the page after id_min {before} leads to {next}: pages must move on")))
        }
    }
}

/// The cursor after a page that was truncated after the record of number `last`.
pub(super) fn after_truncation(cursor: Option<&str>, last: &str) -> Result<String, Error> {
    let since = cursor.and_then(|it| number(it, SINCE)).unwrap_or(0);
    match last.trim().parse::<u64>().ok().and_then(|it| it.checked_add(1)) {
        Some(next) if next > since => Ok(format!("{SINCE}={next}")),
        _ => Err(malformed(format!(
            "the page from number {since} says that it ends at {last:?}: pages must move on"
        ))),
    }
}

fn number(query: &str, name: &str) -> Option<u64> {
    // A repeated parameter counts as its last, as at Qualys.
    let values = form_urlencoded::parse(query.as_bytes()).filter(|(it, _)| it == name);
    values.last()?.1.parse().ok()
}

fn set(parameters: &mut Parameters, name: &str, value: &str) {
    match parameters.iter_mut().find(|(it, _)| it == name) {
        Some((_, old)) => value.clone_into(old),
        None => parameters.push((name.to_owned(), value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Parameters {
        [("action", "list"), ("details", "All")].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()
    }

    #[test]
    fn takes_only_the_query_and_never_the_action() {
        let url = "https://internal.example:444/api/4.0/x/?action=purge&details=All&flag=0&id_min=145359";
        let cursor = after_warning(None, url).expect("moves on");
        let expected = [("action", "list"), ("details", "All"), ("flag", "0"), ("id_min", "145359")];
        assert_eq!(parameters(&own(), Some(&cursor)), expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(parameters(&own(), None), own());
    }

    #[test]
    fn refuses_to_go_in_circles() {
        for url in [
            "https://x/?id_min=5",
            "https://x/?id_min=4",
            "https://x/?a=b",
            "https://x/",
            "https://x/?id_min=x",
        ] {
            assert!(after_warning(Some("id_min=5"), url).is_err(), "{url}");
        }
        assert!(after_warning(Some("id_min=5"), "https://x/?id_min=6").is_ok());
    }

    #[test]
    fn goes_on_after_the_last_ticket() {
        assert_eq!(after_truncation(None, "1234").ok().as_deref(), Some("since_ticket_number=1235"));
        assert!(after_truncation(Some("since_ticket_number=1235"), "1234").is_err());
        assert!(after_truncation(None, "many").is_err());
    }
}
