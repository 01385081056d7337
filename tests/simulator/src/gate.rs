//! Who is let in.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{account::Caller, call::Received, origin, refusal::Refusal, session::Sessions, world::World};

/// Checks the login, or the session instead of it, and, on the paths that want it, the header that browsers cannot send.
pub(crate) fn check(call: &Received, world: &World, sessions: &Sessions) -> Result<Caller, Refusal> {
    let given = call.header("authorization").and_then(|header| {
        let (scheme, credentials) = header.split_once(' ')?;
        let pair =
            scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(credentials.trim()))?;
        String::from_utf8(pair.ok()?).ok()
    });
    let caller = match (&given, sessions.admit(call)) {
        (None, Some(caller)) => caller,
        _ => {
            let (login, password) = given.as_deref().and_then(|it| it.split_once(':')).unwrap_or_default();
            Caller::of(login, password, world)?
        }
    };
    origin::check(call)?;
    Ok(caller)
}
