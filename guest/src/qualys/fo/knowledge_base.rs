//! The KnowledgeBase: what a QID is, asked for by number.

use std::cell::Cell;

use exhibit_plugin::collection::Request;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Page, Value, cell};
use serde::{Deserialize, Serialize};

use super::listing::parameters;
use super::source::posted;

/// QIDs of a request: Qualys documents no limit, and an entry has up to 76 KB.
pub(super) const BATCH: usize = 500;
/// Characters of a title, and CVEs of an entry, that are kept: titles have up to a hundred or two.
const TITLE_CHARS: usize = 500;
const MAX_CVES: usize = 100;
/// No CVE is longer.
const CVE_CHARS: usize = 40;

/// What is kept of an entry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// `None` where it has no title.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// `None` where it has no list of CVEs.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    cves: Option<Vec<String>>,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    patchable: Option<bool>,
}

impl Entry {
    pub(super) fn read(vuln: &Element<'_>, page: &mut Page) -> Self {
        let was_cut = Cell::new(false);
        let cut = |text: &str, most: usize| match text.char_indices().nth(most) {
            Some((end, _)) => {
                was_cut.set(true);
                format!("{}…", &text[..end])
            }
            None => text.to_owned(),
        };
        let title = vuln.get("TITLE").map(|it| cut(it, TITLE_CHARS));
        let cves = vuln.child("CVE_LIST").map(|list| {
            // Its ID is a text of its own in some lists, and that of a child in others.
            let ids = list.all("CVE").map(|it| it.get("ID").unwrap_or(it.text())).filter(|it| !it.is_empty());
            let mut ids: Vec<String> = ids.take(MAX_CVES + 1).map(|it| cut(it, CVE_CHARS)).collect();
            if ids.len() > MAX_CVES {
                ids.truncate(MAX_CVES);
                was_cut.set(true);
            }
            ids
        });
        let patchable = match vuln.get("PATCHABLE") {
            Some("1") => Some(true),
            Some("0") => Some(false),
            _ => None,
        };
        if was_cut.get() {
            page.note(format!(
                "Some entries of the KnowledgeBase have a title of more than {TITLE_CHARS} characters or more than {MAX_CVES} \
                 CVEs: the rest was left out."
            ));
        }
        Self { title, cves, patchable }
    }

    /// One that takes as much as an entry can when it is written.
    #[cfg(test)]
    pub(super) fn largest() -> Self {
        let text = |characters: usize| "\"".repeat(characters) + "…";
        let cves = vec![text(CVE_CHARS); MAX_CVES];
        Self { title: Some(text(TITLE_CHARS)), cves: Some(cves), patchable: Some(false) }
    }

    pub(super) fn title(&self) -> Value {
        cell::text(self.title.as_deref())
    }

    pub(super) fn cves(&self) -> Value {
        self.cves.clone().map_or(Value::Absent, cell::texts)
    }

    pub(super) fn patchable(&self) -> Value {
        self.patchable.map_or(Value::Absent, Value::Boolean)
    }

    /// The bytes that it takes when it is written, about: each text may be escaped.
    pub(super) fn bytes(&self) -> usize {
        const FRAME: usize = 6;
        let bytes = |text: &String| {
            let escaped = text.bytes().filter(|it| matches!(it, b'"' | b'\\' | 0..0x20)).count();
            text.len() + 3 * escaped + FRAME
        };
        self.title.iter().chain(self.cves.iter().flatten()).map(bytes).sum()
    }
}

/// The request for these QIDs. In an address, as many would be refused.
pub(super) fn request(version: &str, qids: &[u64]) -> Request {
    let qids: Vec<String> = qids.iter().map(u64::to_string).collect();
    let parameters = parameters([("action", "list"), ("details", "Basic"), ("ids", qids.join(",").as_str())]);
    posted(format!("/api/{version}/fo/knowledge_base/vuln/"), parameters)
}
