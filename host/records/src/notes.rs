//! Sentences that every host writes into a proof alike.

/// That the clock of the machine that collected it was so many seconds ahead of the source's; behind it, where they are
/// negative.
pub fn clock_apart(seconds: i64) -> String {
    let direction = if seconds < 0 { "behind" } else { "ahead of" };
    format!(
        "The clock of the machine that collected this was {} {direction} the source's: the times in this proof may be \
         wrong, and it is not counted as proof of any time.",
        exhibit_rows::duration(seconds.unsigned_abs())
    )
}

/// That a collection which began then was interrupted, and was resumed at these instants, all of them RFC 3339.
pub fn resumed(began: &str, times: &[String]) -> String {
    format!(
        "The collection began on {began}, was interrupted, and was resumed on {}: what changed at the source in between \
         may be in one part of this proof and not in another.",
        times.join(", ")
    )
}
