//! One host, made up from its place in the list.

use super::groups::{GROUPS, TAGS};
use crate::{
    chance::{Chance, Subject},
    clock::DAY,
    life::Life,
    texts,
    world::World,
};

/// Below this there are no host ids.
const FIRST_ID: u64 = 10_000_000;

/// Host ids lie this far apart, more or less.
const ID_STEP: u64 = 7;

/// How far an id may lie from its step; less than the step by two, so that no two ids follow each
/// other and a set of ids has no ranges.
const ID_SPREAD: u64 = ID_STEP - 1;

/// What portal ids of assets are counted from.
const FIRST_ASSET_ID: u64 = 400_000_000;

/// Addresses in 10.0.0.0/8; larger worlds use them again.
const ADDRESSES: u64 = 1 << 24;

/// What identifies a host. Both spellings of the agent are in use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tracking {
    Ip,
    Dns,
    Netbios,
    Ec2,
    Agent,
    CloudAgent,
}

impl Tracking {
    /// What the answer calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ip => "IP",
            Self::Dns => "DNS",
            Self::Netbios => "NETBIOS",
            Self::Ec2 => "EC2",
            Self::Agent => "AGENT",
            Self::CloudAgent => "Cloud Agent",
        }
    }

    /// Whether an agent runs on the host.
    pub(crate) fn is_agent(self) -> bool {
        matches!(self, Self::Agent | Self::CloudAgent)
    }
}

/// Trackings as often as they occur.
const TRACKINGS: [Tracking; 8] = [
    Tracking::Ip,
    Tracking::Ip,
    Tracking::Ip,
    Tracking::Dns,
    Tracking::Netbios,
    Tracking::Ec2,
    Tracking::Agent,
    Tracking::CloudAgent,
];

const SYSTEMS: [&str; 8] = [
    "Windows Server 2022 Datacenter 64 bit Edition Version 21H2",
    "Windows 11 Enterprise 64 bit Edition Version 23H2",
    "Ubuntu Linux 22.04.4",
    "Red Hat Enterprise Linux 9.3",
    "Amazon Linux 2023",
    "Debian Linux 12.5",
    "Cisco IOS 15.2(7)E8",
    "Linux 2.4-2.6 / Embedded Device / F5 Networks Big-IP",
];

/// From the end of a scan to its results.
const SCAN_SECONDS: i64 = 90;

const OWNERS: [&str; 4] = ["acme_ab1", "acme_jd1", "acme_mk3", "acme_qw7"];

/// What there is to say about a host.
pub(crate) struct Host {
    pub(crate) index: u64,
    pub(crate) id: u64,
    pub(crate) asset_id: u64,
    pub(crate) address: u32,
    pub(crate) tracking: Tracking,
    pub(crate) has_ipv6: bool,
    pub(crate) has_dns: bool,
    pub(crate) has_netbios: bool,
    pub(crate) system: Option<&'static str>,
    /// Bits for identifiers that mean nothing.
    pub(crate) identity: u64,
    pub(crate) score: u64,
    pub(crate) criticality: u64,
    pub(crate) first_found: i64,
    /// When results of a VM scan were processed last; missing where there was none.
    pub(crate) vm_processed: Option<i64>,
    pub(crate) vm_scanned: Option<i64>,
    /// Seconds the last VM scan took.
    pub(crate) vm_duration: u64,
    pub(crate) vm_auth_scanned: Option<i64>,
    pub(crate) compliance_enabled: bool,
    pub(crate) compliance_scanned: Option<i64>,
    pub(crate) scap_scanned: Option<i64>,
    pub(crate) owner: Option<&'static str>,
    /// A text that is more than a name, which some hosts have instead of one.
    pub(crate) odd: Option<&'static str>,
    /// A bit for each of the asset groups.
    pub(crate) groups: u8,
    /// The place of the first tag; the others follow it by [`Host::TAG_STRIDE`].
    first_tag: usize,
    tags: usize,
    /// What became of it by VM scans.
    pub(crate) life: Life,
}

impl Host {
    /// How far the tags of a host lie apart in the list of tags; odd, so that none comes twice.
    const TAG_STRIDE: usize = 3;

    /// Most tags a host has.
    const MOST_TAGS: u64 = 5;

    /// The host at a place in the list.
    pub(crate) fn at(world: &World, index: u64) -> Self {
        let now = world.now_seconds();
        let mut chance = Chance::new(world.seed, Subject::Host, index);
        let tracking = chance.pick(&TRACKINGS);
        let identity = chance.bits();
        let first_found = now - 400 * DAY - chance.seconds(900 * DAY);
        // One in 20 was scanned for compliance only.
        let vm_scanned = (!chance.one_in(20)).then(|| now - 3_600 - chance.seconds(90 * DAY));
        let vm_processed = vm_scanned.map(|scanned| scanned + 60 + chance.seconds(1_800));
        let vm_auth_scanned = vm_scanned.filter(|_| !chance.one_in(3));
        let compliance_enabled = vm_scanned.is_none() || !chance.one_in(4);
        let compliance_scanned = (compliance_enabled && (vm_scanned.is_none() || !chance.one_in(3)))
            .then(|| now - 7_200 - chance.seconds(120 * DAY));
        let odd = texts::odd(index);
        let life = Life::of(world, Subject::HostLife, index);
        let compliance =
            Life::of(world, Subject::ComplianceLife, index).changed.filter(|_| compliance_enabled);
        // Results are processed after the scan, and that is what a change is dated by.
        let scanned = life.changed.map(|at| at - SCAN_SECONDS);
        let (vm_processed, vm_scanned) = (life.changed.or(vm_processed), scanned.or(vm_scanned));
        let vm_auth_scanned = vm_auth_scanned.and(vm_scanned);
        let compliance_scanned = compliance.or(compliance_scanned);
        let systems = SYSTEMS.iter().cycle().skip(life.times as usize % SYSTEMS.len());
        Self {
            index,
            id: id(world, index),
            asset_id: FIRST_ASSET_ID + index * 11 + identity % 11,
            address: 0x0A00_0000 | ((index + 1).wrapping_mul(2_654_435) % ADDRESSES) as u32,
            tracking,
            has_ipv6: chance.one_in(12),
            has_dns: odd.is_some() || tracking == Tracking::Dns || !chance.one_in(5),
            has_netbios: tracking == Tracking::Netbios || chance.one_in(3),
            system: (!chance.one_in(10))
                .then(|| chance.below(SYSTEMS.len() as u64))
                .and_then(|it| systems.clone().nth(it as usize))
                .copied(),
            identity,
            score: chance.below(1_001),
            criticality: 1 + chance.below(5),
            first_found,
            vm_processed,
            vm_scanned,
            vm_duration: 60 + chance.below(3_600),
            vm_auth_scanned,
            compliance_enabled,
            compliance_scanned,
            scap_scanned: compliance_scanned.filter(|_| identity.is_multiple_of(16)),
            owner: (!chance.one_in(4)).then(|| chance.pick(&OWNERS)),
            odd,
            // Every host is in the first group, which is that of all of them.
            groups: 1 | (chance.bits() & chance.bits()) as u8,
            first_tag: chance.below(TAGS.len() as u64) as usize,
            tags: chance.below(Self::MOST_TAGS + 1) as usize,
            life,
        }
    }

    /// The places of the host's tags in the list of tags.
    pub(crate) fn tags(&self) -> impl Iterator<Item = usize> {
        let first = self.first_tag;
        (0..self.tags).map(move |tag| (first + tag * Self::TAG_STRIDE) % TAGS.len())
    }

    /// The places of the host's asset groups in the list of groups.
    pub(crate) fn groups(&self) -> impl Iterator<Item = usize> {
        let groups = self.groups;
        (0..GROUPS.len()).filter(move |place| groups >> place & 1 == 1)
    }
}

/// The id of the host at a place in the list; it grows with the place.
pub(crate) fn id(world: &World, index: u64) -> u64 {
    let spread = Chance::new(world.seed, Subject::HostId, index).below(ID_SPREAD);
    FIRST_ID + index * ID_STEP + spread
}

/// The place of the first host whose id is at least this.
pub(crate) fn first_from(world: &World, least: u64) -> u64 {
    let step = least.saturating_sub(FIRST_ID) / ID_STEP;
    if id(world, step) < least { step + 1 } else { step }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_with_gaps_and_lead_back_to_their_place() {
        let world = World::default();
        let ids: Vec<_> = (0..1_000).map(|index| id(&world, index)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] + 1 < pair[1]));
        for (index, &id) in ids.iter().enumerate() {
            assert_eq!(first_from(&world, id), index as u64);
            assert_eq!(first_from(&world, id + 1), index as u64 + 1);
        }
        assert_eq!(first_from(&world, 0), 0);
    }

    #[test]
    fn hosts_differ_in_what_they_have() {
        let world = World::default();
        let hosts: Vec<_> = (0..1_000).map(|index| Host::at(&world, index)).collect();
        let some = |has: fn(&Host) -> bool| hosts.iter().any(has) && !hosts.iter().all(has);
        assert!(some(|host| host.vm_scanned.is_none()));
        assert!(some(|host| host.compliance_scanned.is_none()));
        assert!(some(|host| host.has_dns) && some(|host| host.has_ipv6));
        assert!((0..=5).all(|count| hosts.iter().any(|host| host.tags().count() == count)));
        assert!(hosts.iter().all(|host| host.vm_scanned.is_some() || host.compliance_scanned.is_some()));
    }
}
