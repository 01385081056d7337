//! A token from a registry's realm, as the distribution project's token specification has it.

use ::http::Method;
use ::http::header::{AUTHORIZATION, HeaderValue};
use exhibit::http::{self, Client, Outgoing, SendError};
use secrecy::zeroize::Zeroizing;
use serde::Deserialize;

use crate::error::RegistryError;
use crate::login::Credentials;
use crate::realm::Realm;
use crate::{body, refusal};

/// A token names what it is for, and is signed: some KiB, and what comes with it.
const ANSWER_BYTES: usize = 64 << 10;

/// Some realms call it the one, and some the other.
#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

/// Asks for a token for this scope, with these credentials or without any. Gives what signs requests.
pub(crate) async fn get(
    client: &Client,
    realm: &Realm,
    service: Option<&str>,
    scope: &str,
    credentials: Option<&Credentials>,
) -> Result<HeaderValue, RegistryError> {
    let mut url = realm.url.clone();
    for (name, value) in service.map(|it| ("service", it)).into_iter().chain([("scope", scope)]) {
        url.query_pairs_mut().append_pair(name, value);
    }
    let mut request = Outgoing::new(Method::GET, url);
    if let Some(it) = credentials {
        request.headers.insert(AUTHORIZATION, it.header()?);
    }
    let answer = client.send_once(request, &realm.origin).await?;
    if let Some(to) = http::location(&answer) {
        let why = "token requests do not follow redirects";
        return Err(SendError::redirected(&realm.origin, &to, why).into());
    }
    if !answer.status().is_success() {
        return Err(refusal::refused(answer, credentials.is_some()).await);
    }
    let body = Zeroizing::new(body::whole(answer, ANSWER_BYTES, "a token").await?);
    let none = || RegistryError::NotAToken { realm: realm.origin.to_string() };
    let answer: Answer = serde_json::from_slice(&body).map_err(|_| none())?;
    let token = Zeroizing::new(answer.token.or(answer.access_token).ok_or_else(none)?);
    if token.is_empty() || !token.bytes().all(|it| it.is_ascii_graphic()) {
        return Err(none());
    }
    let mut value = http::credentials("Bearer ", &token).map_err(|_| none())?;
    value.set_sensitive(true);
    Ok(value)
}
