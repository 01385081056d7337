//! The ways in which answers are played.

/// What a collection feeds at a time.
pub(super) const CHUNK_BYTES: usize = 64 << 10;

/// How answers are played. Whatever is chosen, the contract wants the same rows.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ReplayOptions {
    /// How many bytes the plugin is fed at a time.
    pub chunk: usize,
    /// How many bytes are cut so, from the first answer on; those after them come in
    /// pieces of 64 KiB.
    pub finely: u64,
    /// Each answer breaks off three times before it comes whole: without a body, in the
    /// middle, and at its very end.
    pub interrupted: bool,
    /// After each answer, and before the first, another session goes on from the checkpoint.
    pub resumed: bool,
    /// Each step is asked for twice.
    pub twice: bool,
    /// Other randomness than the job's own, by number; 0 is the job's own.
    pub randomness: u64,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self {
            chunk: CHUNK_BYTES,
            finely: u64::MAX,
            interrupted: false,
            resumed: false,
            twice: false,
            randomness: 0,
        }
    }
}
