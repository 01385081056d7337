//! One ticket, made up from its place in the list.

use crate::{
    chance::{Chance, Subject},
    clock::DAY,
    life::Life,
    texts,
    world::World,
};

/// Below this there are no ticket numbers.
const FIRST_NUMBER: u64 = 1_800;

/// Ticket numbers lie this far apart, more or less.
const NUMBER_STEP: u64 = 3;

/// A state and the status that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Reopened,
    Resolved,
    Fixed,
    Ignored,
}

/// States as often as they occur.
const STATES: [State; 8] = [
    State::Open,
    State::Open,
    State::Open,
    State::Reopened,
    State::Resolved,
    State::Fixed,
    State::Fixed,
    State::Ignored,
];

/// What a ticket becomes when it changes.
const CHANGED: [State; 4] = [State::Resolved, State::Fixed, State::Reopened, State::Ignored];

impl State {
    /// The two elements that say so.
    pub(crate) fn names(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Open => ("OPEN", None),
            Self::Reopened => ("OPEN", Some("REOPENED")),
            Self::Resolved => ("RESOLVED", None),
            Self::Fixed => ("CLOSED", Some("FIXED")),
            Self::Ignored => ("CLOSED", Some("IGNORED")),
        }
    }
}

/// A vulnerability that tickets are about.
pub(crate) struct Vulnerability {
    pub(crate) qid: u64,
    pub(crate) title: &'static str,
    pub(crate) severity: u64,
    pub(crate) is_potential: bool,
    pub(crate) cves: &'static [&'static str],
    pub(crate) port: Option<u64>,
    pub(crate) service: Option<&'static str>,
}

/// The vulnerabilities of the made-up subscription, under numbers that no real one has.
const VULNERABILITIES: [Vulnerability; 5] = [
    Vulnerability {
        qid: 9_900_001,
        title: "Name service answers anyone",
        severity: 2,
        is_potential: false,
        cves: &["CVE-1900-0001"],
        port: None,
        service: Some("SMB / NETBIOS"),
    },
    Vulnerability {
        qid: 9_900_002,
        title: "Certificate does not match <host> & name",
        severity: 2,
        is_potential: false,
        cves: &[],
        port: Some(443),
        service: Some("http over ssl"),
    },
    Vulnerability {
        qid: 9_900_003,
        title: "Remote code execution in an example library",
        severity: 5,
        is_potential: false,
        cves: &["CVE-1900-0002", "CVE-1900-0003"],
        port: Some(8_443),
        service: None,
    },
    Vulnerability {
        qid: 9_900_004,
        title: "Outdated kernel",
        severity: 4,
        is_potential: true,
        cves: &["CVE-1900-0004"],
        port: None,
        service: None,
    },
    Vulnerability {
        qid: 9_900_005,
        title: "Weak ciphers offered",
        severity: 3,
        is_potential: false,
        cves: &[],
        port: Some(22),
        service: Some("ssh"),
    },
];

/// A person who has to do something about it.
#[derive(Clone, Copy)]
pub(crate) struct Assignee {
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) login: &'static str,
}

const ASSIGNEES: [Assignee; 3] = [
    Assignee { name: "Alex Kim", email: "alex@acme.example", login: "acme_ab1" },
    Assignee { name: "Jo Müller", email: "jo@acme.example", login: "acme_jd1" },
    Assignee { name: "R&D Team", email: "lab@acme.example", login: "acme_mk3" },
];

/// What there is to say about a ticket.
pub(crate) struct Ticket {
    pub(crate) index: u64,
    pub(crate) number: u64,
    pub(crate) created: i64,
    pub(crate) due: i64,
    pub(crate) state: State,
    pub(crate) invalid: bool,
    pub(crate) assignee: Assignee,
    pub(crate) earlier_assignee: Option<Assignee>,
    pub(crate) host_id: u64,
    pub(crate) address: u32,
    pub(crate) dns: Option<String>,
    pub(crate) netbios: Option<String>,
    pub(crate) group: &'static str,
    pub(crate) vulnerability: &'static Vulnerability,
    /// What the user made of the vendor's severity.
    pub(crate) severity: u64,
    pub(crate) times_found: u64,
    pub(crate) times_not_found: Option<u64>,
    pub(crate) last_found: i64,
    /// When it was opened last, which is later than it was created for one that was reopened.
    pub(crate) opened: i64,
    /// When it was resolved, closed or ignored.
    pub(crate) settled: Option<i64>,
    pub(crate) modified: i64,
    /// Whether it is not there yet.
    pub(crate) unborn: bool,
}

impl Ticket {
    /// The ticket at a place in the list.
    pub(crate) fn at(world: &World, index: u64) -> Self {
        let now = world.now_seconds();
        let mut chance = Chance::new(world.seed, Subject::Ticket, index);
        let state = chance.pick(&STATES);
        let life = Life::of(world, Subject::TicketLife, index);
        let created = now - 40 * DAY - chance.seconds(400 * DAY);
        let (state, created) = match (life.times, life.born) {
            (0, Some(born)) => (State::Open, born),
            (0, None) => (state, created),
            (times, born) => (CHANGED[(index + times) as usize % CHANGED.len()], born.unwrap_or(created)),
        };
        let assignee = chance.pick(&ASSIGNEES);
        let vulnerability = &VULNERABILITIES[chance.below(VULNERABILITIES.len() as u64) as usize];
        let settled_after = DAY + chance.seconds(20 * DAY);
        let opened = match state {
            State::Reopened => life.changed.unwrap_or(created + 25 * DAY),
            _ => created,
        };
        let settled = match state {
            State::Open | State::Reopened => None,
            _ => Some(life.changed.unwrap_or(created + settled_after)),
        };
        let has_dns = !chance.one_in(4);
        let address = 0x0A00_0000 | chance.below(1 << 24) as u32;
        Self {
            index,
            number: number(world, index),
            created,
            due: created + 30 * DAY + chance.seconds(90 * DAY),
            state,
            invalid: chance.one_in(25),
            assignee,
            earlier_assignee: chance
                .one_in(6)
                .then(|| chance.pick(&ASSIGNEES))
                .filter(|_| life.born.is_none()),
            host_id: 10_000_000 + chance.below(1 << 20),
            address,
            dns: has_dns.then(|| match texts::odd(index) {
                Some(odd) => odd.to_owned(),
                None => format!("host{}.corp.acme.example", address & 0xFFFF),
            }),
            netbios: chance.one_in(3).then(|| format!("ACME-{}", address & 0xFFFF)),
            group: chance.pick(&["Servers Frankfurt", "DMZ", "PCI & Payments"]),
            vulnerability,
            severity: match chance.one_in(10) {
                true => 1 + vulnerability.severity % 5,
                false => vulnerability.severity,
            },
            times_found: 1 + chance.below(40),
            times_not_found: chance.one_in(3).then(|| chance.below(10)),
            last_found: settled.unwrap_or(now - 3_600 - chance.seconds(20 * DAY)),
            opened,
            settled,
            modified: settled.unwrap_or(opened),
            unborn: life.unborn,
        }
    }

    /// Past its day and neither closed nor ignored.
    pub(crate) fn is_overdue(&self, now: i64) -> bool {
        self.due < now && !matches!(self.state, State::Fixed | State::Ignored)
    }
}

/// The number of the ticket at a place in the list; it grows with the place.
pub(crate) fn number(world: &World, index: u64) -> u64 {
    let spread = Chance::new(world.seed, Subject::TicketNumber, index).below(NUMBER_STEP);
    FIRST_NUMBER + index * NUMBER_STEP + spread
}

/// The place of the first ticket whose number is at least this.
pub(crate) fn first_from(world: &World, least: u64) -> u64 {
    let step = least.saturating_sub(FIRST_NUMBER) / NUMBER_STEP;
    if number(world, step) < least { step + 1 } else { step }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_of_state_and_status_occurs() {
        let world = World::default();
        let states: Vec<_> = (0..100).map(|index| Ticket::at(&world, index).state).collect();
        assert!(STATES.iter().all(|state| states.contains(state)));
    }

    #[test]
    fn numbers_lead_back_to_their_place() {
        let world = World::default();
        for index in 0..1_000 {
            assert_eq!(first_from(&world, number(&world, index)), index);
        }
    }

    #[test]
    fn only_unsettled_tickets_are_overdue() {
        let world = World::default();
        let far = world.now_seconds() + 1_000 * DAY;
        let tickets = (0..100).map(|index| Ticket::at(&world, index));
        for ticket in tickets {
            let settled = matches!(ticket.state, State::Fixed | State::Ignored);
            assert_eq!(ticket.is_overdue(far), !settled);
        }
    }
}
