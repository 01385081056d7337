//! What a registry refuses, as errors that say what to do.

use ::http::StatusCode;
use exhibit::http::Incoming;
use exhibit_rows::Shown;
use serde::Deserialize;

use crate::body;
use crate::error::RegistryError;

/// Of a message; some registries write letters.
const MESSAGE_CHARS: usize = 500;

/// An error, as the OCI distribution specification has it.
#[derive(Deserialize)]
struct Errors {
    errors: Vec<OneError>,
}

#[derive(Deserialize)]
struct OneError {
    #[serde(default)]
    message: String,
}

/// The error that an answer is. `known` is whether the registry was given credentials.
pub(crate) async fn refused(answer: Incoming, known: bool) -> RegistryError {
    let status = answer.status();
    read(status, known, &body::beginning(answer).await)
}

fn read(status: StatusCode, known: bool, body: &[u8]) -> RegistryError {
    let said: Option<Errors> = serde_json::from_slice(body).ok();
    let said = said.and_then(|it| it.errors.into_iter().find(|it| !it.message.is_empty()));
    let said = said.map(|it| Shown::line(&short(&it.message)).to_string());
    match status {
        StatusCode::NOT_FOUND => RegistryError::Missing { said },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if known => RegistryError::Forbidden { said },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => RegistryError::LoginNeeded { said },
        StatusCode::TOO_MANY_REQUESTS => RegistryError::TooManyRequests { said },
        _ if status.is_server_error() => RegistryError::Failed { status, said },
        _ => RegistryError::Answered { status, said },
    }
}

/// As much of it as a person reads.
fn short(text: &str) -> String {
    text.chars().take(MESSAGE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_distinguished_and_escaped() {
        let body = br#"{"errors":[{"code":"DENIED","message":"not\u001b[2J you"}]}"#;
        let all = [
            (404, false, &b""[..]),
            (401, false, body),
            (403, true, b"<html>"),
            (500, true, body),
            (429, false, b""),
            (418, false, b""),
        ];
        let said = all.map(|(status, known, body)| {
            let error = read(StatusCode::from_u16(status).unwrap_or_default(), known, body);
            format!("{error} | {}", error.remedy().map_or_else(|| "-".to_owned(), |it| it.to_string()))
        });
        insta::assert_snapshot!(said.join("\n"), @r"
        the registry has nothing there | look for the right name and tag at the registry
        the registry does not allow it to everybody: not\u{1b}[2J you | give the registry's user name and password
        the registry does not allow it | check the user name and password, and what they may do at the registry
        the registry failed with 500 Internal Server Error: not\u{1b}[2J you | try again later; most registries allow more requests with a login
        the registry has had too many requests | try again later; most registries allow more requests with a login
        the registry answered 418 I'm a teapot | look for the right name and tag at the registry
        ");
    }
}
