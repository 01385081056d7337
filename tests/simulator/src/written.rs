//! What the API says to a call that changed something.

use crate::{
    stream::{Document, Source},
    xml::Xml,
};

/// The answer of the FO family: a text, keys and values, and what was left out.
pub(crate) fn simple_return(
    now: i64,
    text: &str,
    items: &[(&str, &str)],
    notification: Option<&str>,
) -> Source {
    let document = Document { root: "SIMPLE_RETURN", dtd: "api/2.0/simple_return.dtd" };
    whole(document, |xml| {
        xml.open("RESPONSE");
        xml.moment("DATETIME", now);
        xml.text("TEXT", text);
        if let Some(notification) = notification {
            xml.text("NOTIFICATION", notification);
        }
        if !items.is_empty() {
            xml.open("ITEM_LIST");
            for (key, value) in items {
                xml.open("ITEM");
                xml.text("KEY", key);
                xml.text("VALUE", value);
                xml.close("ITEM");
            }
            xml.close("ITEM_LIST");
        }
        xml.close("RESPONSE");
    })
}

/// A document that is short.
pub(crate) fn whole(document: Document, content: impl FnOnce(&mut Xml<'_>)) -> Source {
    let mut out = Vec::new();
    Document::declaration(&mut out);
    document.doctype(&mut out);
    let mut xml = Xml::new(&mut out, 0);
    xml.open(document.root);
    content(&mut xml);
    xml.close(document.root);
    Source::Whole(out.into())
}
