//! Whether the source's clock agrees with the one that dated the answers.

use std::path::Path;

use crate::evidence::{recorded, source_clock};
use crate::format::duration;

/// The first answer whose `Date` is further from the time at which it is said to have come, for people. `None` where all
/// agree, or the dates were not kept.
pub(super) fn differs(folder: &Path) -> Option<String> {
    let mut index = recorded::index(folder).ok()?.map_while(Result::ok);
    let (answer, offset) = index.find_map(|it| Some((it.answer, source_clock::offset(&it)?)))?;
    let direction = if offset < 0 { "before" } else { "after" };
    Some(format!(
        "answer {answer} is said to have come {} {direction} the date that the source gave it: one of the clocks was wrong, \
         and the times in this proof may be",
        duration(offset.unsigned_abs())
    ))
}
