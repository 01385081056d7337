//! Made-up values that follow from the seed alone.

/// What a value is made up for, so that records of two kinds do not resemble each other.
#[derive(Clone, Copy)]
pub(crate) enum Subject {
    Host = 1,
    HostId,
    VmScan,
    ComplianceScan,
    User,
    Ticket,
    TicketNumber,
    Garbage,
    WasScan,
    Certificate,
    Token,
    Schedule,
    Vulnerability,
    Detection,
    Session,
    HostLife,
    ComplianceLife,
    TicketLife,
    CertificateLife,
}

/// A stream of made-up values for one record (SplitMix64).
pub(crate) struct Chance(u64);

impl Chance {
    /// The values of record number `index` of a kind.
    pub(crate) fn new(seed: u64, subject: Subject, index: u64) -> Self {
        let start = mix(seed ^ (subject as u64) << 56);
        Self(mix(start ^ index))
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `bound`, which must not be 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// True once in `n` times.
    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// A number of seconds below `bound`.
    pub(crate) fn seconds(&mut self, bound: i64) -> i64 {
        self.below(bound.unsigned_abs()) as i64
    }

    /// One of the choices.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_record_gets_the_same_values() {
        let values = |seed, index| {
            let mut chance = Chance::new(seed, Subject::Host, index);
            [chance.bits(), chance.below(100), chance.below(7)]
        };
        assert_eq!(values(7, 3), values(7, 3));
        assert_ne!(values(7, 3), values(7, 4));
        assert_ne!(values(7, 3), values(8, 3));
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut chance = Chance::new(1, Subject::User, 0);
        assert!((0..1_000).all(|_| chance.below(5) < 5));
    }
}
