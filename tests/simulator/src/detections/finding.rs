//! One detection, made up from its host and its place in it.

use crate::{
    assets::Host,
    chance::{Chance, Subject},
    clock::DAY,
    texts,
    world::World,
};

/// The first QID of a vulnerability.
const FIRST_QID: u64 = 38_000;

/// QIDs lie this far apart.
const QID_STEP: u64 = 3;

/// Different vulnerabilities that there are.
const QIDS: u64 = 900;

/// The QID of what is gathered of every host.
pub(super) const GATHERED: u64 = 45_038;

/// Every fifth detection is of the vulnerability before it, on another port.
const ON_TWO_PORTS: u64 = 5;

const PORTS: [u64; 4] = [22, 443, 3389, 8443];

/// Where a detection stands, by the name that it is asked for by.
pub(super) const STATUSES: [(&str, Status); 4] = [
    ("New", Status::New),
    ("Active", Status::Active),
    ("Re-Opened", Status::ReOpened),
    ("Fixed", Status::Fixed),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    New,
    Active,
    ReOpened,
    Fixed,
}

impl Status {
    /// What the answer calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Active => "Active",
            Self::ReOpened => "Re-Opened",
            Self::Fixed => "Fixed",
        }
    }
}

/// What there is to say about a vulnerability, whatever host it is on.
pub(super) struct Vulnerability {
    pub(super) qid: u64,
    pub(super) severity: u64,
    pub(super) is_potential: bool,
    pub(super) title: String,
    pub(super) patchable: bool,
    pub(super) cves: u64,
    /// Bits for identifiers that mean nothing.
    pub(super) identity: u64,
}

impl Vulnerability {
    /// The vulnerability at a place in the KnowledgeBase.
    fn at(world: &World, index: u64) -> Self {
        let mut chance = Chance::new(world.seed, Subject::Vulnerability, index);
        let names = ["OpenSSL", "Windows Kernel", "Apache HTTP Server", "SSH Server", "Google Chrome"];
        let kinds = ["Remote Code Execution", "Denial of Service", "Information Disclosure", "Weak Cipher"];
        let title = match texts::odd(index) {
            Some(odd) => odd.to_owned(),
            None => format!("{} {} Vulnerability ({index})", chance.pick(&names), chance.pick(&kinds)),
        };
        Self {
            qid: FIRST_QID + index * QID_STEP,
            severity: 1 + chance.below(5),
            is_potential: chance.one_in(6),
            title,
            patchable: !chance.one_in(4),
            cves: chance.below(4),
            identity: chance.bits(),
        }
    }

    /// The vulnerability of a QID, where the KnowledgeBase lists it.
    pub(super) fn listed(world: &World, qid: u64) -> Option<Self> {
        if qid == GATHERED {
            return Some(Self {
                qid,
                severity: 1,
                is_potential: false,
                title: "Host Scan Time".to_owned(),
                patchable: false,
                cves: 0,
                identity: 0,
            });
        }
        let index = qid.checked_sub(FIRST_QID)? / QID_STEP;
        let exists = index < QIDS && FIRST_QID + index * QID_STEP == qid;
        let unlisted = world.unlisted_qids > 0 && index % world.unlisted_qids == world.unlisted_qids - 1;
        (exists && !unlisted).then(|| Self::at(world, index))
    }
}

/// What there is to say about a detection.
pub(super) struct Finding {
    pub(super) vulnerability: Vulnerability,
    pub(super) is_gathered: bool,
    pub(super) unique_id: u64,
    pub(super) port: Option<u64>,
    pub(super) ssl: bool,
    /// Which of several instances it is of.
    pub(super) instance: Option<u64>,
    pub(super) status: Status,
    pub(super) first_found: i64,
    pub(super) last_found: i64,
    pub(super) updated: i64,
    pub(super) fixed: Option<i64>,
    pub(super) reopened: Option<i64>,
    pub(super) times_found: u64,
    pub(super) ignored: bool,
    pub(super) disabled: bool,
    pub(super) score: u64,
    /// Whether its results are long.
    pub(super) is_long: bool,
}

impl Finding {
    /// The detection at a place in a host; after the last one there is what was gathered.
    pub(super) fn at(world: &World, host: &Host, index: u64) -> Self {
        let now = world.now_seconds();
        let of_all = host.index * world.detections + index;
        let mut chance = Chance::new(world.seed, Subject::Detection, of_all);
        let is_gathered = index == world.detections;
        // A detection is the next vulnerability after the one before it, so that no host has one twice.
        let step = index - index / ON_TWO_PORTS;
        let place = host.identity % QIDS + step;
        let is_second = index % ON_TWO_PORTS == ON_TWO_PORTS - 1;
        let mut vulnerability = Vulnerability::at(world, place % QIDS);
        if is_gathered {
            vulnerability.qid = GATHERED;
            vulnerability.severity = 1;
        }
        let status = match chance.below(8) {
            0 => Status::New,
            1 => Status::ReOpened,
            2 => Status::Fixed,
            _ => Status::Active,
        };
        let last_found = host.vm_scanned.unwrap_or(now - DAY);
        // The same values are drawn whatever changed, so that what tells detections apart stays.
        let found_before = if status == Status::New { 0 } else { chance.seconds(200 * DAY) };
        let life = host.life;
        let (status, first_found) = match life.times {
            0 if status == Status::New => (status, last_found),
            0 => (status, last_found - found_before),
            // A scan finds what was there again, and some of it fixed.
            times => {
                let status =
                    [Status::Active, Status::Fixed, Status::ReOpened][((of_all + times) % 3) as usize];
                (status, life.born.unwrap_or(now) - 100 * DAY - found_before)
            }
        };
        let port =
            if is_second { Some(PORTS[3]) } else { chance.one_in(2).then(|| PORTS[(of_all % 3) as usize]) };
        Self {
            is_gathered,
            unique_id: 80_000_000 + of_all,
            // A host with more than there are vulnerabilities has further instances of them.
            instance: (place >= QIDS || chance.one_in(20)).then_some(place / QIDS + 1),
            ssl: port == Some(443),
            port,
            status,
            first_found,
            last_found,
            updated: life.changed.unwrap_or_else(|| last_found + 60 + chance.seconds(1_800)),
            fixed: matches!(status, Status::Fixed | Status::ReOpened)
                .then(|| last_found - chance.seconds(DAY)),
            reopened: (status == Status::ReOpened).then_some(last_found),
            times_found: 1 + life.times + chance.below(40),
            ignored: chance.one_in(40),
            disabled: chance.one_in(60),
            score: 1 + chance.below(100),
            is_long: world.long_results > 0 && of_all.is_multiple_of(world.long_results),
            vulnerability,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_host_has_a_detection_twice_and_some_are_on_two_ports() {
        let world = World { detections: 2_000, ..World::default() };
        let host = Host::at(&world, 3);
        let findings: Vec<_> = (0..world.detections).map(|it| Finding::at(&world, &host, it)).collect();
        let keys: BTreeSet<_> =
            findings.iter().map(|it| (it.vulnerability.qid, it.port, it.instance, it.ssl)).collect();
        assert_eq!(keys.len(), findings.len());
        assert!(findings.windows(2).any(|it| it[0].vulnerability.qid == it[1].vulnerability.qid));
        for (name, status) in STATUSES {
            assert!(findings.iter().any(|it| it.status == status), "{name}");
        }
    }

    #[test]
    fn some_qids_are_not_in_the_knowledge_base() {
        let world = World::default();
        let listed = |world: &World| {
            (0..QIDS).filter(|it| Vulnerability::listed(world, FIRST_QID + it * QID_STEP).is_some()).count()
        };
        assert!(listed(&world) < 900 && listed(&world) > 800);
        assert_eq!(listed(&World { unlisted_qids: 0, ..world }), 900);
        assert!(Vulnerability::listed(&World::default(), FIRST_QID + 1).is_none());
    }
}
