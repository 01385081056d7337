//! How much is read of evidence, which several commands take.

use clap::Args;
use exhibit::evidence::MAX_UNPACKED;

/// A package of a few kilobytes can have a terabyte in it.
#[derive(Debug, Args)]
pub(super) struct SizeArgs {
    /// How many GiB the answers of one piece of evidence may have when they are unpacked, and how many its rows with all
    /// runs of tests: of what says that it has more, nothing is read [default: 64]
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..=MOST_GIB))]
    max_unpacked: Option<u64>,
}

/// As many as there can be bytes.
const MOST_GIB: u64 = u64::MAX >> 30;

impl SizeArgs {
    /// In bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.max_unpacked.map_or(MAX_UNPACKED, |it| it.saturating_mul(1 << 30))
    }
}
