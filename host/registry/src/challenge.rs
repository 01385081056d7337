//! How a registry wants to know who asks.

use ::http::header::{HeaderMap, WWW_AUTHENTICATE};
use http_auth::ChallengeRef;
use http_auth::parser::ChallengeParser;

/// What an answer of 401 asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// Name and password with each request.
    Basic,
    /// A token, which is given elsewhere.
    Bearer {
        /// Where. A URL, if the registry keeps to the rules.
        realm: String,
        /// For whom the token is.
        service: Option<String>,
    },
}

/// What is asked for: a token, where there is a choice. What makes no sense asks for nothing.
pub(crate) fn read(headers: &HeaderMap) -> Option<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|it| it.to_str().ok());
    let all: Vec<Challenge> = texts
        .flat_map(|text| ChallengeParser::new(text).map_while(Result::ok).filter_map(|it| one(&it)))
        .collect();
    let token = all.iter().position(|it| *it != Challenge::Basic);
    all.into_iter().nth(token.unwrap_or(0))
}

fn one(it: &ChallengeRef<'_>) -> Option<Challenge> {
    let value = |wanted: &str| {
        let found = it.params.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.to_unescaped())
    };
    if it.scheme.eq_ignore_ascii_case("basic") {
        Some(Challenge::Basic)
    } else if it.scheme.eq_ignore_ascii_case("bearer") {
        Some(Challenge::Bearer { realm: value("realm")?, service: value("service") })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use ::http::header::HeaderValue;

    use super::*;

    fn of(texts: &[&'static str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for text in texts {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(text));
        }
        read(&headers)
    }

    #[test]
    fn a_token_is_asked_for_with_where_it_is_given() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer { realm: realm.to_owned(), service: service.map(str::to_owned) })
        };
        let hub = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io""#;
        let expected = bearer("https://auth.docker.io/token", Some("registry.docker.io"));
        assert_eq!(of(&[hub]), expected);
        assert_eq!(of(&[r#"Basic realm="x""#, hub]), expected);
        assert_eq!(
            of(&[r#"Negotiate, bearer Scope="a:b:c,d", REALM="https://a/\"t", Basic realm="x""#]),
            bearer("https://a/\"t", None)
        );
    }

    #[test]
    fn nothing_else_is_asked_for() {
        assert_eq!(of(&[r#"basic realm="x""#]), Some(Challenge::Basic));
        for text in ["", "Negotiate", "Bearer", "Bearer service=\"x\"", "Bearer realm=\"x", "=,=,"] {
            assert_eq!(of(&[text]), None, "{text}");
        }
    }
}
