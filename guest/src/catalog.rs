//! The manifest.

use exhibit_plugin::Value;
use exhibit_plugin::catalog::{Auth, AuthScheme, BasicAuth, Manifest, Parameter};

use crate::proofs;
use crate::qualys::{answer_headers, platforms};

/// How requests are signed: every API used here takes HTTP Basic, and `/msp/` nothing else.
pub const BASIC: &str = "basic";

/// Calls an hour that are left to other users of the subscription. Qualys counts calls
/// by subscription, and a collection that uses up all of them stops every other tool.
const DEFAULT_RESERVE: i64 = 30;
/// Hosts an answer. Ten times Qualys' own default: a call counts the same however
/// much it brings, and 300 an hour are standard.
const DEFAULT_PAGE_SIZE: i64 = 10_000;

/// What the plugin offers and asks for.
pub fn manifest() -> Manifest {
    Manifest {
        id: "qualys".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        label: "Qualys".to_owned(),
        vendor: "Qualys, Inc.".to_owned(),
        settings: settings(),
        secrets: vec![
            Parameter::text("username", "User name", "The name of an account that may use the API.")
                .required(),
            Parameter::text(
                "password",
                "Password",
                "Its password. An account that signs in by SSO alone has none for the API: it needs one.",
            )
            .required(),
        ],
        auth: vec![Auth {
            name: BASIC.to_owned(),
            scheme: AuthScheme::Basic(BasicAuth {
                username: "username".to_owned(),
                password: "password".to_owned(),
            }),
        }],
        answer_headers: answer_headers::ALL.map(str::to_owned).to_vec(),
        proof_types: proofs::ALL.iter().map(|it| (it.describe)()).collect(),
        operations: Vec::new(),
    }
}

fn settings() -> Vec<Parameter> {
    let version = |name: &str, label: &str, of: &str, default: &str| {
        Parameter::text(name, label, &format!("The version of the {of} that is asked, such as {default}."))
            .default(Value::Text(default.to_owned()))
    };
    vec![
        Parameter::text(
            "platform",
            "Platform",
            "Where the account lives: the console's address and the end of the user name tell. \
             On another platform it looks as if the password were wrong.",
        )
        .required()
        .choices(platforms::choices()),
        Parameter::integer(
            "quota-reserve",
            "Quota reserve",
            "API calls an hour that are left to other tools of the subscription. Where fewer are left, a \
             collection pauses before its next page.",
        )
        .default(Value::Integer(DEFAULT_RESERVE)),
        Parameter::integer("page-size", "Page size", "Hosts an answer, from 1 to 1000000.")
            .default(Value::Integer(DEFAULT_PAGE_SIZE)),
        version("host-list-version", "Host list version", "host list API", "5.0"),
        version("scan-list-version", "Scan list version", "VM scan list API", "3.0"),
        // Only 2.0 of the compliance list has been seen in public clients.
        version("pc-scan-list-version", "PC scan list version", "compliance scan list API", "2.0"),
    ]
}
