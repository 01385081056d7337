//! Which item replaces which: one with the same names, at one of the same places, that begins no earlier and ends later.

use std::collections::{BTreeMap, BTreeSet};

/// One of the items that have the same names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its identity.
    pub(crate) identity: String,
    /// Its issuer and number, where they are known.
    pub(crate) number: Option<String>,
    /// When it begins, in milliseconds.
    pub(crate) begins: Option<i64>,
    /// When it ends. What has no end is not replaced, and replaces nothing.
    pub(crate) ends: Option<i64>,
    /// Where it is. Empty where that is not known.
    pub(crate) places: BTreeSet<String>,
}

/// The successor of each, as its place in the slice: the one that ends next. Several servers may have certificates with the same
/// names: each has a chain of its own, as far as places are known.
pub(crate) fn successors(members: &[Member]) -> Vec<Option<usize>> {
    let mut by_end: Vec<(i64, &str, usize)> = Vec::new();
    for (at, member) in members.iter().enumerate() {
        if let Some(ends) = member.ends {
            by_end.push((ends, &member.identity, at));
        }
    }
    by_end.sort_unstable();
    let mut anywhere = Vec::new();
    let mut at_place: BTreeMap<&str, Vec<(i64, &str, usize)>> = BTreeMap::new();
    for entry in &by_end {
        let Some(member) = members.get(entry.2) else { continue };
        if member.places.is_empty() {
            anywhere.push(*entry);
        }
        for place in &member.places {
            at_place.entry(place).or_default().push(*entry);
        }
    }
    let next = |member: &Member| {
        let ends = member.ends?;
        let lists: Vec<&Vec<(i64, &str, usize)>> = if member.places.is_empty() {
            vec![&by_end]
        } else {
            let there = member.places.iter().filter_map(|it| at_place.get(it.as_str()));
            there.chain([&anywhere]).collect()
        };
        let later = lists.into_iter().filter_map(|list| {
            let from = list.partition_point(|it| it.0 <= ends);
            list.get(from..)?.iter().find(|it| members.get(it.2).is_some_and(|other| replaces(other, member)))
        });
        later.min().map(|it| it.2)
    };
    members.iter().map(next).collect()
}

/// Whether one that ends later was issued in place of the other.
fn replaces(later: &Member, earlier: &Member) -> bool {
    let is_same_number = later.number.is_some() && later.number == earlier.number;
    let is_older = later.begins.zip(earlier.begins).is_some_and(|(later, earlier)| later < earlier);
    !is_same_number && !is_older && later.identity != earlier.identity
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(identity: &str, begins: i64, ends: i64, places: &[&str]) -> Member {
        Member {
            identity: identity.to_owned(),
            number: Some(format!("ca/{identity}")),
            begins: Some(begins),
            ends: Some(ends),
            places: places.iter().map(|it| (*it).to_owned()).collect(),
        }
    }

    #[test]
    fn each_server_has_a_chain_of_its_own() {
        let members = [
            member("a1", 0, 100, &["h1"]),
            member("b1", 0, 110, &["h2"]),
            member("a2", 90, 200, &["h1"]),
            member("b2", 95, 210, &["h2"]),
        ];
        assert_eq!(successors(&members), [Some(2), Some(3), None, None]);
    }

    #[test]
    fn the_next_one_is_the_successor_and_not_the_last() {
        let members =
            [member("c", 50, 300, &["h"]), member("a", 0, 100, &["h"]), member("b", 40, 200, &["h"])];
        assert_eq!(successors(&members), [None, Some(2), Some(0)]);
    }

    #[test]
    fn what_was_issued_earlier_or_has_the_same_number_or_end_replaces_nothing() {
        assert_eq!(successors(&[member("a", 50, 100, &[]), member("b", 0, 900, &[])]), [None, None]);
        assert_eq!(successors(&[member("a", 0, 100, &[]), member("b", 0, 100, &[])]), [None, None]);
        let same = Member { number: Some("ca/a".to_owned()), ..member("b", 50, 200, &[]) };
        assert_eq!(successors(&[member("a", 0, 100, &[]), same]), [None, None]);
        let endless = Member { ends: None, ..member("b", 50, 0, &[]) };
        assert_eq!(successors(&[member("a", 0, 100, &[]), endless]), [None, None]);
    }

    #[test]
    fn where_a_place_is_not_known_names_are_enough() {
        assert_eq!(successors(&[member("a", 0, 100, &["h1"]), member("b", 50, 200, &[])]), [Some(1), None]);
        assert_eq!(successors(&[member("a", 0, 100, &[]), member("b", 50, 200, &["h1"])]), [Some(1), None]);
        assert_eq!(successors(&[member("a", 0, 100, &["h1"]), member("b", 50, 200, &["h2"])]), [None, None]);
    }
}
