//! Where an XML answer says that it is a refusal.

use exhibit_plugin::xml::Element;

use crate::qualys::answer_headers;
use crate::qualys::refusal::Refusal;

/// Reads the `RESPONSE` of a `SIMPLE_RETURN`.
pub(super) fn simple_return(response: &Element<'_>) -> Refusal {
    let items = response.child("ITEM_LIST");
    let mut items = items.iter().flat_map(|it| it.all("ITEM"));
    let wait = items.find(|it| it.get("KEY").is_some_and(|key| key.eq_ignore_ascii_case("SECONDS_TO_WAIT")));
    Refusal::new(
        response.get("CODE").and_then(|it| it.parse().ok()),
        response.get("TEXT").unwrap_or_default(),
        wait.and_then(|it| answer_headers::whole(it.get("VALUE")?)),
    )
}

/// Reads the `ERROR` of an `/msp/` answer, or the `RETURN` of a `GENERIC_RETURN`.
pub(super) fn msp(element: &Element<'_>) -> Refusal {
    let text = match element.text() {
        "" => element.get("MESSAGE").unwrap_or_default(),
        text => text,
    };
    Refusal::new(element.attribute("number").and_then(|it| it.trim().parse().ok()), text, None)
}
