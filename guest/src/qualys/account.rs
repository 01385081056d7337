//! The account that collects: its secrets, and how requests are signed with them.

use exhibit_plugin::catalog::{Auth, AuthScheme, BasicAuth, Parameter, TokenExchange};

use super::platforms::GATEWAY;

/// How requests to the API server are signed: every API of it takes HTTP Basic, and `/msp/` takes nothing else.
pub const BASIC: &str = "basic";
/// How requests to the gateway are signed: with a token that the same secrets are exchanged for.
pub const TOKEN: &str = "token";

/// The name of the secret that is the user name. An error about it is of the account itself.
pub const USERNAME: &str = "username";
const PASSWORD: &str = "password";
/// A token is accepted for four hours.
const TOKEN_SECONDS: u32 = 4 * 3_600;

/// The secrets of a connection.
pub fn secrets() -> Vec<Parameter> {
    vec![
        Parameter::text(USERNAME, "User name", "The user name of an account with API access.").required(),
        Parameter::text(
            PASSWORD,
            "Password",
            "The password of the account. An account that signs in only by SSO needs a password of its own for the API.",
        )
        .required(),
    ]
}

/// The ways in which requests are signed.
pub fn auth() -> Vec<Auth> {
    let basic = BasicAuth { username: USERNAME.to_owned(), password: PASSWORD.to_owned() };
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let token = TokenExchange {
        origin: GATEWAY.to_owned(),
        path: "/auth".to_owned(),
        form: vec![
            field("username", &format!("{{{USERNAME}}}")),
            field("password", &format!("{{{PASSWORD}}}")),
            field("token", "true"),
        ],
        lifetime: TOKEN_SECONDS,
    };
    vec![
        Auth { name: BASIC.to_owned(), scheme: AuthScheme::Basic(basic) },
        Auth { name: TOKEN.to_owned(), scheme: AuthScheme::Token(token) },
    ]
}
