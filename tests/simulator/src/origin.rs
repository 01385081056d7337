//! The header that pages in a browser cannot send.

use crate::{call::Received, refusal::Refusal};

/// Checks, on the paths that want it, that a program sent the call.
pub(crate) fn check(call: &Received) -> Result<(), Refusal> {
    if call.path.starts_with("/api/") && call.header("x-requested-with").is_none() {
        // The status is documented; the code is the one that comes closest.
        return Err(Refusal::new(400, 1920, "The header X-Requested-With is missing"));
    }
    Ok(())
}
