//! The answer in which Qualys says that it refuses a call: of the API families that answer in XML, and of what stands
//! before all of them.

use exhibit_plugin::xml::Element;

use super::answer_headers;
use super::refusal::{Reason, Refusal};

/// Its root element.
pub(super) const ROOT: &str = "SIMPLE_RETURN";
/// The element in it that says what is wrong.
pub(super) const RESPONSE: &str = "RESPONSE";

/// Reads the `RESPONSE` of a `SIMPLE_RETURN`.
pub(super) fn refusal(response: &Element<'_>) -> Refusal {
    let items = response.child("ITEM_LIST");
    let mut items = items.iter().flat_map(|it| it.all("ITEM"));
    let wait = items.find(|it| it.get("KEY").is_some_and(|key| key.eq_ignore_ascii_case("SECONDS_TO_WAIT")));
    numbered(response.get("CODE"), response.get("TEXT").unwrap_or_default())
        .wait(wait.and_then(|it| answer_headers::whole(it.get("VALUE")?)))
}

/// The refusal with this code, where it is a number, and this message.
pub(super) fn numbered(code: Option<&str>, text: &str) -> Refusal {
    let code: Option<u32> = code.and_then(|it| it.trim().parse().ok());
    Refusal::new(code.map(|it| it.to_string()), code.and_then(reason), text)
}

/// What a code means, by appendix D of the API guide.
fn reason(code: u32) -> Option<Reason> {
    Some(match code {
        2000 => Reason::Credentials,
        2001 => Reason::Expired,
        2002 => Reason::Inactive,
        2003 => Reason::Registration,
        2011 => Reason::SecondFactor,
        2012 => Reason::Licence,
        1901 | 1903 | 1904 | 1905 | 1907 | 1908 | 1920 | 1922 => Reason::Request,
        1902 | 1906 | 2004..=2010 => Reason::Other,
        999 | 1981 => Reason::Internal,
        1965 => Reason::RateLimit,
        1960 => Reason::ConcurrencyLimit,
        1999 => Reason::Maintenance,
        _ => return None,
    })
}
