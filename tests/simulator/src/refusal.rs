//! Errors as the API words them: a `SIMPLE_RETURN` with a status, or a v1 error under status 200.

use crate::{
    stream::{Document, Source},
    world::World,
    xml::Xml,
};

/// Which of the API's families an endpoint belongs to; they report errors differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// `/api/N.0/fo/`: the HTTP status tells.
    Fo,
    /// `/msp/` with the root element of its answers: errors come with status 200.
    V1(Document),
    /// `/qps/rest/`: a response code tells, mostly under status 200, and no header says what is left of the limits.
    Qps,
}

/// A call that is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) text: String,
    /// Keys and values that programs may read.
    pub(crate) items: Vec<(&'static str, u64)>,
}

const SIMPLE_RETURN: Document = Document { root: "SIMPLE_RETURN", dtd: "api/2.0/simple_return.dtd" };

impl Refusal {
    pub(crate) fn new(status: u16, code: u32, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into(), items: Vec::new() }
    }

    /// A login that is wrong, or none.
    pub(crate) fn login() -> Self {
        Self::new(401, 2000, "Bad Login/Password")
    }

    /// A parameter the endpoint does not have.
    pub(crate) fn unknown(name: &str) -> Self {
        Self::new(400, 1901, format!("unrecognized parameter: {name}"))
    }

    /// A parameter that has to be there.
    pub(crate) fn missing(name: &str) -> Self {
        Self::new(400, 1903, format!("missing required parameter: {name}"))
    }

    /// A parameter whose value makes no sense.
    pub(crate) fn bad_value(name: &str, value: &str) -> Self {
        Self::new(400, 1905, format!("parameter {name} has invalid value: {value}"))
    }

    /// The window of calls is used up.
    pub(crate) fn rate_limited(seconds: u64) -> Self {
        let text = format!(
            "This API cannot be run again for another {} hours, {} minutes and {} seconds.",
            seconds / 3_600,
            seconds / 60 % 60,
            seconds % 60
        );
        Self { items: vec![("SECONDS_TO_WAIT", seconds)], ..Self::new(409, 1965, text) }
    }

    /// Too many calls at once.
    pub(crate) fn too_many_running(calls: u32) -> Self {
        let text = format!(
            "This API cannot be run again until {calls} currently running API instance has finished."
        );
        Self { items: vec![("CALLS_TO_FINISH", u64::from(calls))], ..Self::new(409, 1960, text) }
    }

    /// The status and the body, in the manner of the family.
    pub(crate) fn answer(&self, family: Family, world: &World) -> (u16, Source) {
        match family {
            // What the gate refuses is refused the same way everywhere.
            Family::V1(document) if self.status == 400 => (200, v1_error(document, self.code, &self.text)),
            _ => (self.status, self.simple_return(world)),
        }
    }

    /// The body of a refusal in the FO manner.
    pub(crate) fn simple_return(&self, world: &World) -> Source {
        let mut out = Vec::new();
        // Every recorded 400 came without a declaration, and everything else with one.
        if self.status != 400 {
            Document::declaration(&mut out);
        }
        SIMPLE_RETURN.doctype(&mut out);
        let mut xml = Xml::new(&mut out, 0);
        xml.open("SIMPLE_RETURN");
        xml.open("RESPONSE");
        xml.moment("DATETIME", world.now_seconds());
        xml.number("CODE", u64::from(self.code));
        xml.text("TEXT", &self.text);
        if !self.items.is_empty() {
            xml.open("ITEM_LIST");
            for &(key, value) in &self.items {
                xml.open("ITEM");
                xml.text("KEY", key);
                xml.number("VALUE", value);
                xml.close("ITEM");
            }
            xml.close("ITEM_LIST");
        }
        xml.close("RESPONSE");
        xml.close("SIMPLE_RETURN");
        Source::Whole(out.into())
    }
}

/// An error in a v1 report: the usual root, with nothing but `ERROR` in it.
pub(crate) fn v1_error(document: Document, number: u32, text: &str) -> Source {
    let mut out = Vec::new();
    Document::declaration(&mut out);
    document.doctype(&mut out);
    let mut xml = Xml::new(&mut out, 0);
    xml.open(document.root);
    xml.attributed("ERROR", &[("number", &number.to_string())], text);
    xml.close(document.root);
    Source::Whole(out.into())
}

/// The v1 error that has a root of its own.
pub(crate) fn generic_return(number: u32, text: &str) -> Source {
    let document = Document { root: "GENERIC_RETURN", dtd: "generic_return.dtd" };
    let mut out = Vec::new();
    Document::declaration(&mut out);
    document.doctype(&mut out);
    let mut xml = Xml::new(&mut out, 0);
    xml.open(document.root);
    let number = number.to_string();
    xml.attributed("RETURN", &[("status", "FAILED"), ("number", &number)], text);
    xml.close(document.root);
    Source::Whole(out.into())
}
