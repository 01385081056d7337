//! What a registry answers, in memory, and never more of it than there may be.

use exhibit::http::Incoming;

use crate::error::RegistryError;

/// Of what a registry says in an error; some answer with whole pages.
const ERROR_BYTES: usize = 64 << 10;

/// All of an answer, where it has no more than this many bytes. `what` is what it should be.
pub(crate) async fn whole(
    mut answer: Incoming,
    limit: usize,
    what: &'static str,
) -> Result<Vec<u8>, RegistryError> {
    let mut body = vec![];
    while let Some(bytes) = answer.chunk().await.map_err(RegistryError::BrokenOff)? {
        if body.len() + bytes.len() > limit {
            return Err(RegistryError::TooLarge { limit, what });
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}

/// What an error begins with. That it is longer, or breaks off, does not matter here.
pub(crate) async fn beginning(mut answer: Incoming) -> Vec<u8> {
    let mut body = vec![];
    while let Ok(Some(bytes)) = answer.chunk().await {
        let room = ERROR_BYTES - body.len();
        body.extend_from_slice(&bytes[..room.min(bytes.len())]);
        if body.len() == ERROR_BYTES {
            break;
        }
    }
    body
}
