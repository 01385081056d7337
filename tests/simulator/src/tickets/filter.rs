//! Which tickets are asked for.

use super::ticket::{State, Ticket};
use crate::{
    parameters::{Parameters, Ranges},
    refusal::Refusal,
};

/// The states by the names that select them.
const STATES: [(&str, &[State]); 4] = [
    ("OPEN", &[State::Open, State::Reopened]),
    ("RESOLVED", &[State::Resolved]),
    ("CLOSED", &[State::Fixed]),
    ("IGNORED", &[State::Ignored]),
];

/// Severities that can be asked for.
const SEVERITIES: [(&str, u64); 5] = [("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5)];

/// Most vulnerabilities that can be asked for by number.
const MOST_QIDS: usize = 10;

/// Longest text that can be searched for, in characters.
const LONGEST_TEXT: usize = 100;

/// The conditions of a request but for the numbers; a ticket has to meet all of them.
pub(crate) struct Filter {
    now: i64,
    numbers: Option<Ranges>,
    states: Vec<State>,
    overdue: Option<bool>,
    invalid: Option<bool>,
    assignee: Option<String>,
    modified_since: Option<i64>,
    unmodified_since: Option<i64>,
    addresses: Option<Ranges>,
    groups: Option<Vec<String>>,
    dns: Option<String>,
    netbios: Option<String>,
    host_id: Option<u64>,
    severities: Option<Vec<u64>>,
    potential_severities: Option<Vec<u64>>,
    qids: Option<Vec<u64>>,
    title: Option<String>,
    /// Something no ticket has.
    impossible: bool,
}

impl Filter {
    pub(crate) fn read(parameters: &Parameters, now: i64) -> Result<Self, Refusal> {
        let states = parameters.choices("states", &STATES)?;
        let qids = match parameters.texts("qids") {
            Some(given) if given.len() > MOST_QIDS => {
                return Err(Refusal::bad_value("qids", &given.join(",")));
            }
            Some(given) => {
                let read = |part: &str| part.parse().map_err(|_| Refusal::bad_value("qids", part));
                Some(given.into_iter().map(read).collect::<Result<_, _>>()?)
            }
            None => None,
        };
        let groups = parameters.texts("asset_groups");
        Ok(Self {
            now,
            numbers: parameters.ranges("ticket_numbers")?,
            // So a client reports: unless asked for, only the open ones come.
            states: match states {
                Some(states) => states.concat(),
                None => vec![State::Open, State::Reopened],
            },
            overdue: parameters.flag("overdue")?,
            invalid: parameters.flag("invalid")?,
            assignee: parameters.text("ticket_assignee").map(str::to_owned),
            modified_since: parameters.moment("modified_since_datetime")?,
            unmodified_since: parameters.moment("unmodified_since_datetime")?,
            addresses: parameters.addresses("ips")?,
            groups: groups.map(|groups| groups.into_iter().map(str::to_owned).collect()),
            dns: part(parameters, "dns_contains")?,
            netbios: part(parameters, "netbios_contains")?,
            host_id: parameters.number("host_id")?,
            severities: parameters.choices("vuln_severities", &SEVERITIES)?,
            potential_severities: parameters.choices("potential_vuln_severities", &SEVERITIES)?,
            qids,
            title: part(parameters, "vuln_title_contains")?,
            impossible: part(parameters, "vuln_details_contains")?
                .or(part(parameters, "vendor_ref_contains")?)
                .is_some(),
        })
    }

    /// Whether a ticket is asked for.
    pub(crate) fn admits(&self, ticket: &Ticket) -> bool {
        !ticket.unborn
            && !self.impossible
            && self.states.contains(&ticket.state)
            && self.numbers.as_ref().is_none_or(|numbers| numbers.contains(ticket.number))
            && self.overdue.is_none_or(|overdue| overdue == ticket.is_overdue(self.now))
            && self.invalid.is_none_or(|invalid| invalid == ticket.invalid)
            && self.assignee.as_ref().is_none_or(|login| login == ticket.assignee.login)
            && self.modified_since.is_none_or(|moment| ticket.modified >= moment)
            && self.unmodified_since.is_none_or(|moment| ticket.modified < moment)
            && self.groups.as_ref().is_none_or(|groups| groups.iter().any(|group| group == ticket.group))
            && self.admits_host(ticket)
            && self.admits_vulnerability(ticket)
    }

    fn admits_host(&self, ticket: &Ticket) -> bool {
        let address = u64::from(ticket.address);
        self.addresses.as_ref().is_none_or(|ranges| ranges.contains(address))
            && contains(self.dns.as_deref(), ticket.dns.as_deref())
            && contains(self.netbios.as_deref(), ticket.netbios.as_deref())
            && self.host_id.is_none_or(|id| id == ticket.host_id)
    }

    fn admits_vulnerability(&self, ticket: &Ticket) -> bool {
        let vulnerability = ticket.vulnerability;
        // Naming severities of one kind leaves the other kind out, unless it is named as well.
        let by_severity = match (&self.severities, &self.potential_severities) {
            (None, None) => true,
            (confirmed, potential) => {
                let wanted = if vulnerability.is_potential { potential } else { confirmed };
                wanted.as_ref().is_some_and(|severities| severities.contains(&ticket.severity))
            }
        };
        by_severity
            && self.qids.as_ref().is_none_or(|qids| qids.contains(&vulnerability.qid))
            && contains(self.title.as_deref(), Some(vulnerability.title))
    }
}

fn contains(part: Option<&str>, text: Option<&str>) -> bool {
    part.is_none_or(|part| text.is_some_and(|text| text.contains(part)))
}

fn part(parameters: &Parameters, name: &str) -> Result<Option<String>, Refusal> {
    match parameters.text(name) {
        Some(text) if text.chars().count() > LONGEST_TEXT => Err(Refusal::bad_value(name, text)),
        found => Ok(found.map(str::to_owned)),
    }
}
