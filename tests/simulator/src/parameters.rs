//! The parameters of a call, checked as strictly as the API checks them.

use crate::{call::Received, clock, refusal::Refusal};

/// Names and values that an endpoint knows; of a repeated name the last one is kept.
#[derive(Debug)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Takes the parameters of a call. Names are case-sensitive, and unknown ones are refused.
    pub(crate) fn of(call: &Received, known: &[&str]) -> Result<Self, Refusal> {
        let mut kept: Vec<(String, String)> = Vec::new();
        for (name, value) in call.parameters() {
            if !known.contains(&name.as_str()) {
                return Err(Refusal::unknown(name));
            }
            kept.retain(|(earlier, _)| earlier != name);
            kept.push((name.clone(), value.clone()));
        }
        Ok(Self(kept))
    }

    /// As [`of`](Self::of), for endpoints that have `action=list` and can show the request.
    pub(crate) fn of_list(call: &Received, known: &[&str]) -> Result<Self, Refusal> {
        let known: Vec<_> = known.iter().copied().chain(["action", "echo_request"]).collect();
        let parameters = Self::of(call, &known)?;
        match parameters.text("action") {
            Some("list") => Ok(parameters),
            Some(other) => Err(Refusal::bad_value("action", other)),
            None => Err(Refusal::missing("action")),
        }
    }

    /// All of them.
    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// `0` or `1`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        self.read(name, |value| match value {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        })
    }

    /// `1`, where a missing one counts as `0`.
    pub(crate) fn is_set(&self, name: &str) -> Result<bool, Refusal> {
        Ok(self.flag(name)?.unwrap_or(false))
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        self.read(name, |value| value.parse().ok())
    }

    /// A day or a moment, in seconds since 1970.
    pub(crate) fn moment(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.read(name, clock::parse)
    }

    /// One of the choices.
    pub(crate) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, Refusal> {
        self.read(name, |value| {
            let found = choices.iter().find(|(known, _)| *known == value);
            found.map(|&(_, choice)| choice)
        })
    }

    /// Some of the choices, separated by commas.
    pub(crate) fn choices<T: Copy>(
        &self,
        name: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<Vec<T>>, Refusal> {
        self.read(name, |value| {
            let chosen = value.split(',').map(|part| {
                let found = choices.iter().find(|(known, _)| *known == part.trim());
                found.map(|&(_, choice)| choice)
            });
            chosen.collect()
        })
    }

    /// Texts, separated by commas.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<&str>> {
        let value = self.text(name)?;
        Some(value.split(',').map(str::trim).collect())
    }

    /// Numbers and ranges of them (`1,5-9`), separated by commas.
    pub(crate) fn ranges(&self, name: &str) -> Result<Option<Ranges>, Refusal> {
        self.read(name, |value| Ranges::parse(value, |part| part.parse().ok()))
    }

    /// IPv4 addresses and ranges of them, separated by commas.
    pub(crate) fn addresses(&self, name: &str) -> Result<Option<Ranges>, Refusal> {
        self.read(name, Ranges::of_addresses)
    }

    fn read<T>(&self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
        let Some(value) = self.text(name) else {
            return Ok(None);
        };
        match parse(value) {
            Some(parsed) => Ok(Some(parsed)),
            None => Err(Refusal::bad_value(name, value)),
        }
    }
}

/// Numbers given as ranges, ascending and apart from each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// All numbers from `low` to `high`.
    pub(crate) fn from_to(low: u64, high: u64) -> Self {
        Self(if low <= high { vec![(low, high)] } else { Vec::new() })
    }

    /// IPv4 addresses, ranges and networks of them (`192.0.2.0/28`), separated by commas.
    pub(crate) fn of_addresses(list: &str) -> Option<Self> {
        let number = |part: &str| {
            let address: std::net::Ipv4Addr = part.parse().ok()?;
            Some(u64::from(u32::from(address)))
        };
        let ranges = list.split(',').map(|part| match part.split_once('/') {
            None => Some(part.to_owned()),
            Some((first, bits)) => {
                let size = 1_u64 << 32_u32.checked_sub(bits.trim().parse().ok()?)?;
                let low = number(first.trim())? / size * size;
                let address = |it: u64| std::net::Ipv4Addr::from(u32::try_from(it).unwrap_or(u32::MAX));
                Some(format!("{}-{}", address(low), address(low + size - 1)))
            }
        });
        Self::parse(&ranges.collect::<Option<Vec<_>>>()?.join(","), number)
    }

    /// What is left of them without others.
    pub(crate) fn without(&self, others: &Self) -> Self {
        let mut left = self.0.clone();
        for (low, high) in others.iter() {
            left = left
                .into_iter()
                .flat_map(|(from, to)| {
                    let before = (from, to.min(low.saturating_sub(1)));
                    let after = (from.max(high + 1), to);
                    let parts = if low == 0 { [(1, 0), after] } else { [before, after] };
                    parts.into_iter().filter(|(from, to)| from <= to)
                })
                .collect();
        }
        Self(left)
    }

    fn parse(list: &str, number: impl Fn(&str) -> Option<u64>) -> Option<Self> {
        let mut ranges = Vec::new();
        for part in list.split(',') {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let (low, high) = (number(low.trim())?, number(high.trim())?);
            if low > high {
                return None;
            }
            ranges.push((low, high));
        }
        ranges.sort_unstable();
        let mut apart: Vec<(u64, u64)> = Vec::new();
        for (low, high) in ranges {
            match apart.last_mut() {
                Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
                _ => apart.push((low, high)),
            }
        }
        Some(Self(apart))
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        let after = self.0.partition_point(|&(low, _)| low <= number);
        after > 0 && self.0[after - 1].1 >= number
    }

    /// The ranges, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().copied()
    }

    /// What is left of them between two numbers.
    pub(crate) fn between(&self, least: u64, most: u64) -> Self {
        let clipped = self.iter().map(|(low, high)| (low.max(least), high.min(most)));
        Self(clipped.filter(|(low, high)| low <= high).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(query: &str) -> Received {
        Received {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            form: Vec::new(),
            headers: Vec::new(),
            body: Vec::new(),
            status: 0,
        }
    }

    #[test]
    fn the_last_of_a_repeated_parameter_counts() {
        let parameters = Parameters::of(&call("a=1&a=2"), &["a"]).expect("a is known");
        assert_eq!(parameters.number("a"), Ok(Some(2)));
    }

    #[test]
    fn names_are_case_sensitive() {
        let refusal = Parameters::of(&call("IDS=1"), &["ids"]).expect_err("IDS is unknown");
        assert_eq!((refusal.status, refusal.code), (400, 1901));
    }

    #[test]
    fn values_that_make_no_sense_are_refused() {
        let parameters =
            Parameters::of(&call("ids=abc&f=2&d=soon"), &["ids", "f", "d"]).expect("the names are known");
        let codes =
            [parameters.ranges("ids").err(), parameters.flag("f").err(), parameters.moment("d").err()];
        assert!(codes.iter().flatten().all(|refusal| refusal.code == 1905));
        assert_eq!(codes.iter().flatten().count(), 3);
    }

    #[test]
    fn ranges_are_sorted_and_merged() {
        let parameters = Parameters::of(&call("ids=9,3-5,4-7,8"), &["ids"]).expect("known");
        let ranges = parameters.ranges("ids").expect("valid").expect("given");
        assert_eq!(ranges.iter().collect::<Vec<_>>(), [(3, 9)]);
        assert!(ranges.contains(6) && !ranges.contains(2) && !ranges.contains(10));
    }
}
