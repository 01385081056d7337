//! Evidence from {{label}}.

mod users;
#[cfg(test)]
mod tests;

use exhibit_plugin::catalog::{Auth, AuthScheme, BasicAuth, Manifest, Origin, Parameter};
use exhibit_plugin::session::Order;
use exhibit_plugin::{Arguments, Error, Plugin, Source};

/// The origin that requests go to.
const API: &str = "api";
/// How requests are signed.
const LOGIN: &str = "login";

/// The plugin.
pub struct {{Type}};

impl Plugin for {{Type}} {
    fn manifest() -> Manifest {
        Manifest {
            id: "{{name}}".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            label: "{{label}}".to_owned(),
            vendor: "{{label}}".to_owned(),
            settings: vec![],
            secrets: vec![
                Parameter::text("username", "User name", "The name of an account that may use the API.").required(),
                Parameter::text("password", "Password", "Its password.").required(),
            ],
            auth: vec![Auth {
                name: LOGIN.to_owned(),
                scheme: AuthScheme::Basic(BasicAuth {
                    username: "username".to_owned(),
                    password: "password".to_owned(),
                }),
            }],
            // Those that `Source::answer` looks at.
            answer_headers: vec!["retry-after".to_owned()],
            proof_types: vec![users::proof_type()],
            operations: vec![],
            lookups: vec![],
            inventories: vec![],
            guide: String::new(),
        }
    }

    fn resolve(_settings: &Arguments) -> Result<Vec<Origin>, Error> {
        // Where the source is. `None` where only the operator knows it.
        let url = Some("https://api.example.com".to_owned());
        Ok(vec![Origin { name: API.to_owned(), url, portal: None }])
    }

    fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
        // There is one proof type so far. With more of them, look at `order.proof_type.name`.
        Ok(Box::new(users::Users::new(order)))
    }
}

exhibit_plugin::export!({{Type}});
