//! Sentences that every host writes into a proof alike.

use std::collections::BTreeMap;

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

/// That values which must not be kept were replaced by this mark in the recorded answers: so many by each name.
pub fn blanked(by_name: &BTreeMap<String, u64>, mark: &str) -> String {
    let total = by_name.values().fold(0_u64, |sum, it| sum.saturating_add(*it));
    let names: Vec<String> = by_name.iter().map(|(name, times)| format!("{name} ({times})")).collect();
    let (listed, replaced) = match total {
        1 => ("1 value".to_owned(), "It was"),
        _ => (format!("{total} values"), "Each was"),
    };
    format!(
        "The source listed {listed} that must not be kept in the recorded answers, by the names that the plugin gives: {}. \
         {replaced} replaced by {mark} before the plugin saw the answers.",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_were_blanked_are_counted_by_name() {
        let of = |all: &[(&str, u64)]| {
            blanked(&all.iter().map(|it| (it.0.to_owned(), it.1)).collect(), "[blanked]")
        };
        assert_eq!(
            of(&[("arn", 1)]),
            "The source listed 1 value that must not be kept in the recorded answers, by the names that the plugin gives: arn (1). It was replaced by [blanked] before the plugin saw the answers."
        );
        assert_eq!(
            of(&[("externalId", 2), ("arn", 2)]),
            "The source listed 4 values that must not be kept in the recorded answers, by the names that the plugin gives: arn (2), externalId (2). Each was replaced by [blanked] before the plugin saw the answers."
        );
    }
}
