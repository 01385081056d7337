//! Which evidence may take the place of other evidence of the same things at the same time.

use crate::contract::types::Instant;

use super::coverage::Interval;
use super::package::Package;

/// A collection that is repeated, because something of it was wrong, is repeated soon: a state that is collected again later
/// leaves a gap where it would take the place of the earlier one.
const MADE_AGAIN_WITHIN: Instant = 60 * 60 * 1000;

/// Whether this may take the place of that evidence: it says no less of whether tests passed, and of what there was, and
/// covers no less time.
pub(super) fn is_no_less_than(it: &Package, other: &Package) -> bool {
    let is_incomplete = |it: &Package| it.kept.complete == Some(false);
    it.tests_all_of(other) && (!is_incomplete(it) || is_incomplete(other)) && covers_all_of(it, other)
}

/// Whether it covers all the time that the other covers, but for the time in which a collection is made again.
fn covers_all_of(it: &Package, other: &Package) -> bool {
    let Ok(needed) = Interval::of(other) else { return true };
    let begins_in_time = |it: &Interval| it.start <= needed.start.saturating_add(MADE_AGAIN_WITHIN);
    Interval::of(it).is_ok_and(|it| begins_in_time(&it) && it.end >= needed.end)
}
