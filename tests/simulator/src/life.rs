//! How made-up records change by themselves: on which days each of them does, and since when it is there. The same world has the
//! same changes, whatever was asked of it and when.

use crate::{
    chance::{Chance, Subject},
    clock::DAY,
    world::World,
};

/// Of so many records, one is there only from some day on, within so many days of the beginning.
const LATE: u64 = 12;
const LATE_DAYS: i64 = 90;
/// Of so many changes, one happens in the first second of its day: in the one in which a client that asks once a day does.
const ON_THE_SECOND: u64 = 4;
/// Days of a record lie this far from those of the next one.
const DAYS: u64 = 1 << 20;

/// What became of a record until a moment. A change is seen from the second after it on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Life {
    /// Whether it is not there yet.
    pub(crate) unborn: bool,
    /// When it came, where it was not there at the beginning.
    pub(crate) born: Option<i64>,
    /// When it changed last; its coming is a change.
    pub(crate) changed: Option<i64>,
    /// How often it changed.
    pub(crate) times: u64,
}

impl Life {
    /// That of the record at a place in the list of these.
    pub(crate) fn of(world: &World, subject: Subject, index: u64) -> Self {
        if world.change_one_in == 0 {
            return Self::default();
        }
        let begin = world.now_seconds();
        let mut birth = Chance::new(world.seed, subject, index * DAYS);
        let born = birth.one_in(LATE).then(|| begin + birth.seconds(LATE_DAYS * DAY));
        let unborn = born.is_some_and(|it| it >= world.moment());
        let mut life = Self { unborn, born, changed: born.filter(|_| !unborn), times: 0 };
        for day in 0..=world.elapsed.max(0).div_euclid(DAY) {
            let mut chance = Chance::new(world.seed, subject, index * DAYS + 1 + day.unsigned_abs());
            if !chance.one_in(world.change_one_in) {
                continue;
            }
            let second = if chance.one_in(ON_THE_SECOND) { 0 } else { chance.seconds(DAY) };
            let at = begin + day * DAY + second;
            if at < world.moment() && born.is_none_or(|it| it < at) {
                (life.changed, life.times) = (Some(at), life.times + 1);
            }
        }
        life
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lives(change_one_in: u64, elapsed: i64) -> Vec<Life> {
        let world = World { change_one_in, elapsed, ..World::default() };
        (0..300).map(|index| Life::of(&world, Subject::HostLife, index)).collect()
    }

    #[test]
    fn nothing_changes_unless_that_is_asked_for() {
        assert!(lives(0, 50 * DAY).iter().all(|it| *it == Life::default()));
    }

    #[test]
    fn changes_stay_and_come_in_their_order() {
        let (earlier, later) = (lives(7, 30 * DAY), lives(7, 31 * DAY));
        let pairs: Vec<_> = earlier.iter().zip(&later).collect();
        assert!(pairs.iter().all(|(before, now)| before.changed <= now.changed && before.times <= now.times));
        assert!(pairs.iter().any(|(before, now)| before.times < now.times));
        let came = |(before, now): (&Life, &Life)| before.unborn && !now.unborn;
        assert!(lives(7, 0).iter().zip(&lives(7, 60 * DAY)).any(came));
        let begin = World::default().now_seconds();
        assert!(later.iter().any(|it| it.changed.is_some_and(|at| (at - begin) % DAY == 0)), "on the second");
    }

    #[test]
    fn a_change_is_seen_from_the_second_after_it_on() {
        let begin = World::default().now_seconds();
        let life = lives(7, 30 * DAY)[..].iter().find_map(|it| it.changed).expect("a change") - begin;
        let at = |elapsed| lives(7, elapsed).iter().filter(|it| it.changed == Some(begin + life)).count();
        assert_eq!(at(life), 0);
        assert!(at(life + 1) > 0);
    }
}
