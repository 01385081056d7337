//! What a registry answers, in memory, and never more of it than there may be.

use exhibit::http::diagnose;
use reqwest::Response;

use crate::failure::Failure;

/// Of what a registry says in an error; some answer with whole pages.
const ERROR_BYTES: usize = 64 << 10;

/// All of an answer, where it has no more than this many bytes. `what` is what it should be.
pub(super) async fn whole(mut answer: Response, limit: usize, what: &str) -> Result<Vec<u8>, Failure> {
    let mut body = vec![];
    while let Some(bytes) = answer.chunk().await.map_err(|error| broken_off(&error))? {
        if body.len() + bytes.len() > limit {
            return Err(Failure::source(format!(
                "the registry's answer has more than {limit} bytes, and {what} has not"
            )));
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}

/// What an error begins with. Whether it has an end is nobody's concern, and that it breaks off neither.
pub(super) async fn beginning(mut answer: Response) -> Vec<u8> {
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

fn broken_off(error: &reqwest::Error) -> Failure {
    let it = diagnose(error);
    Failure::source(format!("the registry's answer broke off: {it}")).next(it.trouble.remedy())
}
