//! What a registry, or the way there, refuses, in words.

use exhibit::http::SendError;
use reqwest::{Response, StatusCode};
use serde::Deserialize;

use crate::failure::Failure;
use crate::terminal::shown;

use super::body;

/// Of a message; some registries write letters.
const MESSAGE_CHARS: usize = 500;
/// Where it wants to know who asks.
pub(crate) const LOGIN: &str =
    "say where the registry's credentials are kept, with --username and --password";
/// Where it knows.
const RIGHTS: &str = "check the user name and password, and what they may do at the registry";
/// Where there is nothing.
const OTHER_PLACE: &str = "look for the right name and tag at the registry";
/// Where it has enough to do.
const LATER: &str = "try again later; most registries answer more to whoever is logged in";
/// Where nobody else can do anything.
pub(super) const OPERATOR: &str = "ask whoever runs the registry";

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

/// The failure to get an answer.
pub(super) fn unsent(error: &SendError) -> Failure {
    let next = match error {
        SendError::Redirected { .. } => OPERATOR,
        _ => error.remedy(),
    };
    Failure::source(error).next(next)
}

/// The failure that an answer is. `known` is whether the registry was told who asks.
pub(super) async fn refused(answer: Response, known: bool) -> Failure {
    let status = answer.status();
    said(status, known, &body::beginning(answer).await)
}

fn said(status: StatusCode, known: bool, body: &[u8]) -> Failure {
    let said: Option<Errors> = serde_json::from_slice(body).ok();
    let said = said.and_then(|it| it.errors.into_iter().find(|it| !it.message.is_empty()));
    let said = said.map(|it| format!(": {}", shown(&short(&it.message)))).unwrap_or_default();
    match status {
        StatusCode::NOT_FOUND => {
            Failure::source(format!("the registry has nothing there{said}")).next(OTHER_PLACE)
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if known => {
            Failure::source(format!("the registry does not allow it{said}")).next(RIGHTS)
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Failure::source(format!("the registry does not allow it to everybody{said}")).next(LOGIN)
        }
        StatusCode::TOO_MANY_REQUESTS => {
            Failure::source(format!("the registry has had too many requests{said}")).next(LATER)
        }
        _ if status.is_server_error() => {
            Failure::source(format!("the registry failed with {status}{said}")).next(LATER)
        }
        _ => Failure::source(format!("the registry answered {status}{said}")).next(OTHER_PLACE),
    }
}

/// As much of it as anybody reads.
fn short(text: &str) -> String {
    text.chars().take(MESSAGE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart_and_escaped() {
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
            let failure = said(StatusCode::from_u16(status).unwrap_or_default(), known, body);
            format!("{} | {}", failure.what(), failure.remedy().unwrap_or("-"))
        });
        insta::assert_snapshot!(said.join("\n"), @r"
        the registry has nothing there | look for the right name and tag at the registry
        the registry does not allow it to everybody: not\u{1b}[2J you | say where the registry's credentials are kept, with --username and --password
        the registry does not allow it | check the user name and password, and what they may do at the registry
        the registry failed with 500 Internal Server Error: not\u{1b}[2J you | try again later; most registries answer more to whoever is logged in
        the registry has had too many requests | try again later; most registries answer more to whoever is logged in
        the registry answered 418 I'm a teapot | look for the right name and tag at the registry
        ");
    }
}
