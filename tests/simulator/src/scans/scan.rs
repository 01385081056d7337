//! One scan, made up from its place in the list.

use std::borrow::Cow;

use crate::{
    chance::{Chance, Subject},
    changes::{Control, Launched, Phase},
    clock::DAY,
    texts,
    world::World,
};

/// The default window of the API, in seconds; half of the scans were launched within it.
const WINDOW: i64 = 30 * DAY;

/// The second half of the scans was launched within so many seconds before the window.
const EARLIER: i64 = 335 * DAY;

/// The number of the newest compliance scan.
const NEWEST_ID: u64 = 9_000_000;

const TITLES: [&str; 6] = [
    "Weekly Servers Frankfurt",
    "Weekly Servers Dublin",
    "Monthly DMZ",
    "Quarterly PCI & Payments",
    "Daily Cloud",
    "Ad hoc",
];

const LOGINS: [&str; 3] = ["acme_ab1", "acme_jd1", "acme_sc2"];

/// The two lists of scans.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Vm,
    Compliance,
}

impl Kind {
    /// How many scans of the kind a world has.
    pub(crate) fn count(self, world: &World) -> u64 {
        match self {
            Self::Vm => world.scans,
            Self::Compliance => world.compliance_scans,
        }
    }
}

/// How far a scan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Paused,
    Canceled,
    Finished,
    Error,
    Queued,
    Loading,
}

/// The states by their names.
pub(crate) const STATES: [(&str, State); 7] = [
    ("Running", State::Running),
    ("Paused", State::Paused),
    ("Canceled", State::Canceled),
    ("Finished", State::Finished),
    ("Error", State::Error),
    ("Queued", State::Queued),
    ("Loading", State::Loading),
];

impl State {
    /// What the answer calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Canceled => "Canceled",
            Self::Finished => "Finished",
            Self::Error => "Error",
            Self::Queued => "Queued",
            Self::Loading => "Loading",
        }
    }
}

/// How a scan was launched, by its name.
pub(crate) const TYPES: [(&str, &str); 3] =
    [("On-Demand", "On-Demand"), ("Scheduled", "Scheduled"), ("API", "API")];

/// What there is to say about a scan.
pub(crate) struct Scan {
    pub(crate) kind: Kind,
    /// The number of a compliance scan.
    pub(crate) id: u64,
    pub(crate) launched: i64,
    /// What makes the reference unique where two were launched in the same second.
    pub(crate) suffix: u64,
    pub(crate) launched_by: &'static str,
    pub(crate) title: Cow<'static, str>,
    pub(crate) title_is_padded: bool,
    pub(crate) login: Cow<'static, str>,
    /// Seconds; what a scan took so far where it did not finish.
    pub(crate) duration: i64,
    pub(crate) priority: u64,
    pub(crate) processed: bool,
    pub(crate) state: State,
    pub(crate) sub_state: Option<&'static str>,
    pub(crate) target: String,
    pub(crate) groups: Vec<Cow<'static, str>>,
    pub(crate) profile: Cow<'static, str>,
    /// Whether it looked for certificates only.
    pub(crate) certview: Option<&'static str>,
}

impl Scan {
    /// The scan at a place in the list, which begins with the newest.
    pub(crate) fn at(world: &World, kind: Kind, index: u64) -> Self {
        let subject = match kind {
            Kind::Vm => Subject::VmScan,
            Kind::Compliance => Subject::ComplianceScan,
        };
        let mut chance = Chance::new(world.seed, subject, index);
        let state = match index {
            0 => State::Running,
            1 => State::Queued,
            2 => State::Loading,
            3 => State::Paused,
            4 => State::Error,
            5 => State::Canceled,
            _ if chance.one_in(15) => State::Canceled,
            _ if chance.one_in(20) => State::Error,
            _ => State::Finished,
        };
        let finished = state == State::Finished;
        let title = chance.pick(&TITLES);
        // One in 12 takes longer than a day.
        let duration = match chance.one_in(12) {
            true => DAY + chance.seconds(3 * DAY),
            false => 120 + chance.seconds(6 * 3_600),
        };
        Self {
            kind,
            id: NEWEST_ID.saturating_sub(index * 3),
            launched: world.now_seconds() - age(kind.count(world), index),
            suffix: 10_000 + index,
            launched_by: match title {
                "Ad hoc" => chance.pick(&["On-Demand", "API"]),
                _ => "Scheduled",
            },
            title: texts::odd(index).unwrap_or(title).into(),
            title_is_padded: chance.one_in(10),
            login: chance.pick(&LOGINS).into(),
            duration,
            priority: chance.pick(&[0, 0, 0, 1, 2]),
            processed: finished && index > 8,
            state,
            sub_state: match kind {
                Kind::Vm if finished && chance.one_in(8) => Some(chance.pick(&["No_Vuln", "No_Host"])),
                _ => None,
            },
            target: target(&mut chance),
            groups: match chance.below(3) {
                0 => vec!["Servers Frankfurt".into(), "PCI & Payments".into()],
                1 => vec!["DMZ".into()],
                _ => Vec::new(),
            },
            profile: chance.pick(&["Initial Options", "Authenticated & full"]).into(),
            certview: (kind == Kind::Vm && chance.one_in(30))
                .then(|| chance.pick(&["certview", "ec2certview"])),
        }
    }

    /// A scan that a client launched, as it stands.
    pub(crate) fn launched(scan: &Launched, now: i64) -> Self {
        let state = match scan.phase(now) {
            Phase::Queued => State::Queued,
            Phase::Loading => State::Loading,
            Phase::Running => State::Running,
            Phase::Paused => State::Paused,
            Phase::Canceled => State::Canceled,
            Phase::Finished => State::Finished,
        };
        let suffix = scan.reference.rsplit_once('.').and_then(|(_, suffix)| suffix.parse().ok());
        Self {
            kind: Kind::Vm,
            id: 0,
            launched: scan.at,
            suffix: suffix.unwrap_or(0),
            launched_by: "API",
            title: scan.title.clone().into(),
            title_is_padded: true,
            login: scan.login.clone().into(),
            duration: scan.took(now),
            priority: scan.priority,
            processed: scan.is_processed(now),
            state,
            sub_state: None,
            target: scan.target.clone(),
            groups: scan.groups.iter().map(|it| it.clone().into()).collect(),
            profile: scan.profile.clone().into(),
            certview: None,
        }
    }

    /// The same scan after what a client did to it.
    pub(crate) fn controlled(mut self, controlled: &[(String, Control)]) -> Self {
        if !controlled.is_empty()
            && let Some((_, control)) = controlled.iter().find(|(known, _)| *known == self.reference())
        {
            self.state = match control {
                Control::Cancel => State::Canceled,
                Control::Pause => State::Paused,
                Control::Resume => State::Running,
            };
        }
        self
    }

    /// What other calls name the scan by.
    pub(crate) fn reference(&self) -> String {
        let family = match self.kind {
            Kind::Vm => "scan",
            Kind::Compliance => "compliance",
        };
        format!("{family}/{}.{}", self.launched, self.suffix)
    }
}

/// Seconds from the launch of a scan until now; grows with its place among `count`, which begin with the newest.
pub(crate) fn age(count: u64, index: u64) -> i64 {
    let recent = count.div_ceil(2);
    let share = |part: u64, of: u64, seconds: i64| {
        let seconds = i128::from(part) * i128::from(seconds) / i128::from(of.max(1));
        seconds as i64
    };
    if index < recent {
        // Ends a little before the window does, so that its last scan is in it.
        600 + share(index, recent, WINDOW - 2 * 600)
    } else {
        WINDOW + 600 + share(index - recent, count - recent, EARLIER)
    }
}

fn target(chance: &mut Chance) -> String {
    let network = chance.below(200);
    match chance.below(4) {
        0 => format!("10.{network}.1.1-10.{network}.1.254"),
        1 => format!("10.{network}.2.7,10.{network}.2.9,10.{network}.3.1-10.{network}.3.20"),
        2 => format!("www{network}.acme.example,10.{network}.4.4"),
        _ => {
            let machines: Vec<_> = (0..6)
                .map(|_| {
                    let (high, low) = (chance.bits(), chance.bits());
                    format!(
                        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
                        high >> 32,
                        high & 0xFFFF,
                        low >> 52,
                        low >> 40 & 0xFFF,
                        low & 0xFFFF_FFFF_FFFF
                    )
                })
                .collect();
            // Long targets are wrapped.
            machines.join(",\n        ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_scans_are_in_the_default_window() {
        let world = World::default();
        let ages: Vec<_> = (0..world.scans).map(|index| age(world.scans, index)).collect();
        assert!(ages.windows(2).all(|pair| pair[0] < pair[1]));
        let recent = ages.iter().filter(|&&age| age <= WINDOW).count();
        assert_eq!(recent as u64, world.scans / 2);
    }

    #[test]
    fn every_state_occurs() {
        let world = World::default();
        let scans: Vec<_> = (0..world.scans).map(|index| Scan::at(&world, Kind::Vm, index)).collect();
        for (name, state) in STATES {
            assert!(scans.iter().any(|scan| scan.state == state), "{name}");
        }
    }
}
