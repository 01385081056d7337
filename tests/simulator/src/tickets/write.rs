//! What is said about a ticket, element by element in the order of the DTD.

use std::net::Ipv4Addr;

use super::ticket::{Assignee, State, Ticket};
use crate::{parameters::Parameters, refusal::Refusal, xml::Xml};

/// What a request wants to see of each ticket.
pub(crate) struct Show {
    details: bool,
    host_id: bool,
}

impl Show {
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        Ok(Self {
            details: parameters.is_set("show_vuln_details")?,
            host_id: parameters.is_set("show_host_id")?,
        })
    }

    pub(crate) fn ticket(&self, xml: &mut Xml<'_>, ticket: &Ticket) {
        let (state, status) = ticket.state.names();
        xml.open("TICKET");
        xml.number("NUMBER", ticket.number);
        xml.moment("CREATION_DATETIME", ticket.created);
        xml.moment("DUE_DATETIME", ticket.due);
        xml.text("CURRENT_STATE", state);
        if let Some(status) = status {
            xml.text("CURRENT_STATUS", status);
        }
        xml.flag("INVALID", ticket.invalid);
        assignee(xml, "ASSIGNEE", ticket.assignee);
        self.detection(xml, ticket);
        stats(xml, ticket);
        history(xml, ticket);
        vulnerability(xml, ticket);
        if self.details {
            details(xml, ticket);
        }
        xml.close("TICKET");
    }

    fn detection(&self, xml: &mut Xml<'_>, ticket: &Ticket) {
        xml.open("DETECTION");
        xml.text("IP", &Ipv4Addr::from(ticket.address).to_string());
        if self.host_id {
            xml.number("HOST_ID", ticket.host_id);
        }
        if let Some(dns) = &ticket.dns {
            xml.cdata("DNSNAME", dns);
        }
        if let Some(netbios) = &ticket.netbios {
            xml.cdata("NBHNAME", netbios);
        }
        if let Some(port) = ticket.vulnerability.port {
            xml.number("PORT", port);
        }
        if let Some(service) = ticket.vulnerability.service {
            xml.text("SERVICE", service);
        }
        if ticket.vulnerability.port.is_some() {
            xml.text("PROTOCOL", "tcp");
        }
        xml.close("DETECTION");
    }
}

fn assignee(xml: &mut Xml<'_>, element: &str, assignee: Assignee) {
    xml.open(element);
    xml.cdata("NAME", assignee.name);
    xml.cdata("EMAIL", assignee.email);
    xml.text("LOGIN", assignee.login);
    xml.close(element);
}

fn stats(xml: &mut Xml<'_>, ticket: &Ticket) {
    xml.open("STATS");
    xml.moment("FIRST_FOUND_DATETIME", ticket.created);
    xml.moment("LAST_FOUND_DATETIME", ticket.last_found);
    xml.moment("LAST_SCAN_DATETIME", ticket.last_found);
    xml.number("TIMES_FOUND", ticket.times_found);
    // Empty where it was always found, as real answers have it.
    match ticket.times_not_found {
        Some(times) => xml.number("TIMES_NOT_FOUND", times),
        None => xml.text("TIMES_NOT_FOUND", ""),
    }
    xml.moment("LAST_OPEN_DATETIME", ticket.opened);
    match (ticket.state, ticket.settled) {
        (State::Resolved, Some(moment)) => xml.moment("LAST_RESOLVED_DATETIME", moment),
        (State::Fixed, Some(moment)) => xml.moment("LAST_CLOSED_DATETIME", moment),
        (State::Ignored, Some(moment)) => xml.moment("LAST_IGNORED_DATETIME", moment),
        _ => {}
    }
    xml.close("STATS");
}

fn history(xml: &mut Xml<'_>, ticket: &Ticket) {
    xml.open("HISTORY_LIST");
    xml.open("HISTORY");
    xml.moment("DATETIME", ticket.created);
    xml.text("ACTOR", ticket.assignee.login);
    change(xml, None, "OPEN");
    assignee(xml, "ADDED_ASSIGNEE", ticket.earlier_assignee.unwrap_or(ticket.assignee));
    xml.open("SCAN");
    xml.text("REF", &format!("scan/{}.{}", ticket.created - 3_600, 10_000 + ticket.index % 80_000));
    xml.moment("DATETIME", ticket.created - 3_600);
    xml.close("SCAN");
    xml.cdata("RULE", "Default Policy");
    xml.close("HISTORY");
    if let Some(earlier) = ticket.earlier_assignee {
        xml.open("HISTORY");
        xml.moment("DATETIME", ticket.created + 7_200);
        xml.text("ACTOR", earlier.login);
        assignee(xml, "REMOVED_ASSIGNEE", earlier);
        assignee(xml, "ADDED_ASSIGNEE", ticket.assignee);
        xml.cdata("COMMENT", "Not ours, please have a look");
        xml.close("HISTORY");
    }
    let (state, _) = ticket.state.names();
    if ticket.state == State::Reopened {
        event(xml, ticket, ticket.opened - 86_400, "OPEN", "CLOSED");
        event(xml, ticket, ticket.opened, "CLOSED", state);
    } else if let Some(settled) = ticket.settled {
        event(xml, ticket, settled, "OPEN", state);
    }
    xml.close("HISTORY_LIST");
}

fn event(xml: &mut Xml<'_>, ticket: &Ticket, moment: i64, old: &str, new: &str) {
    xml.open("HISTORY");
    xml.moment("DATETIME", moment);
    xml.text("ACTOR", ticket.assignee.login);
    change(xml, Some(old), new);
    xml.close("HISTORY");
}

fn change(xml: &mut Xml<'_>, old: Option<&str>, new: &str) {
    xml.open("STATE");
    if let Some(old) = old {
        xml.text("OLD", old);
    }
    xml.text("NEW", new);
    xml.close("STATE");
}

fn vulnerability(xml: &mut Xml<'_>, ticket: &Ticket) {
    let vulnerability = ticket.vulnerability;
    xml.open("VULNINFO");
    xml.cdata("TITLE", vulnerability.title);
    xml.text("TYPE", if vulnerability.is_potential { "POSS" } else { "VULN" });
    xml.number("QID", vulnerability.qid);
    xml.number("SEVERITY", ticket.severity);
    xml.number("STANDARD_SEVERITY", vulnerability.severity);
    if !vulnerability.cves.is_empty() {
        xml.open("CVE_ID_LIST");
        for cve in vulnerability.cves {
            // Both shapes have been met in practice.
            if ticket.index.is_multiple_of(2) {
                xml.cdata("CVE_ID", cve);
            } else {
                xml.open("CVE_ID");
                xml.cdata("ID", cve);
                xml.cdata("URL", &format!("https://cve.example/{cve}"));
                xml.close("CVE_ID");
            }
        }
        xml.close("CVE_ID_LIST");
    }
    xml.close("VULNINFO");
}

fn details(xml: &mut Xml<'_>, ticket: &Ticket) {
    xml.open("DETAILS");
    xml.cdata("DIAGNOSIS", "The host answers in a way that it should not.<P>\nSee <B>below</B>.");
    xml.cdata("CONSEQUENCE", "Someone who should not may learn something.");
    xml.cdata("SOLUTION", "Update & restart.");
    xml.cdata("RESULT", &format!("Package\tInstalled\tRequired\nexample\t1.{0}\t2.{0}", ticket.index % 10));
    xml.close("DETAILS");
}
