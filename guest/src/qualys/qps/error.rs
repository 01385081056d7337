//! What the `responseCode` of an answer means.

use crate::qualys::refusal::{Reason, Refusal};

/// The code of an answer that is none of a refusal.
const SUCCESS: &str = "SUCCESS";

/// The refusal that a code is, with the message and the resolution that Qualys gives. `None` where all is well.
/// The status does not matter: wrong requests and wrong passwords were recorded under 200.
pub(super) fn refusal(code: &str, message: &str, resolution: &str) -> Option<Refusal> {
    if code.eq_ignore_ascii_case(SUCCESS) {
        return None;
    }
    Some(Refusal::new(Some(code.to_owned()), reason(code), &format!("{message} {resolution}")))
}

/// The codes are those of the API guide.
fn reason(code: &str) -> Option<Reason> {
    Some(match code.to_ascii_uppercase().as_str() {
        "INVALID_CREDENTIALS" | "AUTH_CREDENTIALS_NEEDED" => Reason::Credentials,
        "UNAUTHORIZED" => Reason::Permission,
        "EVALUATION_EXPIRED" => Reason::TrialOver,
        "INVALID_REQUEST"
        | "INVALID_XML"
        | "INVALID_PARAM"
        | "CANNOT_BE_NULL"
        | "OPERATION_NOT_SUPPORTED" => Reason::Request,
        "INVALID_API_VERSION" | "INVALID_URL" => Reason::Api,
        "NOT_FOUND" | "OBJECT_NOT_FOUND" | "UNKNOWN_OBJECT" => Reason::NotFound,
        "STILL_PROCESSING" => Reason::Processing,
        "OTHER_ERROR" => Reason::Internal,
        _ => return None,
    })
}
