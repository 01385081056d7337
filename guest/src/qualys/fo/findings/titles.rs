//! What the KnowledgeBase answers, and the rows that were held until then.

use std::collections::BTreeMap;

use exhibit_plugin::collection::{Pause, Response};
use exhibit_plugin::problem::malformed;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Outcome, Page};

use super::super::answer::ListEnvelope;
use super::super::inner::Inner;
use super::super::knowledge_base::Entry;
use super::super::listing::{Listing, Paging};
use super::plan::Findings;
use super::state::State;
use crate::qualys::answer::XmlAnswer;
use crate::qualys::cursor::Cursor;

const VULN: &str = "VULN";
/// Refusals of all that an account asks for: it cannot sign in, or may not at all.
const OF_THE_ACCOUNT: [&str; 5] = ["2000", "2001", "2002", "2003", "2011"];

/// Reads an answer to a request for some QIDs.
pub(super) struct Titles {
    findings: Findings,
    state: State,
    learned: BTreeMap<u64, Option<Entry>>,
    records: u64,
}

impl Titles {
    /// What is to read its answer.
    pub(super) fn answer(
        findings: Findings,
        state: State,
        head: &Response,
        attempt: u32,
    ) -> XmlAnswer<ListEnvelope> {
        let listing = Listing {
            root: "KNOWLEDGE_BASE_VULN_LIST_OUTPUT",
            record: VULN,
            empty_marker: Some("DATETIME"),
            paging: Paging::IdMin,
            notes: Vec::new(),
            ..findings.listing.clone()
        };
        // Never the first answer of a collection, and no page of hosts.
        let place = Some(Cursor::new(1, 0, None));
        let inner = Self { findings, state, learned: BTreeMap::new(), records: 0 };
        let envelope = ListEnvelope::new(listing, place, head).of_inner(Box::new(inner));
        XmlAnswer::new(envelope, head, attempt)
    }
}

impl Inner for Titles {
    fn wants(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(VULN)
    }

    fn element(&mut self, element: &Element<'_>, page: &mut Page) -> Result<bool, Error> {
        if !element.is(VULN) {
            return Ok(false);
        }
        self.records += 1;
        let qid = element.get("QID").and_then(|it| it.parse().ok());
        let entry = Entry::read(element, page);
        // What was not asked for would take the place of what is needed.
        if let Some(qid) = qid.filter(|it| self.state.batch().contains(it)) {
            if element.contradiction().is_some() {
                page.note(
                    "Some entries of the KnowledgeBase contradict themselves. What they say was left out.",
                );
                self.learned.insert(qid, Some(Entry::default()));
            } else {
                self.learned.insert(qid, Some(entry));
            }
        }
        Ok(true)
    }

    fn records(&self) -> u64 {
        self.records
    }

    fn smaller(&self) -> Option<String> {
        Some(self.state.clone().smaller(&self.findings.listing)?.write())
    }

    fn refused(mut self: Box<Self>, status: u16, error: Error, page: &mut Page) -> Result<Outcome, Error> {
        let is_a_right = matches!(error, Error::Denied(_) | Error::Unlicensed(_)) && status != 401;
        // Without a code it may not be Qualys that refuses; and some codes are of the account as a whole.
        let of_this_api = error.problem().code.as_deref().is_some_and(|it| !OF_THE_ACCOUNT.contains(&it));
        if !of_this_api || !is_a_right && !matches!(status, 403 | 409) {
            return Err(error);
        }
        page.lacks(format!(
            "Titles, CVEs and patch availability are missing, because the collecting account could not read the \
             KnowledgeBase: {}.",
            error.problem().message
        ));
        self.state.refuse();
        self.state.proceed(&self.findings, None, page)
    }

    fn end(
        mut self: Box<Self>,
        next: Option<u64>,
        pause: Option<Pause>,
        page: &mut Page,
    ) -> Result<Outcome, Error> {
        // What stands behind a truncation is asked for again; what is left out otherwise is not listed.
        let unlisted: Vec<u64> =
            self.state.batch().iter().copied().filter(|it| next.is_none_or(|next| *it < next)).collect();
        for qid in unlisted {
            self.learned.entry(qid).or_insert(None);
        }
        if self.learned.is_empty() {
            return Err(malformed(
                "Qualys truncated the answer of the KnowledgeBase before the first entry that was asked for",
            ));
        }
        self.state.learn(self.learned);
        self.state.proceed(&self.findings, pause, page)
    }
}
