//! How far a collection of detections is, and what it has learned: all that passes from one answer to the next.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_plugin::collection::Pause;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::{Error, Outcome, Page};
use serde::{Deserialize, Serialize};

use super::super::knowledge_base::{BATCH, Entry};
use super::super::listing::Listing;
use super::plan::Findings;
use super::row::unpacked;
use crate::qualys::cursor::Cursor;

/// Bytes of rows that are held at most. With [`TITLE_BYTES`] and [`MAX_KEYS`] it stays below the 8 MiB that the contract
/// grants a checkpoint.
const HELD_BYTES: usize = 3 << 20;
/// What is known of the KnowledgeBase: entries and bytes. Subscriptions meet some thousands of QIDs.
const MAX_TITLES: usize = 10_000;
const TITLE_BYTES: usize = 2 << 20;
/// Keys of one host that are compared with those of the next page. No known host has as many detections.
const MAX_KEYS: usize = 80_000;
/// A collection steps over so many hosts at most: more say that something is wrong with all of it.
const MAX_STEPS: u32 = 100;
/// What writing a row as a text in JSON, twice, adds to a character that is escaped.
const ESCAPED: usize = 3;

/// All of it. Serialised, it is the cursor.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// The host that the next page begins at; 0 before the first page.
    from: u64,
    /// The last host of the pages before.
    pub(super) seen: u64,
    /// The hosts of a page, where these are fewer than at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Whether the last page of hosts was read.
    is_over: bool,
    /// The keys of the rows of the last host that were handed over or are held.
    pub(super) keys: Vec<u64>,
    /// The host at which a page broke off, and was asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retried: Option<u64>,
    /// Hosts that were stepped over.
    stepped: u32,
    /// The QIDs that the KnowledgeBase is asked for, in the order in which they are needed.
    asked: Vec<u64>,
    /// Those of a request, where these are fewer than at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    batch: Option<usize>,
    /// Rows that wait for titles, as [`packed`](super::row::packed) writes them.
    held: Vec<String>,
    held_bytes: usize,
    /// What is known: `None` where the KnowledgeBase does not list a QID.
    titles: BTreeMap<u64, Option<Entry>>,
    title_bytes: usize,
    /// Whether the account may not read the KnowledgeBase.
    is_refused: bool,
    /// QIDs that the KnowledgeBase does not list, and the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unlisted: Option<(u64, u64)>,
    /// Results that were cut: how many, the record of the first, and its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cut: Option<(u64, String, u64)>,
}

impl State {
    /// Reads a cursor; `None` is the first page.
    pub(super) fn read(cursor: Option<&str>) -> Result<Self, Error> {
        match cursor {
            None => Ok(Self::default()),
            Some(text) => serde_json::from_str(text)
                .map_err(|_| invalid("the checkpoint does not say where the next page begins")),
        }
    }

    pub(super) fn write(&self) -> String {
        // Maps with numbers as keys and plain values always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether the next request is the KnowledgeBase's.
    pub(super) fn asks(&self) -> bool {
        !self.asked.is_empty()
    }

    /// The QIDs of the next request.
    pub(super) fn batch(&self) -> &[u64] {
        let size = self.batch.unwrap_or(BATCH).max(1);
        self.asked.get(..size).unwrap_or(&self.asked)
    }

    /// Where the next page of hosts begins.
    pub(super) fn place(&self) -> Option<Cursor> {
        (self.from > 0 || self.size.is_some()).then(|| Cursor::new(self.from, self.seen, self.size))
    }

    /// The same with a smaller page, where there is one: of hosts, or of QIDs.
    pub(super) fn smaller(mut self, listing: &Listing) -> Option<Self> {
        if self.asks() {
            let size = self.batch().len();
            self.batch = Some((size > 1).then_some(size / 2)?);
        } else {
            self.size = listing.paging.smaller(&listing.parameters, self.place())?.size;
        }
        Some(self)
    }

    /// Whether a row with this QID can be completed: with what is known, or with nothing.
    pub(super) fn knows(&self, findings: &Findings, qid: u64) -> bool {
        self.is_refused
            || findings.knowledge_base.is_none()
            || self.titles.contains_key(&qid)
            || findings.one_title && !self.titles.is_empty()
    }

    /// The row, completed.
    pub(super) fn complete(
        &self,
        findings: &Findings,
        qid: u64,
        row: exhibit_plugin::Row,
    ) -> exhibit_plugin::Row {
        match self.titles.get(&qid) {
            Some(entry) => findings.joined.complete(row, entry.as_ref()),
            None => row,
        }
    }

    /// Whether rows are held: then all that follow are, so that they stay in their order.
    pub(super) fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    /// Holds a row, where there is room for it.
    pub(super) fn hold(&mut self, packed: String) -> bool {
        let escaped = packed.bytes().filter(|it| matches!(it, b'"' | b'\\' | 0..0x20)).count();
        let bytes = packed.len() + escaped * ESCAPED + "\\\"\\\",".len();
        if self.held_bytes + bytes > HELD_BYTES {
            return false;
        }
        self.held_bytes += bytes;
        self.held.push(packed);
        true
    }

    /// Remembers the keys of the last host, for the next page.
    pub(super) fn keep_keys(&mut self, keys: impl IntoIterator<Item = u64>) {
        self.keys = keys.into_iter().take(MAX_KEYS).collect();
        self.keys.sort_unstable();
    }

    /// Whether keys of the last host are missing.
    pub(super) fn lacks_keys(&self) -> bool {
        self.keys.len() == MAX_KEYS
    }

    /// The next page begins at this host.
    pub(super) fn go_to(&mut self, from: u64) {
        self.from = from;
    }

    /// There is no further page.
    pub(super) fn is_at_end(&mut self) {
        self.is_over = true;
    }

    /// Counts a host that is stepped over: false where there were too many.
    pub(super) fn steps_over(&mut self) -> bool {
        self.stepped += 1;
        self.stepped <= MAX_STEPS
    }

    /// Counts results that were cut.
    pub(super) fn cut(&mut self, subject: &str, bytes: u64) {
        match &mut self.cut {
            Some((count, ..)) => *count += 1,
            None => self.cut = Some((1, subject.to_owned(), bytes)),
        }
    }

    /// What an answer of the KnowledgeBase says of the QIDs of a batch. Those that it does not say anything of are asked
    /// for again, and those that there is no room for.
    pub(super) fn learn(&mut self, mut learned: BTreeMap<u64, Option<Entry>>) {
        let bytes: usize = learned.values().map(cost).sum();
        let is_full =
            self.titles.len() + learned.len() > MAX_TITLES || self.title_bytes + bytes > TITLE_BYTES;
        if is_full {
            self.forget();
        }
        let mut left = Vec::new();
        for qid in std::mem::take(&mut self.asked) {
            let Some(entry) = learned.remove(&qid).filter(|it| self.title_bytes + cost(it) <= TITLE_BYTES)
            else {
                left.push(qid);
                continue;
            };
            if entry.is_none() {
                match &mut self.unlisted {
                    Some((count, _)) => *count += 1,
                    None => self.unlisted = Some((1, qid)),
                }
            }
            self.title_bytes += cost(&entry);
            self.titles.insert(qid, entry);
        }
        self.asked = left;
    }

    /// The account may not read the KnowledgeBase: nothing is asked of it any more.
    pub(super) fn refuse(&mut self) {
        self.is_refused = true;
        self.asked.clear();
    }

    /// Makes room. What is not listed is small, and would be counted again: it stays, unless there is too much of it.
    fn forget(&mut self) {
        self.titles.retain(|_, it| it.is_none());
        if self.titles.len() > MAX_TITLES / 2 {
            self.titles.clear();
        }
        self.title_bytes = self.titles.values().map(cost).sum();
    }

    /// Hands over the held rows up to the first one that is still unknown, and says what follows.
    ///
    /// # Errors
    /// `invalid` where what is held is no row.
    pub(super) fn proceed(
        mut self,
        findings: &Findings,
        pause: Option<Pause>,
        page: &mut Page,
    ) -> Result<Outcome, Error> {
        let (mut rest, mut needed, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
        for packed in std::mem::take(&mut self.held) {
            let row = unpacked(&packed, findings.columns)
                .ok_or_else(|| invalid("the checkpoint holds what is no row"))?;
            let qid = findings.joined.qid(&row).unwrap_or_default();
            let is_known = self.knows(findings, qid);
            if rest.is_empty() && is_known {
                page.compared_row(self.complete(findings, qid, row));
                continue;
            }
            if !is_known && seen.insert(qid) {
                needed.push(qid);
            }
            rest.push(packed);
        }
        if rest.is_empty() {
            self.held_bytes = 0;
        }
        if findings.one_title {
            needed.truncate(1);
        }
        (self.held, self.asked) = (rest, needed);
        if self.is_over && !self.asks() {
            self.note(findings, page);
            return Ok(Outcome::Last);
        }
        Ok(Outcome::Next { cursor: self.write(), pause })
    }

    /// What a reader of the whole must know.
    fn note(&self, findings: &Findings, page: &mut Page) {
        if let Some((count, first)) = self.unlisted {
            let qids = if count == 1 { "1 QID is".to_owned() } else { format!("{count} QIDs are") };
            page.note(format!(
                "{qids} not in the KnowledgeBase; the first is {first}. Rows with these have no title, no CVEs and no \
                 patch availability."
            ));
        }
        if let Some((count, first, bytes)) = &self.cut {
            let results = if *count == 1 { "1 result is".to_owned() } else { format!("{count} results are") };
            page.note(format!(
                "{results} longer than {} bytes and cut; the first, of {first}, has {bytes} bytes. The recorded \
                 answers contain the whole.",
                findings.results
            ));
        }
    }
}

/// The bytes that an entry takes in a cursor, about.
fn cost(entry: &Option<Entry>) -> usize {
    const FRAME: usize = 100;
    FRAME + entry.as_ref().map_or(0, Entry::bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the contract grants a checkpoint.
    const GRANTED: usize = 8 << 20;

    #[test]
    fn the_most_that_it_can_hold_fits_into_a_checkpoint() {
        for (text, entry) in [
            ("\"\\\n\t".repeat(50), Some(Entry::largest())),
            ("plain".repeat(50), None),
            ("\"".repeat(10), Some(Entry::default())),
        ] {
            let mut state = State::default();
            while state.hold(text.clone()) {}
            for batch in 0..50_u64 {
                let qids: Vec<u64> = (0..BATCH as u64).map(|it| 4_000_000_000 + batch * 1_000 + it).collect();
                state.asked = qids.clone();
                state.learn(qids.into_iter().map(|qid| (qid, entry.clone())).collect());
                assert!(state.asked.len() < BATCH, "some of them are known now");
            }
            let many: Vec<u64> = (0..100_000).map(|it| u64::MAX - it).collect();
            state.keep_keys(many.iter().copied());
            state.asked = many[..MAX_TITLES].to_vec();
            // The session writes the cursor as a text once more.
            let written = serde_json::to_string(&state.write()).expect("a text");
            assert!(written.len() < GRANTED - (64 << 10), "{} bytes", written.len());
            assert!(written.len() > GRANTED / 3, "{} bytes are no test", written.len());
        }
    }
}
