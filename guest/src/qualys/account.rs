//! The account that collects: its secrets, and how requests are signed with them.

use exhibit_plugin::catalog::{Auth, AuthScheme, BasicAuth, Parameter};

/// How requests are signed: every API used here takes HTTP Basic, and `/msp/` takes nothing else.
pub const BASIC: &str = "basic";

const USERNAME: &str = "username";
const PASSWORD: &str = "password";

/// The secrets of a connection.
pub fn secrets() -> Vec<Parameter> {
    vec![
        Parameter::text(USERNAME, "User name", "The name of an account that may use the API.").required(),
        Parameter::text(
            PASSWORD,
            "Password",
            "Its password. An account that signs in by SSO alone has none for the API: it needs one.",
        )
        .required(),
    ]
}

/// The ways in which requests are signed.
pub fn auth() -> Vec<Auth> {
    vec![Auth {
        name: BASIC.to_owned(),
        scheme: AuthScheme::Basic(BasicAuth { username: USERNAME.to_owned(), password: PASSWORD.to_owned() }),
    }]
}
