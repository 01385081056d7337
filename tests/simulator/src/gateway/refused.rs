//! Answers in JSON, and those that refuse a call.

use serde_json::{Value, json};

use crate::{answer::Answer, stream::Source};

/// Why a call is not served: the status, and what the body says.
pub(super) struct Refused {
    status: u16,
    error: &'static str,
    message: String,
}

impl Refused {
    pub(super) fn new(status: u16, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error, message: message.into() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "Bad Request", message)
    }

    pub(super) fn answer(&self) -> Answer {
        json_answer(
            self.status,
            &json!({ "status": self.status, "error": self.error, "message": self.message }),
        )
    }
}

/// An answer in JSON.
pub(super) fn json_answer(status: u16, body: &Value) -> Answer {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Answer::other(status, headers, Source::Whole(body.to_string().into()))
}
