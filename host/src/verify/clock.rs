//! Whether the source's clock agrees with the one that dated the answers.

use std::path::Path;

use exhibit_records::AnswerRecord;

use crate::evidence::{parse_instant, recorded};
use crate::format::duration;

/// Clocks of servers are within seconds of each other; a proxy's cache may answer with a date of minutes ago.
const TOLERANCE_MS: u64 = 10 * 60 * 1000;

/// The first answer whose `Date` is further from the time at which it is said to have come, for people. `None` where all
/// agree, or the dates were not kept: only headers that the plugin reads are.
pub(super) fn differs(folder: &Path) -> Option<String> {
    let mut index = recorded::index(folder).ok()?.map_while(Result::ok);
    index.find_map(|record| said(&record))
}

fn said(record: &AnswerRecord) -> Option<String> {
    let (_, date) = record.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("date"))?;
    let date_ms = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_millisecond();
    let received_ms = parse_instant(&record.received)?;
    let apart_ms = date_ms.abs_diff(received_ms);
    let direction = if received_ms < date_ms { "before" } else { "after" };
    (apart_ms > TOLERANCE_MS).then(|| {
        format!(
            "answer {} is said to have come {} {direction} the date that the source gave it: one of the clocks was wrong, \
             and the times in this proof may be",
            record.answer,
            duration(apart_ms / 1000)
        )
    })
}
