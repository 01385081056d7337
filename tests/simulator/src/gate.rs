//! Who is let in.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{account::Caller, call::Received, refusal::Refusal, world::World};

/// Checks the login and, on the paths that want it, the header that browsers cannot send.
pub(crate) fn check(call: &Received, world: &World) -> Result<Caller, Refusal> {
    let given = call.header("authorization").and_then(|header| {
        let (scheme, credentials) = header.split_once(' ')?;
        let pair =
            scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(credentials.trim()))?;
        String::from_utf8(pair.ok()?).ok()
    });
    let (login, password) = given.as_deref().and_then(|it| it.split_once(':')).unwrap_or_default();
    let caller = Caller::of(login, password, world)?;
    if call.path.starts_with("/api/") && call.header("x-requested-with").is_none() {
        // The status is documented; the code is the one that comes closest.
        return Err(Refusal::new(400, 1920, "The header X-Requested-With is missing"));
    }
    Ok(caller)
}
