//! Who is let in.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{call::Received, origin, refusal::Refusal, session::Sessions, world::World};

/// Checks the login, or the session instead of it, and, on the paths that want it, the header that browsers cannot send.
pub(crate) fn check(call: &Received, world: &World, sessions: &Sessions) -> Result<(), Refusal> {
    let login = format!("{}:{}", world.username, world.password);
    let expected = BASE64_STANDARD.encode(login);
    let given = call.header("authorization").and_then(|header| {
        let (scheme, credentials) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("basic").then(|| credentials.trim())
    });
    if given != Some(expected.as_str()) && !sessions.admit(call) {
        return Err(Refusal::login());
    }
    origin::check(call)
}
