//! Readers of a registry's answers, for what tries them with bytes of all kinds: `tests/fuzz`.

use ::http::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use exhibit::http::Origin;
use exhibit_records::Digest;

use crate::artifact::{self, ArtifactError};
use crate::challenge::{self, Challenge};
use crate::realm::Realm;

/// As many as an HTTP client takes.
const HEADERS: usize = 100;

/// The component that an artifact's manifest names, and its size in bytes.
///
/// # Errors
///
/// Where it names none.
pub fn manifest(bytes: &[u8]) -> Result<(Digest, usize), ArtifactError> {
    artifact::component(bytes).map(|it| (it.digest, it.size))
}

/// Where this registry sends its clients for a token, by the headers of its refusal, one a line. `None` where it
/// sends them nowhere that they may go to.
pub fn realm(headers: &[u8], registry: &Origin) -> Option<(Origin, String)> {
    let mut all = HeaderMap::new();
    for line in headers.split(|it| *it == b'\n').take(HEADERS) {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            all.append(WWW_AUTHENTICATE, value);
        }
    }
    let Challenge::Bearer { realm, .. } = challenge::read(&all)? else { return None };
    let realm = Realm::of(&realm, registry, None).ok()?;
    Some((realm.origin, realm.url.to_string()))
}
