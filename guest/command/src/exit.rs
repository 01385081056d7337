//! The exit codes.

/// All is well.
pub(crate) const OK: u8 = 0;
/// A test failed.
pub(crate) const TEST_FAILED: u8 = 1;
/// Something is wrong with the call or the environment.
pub(crate) const CALL: u8 = 2;
/// The source or the plugin failed.
pub(crate) const SOURCE: u8 = 3;
