//! Where an answer of the older API says that it is a refusal.

use exhibit_plugin::xml::Element;

use crate::qualys::refusal::Refusal;
use crate::qualys::simple_return;

/// Reads the `ERROR` of an `/msp/` answer, or the `RETURN` of a `GENERIC_RETURN`.
pub(super) fn msp(element: &Element<'_>) -> Refusal {
    let text = match element.text() {
        "" => element.get("MESSAGE").unwrap_or_default(),
        text => text,
    };
    simple_return::numbered(element.attribute("number").as_deref(), text)
}
