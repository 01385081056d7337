//! Whole answers of this family, as operations read them: the records of a list, and what Qualys says to a write; and their
//! requests.

use exhibit_plugin::collection::{Change, Request};
use exhibit_plugin::problem::malformed;
use exhibit_plugin::types::Instant;
use exhibit_plugin::xml::{Element, Handler, Reader};
use exhibit_plugin::{Error, WholeAnswer, instant};

use super::{error, source};
use crate::qualys::answer_headers;
use crate::qualys::reading::{Accepted, Records, Stop, Written, short};
use crate::qualys::refusal::{Refusal, asks_to_retry};
use crate::qualys::refused_write::refused;
use crate::qualys::simple_return;
use crate::qualys::whole::{self, DUPLICATE, OK, UNAUTHORIZED};

/// The most notifications that are kept of an answer: at most ten instances can be named in a request.
const MAX_NOTIFICATIONS: usize = 20;

/// The form of a list: its root element, and the element of a record.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// The root element.
    pub root: &'static str,
    /// The element of a record.
    pub record: &'static str,
}

/// The records of a list, as `read` reads each; `None` leaves one out. `attempt` counts the pauses in a row before.
///
/// # Errors
/// Where it is not the whole list.
pub fn records<T>(
    list: List,
    answer: &WholeAnswer<'_>,
    attempt: u32,
    mut read: impl FnMut(&Element<'_>) -> Option<T>,
) -> Result<Records<T>, Stop> {
    let (mut records, mut count) = (Vec::new(), 0_u64);
    let List { root, record } = list;
    let mut document = Document::new(root, &[record, "DATETIME", "REQUEST", "WARNING"], |element| {
        if element.is(record) {
            count += 1;
            records.extend(whole::record(record, element, &mut read)?);
        }
        Ok(())
    });
    let read = document.read(answer);
    let Document { login, at, is_dated, truncated, refusal, kind, blank, .. } = document;
    let is_page = kind == Kind::Html || read.is_err();
    whole::Document { is_blank: blank, is_page, refusal }.check(answer, attempt)?;
    read?;
    if kind != Kind::Expected {
        return Err(malformed(format!("Qualys, or a proxy in between, sent no {root}"))
            .remedy("try again later; check the address of the origin, and the proxy")
            .into());
    }
    if truncated {
        return Err(malformed(format!("Qualys truncated its {root}, so names may be missing")).into());
    }
    // A list of which there is nothing has at least its date; the list of users, which has none, has the account itself.
    if count == 0 && !is_dated {
        return Err(malformed(format!(
            "Qualys sent a {root} without any {record}, and does not say that there are none"
        ))
        .remedy("try again later; check what the account may see")
        .into());
    }
    let at = at.or_else(|| answer_headers::date(answer.head));
    Ok(Records { records, login, at, is_cut: false })
}

/// The request that reads what these parameters say.
pub fn read(path: impl Into<String>, parameters: Vec<(String, String)>) -> Request {
    source::read_request(path.into(), parameters)
}

/// The request that changes what `change` says.
pub fn write(path: impl Into<String>, form: Vec<(String, String)>, change: Change) -> Request {
    source::write_request(path.into(), form, change)
}

/// Reads the answer to a write.
pub fn written(answer: &WholeAnswer<'_>) -> Written {
    let mut accepted = None;
    let mut failed = None;
    let mut document = Document::new("USER_OUTPUT", &["RETURN", "ERROR"], |element| {
        if element.is("RETURN") {
            let status = element.attribute("status").unwrap_or_default();
            if status.eq_ignore_ascii_case("SUCCESS") {
                let text = element.get("MESSAGE").unwrap_or_default();
                accepted = Some(Accepted { text: short(text), ..Accepted::default() });
            } else if status.eq_ignore_ascii_case("FAILED") {
                failed = Some(error::msp(element));
            }
        } else {
            failed = Some(error::msp(element));
        }
        Ok(())
    });
    let read = document.read(answer);
    let Document { refusal, simple, kind, blank, .. } = document;
    let status = answer.head.status;
    let refusal = failed.or(refusal);
    if status == UNAUTHORIZED {
        return refused(&refusal.unwrap_or_else(|| Refusal::of_page(false)), answer);
    }
    if status == DUPLICATE || status >= 500 {
        return Written::Unclear(format!("Qualys answered with HTTP {status}"));
    }
    if blank {
        return Written::Unclear(format!("the answer of Qualys is empty (HTTP {status})"));
    }
    if let Err(error) = read {
        return Written::Unclear(format!("the answer of Qualys cannot be read: {}", error.problem().message));
    }
    if let Some(refusal) = refusal.filter(|_| matches!(kind, Kind::Expected | Kind::Other)) {
        return refused(&refusal, answer);
    }
    match accepted.or(simple) {
        Some(accepted) if status == OK && !asks_to_retry(&accepted.text) => Written::Accepted(accepted),
        Some(_) if status != OK && status < 400 => {
            Written::Unclear(format!("Qualys answered with HTTP {status}"))
        }
        Some(accepted) => refused(&Refusal::new(None, None, &accepted.text), answer),
        None => Written::Unclear(format!(
            "Qualys, or a proxy in between, sent something else than its answer (HTTP {status})"
        )),
    }
}

/// What an answer is, by its root element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    Expected,
    /// A status message.
    Other,
    Html,
}

/// A document of Qualys, read whole.
struct Document<F> {
    root: &'static str,
    wanted: Vec<&'static str>,
    take: F,
    kind: Kind,
    blank: bool,
    is_simple: bool,
    refusal: Option<Refusal>,
    /// A status message without a code.
    simple: Option<Accepted>,
    login: Option<String>,
    at: Option<Instant>,
    is_dated: bool,
    truncated: bool,
}

impl<F: FnMut(&Element<'_>) -> Result<(), Error>> Document<F> {
    fn new(root: &'static str, wanted: &[&'static str], take: F) -> Self {
        Self {
            root,
            wanted: wanted.to_vec(),
            take,
            kind: Kind::Unknown,
            blank: true,
            is_simple: false,
            refusal: None,
            simple: None,
            login: None,
            at: None,
            is_dated: false,
            truncated: false,
        }
    }

    fn read(&mut self, answer: &WholeAnswer<'_>) -> Result<(), Error> {
        let mut reader = Reader::of(answer_headers::content_type(answer.head));
        let read = reader.feed(answer.body, self);
        self.blank = reader.is_blank();
        read?;
        if self.blank { Ok(()) } else { reader.end(self) }
    }
}

impl<F: FnMut(&Element<'_>) -> Result<(), Error>> Handler for Document<F> {
    fn root(&mut self, name: &str) -> Result<bool, Error> {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        self.is_simple = is("SIMPLE_RETURN");
        self.kind = if is(self.root) {
            Kind::Expected
        } else if self.is_simple || is("GENERIC_RETURN") {
            Kind::Other
        } else if is("html") {
            Kind::Html
        } else {
            let name: String = name.chars().take(60).collect();
            return Err(malformed(format!("Qualys sent a {name:?} where a {} was expected", self.root)));
        };
        Ok(self.kind != Kind::Html)
    }

    fn wants(&self, name: &str) -> bool {
        let is = |it: &&str| name.eq_ignore_ascii_case(it);
        match self.kind {
            Kind::Expected => self.wanted.iter().any(is) || is(&"ERROR"),
            Kind::Other if self.is_simple => ["RESPONSE", "NOTIFICATION"].iter().any(is),
            Kind::Other => is(&"RETURN"),
            Kind::Unknown | Kind::Html => false,
        }
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        if self.kind == Kind::Other {
            if element.is("RETURN") {
                self.refusal = Some(error::msp(element));
            } else if element.is("NOTIFICATION") {
                notified(element, &mut self.simple.get_or_insert_default().notifications);
            } else {
                let mut accepted = self.simple.take().unwrap_or_default();
                accept(element, &mut accepted);
                // An empty code beside what was made is none.
                let is_made = |code: &str| code.is_empty() && accepted.reference.is_some();
                if element.get("CODE").is_some_and(|code| !is_made(code)) {
                    self.refusal = Some(simple_return::refusal(element));
                } else {
                    self.simple = Some(accepted);
                }
            }
            return Ok(());
        }
        if element.is("DATETIME") {
            self.at = self.at.or_else(|| instant::parse(element.text()));
            self.is_dated |= !element.text().is_empty();
        } else if element.is("REQUEST") {
            self.login = element.get("USER_LOGIN").filter(|it| !it.is_empty()).map(short);
        } else if element.is("WARNING") {
            self.truncated = true;
        } else if element.is("ERROR") && !self.wanted.contains(&"ERROR") {
            self.refusal = Some(error::msp(element));
        }
        (self.take)(element)
    }
}

/// Reads the `RESPONSE` of a `SIMPLE_RETURN` without a code.
fn accept(response: &Element<'_>, accepted: &mut Accepted) {
    accepted.text = short(response.get("TEXT").unwrap_or_default());
    let items = response.child("ITEM_LIST");
    for item in items.iter().flat_map(|it| it.all("ITEM")) {
        if item.get("KEY").is_some_and(|it| it.eq_ignore_ascii_case("REFERENCE")) {
            accepted.reference = item.get("VALUE").filter(|it| !it.is_empty()).map(short);
        }
    }
    notified(response, &mut accepted.notifications);
}

/// Where in the answer a `NOTIFICATION` stands is not documented: it is found anywhere.
fn notified(element: &Element<'_>, notifications: &mut Vec<String>) {
    let within = element.is("NOTIFICATION");
    if within && !element.text().is_empty() && notifications.len() < MAX_NOTIFICATIONS {
        notifications.push(short(element.text()));
    }
    for child in element.children() {
        if within && !child.text().is_empty() && notifications.len() < MAX_NOTIFICATIONS {
            notifications.push(short(child.text()));
        }
        notified(&child, notifications);
    }
}
