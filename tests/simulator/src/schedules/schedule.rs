//! One schedule, made up from its place in the list.

use crate::{
    chance::{Chance, Subject},
    clock::DAY,
    texts,
    world::World,
};

/// The number of the first schedule.
const FIRST_ID: u64 = 160_001;

const TITLES: [&str; 5] = [
    "Weekly Servers Frankfurt",
    "Weekly Servers Dublin",
    "Monthly DMZ",
    "Daily Cloud",
    "Quarterly PCI & Payments",
];

const LOGINS: [&str; 3] = ["acme_ab1", "acme_jd1", "acme_sc2"];

/// Regions of AWS: code, name, and the UUID that the list has instead of the code.
pub(super) const REGIONS: [(&str, &str, &str); 2] = [
    ("us-east-1", "US East (N. Virginia)", "5ad5f4b2-0000-4000-8000-000000000001"),
    ("eu-central-1", "EU (Frankfurt)", "5ad5f4b2-0000-4000-8000-000000000002"),
];

/// What chooses the assets of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Addresses,
    Groups,
    Tags,
    /// The instances of a region, by its place in [`REGIONS`].
    Ec2(usize),
}

/// How often a scan is launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frequency {
    Days(u64),
    /// The number of weeks, and the days as one of the spellings that were seen.
    Weeks(u64, &'static str),
    /// The number of months, and the day of the month.
    Months(u64, u64),
}

/// What there is to say about a schedule.
pub(super) struct Schedule {
    pub(super) id: u64,
    /// `ACTIVE`: 0 off, 1 on, 2 on and continuous, 3 paused; `None` is empty.
    pub(super) active: Option<u64>,
    pub(super) title: &'static str,
    pub(super) login: &'static str,
    pub(super) target: Target,
    pub(super) frequency: Frequency,
    pub(super) started: i64,
    /// Missing where nothing is launched any more.
    pub(super) next_launch: Option<i64>,
    pub(super) network: u64,
    pub(super) notified: bool,
}

impl Schedule {
    /// The schedule at a place in the list. Each kind is among the first nine.
    pub(super) fn at(world: &World, index: u64) -> Self {
        let mut chance = Chance::new(world.seed, Subject::Schedule, index);
        let active = match index % 9 {
            5 => Some(0),
            6 => Some(3),
            7 => Some(2),
            8 => None,
            _ => Some(1),
        };
        let target = match index % 5 {
            0 => Target::Groups,
            1 => Target::Addresses,
            2 => Target::Tags,
            3 => Target::Ec2(chance.below(REGIONS.len() as u64) as usize),
            _ => Target::Addresses,
        };
        let frequency = match index % 4 {
            0 => Frequency::Weeks(1, "sunday"),
            1 => Frequency::Days(1 + chance.below(3)),
            2 => Frequency::Months(if index % 8 == 2 { 3 } else { 1 }, 1 + chance.below(28)),
            _ => Frequency::Weeks(1 + chance.below(2), "1,4"),
        };
        let next = match frequency {
            Frequency::Days(days) => days as i64 * DAY,
            Frequency::Weeks(weeks, _) => weeks as i64 * 7 * DAY,
            Frequency::Months(months, _) => months as i64 * 28 * DAY,
        };
        let launches = matches!(active, Some(1 | 2));
        Self {
            id: FIRST_ID + index * 3,
            active,
            title: texts::odd(index).unwrap_or(chance.pick(&TITLES)),
            login: chance.pick(&LOGINS),
            target,
            frequency,
            started: world.now_seconds() - 30 * DAY - chance.seconds(700 * DAY),
            next_launch: launches.then(|| {
                // What is launched every quarter was launched lately.
                let earliest = if matches!(frequency, Frequency::Months(3, _)) { next / 2 } else { 3_600 };
                world.now_seconds() + earliest + chance.seconds(next - earliest)
            }),
            network: chance.below(200),
            notified: chance.one_in(2),
        }
    }

    /// Whether Qualys' own filter takes it for active.
    pub(super) fn is_active(&self) -> bool {
        matches!(self.active, Some(1..=3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_target_and_frequency_is_among_the_first() {
        let schedules: Vec<_> = (0..12).map(|index| Schedule::at(&World::default(), index)).collect();
        for active in [None, Some(0), Some(1), Some(2), Some(3)] {
            assert!(schedules.iter().any(|it| it.active == active), "{active:?}");
        }
        let some = |has: fn(&Schedule) -> bool| schedules.iter().any(has) && !schedules.iter().all(has);
        assert!(some(|it| matches!(it.target, Target::Ec2(_))) && some(|it| it.target == Target::Tags));
        assert!(some(|it| matches!(it.frequency, Frequency::Months(..))));
        assert!(some(|it| it.next_launch.is_some()) && some(|it| it.notified));
        let soon = World::default().now_seconds() + 31 * DAY;
        let late = schedules.iter().filter_map(|it| it.next_launch).filter(|it| *it > soon).count();
        assert!(late > 0 && late < 6, "{late}");
    }
}
