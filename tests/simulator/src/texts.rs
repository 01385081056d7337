//! Texts that have broken something somewhere; a few records of every kind carry one.

/// Each is legal in XML when escaped or in CDATA, and none may be taken for anything but text.
pub(crate) const ODD: [&str; 8] = [
    "R&D <lab> \"East\"",
    "ends here ]]> or not",
    "Zürich – 東京 🗼",
    "=HYPERLINK(\"http://evil\")",
    "{{token}}",
    "<script>alert('hi')</script>",
    "\n      padded by line breaks\n    ",
    "&amp; already escaped once",
];

/// How many records go by until the same odd text comes again.
const PERIOD: u64 = 61;

/// The place of the first odd text, so that the very first records are plain ones.
const FIRST: u64 = 11;

/// The odd text of record number `index`, if it is one of those that have one.
pub(crate) fn odd(index: u64) -> Option<&'static str> {
    let place = (index % PERIOD).checked_sub(FIRST)?;
    ODD.get(usize::try_from(place).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_text_is_used_once_in_a_period() {
        let used: Vec<_> = (0..PERIOD).filter_map(odd).collect();
        assert_eq!(used, ODD);
    }
}
