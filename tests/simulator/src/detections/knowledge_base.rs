//! What the KnowledgeBase says of QIDs.

use std::sync::Arc;

use super::finding::{GATHERED, Vulnerability};
use crate::{
    echo::Echo,
    parameters::{Parameters, Ranges},
    question::Question,
    refusal::Refusal,
    stream::{Document, Rows, Source},
    world::World,
    xml::Xml,
};

const DOCUMENT: Document = Document {
    root: "KNOWLEDGE_BASE_VULN_LIST_OUTPUT",
    dtd: "api/2.0/fo/knowledge_base/vuln/knowledge_base_vuln_list_output.dtd",
};

const PARAMETERS: &[&str] = &[
    "ids",
    "id_min",
    "id_max",
    "details",
    "cve",
    "is_patchable",
    "last_modified_after",
    "last_modified_before",
    "last_modified_by_service_after",
    "last_modified_by_service_before",
    "published_after",
    "published_before",
];

/// QIDs between two of the comments that keep a connection alive.
const KEEP_ALIVE: u64 = 100;

/// QIDs that an address may name, in bytes of the parameter: a proxy refuses longer ones.
const MOST_IN_ADDRESS: usize = 4_000;

/// The entries that were asked for; none of those that are not listed.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    let parameters = Parameters::of_list(question.call, PARAMETERS)?;
    let in_address = question.call.query.iter().find(|(name, _)| name == "ids");
    if in_address.is_some_and(|(_, ids)| ids.len() > MOST_IN_ADDRESS) {
        return Err(Refusal::new(414, 0, "Request-URI Too Long"));
    }
    let levels = [("Basic", false), ("All", false), ("None", true)];
    let only_ids = parameters.choice("details", &levels)?.unwrap_or(false);
    let filter = Filter::read(&parameters)?;
    let least = parameters.number("id_min")?.unwrap_or(0);
    // Beyond this there are none.
    let most = parameters.number("id_max")?.unwrap_or(GATHERED).min(GATHERED);
    let ids = match parameters.ranges("ids")? {
        Some(ids) => ids.between(least, most),
        None => Ranges::from_to(least, most),
    };
    let entries = Entries {
        world: Arc::clone(question.world),
        echo: Echo::read(&parameters, question)?,
        only_ids,
        filter,
        ranges: ids.iter().collect(),
        place: 0,
        next: None,
        seen: 0,
        listed: false,
    };
    Ok(DOCUMENT.report(question.world, entries))
}

/// Goes through the QIDs that were asked for.
struct Entries {
    world: Arc<World>,
    echo: Option<Echo>,
    only_ids: bool,
    filter: Filter,
    ranges: Vec<(u64, u64)>,
    /// The range under way, and the next QID of it.
    place: usize,
    next: Option<u64>,
    seen: u64,
    listed: bool,
}

impl Entries {
    fn list_element(&self) -> &'static str {
        if self.only_ids { "ID_SET" } else { "VULN_LIST" }
    }

    fn next_qid(&mut self) -> Option<u64> {
        let (low, high) = *self.ranges.get(self.place)?;
        let qid = self.next.unwrap_or(low);
        self.next = Some(qid + 1);
        if qid >= high {
            (self.place, self.next) = (self.place + 1, None);
        }
        Some(qid)
    }
}

/// Which entries are asked for, besides those of some QIDs.
struct Filter {
    cves: Option<Vec<String>>,
    patchable: Option<bool>,
    /// Each with whether it is the earliest moment.
    modified: Vec<(bool, i64)>,
    published: Vec<(bool, i64)>,
}

impl Filter {
    fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        let bounds = |names: &[&str]| {
            let mut bounds = Vec::new();
            for name in names {
                if let Some(moment) = parameters.moment(name)? {
                    bounds.push((name.ends_with("_after"), moment));
                }
            }
            Ok(bounds)
        };
        Ok(Self {
            cves: parameters.texts("cve").map(|it| it.into_iter().map(str::to_owned).collect()),
            patchable: parameters.flag("is_patchable")?,
            modified: bounds(&[
                "last_modified_after",
                "last_modified_before",
                "last_modified_by_service_after",
                "last_modified_by_service_before",
            ])?,
            published: bounds(&["published_after", "published_before"])?,
        })
    }

    fn admits(&self, it: &Vulnerability, now: i64) -> bool {
        let within = |bounds: &[(bool, i64)], moment: i64| {
            bounds
                .iter()
                .all(|&(is_earliest, bound)| if is_earliest { moment >= bound } else { moment <= bound })
        };
        self.patchable.is_none_or(|wanted| wanted == it.patchable)
            && within(&self.modified, modified(it, now))
            && within(&self.published, published(now))
            && self.cves.as_ref().is_none_or(|wanted| cves(it).any(|cve| wanted.contains(&cve)))
    }
}

fn modified(it: &Vulnerability, now: i64) -> i64 {
    now - (it.identity % 10_000_000) as i64
}

fn published(now: i64) -> i64 {
    now - 20_000_000
}

fn cves(it: &Vulnerability) -> impl Iterator<Item = String> + use<> {
    let first = 1_000 + it.identity % 8_000;
    (first..first + it.cves).map(|number| format!("CVE-2026-{number}"))
}

fn entry(xml: &mut Xml<'_>, it: &Vulnerability, now: i64) {
    xml.open("VULN");
    xml.number("QID", it.qid);
    xml.text("VULN_TYPE", if it.is_potential { "Potential Vulnerability" } else { "Vulnerability" });
    xml.number("SEVERITY_LEVEL", it.severity);
    xml.cdata("TITLE", &it.title);
    xml.cdata("CATEGORY", "Local");
    xml.moment("LAST_SERVICE_MODIFICATION_DATETIME", modified(it, now));
    xml.moment("PUBLISHED_DATETIME", published(now));
    xml.flag("PATCHABLE", it.patchable);
    if it.cves > 0 {
        xml.open("CVE_LIST");
        for cve in cves(it) {
            xml.open("CVE");
            xml.cdata("ID", &cve);
            xml.cdata("URL", &format!("https://cve.example/{cve}"));
            xml.close("CVE");
        }
        xml.close("CVE_LIST");
    }
    xml.cdata("DIAGNOSIS", "<P>What it is, in HTML.");
    xml.cdata("CONSEQUENCE", "<P>What may follow from it.");
    xml.cdata("SOLUTION", "<P>What to do about it.");
    xml.open("DISCOVERY");
    xml.flag("REMOTE", true);
    xml.close("DISCOVERY");
    xml.close("VULN");
}

impl Rows for Entries {
    fn head(&mut self, xml: &mut Xml<'_>) {
        if let Some(echo) = &self.echo {
            echo.write(xml);
        }
        xml.open("RESPONSE");
        xml.moment("DATETIME", self.world.now_seconds());
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        let Some(qid) = self.next_qid() else { return false };
        self.seen += 1;
        let mut response = xml.deeper();
        if self.seen.is_multiple_of(KEEP_ALIVE) {
            response.comment(" keep-alive for KNOWLEDGE_BASE_VULN_LIST_OUTPUT  ");
        }
        let Some(vulnerability) = Vulnerability::listed(&self.world, qid) else { return true };
        let now = self.world.now_seconds();
        if !self.filter.admits(&vulnerability, now) {
            return true;
        }
        let mut list = if self.listed {
            response.deeper()
        } else {
            response.open(self.list_element());
            self.listed = true;
            response
        };
        if self.only_ids {
            list.number("ID", qid);
        } else {
            entry(&mut list, &vulnerability, now);
        }
        true
    }

    fn foot(&mut self, xml: &mut Xml<'_>) {
        let mut response = xml.deeper();
        if self.listed {
            response.deeper().close(self.list_element());
        }
        response.close("RESPONSE");
    }
}
