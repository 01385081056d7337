//! The account that collects: its secrets, and how requests are signed with them.

use exhibit_plugin::catalog::{Auth, AuthScheme, BasicAuth, Parameter};

/// How requests are signed: every API used here takes HTTP Basic, and `/msp/` takes nothing else.
pub const BASIC: &str = "basic";

const USERNAME: &str = "username";
const PASSWORD: &str = "password";

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
    vec![Auth {
        name: BASIC.to_owned(),
        scheme: AuthScheme::Basic(BasicAuth { username: USERNAME.to_owned(), password: PASSWORD.to_owned() }),
    }]
}
