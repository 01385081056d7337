//! Who is let in.

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{call::Received, refusal::Refusal, world::World};

/// Checks the login and, on the paths that want it, the header that browsers cannot send.
pub(crate) fn check(call: &Received, world: &World) -> Result<(), Refusal> {
    let login = format!("{}:{}", world.username, world.password);
    let expected = BASE64_STANDARD.encode(login);
    let given = call.header("authorization").and_then(|header| {
        let (scheme, credentials) = header.split_once(' ')?;
        scheme.eq_ignore_ascii_case("basic").then(|| credentials.trim())
    });
    if given != Some(expected.as_str()) {
        return Err(Refusal::new(401, 2000, "Bad Login/Password"));
    }
    if call.path.starts_with("/api/") && call.header("x-requested-with").is_none() {
        // The status is documented; the code is the one that comes closest.
        return Err(Refusal::new(400, 1920, "The header X-Requested-With is missing"));
    }
    Ok(())
}
