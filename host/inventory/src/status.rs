//! How an item stands.

/// The year 9999 stands for an item that states no end (RFC 5280, 4.1.2.5). In milliseconds.
const NO_END: i64 = 253_370_764_800_000;

/// How an item stands. The first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Status {
    /// No source shows it any more.
    NotSeen,
    /// Another item has taken its place.
    Replaced,
    /// It has ended.
    Expired,
    /// It ends soon.
    Expiring,
    /// It is valid, or states no end.
    Valid,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::NotSeen, Self::Replaced, Self::Expired, Self::Expiring, Self::Valid];

    /// As records and persons have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotSeen => "not seen",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Expiring => "expiring",
            Self::Valid => "valid",
        }
    }

    /// Of an item that ends then, at `now`, where `soon` is how long before its end it is expiring: all in milliseconds.
    pub fn of(ends: Option<i64>, is_seen: bool, is_replaced: bool, now: i64, soon: i64) -> Self {
        match ends.filter(|it| *it < NO_END) {
            _ if !is_seen => Self::NotSeen,
            _ if is_replaced => Self::Replaced,
            // The last instant is one at which it is valid (RFC 5280, 4.1.2.5).
            Some(ends) if ends < now => Self::Expired,
            Some(ends) if ends.saturating_sub(now) < soon => Self::Expiring,
            _ => Self::Valid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_at_an_instant_and_not_on_a_day() {
        let status = |ends: i64| Status::of(Some(ends), true, false, 1_000_000, 500);
        assert_eq!(status(1_000_000), Status::Expiring);
        assert_eq!(status(999_999), Status::Expired);
        assert_eq!(status(1_000_499), Status::Expiring);
        assert_eq!(status(1_000_500), Status::Valid);
        assert_eq!(status(i64::MAX), Status::Valid);
        assert_eq!(status(i64::MIN), Status::Expired);
        assert_eq!(Status::of(None, true, false, 0, i64::MAX), Status::Valid);
        assert_eq!(Status::of(Some(253_402_300_799_000), true, false, 0, i64::MAX), Status::Valid);
    }

    #[test]
    fn what_is_replaced_or_not_seen_needs_no_renewal() {
        assert_eq!(Status::of(Some(0), true, true, 1, 5), Status::Replaced);
        assert_eq!(Status::of(Some(0), false, true, 1, 5), Status::NotSeen);
    }
}
