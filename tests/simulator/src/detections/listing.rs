//! A page of hosts with their detections. It is written detection by detection: a host may have very many, and results
//! of megabytes.

use std::sync::Arc;

use super::{
    filter::Filter,
    finding::{Finding, Status},
};
use crate::{
    assets::{Filter as HostFilter, Host, Page, Places, push_names, write_tags},
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::Rows,
    world::World,
    xml::Xml,
};

/// Bytes of long results.
const LONG: usize = 1 << 20;

/// A part of results, with what real ones have: tabs and line breaks.
const LINE: &str = "libexample-core\t1.2.3-4ubuntu5\t1.2.3-4ubuntu6\n";

/// Elements around a host.
const HOST_DEPTH: usize = 3;

const PATH: &str = "/api/4.0/fo/asset/host/vm/detection/";

/// Goes through the hosts of the world and shows those that were asked for.
pub(super) struct Listing {
    world: Arc<World>,
    hosts: HostFilter,
    filter: Filter,
    page: Page,
    places: Places,
    asset_id: bool,
    tags: bool,
    results: bool,
    score: bool,
    reopened: bool,
    /// The host under way, the next detection of it, and whether it was begun.
    host: Option<(Host, u64, bool)>,
    listed: u64,
    next_id: Option<u64>,
}

impl Listing {
    pub(super) fn read(parameters: &Parameters, question: &Question<'_>) -> Result<Self, Refusal> {
        let page = Page::read(parameters, question, PATH)?;
        Ok(Self {
            world: Arc::clone(question.world),
            hosts: HostFilter::read(parameters)?,
            filter: Filter::read(parameters)?,
            places: page.places(question.world),
            page,
            asset_id: parameters.is_set("show_asset_id")?,
            tags: parameters.is_set("show_tags")?,
            results: parameters.flag("show_results")?.unwrap_or(true),
            score: parameters.is_set("show_qds")?,
            reopened: parameters.is_set("show_reopened_info")?,
            host: None,
            listed: 0,
            next_id: None,
        })
    }

    /// The next host that is asked for, whatever it has.
    fn next_host(&mut self) -> Option<Host> {
        loop {
            let host = Host::at(&self.world, self.places.next()?);
            if !host.life.unborn && self.hosts.admits(&host) {
                return Some(host);
            }
        }
    }

    fn host(&self, xml: &mut Xml<'_>, host: &Host) {
        xml.open("HOST");
        xml.number("ID", host.id);
        if self.asset_id {
            xml.number("ASSET_ID", host.asset_id);
        }
        push_names(xml, host, self.world.networks);
        if let Some(processed) = host.vm_processed {
            xml.moment("LAST_SCAN_DATETIME", processed);
        }
        if let Some(scanned) = host.vm_scanned {
            xml.moment("LAST_VM_SCANNED_DATE", scanned);
            xml.number("LAST_VM_SCANNED_DURATION", host.vm_duration);
        }
        if let Some(scanned) = host.vm_auth_scanned {
            xml.moment("LAST_VM_AUTH_SCANNED_DATE", scanned);
        }
        if let Some(scanned) = host.compliance_scanned {
            xml.moment("LAST_PC_SCANNED_DATE", scanned);
        }
        if self.tags {
            write_tags(xml, host);
        }
        xml.open("DETECTION_LIST");
    }

    fn finding(&self, xml: &mut Xml<'_>, host: &Host, it: &Finding) {
        xml.open("DETECTION");
        xml.number("UNIQUE_VULN_ID", it.unique_id);
        xml.number("QID", it.vulnerability.qid);
        xml.text(
            "TYPE",
            match (it.is_gathered, it.vulnerability.is_potential) {
                (true, _) => "Info",
                (_, true) => "Potential",
                _ => "Confirmed",
            },
        );
        xml.number("SEVERITY", it.vulnerability.severity);
        if let Some(port) = it.port {
            xml.number("PORT", port);
            xml.text("PROTOCOL", "tcp");
        }
        if it.ssl && host.has_dns {
            xml.cdata("FQDN", "www.acme.example");
        }
        xml.flag("SSL", it.ssl);
        if let Some(instance) = it.instance {
            xml.number("INSTANCE", instance);
        }
        if self.results {
            let lines = if it.is_long { LONG / LINE.len() + 1 } else { 1 + (it.unique_id % 5) as usize };
            xml.cdata_with("RESULTS", |out| {
                out.extend_from_slice(b"Package\tInstalled Version\tRequired Version\n");
                (0..lines).for_each(|_| out.extend_from_slice(LINE.as_bytes()));
            });
        }
        if !it.is_gathered {
            xml.text("STATUS", it.status.name());
        }
        xml.moment("FIRST_FOUND_DATETIME", it.first_found);
        xml.moment("LAST_FOUND_DATETIME", it.last_found);
        if self.score && !it.is_gathered {
            xml.attributed("QDS", &[("severity", "MEDIUM")], &it.score.to_string());
        }
        xml.number("TIMES_FOUND", it.times_found);
        xml.moment("LAST_TEST_DATETIME", it.last_found);
        xml.moment("LAST_UPDATE_DATETIME", it.updated);
        if let Some(fixed) = it.fixed {
            xml.moment("LAST_FIXED_DATETIME", fixed);
        }
        if let Some(reopened) = it.reopened.filter(|_| self.reopened) {
            xml.moment("FIRST_REOPENED_DATETIME", reopened);
            xml.moment("LAST_REOPENED_DATETIME", reopened);
            xml.number("TIMES_REOPENED", 1);
        }
        xml.flag("IS_IGNORED", it.ignored);
        xml.flag("IS_DISABLED", it.disabled);
        if it.status != Status::New {
            xml.moment("LAST_PROCESSED_DATETIME", it.updated);
        }
        xml.close("DETECTION");
    }
}

impl Rows for Listing {
    fn head(&mut self, xml: &mut Xml<'_>) {
        self.page.echo(xml);
        xml.open("RESPONSE");
        xml.moment("DATETIME", self.world.moment());
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        let Some((host, index, begun)) = self.host.take() else {
            let Some(host) = self.next_host() else { return false };
            self.host = Some((host, 0, false));
            return true;
        };
        if index > self.world.detections {
            if begun {
                let mut host = xml.at(HOST_DEPTH + 2);
                host.close("DETECTION_LIST");
                host.close("HOST");
            }
            return true;
        }
        let finding = Finding::at(&self.world, &host, index);
        if !self.filter.admits(&finding) {
            self.host = Some((host, index + 1, begun));
            return true;
        }
        if !begun {
            // Hosts without any that was asked for are not listed.
            if self.page.is_full(self.listed) {
                self.next_id = Some(host.id);
                return false;
            }
            if self.listed == 0 {
                xml.at(HOST_DEPTH - 1).open("HOST_LIST");
            }
            self.listed += 1;
            self.host(&mut xml.at(HOST_DEPTH), &host);
        }
        self.finding(&mut xml.at(HOST_DEPTH + 2), &host, &finding);
        self.host = Some((host, index + 1, true));
        true
    }

    fn foot(&mut self, xml: &mut Xml<'_>) {
        let mut xml = xml.deeper();
        if self.listed > 0 {
            xml.deeper().close("HOST_LIST");
        }
        if let Some(id) = self.next_id {
            self.page.warning(&mut xml, id);
        }
        xml.close("RESPONSE");
    }
}
