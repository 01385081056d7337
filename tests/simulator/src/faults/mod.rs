//! What goes wrong, and when.

mod answers;
mod charset;
mod rewrite;
mod spec;

use crate::quirks::Quirks;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

pub(crate) use answers::WholeAnswer;
pub use charset::Charset;
pub(crate) use rewrite::Rewrite;

use crate::cut::Cut;

/// Something that goes wrong with an answer. Places in a body count bytes before compression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 409 with code 1965: the window of calls is used up.
    RateLimited {
        /// Seconds to wait.
        seconds: u64,
        /// Whether a header says so too, or only the body.
        header: bool,
    },
    /// 409 with code 1960: too many calls at once.
    TooManyRunning {
        /// Calls that have to finish first.
        calls: u32,
    },
    /// 429 with `Retry-After`.
    TooManyRequests {
        /// Seconds to wait.
        retry_after_seconds: u64,
    },
    /// 500 with code 999.
    ServerError,
    /// 502 with a page of a gateway.
    BadGateway,
    /// 503 with code 1999.
    Maintenance,
    /// A TCP reset after so many bytes of the body.
    ResetAt(u64),
    /// Silence after so many bytes of the body, then the rest.
    StallAt {
        /// Bytes that come at once.
        bytes: u64,
        /// How long nothing comes then.
        lasting: Duration,
    },
    /// An orderly end of the body after so many bytes.
    TruncateAt(u64),
    /// A page of HTML with this status, such as 200 or 414.
    Html {
        /// The HTTP status.
        status: u16,
    },
    /// 200 with nothing in it.
    Empty,
    /// 200 with code 2001.
    AccountExpired,
    /// 403 with code 2012.
    Forbidden,
    /// 200 with bytes that mean nothing.
    Garbage,
    /// 202: the same call is being worked on.
    RetryLater,
    /// 400 with this code.
    BadRequest {
        /// The code of the API, such as 1905.
        code: u32,
    },
    /// 302 to this URL.
    RedirectTo(String),
    /// Control characters that XML does not allow, in the first text of a record.
    ControlCharacters,
    /// Bytes that are no UTF-8, in the first text of a record.
    BadUtf8,
    /// The names of all elements in lower case.
    LowerCase,
    /// No XML declaration.
    NoDeclaration,
    /// A document type that defines an entity, and uses it to grow.
    EntityDoctype,
    /// A comment between two elements of a record.
    CommentInRecord,
    /// The end tag of a record within its first CDATA section, as text.
    RecordEndInCdata,
    /// A root element that no report has.
    UnknownRoot,
    /// 200 with a v1 `GENERIC_RETURN`.
    GenericReturn {
        /// The number of the error.
        number: u32,
    },
    /// 200 with a v1 `ERROR` in the endpoint's own root element.
    V1Error {
        /// The number of the error.
        number: u32,
    },
    /// A page of tickets begins with the last ticket of the page before it.
    RepeatBorderTicket,
    /// The URL of the next page of hosts asks for this page again; a search answers with its first page, whatever page is
    /// asked for, and the gateway gives its first page each time.
    StuckPaging,
    /// 200 with the response code `INVALID_REQUEST` of a search.
    InvalidRequest,
    /// A search does not say whether there are more records: neither `hasMoreRecords` nor `lastId` is there.
    MoreUnsaid,
    /// A search says in another spelling whether there are more records, in a CDATA section with blanks around it.
    MoreAsText,
    /// The `lastId` of a page is the one of the page before.
    StuckLastId,
    /// A gateway gives up on pages of more records than this, with a page of HTML.
    PageAbove {
        /// The largest page that passes.
        records: u64,
        /// The HTTP status of the others.
        status: u16,
    },
    /// A gateway cuts pages of more records than this after so many bytes.
    CutAbove {
        /// The largest page that passes.
        records: u64,
        /// Where the others are cut.
        bytes: u64,
    },
    /// The request's `Authorization` header and the password in it stand in the first text of a record.
    EchoInRecord,
    /// The first text of a record begins with the password, and another CDATA section with its second character.
    EchoTakenApart,
    /// They stand in a comment within a record.
    EchoInBody,
    /// 400, and they stand in the text of the error.
    EchoInError,
    /// The gateway no longer accepts the tokens that it gave out before this request.
    RevokeToken,
    /// Names of certificates are padded with NUL characters.
    NulInNames,
    /// The list of the gateway is the member `data` of an object.
    DataEnvelope,
    /// From the second page of the gateway on, each record is one place further back, as after one was added before it.
    ShiftedPages,
    /// Each block of a compressed body is a gzip member of its own; each piece, under [`Fault::Pieces`].
    GzipMembers,
    /// A body comes in chunks of at most so many bytes, counted before compression.
    Pieces(usize),
    /// A list of scans does not yet show those that were launched since the simulator started.
    HideLaunched,
    /// A TCP reset instead of an answer, and what was asked for is not carried out.
    LoseRequest,
    /// What was asked for is carried out, and a TCP reset comes instead of the answer.
    LoseAnswer,
    /// What was asked for is carried out, and a page of a gateway with this status comes instead of the answer.
    PageForAnswer {
        /// The HTTP status.
        status: u16,
    },
    /// A body is in another charset, and its XML declaration, where it has one, says so.
    InCharset {
        /// Which.
        charset: Charset,
        /// Whether the content type says so, too.
        header: bool,
    },
}

/// Which of the requests on its path a rule hits, counted from when it was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The first one.
    Once,
    /// The first `n`.
    Times(u32),
    /// Every one.
    Always,
    /// Only number `k`, counted from 1.
    OnRequest(u32),
}

/// A fault, when it happens, and on which path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What goes wrong.
    pub fault: Fault,
    /// On which of the requests.
    pub when: When,
    /// A part of the path; every path without it.
    pub path: Option<String>,
}

impl Rule {
    /// Goes wrong at the next request.
    pub fn once(fault: Fault) -> Self {
        Self::new(fault, When::Once)
    }

    /// Goes wrong at the next `n` requests.
    pub fn times(n: u32, fault: Fault) -> Self {
        Self::new(fault, When::Times(n))
    }

    /// Goes wrong every time.
    pub fn always(fault: Fault) -> Self {
        Self::new(fault, When::Always)
    }

    /// Goes wrong at request `k` from now, counted from 1.
    pub fn on_request(k: u32, fault: Fault) -> Self {
        Self::new(fault, When::OnRequest(k))
    }

    /// Limits the rule to paths that contain `part`; only those are counted then.
    #[must_use]
    pub fn on(mut self, part: impl Into<String>) -> Self {
        self.path = Some(part.into());
        self
    }

    fn new(fault: Fault, when: When) -> Self {
        Self { fault, when, path: None }
    }
}

/// The rules in force; a handle that can be kept and changed while the simulator runs.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<Armed>>>);

struct Armed {
    rule: Rule,
    seen: u32,
}

impl Faults {
    /// Adds a rule. Rules that hit the same request work together where that is possible.
    pub fn push(&self, rule: Rule) {
        self.armed(|armed| armed.push(Armed { rule, seen: 0 }));
    }

    /// Replaces all rules.
    pub fn set(&self, rules: impl IntoIterator<Item = Rule>) {
        let rules = rules.into_iter().map(|rule| Armed { rule, seen: 0 });
        self.armed(|armed| *armed = rules.collect());
    }

    /// Removes all rules.
    pub fn clear(&self) {
        self.set([]);
    }

    /// The faults that hit a request on this path, which is counted by that.
    pub(crate) fn fire(&self, path: &str) -> Vec<Fault> {
        self.armed(|armed| {
            let on_path = armed.iter_mut().filter(|armed| {
                let part = armed.rule.path.as_deref();
                part.is_none_or(|part| path.contains(part))
            });
            let fired = on_path.filter_map(|armed| {
                armed.seen = armed.seen.saturating_add(1);
                let fires = match armed.rule.when {
                    When::Once => armed.seen == 1,
                    When::Times(n) => armed.seen <= n,
                    When::Always => true,
                    When::OnRequest(k) => armed.seen == k,
                };
                fires.then(|| armed.rule.fault.clone())
            });
            fired.collect()
        })
    }

    fn armed<T>(&self, use_them: impl FnOnce(&mut Vec<Armed>) -> T) -> T {
        use_them(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Quirks {
    pub(crate) fn of(faults: &[Fault]) -> Self {
        Self {
            repeat_border_ticket: faults.contains(&Fault::RepeatBorderTicket),
            stuck_paging: faults.contains(&Fault::StuckPaging),
            hide_launched: faults.contains(&Fault::HideLaunched),
            more_unsaid: faults.contains(&Fault::MoreUnsaid),
            more_as_text: faults.contains(&Fault::MoreAsText),
            stuck_last_id: faults.contains(&Fault::StuckLastId),
        }
    }
}

impl Fault {
    /// Whether it is of a request for a page of so many records.
    pub(crate) fn is_of(&self, page: Option<u64>) -> bool {
        match *self {
            Self::PageAbove { records, .. } | Self::CutAbove { records, .. } => {
                page.is_some_and(|it| it > records)
            }
            _ => true,
        }
    }

    /// The most bytes of a chunk, if that is what goes wrong.
    pub(crate) fn pieces(&self) -> Option<usize> {
        match *self {
            Self::Pieces(most) => Some(most),
            _ => None,
        }
    }

    /// The charset that the content type names, if it does.
    pub(crate) fn head_charset(&self) -> Option<Charset> {
        match *self {
            Self::InCharset { charset, header: true } => Some(charset),
            _ => None,
        }
    }

    /// Where the body stops, if that is what goes wrong.
    pub(crate) fn cut(&self) -> Option<Cut> {
        match *self {
            Self::ResetAt(bytes) | Self::CutAbove { bytes, .. } => Some(Cut::Reset(bytes)),
            Self::TruncateAt(bytes) => Some(Cut::Truncate(bytes)),
            Self::StallAt { bytes, lasting } => Some(Cut::Stall(bytes, lasting)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(rule: Rule, requests: usize) -> Vec<bool> {
        let faults = Faults::default();
        faults.push(rule);
        let fired = (0..requests).map(|_| !faults.fire("/msp/user_list.php").is_empty());
        fired.collect()
    }

    #[test]
    fn rules_hit_the_requests_they_name() {
        assert_eq!(hits(Rule::once(Fault::Empty), 3), [true, false, false]);
        assert_eq!(hits(Rule::times(2, Fault::Empty), 3), [true, true, false]);
        assert_eq!(hits(Rule::always(Fault::Empty), 3), [true, true, true]);
        assert_eq!(hits(Rule::on_request(2, Fault::Empty), 3), [false, true, false]);
        assert_eq!(hits(Rule::always(Fault::Empty).on("/fo/"), 2), [false, false]);
    }
}
