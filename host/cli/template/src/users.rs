//! The users of an account: a list in JSON, page by page.

use exhibit_plugin::catalog::ProofType;
use exhibit_plugin::collection::{Body, Effect, Method, Pause, PauseReason, Request, Response};
use exhibit_plugin::column::{self, Cell};
use exhibit_plugin::json::cell::{boolean, instant, text, texts};
use exhibit_plugin::json::{Handler, Json, Reader};
use exhibit_plugin::problem::{denied, malformed, unavailable};
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, days, test};
use exhibit_plugin::testing::Operator;
use exhibit_plugin::{Answer, Error, Kind, Outcome, Page, Source};

use crate::{API, LOGIN};

/// Users an answer.
const PAGE_SIZE: u32 = 100;
/// How often a request that the source has no time for is made again.
const ATTEMPTS: u32 = 5;
/// Seconds to wait before that, where the source does not say.
const PAUSE_SECONDS: u32 = 30;
/// And at most so many, whatever it says.
const MAX_PAUSE_SECONDS: u32 = 3600;

/// A field of the proof, and how its cell is read out of a user.
type Column = column::Column<fn(&Json) -> Cell>;

const fn column(name: &'static str, label: &'static str, kind: Kind, cell: fn(&Json) -> Cell) -> Column {
    column::column(name, label, kind, cell)
}

const COLUMNS: [Column; 7] = [
    column("id", "ID", Kind::Text, |user| text(user.get("id"))),
    column("login", "Login", Kind::Text, |user| text(user.get("login"))).personal(),
    column("email", "E-mail", Kind::Text, |user| text(user.get("email"))).personal(),
    column("active", "Active", Kind::Boolean, |user| boolean(user.get("active"))),
    column("second-factor", "Second factor", Kind::Boolean, |user| boolean(user.get("mfa")))
        .help("Whether a second factor is asked for. Absent where the account may not see it."),
    column("last-login", "Last login", Kind::Instant, |user| instant(user.get("last_login")))
        .help("Empty where the user never signed in."),
    column("groups", "Groups", Kind::Texts, |user| texts(user.get("groups"))),
];

/// What is collected, for the manifest.
pub fn proof_type() -> ProofType {
    let active = || condition("active", Operator::IsTrue, ());
    ProofType {
        name: "users".to_owned(),
        label: "List of Users".to_owned(),
        help: "All users that the collecting account may see.".to_owned(),
        fields: COLUMNS.iter().map(Column::field).collect(),
        key: vec!["id".to_owned()],
        criteria: vec![],
        // With one: `WindowUse::of_events` where it asks for all that happened in it, else `filter_of_state`.
        window: None,
        changes: Err("Its source is not asked for changes.".to_owned()),
        needs: vec!["the right to list users".to_owned()],
        link: None,
        schedule: "0 6 * * 1".to_owned(),
        suggested: vec![
            test("second-factor", "All active users have a second factor", "A password alone can be stolen.")
                .of(active())
                .passes("has one", [condition("second-factor", Operator::IsTrue, ())])
                .controls(&["soc2:cc6.1", "iso27001-2022:a.8.5"]),
            test(
                "signed-in-lately",
                "All active users signed in within the last 90 days",
                "A dormant account can be misused unnoticed.",
            )
            .of(active())
            .passes("signed in lately", [condition("last-login", Operator::IsAtMostDaysAgo, days(90))])
            .controls(&["soc2:cc6.2", "iso27001-2022:a.5.18"]),
        ],
        // Members whose values the source lists beside, and that must not be kept, such as passwords: the host blanks them.
        blanked: vec![],
    }
}

/// A collection of users.
pub struct Users {
    /// Whether the least will do.
    probe: bool,
}

impl Users {
    pub fn new(order: &Order) -> Self {
        Self { probe: order.probe }
    }
}

impl Source for Users {
    fn request(&self, cursor: Option<&str>) -> Request {
        let limit = if self.probe { 1 } else { PAGE_SIZE };
        let mut query = vec![("limit".to_owned(), limit.to_string())];
        query.extend(cursor.map(|after| ("after".to_owned(), after.to_owned())));
        Request {
            origin: API.to_owned(),
            method: Method::Get,
            path: "/api/v1/users".to_owned(),
            query,
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            body: Body::None,
            auth: Some(LOGIN.to_owned()),
            effect: Effect::Read,
        }
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        match head.status {
            200 => Ok(Box::new(Reading::new(self.probe, cursor))),
            401 => Err(denied("the source does not know the user name and the password").code(401)),
            403 => Err(denied("the account may not list users")
                .code(403)
                .remedy("give it the right to list users")),
            429 | 503 if attempt < ATTEMPTS => Ok(Box::new(Busy(pause(head)))),
            status => Err(unavailable(format!("the source answered with status {status}")).code(status)),
        }
    }
}

/// How long the source wants to be left alone.
fn pause(head: &Response) -> Pause {
    let asked = head.headers.iter().find(|(name, _)| name == "retry-after");
    let asked = asked.and_then(|(_, value)| value.trim().parse().ok());
    Pause {
        seconds: asked.unwrap_or(PAUSE_SECONDS).min(MAX_PAUSE_SECONDS),
        reason: PauseReason::RateLimit,
        connection_wide: true,
        message: "the source takes no more requests for a while".to_owned(),
    }
}

/// The source has no time: whatever the answer says, it is asked again.
struct Busy(Pause);

impl Answer for Busy {
    fn feed(&mut self, _: &[u8], _: &mut Page) -> Result<(), Error> {
        Ok(())
    }

    fn end(self: Box<Self>, _: &mut Page) -> Result<Outcome, Error> {
        Ok(Outcome::Again(self.0))
    }
}

/// Reads a page: `{"users": [{…}, …], "total": 3, "next": "…"}`.
struct Reading {
    reader: Reader,
    found: Found,
    probe: bool,
    cursor: Option<String>,
}

/// What was found beside the users.
#[derive(Default)]
struct Found {
    /// Whether there was a list at all, be it empty.
    listed: bool,
    total: Option<u64>,
    next: Option<String>,
}

impl Reading {
    fn new(probe: bool, cursor: Option<&str>) -> Self {
        let cursor = cursor.map(str::to_owned);
        Self { reader: Reader::default(), found: Found::default(), probe, cursor }
    }
}

impl Answer for Reading {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        self.reader.feed(chunk, &mut Finder { found: &mut self.found, page })
    }

    fn end(mut self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        self.reader.end(&mut Finder { found: &mut self.found, page })?;
        // An answer without a list is not an empty list.
        if !self.found.listed {
            return Err(malformed("the source answered without a list of users"));
        }
        if let Some(total) = self.found.total {
            page.declare(total);
        }
        match self.found.next {
            None => Ok(Outcome::Last),
            Some(_) if self.probe => Ok(Outcome::Last),
            Some(cursor) if self.cursor.as_ref() == Some(&cursor) => {
                Err(malformed("the source says that this page comes after itself"))
            }
            Some(cursor) => Ok(Outcome::Next { cursor, pause: None }),
        }
    }
}

/// Sees the answer go by.
struct Finder<'a> {
    found: &'a mut Found,
    page: &'a mut Page,
}

impl Handler for Finder<'_> {
    fn wants(&self, path: &[String]) -> bool {
        path == ["users"]
    }

    fn record(&mut self, user: &Json) -> Result<(), Error> {
        let Ok(exhibit_plugin::Value::Text(id)) = text(user.get("id")) else {
            self.page.reject("a user", "it has no id");
            return Ok(());
        };
        let row = column::row(&COLUMNS, &id, self.page, |cell| cell(user));
        self.page.row(row);
        Ok(())
    }

    fn end_of_records(&mut self) -> Result<(), Error> {
        self.found.listed = true;
        Ok(())
    }

    fn value(&mut self, path: &[String], value: &Json) -> Result<(), Error> {
        match path {
            [name] if name == "total" => self.found.total = value.as_u64(),
            [name] if name == "next" => self.found.next = value.as_str().map(str::to_owned),
            _ => {}
        }
        Ok(())
    }
}
