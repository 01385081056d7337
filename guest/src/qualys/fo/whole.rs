//! Whole answers of this family, as operations read them: the records of a list, and what Qualys says to a write.

use exhibit_plugin::collection::{Change, Pause, Request};
use exhibit_plugin::problem::{denied, malformed, rejected, unavailable};
use exhibit_plugin::types::Instant;
use exhibit_plugin::xml::{Element, Handler, Reader};
use exhibit_plugin::{Error, Outcome, WholeAnswer, instant};

use super::{error, source};
use crate::qualys::answer_headers::{self, Quota};
use crate::qualys::pacing;
use crate::qualys::refusal::Refusal;
use crate::qualys::simple_return;

/// The status of an answer with data.
const OK: u16 = 200;
/// The status that says that the credentials are wrong: nothing was carried out, whatever the body is.
const UNAUTHORIZED: u16 = 401;
/// "Retry Later Duplicate Operation": the same call is being worked on, so it is not known what became of this one.
const DUPLICATE: u16 = 202;
/// The most characters that are kept of a text of Qualys.
const MAX_TEXT_CHARS: usize = 300;
/// The most notifications that are kept of an answer: at most ten instances can be named in a request.
const MAX_NOTIFICATIONS: usize = 20;

/// What to do about a write that Qualys refuses.
const CORRECT: &str =
    "nothing was changed at Qualys: correct what the message names, and start the operation again";

/// The form of a list: its root element, and the element of a record.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// The root element.
    pub root: &'static str,
    /// The element of a record.
    pub record: &'static str,
}

/// The request for a list.
#[derive(Debug, Clone)]
pub struct Call {
    path: String,
    parameters: Vec<(String, String)>,
    list: List,
}

impl Call {
    /// The list at this path, with these parameters.
    pub fn new<'a>(
        path: impl Into<String>,
        list: List,
        parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        Self { path: path.into(), parameters: super::listing::parameters(parameters), list }
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.parameters.push((name.to_owned(), value.into()));
        self
    }

    /// The request.
    pub fn request(&self) -> Request {
        source::read_request(self.path.clone(), self.parameters.clone())
    }

    /// What reads the answer to it; `attempt` counts the pauses in a row before it.
    pub fn reply<'a>(&self, answer: &'a WholeAnswer<'a>, attempt: u32) -> Reply<'a> {
        Reply { answer, list: self.list, attempt }
    }
}

/// The answer to a [`Call`].
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    answer: &'a WholeAnswer<'a>,
    list: List,
    attempt: u32,
}

/// The records of a list.
#[derive(Debug)]
pub struct Records<T> {
    /// The records.
    pub records: Vec<T>,
    /// The account that asked, where the answer names it.
    pub login: Option<String>,
    /// When the answer was made, by the clock of Qualys.
    pub at: Option<Instant>,
}

/// Why there are no records.
#[derive(Debug)]
pub enum Stop {
    /// The same request may be answered after a pause.
    Pause(Pause),
    /// It will not.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Reply<'_> {
    /// The records, as `read` reads each; `None` leaves one out.
    ///
    /// # Errors
    /// Where it is not the whole list.
    pub fn records<T>(&self, mut read: impl FnMut(&Element<'_>) -> Option<T>) -> Result<Records<T>, Stop> {
        let mut records = Vec::new();
        let List { root, record } = self.list;
        let mut document = Document::new(root, &[record, "DATETIME", "REQUEST", "WARNING"], |element| {
            if element.is(record) {
                let read = read(element);
                if let Some(name) = element.contradiction() {
                    return Err(malformed(format!(
                        "a {record} of Qualys has the element {name:.60} more than once, with different contents"
                    )));
                }
                records.extend(read);
            }
            Ok(())
        });
        let read = document.read(self.answer);
        let status = self.answer.head.status;
        let Document { login, at, truncated, refusal, kind, blank, .. } = document;
        if status != OK || refusal.is_some() {
            let refusal = refusal.unwrap_or_else(|| Refusal::of_page(kind == Kind::Html || read.is_err()));
            let quota = Quota::read(self.answer.head);
            return Err(match refusal.outcome(status, &quota, self.attempt, false)? {
                Outcome::Again(pause) => Stop::Pause(pause),
                _ => Stop::Failed(malformed("Qualys sent neither data nor a reason")),
            });
        }
        if blank {
            let error = denied("Qualys sent an empty answer, as it does when the account has no API access");
            return Err(error.remedy("enable API access for the account").into());
        }
        read?;
        if kind != Kind::Expected {
            return Err(malformed(format!("Qualys, or a proxy in between, sent no {root}"))
                .remedy("try again later; check the address of the origin, and the proxy")
                .into());
        }
        if truncated {
            return Err(malformed(format!("Qualys truncated its {root}, so names may be missing")).into());
        }
        let at = at.or_else(|| answer_headers::date(self.answer.head));
        Ok(Records { records, login, at })
    }

    /// The pause that leaves `reserve` calls to other tools, where one is needed.
    pub fn pause_for_others(&self, reserve: u32) -> Option<Pause> {
        pacing::reserve(&Quota::read(self.answer.head), reserve)
    }
}

/// What Qualys said to a write.
#[derive(Debug)]
pub enum Written {
    /// It was carried out.
    Accepted(Accepted),
    /// It is not known: why.
    Unclear(String),
}

/// The words of an answer that says that a write was carried out. It never has a password: the element of one is not read.
#[derive(Debug, Default)]
pub struct Accepted {
    /// Qualys' own message.
    pub text: String,
    /// The reference of a scan that was launched.
    pub reference: Option<String>,
    /// What was left out, in Qualys' own words.
    pub notifications: Vec<String>,
}

/// The request that changes what `change` says.
pub fn write(path: impl Into<String>, form: Vec<(String, String)>, change: Change) -> Request {
    source::write_request(path.into(), form, change)
}

/// Reads the answer to a write.
///
/// # Errors
/// Where Qualys says that it refuses.
pub fn written(answer: &WholeAnswer<'_>) -> Result<Written, Error> {
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
        return Err(refused(&refusal.unwrap_or_else(|| Refusal::of_page(false)), answer));
    }
    if status == DUPLICATE || status >= 500 {
        return Ok(Written::Unclear(format!("Qualys answered with HTTP {status}")));
    }
    if blank {
        return Ok(Written::Unclear(format!("the answer of Qualys is empty (HTTP {status})")));
    }
    if let Err(error) = read {
        let why = format!("the answer of Qualys cannot be read: {}", error.problem().message);
        return Ok(Written::Unclear(why));
    }
    if let Some(refusal) = refusal.filter(|_| matches!(kind, Kind::Expected | Kind::Other)) {
        return Err(refused(&refusal, answer));
    }
    match accepted.or(simple) {
        Some(accepted) if status == OK => Ok(Written::Accepted(accepted)),
        Some(_) => Err(refused(&Refusal::of_page(false), answer)),
        None => Ok(Written::Unclear(format!(
            "Qualys, or a proxy in between, sent something else than its answer (HTTP {status})"
        ))),
    }
}

/// The error of a write that was not carried out.
fn refused(refusal: &Refusal, answer: &WholeAnswer<'_>) -> Error {
    let quota = Quota::read(answer.head);
    match refusal.outcome(answer.head.status, &quota, 0, false) {
        // A write is asked for once: after a pause, a person starts it again.
        Ok(Outcome::Again(pause)) => unavailable(format!("Qualys did not carry it out: {}", pause.message))
            .remedy(format!("start the operation again in {} s", pause.seconds)),
        Ok(_) => malformed("Qualys sent neither data nor a reason"),
        Err(error @ Error::Rejected(_)) => error.remedy(CORRECT),
        Err(Error::Malformed(_)) => {
            rejected("Qualys says that it failed, and gives no reason").remedy(CORRECT)
        }
        Err(error) => error,
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
            } else if element.get("CODE").is_some() {
                self.refusal = Some(simple_return::refusal(element));
            } else {
                accept(element, self.simple.get_or_insert_default());
            }
            return Ok(());
        }
        if element.is("DATETIME") {
            self.at = self.at.or_else(|| instant::parse(element.text()));
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

/// A text of Qualys in one line, of bounded length.
pub fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|it| !it.is_control()).take(MAX_TEXT_CHARS).collect()
}
