//! An artifact's manifest. `oci-client` would read one of any size into memory.

use oci_client::Reference;
use oci_client::errors::OciEnvelope;
use oci_client::manifest::OCI_IMAGE_MEDIA_TYPE;
use oci_client::secrets::RegistryAuth;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::{Method, Request, Response, StatusCode};

use super::trouble;
use crate::cli::failure::Failure;
use crate::cli::terminal::shown;
use crate::http::{Client, ClientOptions, Origin, diagnose};
use crate::plugin::contract::collection::Effect;

/// The OCI distribution specification has registries take manifests of so much, and more is not to
/// be relied on.
const MANIFEST_BYTES: usize = 4 << 20;

/// Asks for the manifest at this place, with this token, or else with name and password.
pub(super) async fn get(
    origin: &Origin,
    place: &Reference,
    token: Option<&str>,
    auth: &RegistryAuth,
) -> Result<Vec<u8>, Failure> {
    let which = place.digest().or(place.tag()).unwrap_or("latest");
    let mut url = origin.url().clone();
    url.set_path(&format!("v2/{}/manifests/{which}", place.repository()));
    let mut request = Request::new(Method::GET, url);
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(OCI_IMAGE_MEDIA_TYPE));
    if let Some(authorization) = authorization(token, auth) {
        request.headers_mut().insert(AUTHORIZATION, authorization?);
    }
    let client = Client::new(ClientOptions { connect: super::CONNECT, idle: super::IDLE });
    let client = client.map_err(Failure::call)?;
    let answer = client.send(request, origin, Effect::Read).await;
    let answer = answer.map_err(|error| Failure::source(&error).next(error.remedy()))?;
    let status = answer.status();
    let body = read(answer).await?;
    if status.is_success() { Ok(body) } else { Err(refused(status, &body)) }
}

fn authorization(token: Option<&str>, auth: &RegistryAuth) -> Option<Result<HeaderValue, Failure>> {
    use base64::Engine as _;

    let text = match (token, auth) {
        (Some(token), _) => format!("Bearer {token}"),
        (None, RegistryAuth::Bearer(token)) => format!("Bearer {token}"),
        (None, RegistryAuth::Basic(name, password)) => {
            let both = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
            format!("Basic {both}")
        }
        (None, RegistryAuth::Anonymous) => return None,
    };
    let value = HeaderValue::try_from(text).map(|mut it| {
        it.set_sensitive(true);
        it
    });
    Some(value.map_err(|_| Failure::source("the registry's token is none that can be sent")))
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Failure> {
    let mut body = vec![];
    while let Some(bytes) = answer.chunk().await.map_err(|error| {
        let it = diagnose(&error);
        Failure::source(format!("the registry's answer broke off: {it}")).next(it.trouble.remedy())
    })? {
        if body.len() + bytes.len() > MANIFEST_BYTES {
            return Err(Failure::source(format!(
                "the registry's answer has more than {MANIFEST_BYTES} bytes, and an artifact's manifest has not"
            )));
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}

fn refused(status: StatusCode, body: &[u8]) -> Failure {
    let said: Option<OciEnvelope> = serde_json::from_slice(body).ok();
    let said = said.and_then(|it| it.errors.into_iter().find(|it| !it.message.is_empty()));
    let said = said.map(|it| format!(": {}", shown(&trouble::short(&it.message)))).unwrap_or_default();
    match status {
        StatusCode::NOT_FOUND => {
            Failure::source(format!("the registry has nothing there{said}")).next(trouble::OTHER_PLACE)
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Failure::source(format!("the registry does not show it to everybody{said}")).next(trouble::LOGIN)
        }
        _ => Failure::source(format!("the registry answered {status}{said}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart_and_escaped() {
        let body = br#"{"errors":[{"code":"DENIED","message":"not\u001b[2J you"}]}"#;
        let said = [(404, &b""[..]), (401, body), (403, b"<html>"), (500, body)].map(|(status, body)| {
            let failure = refused(StatusCode::from_u16(status).unwrap_or_default(), body);
            format!("{} | {}", failure.what(), failure.remedy().unwrap_or("-"))
        });
        insta::assert_snapshot!(said.join("\n"), @r"
        the registry has nothing there | look for the right name and tag at the registry
        the registry does not show it to everybody: not\u{1b}[2J you | say where the registry's credentials are kept, with --username and --password
        the registry does not show it to everybody | say where the registry's credentials are kept, with --username and --password
        the registry answered 500 Internal Server Error: not\u{1b}[2J you | -
        ");
    }
}
