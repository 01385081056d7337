//! What is read of a component before the compiler sees it.

use super::bounds::Figures;
use super::limits::SandboxLimits;
use super::metadata::Metadata;
use super::scan::Scan;

/// Reads bytes as a component: what it says of itself, what it wants of a host, and how much there is to compile. Says
/// whether it would be compiled.
pub fn component(bytes: &[u8]) -> bool {
    drop(Metadata::read(bytes));
    let is_small = Figures::of(bytes).is_ok();
    let is_fit = Scan::of(bytes).is_ok_and(|it| it.check(&SandboxLimits::default()).is_ok());
    is_small && is_fit
}
