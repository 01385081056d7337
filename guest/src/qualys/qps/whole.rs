//! Whole answers of this family, as operations read them: the records of a search, and what Qualys says to a write; and their
//! requests.

use exhibit_plugin::collection::{Change, Effect, Request};
use exhibit_plugin::problem::malformed;
use exhibit_plugin::xml::{Element, Handler, Reader};
use exhibit_plugin::{Error, WholeAnswer};

use super::criteria::{Criterion, document, escaped};
use super::{error, source};
use crate::qualys::answer_headers;
use crate::qualys::reading::{Accepted, Records, Stop, Written, short};
use crate::qualys::refusal::Refusal;
use crate::qualys::refused_write::refused;
use crate::qualys::simple_return;
use crate::qualys::whole::{self, DUPLICATE, OK, UNAUTHORIZED};

pub use super::criteria::Operator;

const ROOT: &str = "ServiceResponse";
/// The code of an answer that is not final.
const STILL_PROCESSING: &str = "STILL_PROCESSING";
/// The code of an error of Qualys' own, after which it is not known what was carried out.
const OTHER_ERROR: &str = "OTHER_ERROR";
/// Records of a search: the most that the API gives. An operation reads one page.
const PAGE_SIZE: u64 = 1_000;

/// A search, of one page.
#[derive(Debug, Clone)]
pub struct Query {
    path: &'static str,
    record: &'static str,
    criteria: Vec<Criterion>,
    verbose: bool,
}

impl Query {
    /// The search at this path for all records of this element.
    pub fn new(path: &'static str, record: &'static str) -> Self {
        Self { path, record, criteria: Vec::new(), verbose: false }
    }

    /// Limits it to records whose `field` has this relation to a value.
    #[must_use]
    pub fn with(mut self, field: &str, operator: Operator, value: impl Into<String>) -> Self {
        self.criteria.push(Criterion { field: field.to_owned(), operator, value: value.into() });
        self
    }

    /// With the details of each record.
    #[must_use]
    pub fn verbose(self) -> Self {
        Self { verbose: true, ..self }
    }

    /// The request.
    pub fn request(&self) -> Request {
        let document = document(&self.criteria, self.verbose, 0, PAGE_SIZE);
        source::request(self.path.to_owned(), document, Effect::Read)
    }

    /// The records, as `read` reads each; `None` leaves one out. `attempt` counts the pauses in a row before.
    ///
    /// # Errors
    /// Where it is not a page of the search.
    pub fn records<T>(
        &self,
        answer: &WholeAnswer<'_>,
        attempt: u32,
        mut read: impl FnMut(&Element<'_>) -> Option<T>,
    ) -> Result<Records<T>, Stop> {
        let (mut records, mut received) = (Vec::new(), 0_u64);
        let record = self.record;
        let mut response = ServiceResponse::new(record, |element| {
            received += 1;
            records.extend(whole::record(record, element, &mut read)?);
            Ok(())
        });
        let read = response.read(answer);
        let ServiceResponse { blank, is_html, refusal, code, count, has_more, .. } = response;
        whole::Document { is_blank: blank, is_page: is_html || read.is_err(), refusal }
            .check(answer, attempt)?;
        read?;
        if code.is_none() {
            return Err(malformed(format!("Qualys, or a proxy in between, sent no {ROOT}"))
                .remedy("try again later; check the address of the origin, and the proxy")
                .into());
        }
        if received == 0 && count.as_deref() != Some("0") {
            return Err(malformed(format!("Qualys sent no {record}, and does not say that there are none"))
                .remedy("try again later")
                .into());
        }
        let at = answer_headers::date(answer.head);
        Ok(Records { records, login: None, at, is_cut: has_more })
    }
}

/// The request that posts the data of this document, and changes what `change` says.
pub fn write(path: impl Into<String>, data: &Data, change: Change) -> Request {
    let content = &data.0;
    let document = if content.is_empty() {
        "<ServiceRequest/>".to_owned()
    } else {
        format!("<ServiceRequest><data>{content}</data></ServiceRequest>")
    };
    source::request(path.into(), document, Effect::Write(change))
}

/// What a write sends: elements, written one by one.
#[derive(Debug, Clone, Default)]
pub struct Data(String);

impl Data {
    /// Adds an element with a text.
    #[must_use]
    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.0.push_str(&format!("<{name}>{}</{name}>", escaped(text)));
        self
    }

    /// Adds an element with elements in it.
    #[must_use]
    pub fn within(mut self, name: &str, content: Self) -> Self {
        self.0.push_str(&format!("<{name}>{}</{name}>", content.0));
        self
    }
}

/// Reads the answer to a write, whose data has the id of the element `record`.
pub fn written(answer: &WholeAnswer<'_>, record: &'static str) -> Written {
    let mut id = None;
    let mut response = ServiceResponse::new(record, |element| {
        id = id.take().or_else(|| element.get("id").filter(|it| !it.is_empty()).map(short));
        Ok(())
    });
    let read = response.read(answer);
    let status = answer.head.status;
    let ServiceResponse { blank, refusal, code, .. } = response;
    if status == UNAUTHORIZED {
        return refused(&refusal.unwrap_or_else(|| Refusal::of_page(false)), answer);
    }
    let is = |it: &str| code.as_deref().is_some_and(|code| code.eq_ignore_ascii_case(it));
    let why = if status == DUPLICATE || status >= 500 || is(STILL_PROCESSING) || is(OTHER_ERROR) {
        format!("Qualys answered with HTTP {status} {}", code.unwrap_or_default()).trim_end().to_owned()
    } else if blank {
        format!("the answer of Qualys is empty (HTTP {status})")
    } else if let Err(error) = read {
        format!("the answer of Qualys cannot be read: {}", error.problem().message)
    } else if let Some(refusal) = refusal {
        return refused(&refusal, answer);
    } else if code.is_none() {
        format!("Qualys, or a proxy in between, sent something else than its answer (HTTP {status})")
    } else if status == OK {
        let text = code.unwrap_or_default();
        return Written::Accepted(Accepted { text, reference: id, notifications: Vec::new() });
    } else {
        return refused(&Refusal::of_page(false), answer);
    };
    Written::Unclear(why)
}

/// An answer, read whole.
struct ServiceResponse<F> {
    record: &'static str,
    take: F,
    blank: bool,
    is_html: bool,
    is_simple: bool,
    refusal: Option<Refusal>,
    code: Option<String>,
    count: Option<String>,
    message: String,
    has_more: bool,
}

impl<F: FnMut(&Element<'_>) -> Result<(), Error>> ServiceResponse<F> {
    fn new(record: &'static str, take: F) -> Self {
        Self {
            record,
            take,
            blank: true,
            is_html: false,
            is_simple: false,
            refusal: None,
            code: None,
            count: None,
            message: String::new(),
            has_more: false,
        }
    }

    fn read(&mut self, answer: &WholeAnswer<'_>) -> Result<(), Error> {
        let mut reader = Reader::of(answer_headers::content_type(answer.head));
        let mut read = reader.feed(answer.body, self);
        self.blank = reader.is_blank();
        if read.is_ok() && !self.blank {
            read = reader.end(self);
        }
        if let Some(code) = &self.code {
            self.refusal = error::refusal(code, &self.message, "").or(self.refusal.take());
        }
        read
    }
}

impl<F: FnMut(&Element<'_>) -> Result<(), Error>> Handler for ServiceResponse<F> {
    fn root(&mut self, name: &str) -> Result<bool, Error> {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        self.is_html = is("html");
        self.is_simple = is(simple_return::ROOT);
        if self.is_html || self.is_simple || is(ROOT) {
            return Ok(!self.is_html);
        }
        let name: String = name.chars().take(60).collect();
        Err(malformed(format!("Qualys sent a {name:?} where a {ROOT} was expected")))
    }

    fn wants(&self, name: &str) -> bool {
        let is = |it: &&str| name.eq_ignore_ascii_case(it);
        if self.is_simple {
            return is(&simple_return::RESPONSE);
        }
        is(&self.record) || ["responseCode", "count", "responseErrorDetails", "hasMoreRecords"].iter().any(is)
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        if element.is(simple_return::RESPONSE) {
            self.refusal = Some(simple_return::refusal(element));
        } else if element.is(self.record) {
            return (self.take)(element);
        } else if element.is("responseCode") {
            self.code = Some(short(element.text())).filter(|it| !it.is_empty());
        } else if element.is("count") {
            self.count = self.count.take().or_else(|| Some(short(element.text())));
        } else if element.is("hasMoreRecords") {
            self.has_more = element.text().eq_ignore_ascii_case("true");
        } else if element.is("responseErrorDetails") {
            let text = |name| element.get(name).unwrap_or_default();
            self.message = format!("{} {}", text("errorMessage"), text("errorResolution"));
        }
        Ok(())
    }
}
