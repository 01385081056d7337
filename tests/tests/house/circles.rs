//! Arrows between things, and the circles that they make.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Names that stand for one arrow in a report; there can be dozens.
const NAMES_SHOWN: usize = 6;

/// Who uses what of whom.
#[derive(Debug, Default)]
pub(crate) struct Arrows(BTreeMap<String, BTreeMap<String, BTreeSet<String>>>);

impl Arrows {
    pub(crate) fn add(&mut self, from: &str, to: &str, name: &str) {
        let names = self.0.entry(from.to_owned()).or_default().entry(to.to_owned()).or_default();
        names.insert(name.to_owned());
    }

    /// The names that one uses of the other.
    pub(crate) fn names(&self, from: &str, to: &str) -> Vec<&str> {
        let names = self.0.get(from).and_then(|it| it.get(to));
        names.into_iter().flatten().map(String::as_str).collect()
    }

    /// Groups of those that reach each other, of two or more.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<&str>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.0.keys().map(|it| (it.as_str(), self.reached(it))).collect();
        let mut circles = BTreeSet::new();
        for (one, there) in &reached {
            let back = |it: &&str| reached.get(it).is_some_and(|back| back.contains(one));
            let circle: BTreeSet<&str> = there.iter().copied().filter(back).collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    /// All that can be reached, itself only by a way back.
    fn reached<'a>(&'a self, from: &str) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let next = |it: &str| self.0.get(it).into_iter().flat_map(BTreeMap::keys).map(String::as_str);
        let mut open: Vec<&str> = next(from).collect();
        while let Some(it) = open.pop() {
            if reached.insert(it) {
                open.extend(next(it));
            }
        }
        reached
    }

    /// The circles in words, with the arrows that make them. Empty where there are none.
    pub(crate) fn report(&self, what: &str) -> String {
        let mut report = String::new();
        for circle in self.circles() {
            let _ = writeln!(report, "a circle of {} {what}:", circle.len());
            for from in &circle {
                for to in &circle {
                    let names = self.names(from, to);
                    if names.is_empty() {
                        continue;
                    }
                    let shown = names.iter().take(NAMES_SHOWN).copied().collect::<Vec<_>>().join(", ");
                    let more = match names.len().saturating_sub(NAMES_SHOWN) {
                        0 => String::new(),
                        more => format!(", and {more} more"),
                    };
                    let _ = writeln!(report, "  {from} -> {to}: {shown}{more}");
                }
            }
        }
        report
    }
}
