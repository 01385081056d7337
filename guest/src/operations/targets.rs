//! The targets of a scan: what was asked for against what Qualys lists.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A range of addresses, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    is_v6: bool,
    low: u128,
    high: u128,
}

/// Addresses that the Internet does not route, so that no scanner of Qualys' own reaches them: RFC 1918, 6598, 3927, 1122 and, of
/// version 6, 4193, 4291.
const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1",
];

impl Range {
    /// `192.0.2.1`, `192.0.2.1-192.0.2.9` or `192.0.2.0/28`, and the same of version 6.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some((address, bits)) = text.split_once('/') {
            let (is_v6, first) = number(address)?;
            let width: u32 = if is_v6 { 128 } else { 32 };
            let bits: u32 = bits.trim().parse().ok().filter(|it| *it <= width)?;
            let size = u128::MAX.checked_shr(128 - (width - bits)).unwrap_or(0);
            let low = first & !size;
            return Some(Self { is_v6, low, high: low | size });
        }
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        let ((is_v6, low), (other, high)) = (number(low)?, number(high)?);
        (is_v6 == other && low <= high).then_some(Self { is_v6, low, high })
    }

    /// Whether its addresses are of version 6.
    pub(super) fn is_v6(&self) -> bool {
        self.is_v6
    }

    /// How many addresses it has.
    pub(super) fn count(&self) -> u128 {
        (self.high - self.low).saturating_add(1)
    }

    /// Whether an address of it is one that only a scanner inside reaches.
    pub(super) fn is_private(&self) -> bool {
        let overlaps = |it: Self| it.is_v6 == self.is_v6 && it.low <= self.high && self.low <= it.high;
        PRIVATE.iter().filter_map(|it| Self::parse(it)).any(overlaps)
    }
}

fn number(address: &str) -> Option<(bool, u128)> {
    match address.trim().parse().ok()? {
        IpAddr::V4(it) => Some((false, u128::from(u32::from(it)))),
        IpAddr::V6(it) => Some((true, u128::from(it))),
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write = |f: &mut fmt::Formatter<'_>, number: u128| match u32::try_from(number) {
            Ok(number) if !self.is_v6 => write!(f, "{}", Ipv4Addr::from(number)),
            _ => write!(f, "{}", Ipv6Addr::from(number)),
        };
        write(f, self.low)?;
        if self.low == self.high {
            return Ok(());
        }
        f.write_str("-")?;
        write(f, self.high)
    }
}

/// The addresses of `asked` that are not in `listed`, as ranges that do not touch each other.
pub(super) fn minus(asked: &[Range], listed: &[Range]) -> Vec<Range> {
    let listed = joined(listed);
    let mut missing = Vec::new();
    for range in joined(asked) {
        let mut low = Some(range.low);
        // Ascending and apart, so one pass is enough.
        let overlapping = listed
            .iter()
            .filter(|it| it.is_v6 == range.is_v6 && it.high >= range.low && it.low <= range.high);
        for known in overlapping {
            let Some(from) = low else { break };
            if known.low > from {
                missing.push(Range { low: from, high: known.low - 1, ..range });
            }
            low = known.high.checked_add(1).filter(|it| *it <= range.high);
        }
        if let Some(low) = low {
            missing.push(Range { low, ..range });
        }
    }
    missing
}

/// The same addresses, ascending and apart from each other.
fn joined(ranges: &[Range]) -> Vec<Range> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut apart: Vec<Range> = Vec::new();
    for range in sorted {
        match apart.last_mut() {
            Some(last) if last.is_v6 == range.is_v6 && range.low <= last.high.saturating_add(1) => {
                last.high = last.high.max(range.high);
            }
            _ => apart.push(range),
        }
    }
    apart
}

/// The targets as Qualys lists them: separated by commas, with line breaks that are layout.
pub(super) fn split(written: &str) -> impl Iterator<Item = &str> {
    written.split(',').map(str::trim).filter(|it| !it.is_empty())
}

/// Whether a target is the name of a host, such as `www.acme.example`.
pub(super) fn is_host_name(text: &str) -> bool {
    let is_label = |it: &str| {
        !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(is_label)
        && text.rsplit('.').next().is_some_and(|it| it.bytes().any(|byte| byte.is_ascii_alphabetic()))
}

/// How much a scan scans, by the targets that Qualys lists; `None` where it lists none.
pub(super) fn size(targets: &[String]) -> Option<String> {
    let ranges: Vec<Range> = targets.iter().filter_map(|it| Range::parse(it)).collect();
    let addresses = ranges.iter().fold(0_u128, |sum, it| sum.saturating_add(it.count()));
    let others = targets.len() - ranges.len();
    let counted =
        |count: u128, what: &str, many: &str| format!("{count} {what}{}", if count == 1 { "" } else { many });
    match (addresses, others as u128) {
        (0, 0) => None,
        (0, others) => Some(counted(others, "target", "s")),
        (addresses, 0) => Some(counted(addresses, "address", "es")),
        (addresses, others) => Some(format!(
            "{} and {}",
            counted(addresses, "address", "es"),
            counted(others, "other target", "s")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(text: &str) -> Vec<Range> {
        split(text).map(|it| Range::parse(it).expect(it)).collect()
    }

    fn left(asked: &str, listed: &str) -> String {
        let missing = minus(&ranges(asked), &ranges(listed));
        missing.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn what_is_asked_in_one_form_is_found_in_another() {
        assert_eq!(left("192.0.2.0/28", "192.0.2.0-192.0.2.7,\n 192.0.2.8-192.0.2.15"), "");
        assert_eq!(left("192.0.2.1,192.0.2.2,192.0.2.3", "192.0.2.1-192.0.2.3"), "");
        assert_eq!(left("2001:db8::/126", "2001:db8::-2001:db8::3"), "");
        assert_eq!(left("0.0.0.0/0", "0.0.0.0-255.255.255.255"), "");
        assert_eq!(left("::/0", "::/0"), "");
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(
            left("192.0.2.1-192.0.2.9", "192.0.2.3-192.0.2.4,192.0.2.9"),
            "192.0.2.1-192.0.2.2,192.0.2.5-192.0.2.8"
        );
        assert_eq!(left("192.0.2.1,198.51.100.0/30", ""), "192.0.2.1,198.51.100.0-198.51.100.3");
        assert_eq!(left("::1:2,192.0.2.1", "192.0.2.1"), "::1:2");
        assert_eq!(left("255.255.255.255", "255.255.255.254"), "255.255.255.255");
    }

    #[test]
    fn refuses_what_is_no_range() {
        for text in
            ["", "192.0.2", "192.0.2.9-192.0.2.1", "192.0.2.1-::1", "192.0.2.0/33", "a-b", "1.2.3.4/x"]
        {
            assert_eq!(Range::parse(text), None, "{text}");
        }
    }

    #[test]
    fn tells_private_addresses() {
        for text in
            ["10.1.2.3", "9.255.255.255-10.0.0.0", "172.31.0.1", "192.168.0.0/24", "fd00::1", "100.64.0.1"]
        {
            assert!(Range::parse(text).expect(text).is_private(), "{text}");
        }
        for text in ["192.0.2.1", "172.32.0.1", "11.0.0.0/8", "2001:db8::1", "100.128.0.1"] {
            assert!(!Range::parse(text).expect(text).is_private(), "{text}");
        }
    }

    #[test]
    fn tells_names_from_other_targets() {
        assert!(is_host_name("www.acme.example") && is_host_name("a-b.corp"));
        for text in ["0f3c9a3e-0000-4000-8000-000000000001", "192.0.2.1", "", "a..b", "x y.z", "acme"] {
            assert!(!is_host_name(text), "{text}");
        }
    }
}
