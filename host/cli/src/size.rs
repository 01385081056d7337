//! How much is read of evidence, which several commands take.

use clap::Args;
use exhibit::evidence::MaxUnpacked;

/// A package of a few kilobytes can have a terabyte in it.
#[derive(Debug, Args)]
pub(super) struct SizeArgs {
    /// How many GiB the answers of one piece of evidence may have when they are unpacked, and how many its rows with all
    /// runs of tests: of what says that it has more, nothing is read [default: 64, and a thousand times what is packed]
    #[arg(long, value_name = "GIB", value_parser = clap::value_parser!(u64).range(1..=MOST_GIB))]
    max_unpacked: Option<u64>,
}

/// As many as there can be bytes.
const MOST_GIB: u64 = u64::MAX >> 30;

impl SizeArgs {
    /// As the library has it.
    pub(super) fn limit(&self) -> MaxUnpacked {
        self.max_unpacked
            .map_or_else(MaxUnpacked::default, |it| MaxUnpacked::of_bytes(it.saturating_mul(1 << 30)))
    }
}
