//! What the plugin says about itself, which is harmless unless the test asks otherwise.

use crate::Plugin;
use crate::acts::{evil, spin};
use crate::bindings::exports::exhibit::plugin::catalog::{
    Auth, AuthScheme, BasicAuth, Field, Guest, Manifest, Operation, Origin, Parameter, ProofType,
    TokenExchange,
};
use crate::bindings::exports::exhibit::plugin::types::{Error, Kind, Setting};

/// `describe` takes no settings, so a test that wants it to misbehave writes another
/// word of the same length over this one in the component's bytes.
static DESCRIBE: [u8; 16] = *b"describe:behaves";

impl Guest for Plugin {
    fn describe() -> Manifest {
        // SAFETY: it is a reference to a static. Volatile, since the compiler would
        // otherwise go by what it says here.
        let mood = unsafe { std::ptr::read_volatile(&raw const DESCRIBE) };
        match &mood {
            b"describe:loops!!" => spin(),
            b"describe:panics!" => panic!("as told"),
            b"describe:absurd!" => Manifest { id: "\u{1b}[2J".to_owned(), ..manifest() },
            _ => manifest(),
        }
    }

    fn resolve(settings: Vec<Setting>) -> Result<Vec<Origin>, Error> {
        let url = match evil(&settings).as_str() {
            "loop-in-resolve" => spin(),
            "origin-of-metadata" => "https://[::ffff:169.254.169.254]",
            "origin-of-this-machine" => "https://localhost",
            "origin-with-a-path" => "https://api.example/../",
            _ => "https://hostile.invalid",
        };
        Ok(vec![Origin { name: "api".to_owned(), url: Some(url.to_owned()), portal: None }])
    }
}

fn manifest() -> Manifest {
    Manifest {
        id: "hostile".to_owned(),
        version: "1.0.0".to_owned(),
        label: "Hostile".to_owned(),
        vendor: "Nobody".to_owned(),
        settings: vec![parameter("evil", "What to do wrong.")],
        secrets: vec![parameter("username", "Anything."), parameter("password", "Anything.")],
        auth: vec![
            Auth {
                name: "login".to_owned(),
                scheme: AuthScheme::Basic(BasicAuth {
                    username: "username".to_owned(),
                    password: "password".to_owned(),
                }),
            },
            Auth {
                name: "token".to_owned(),
                scheme: AuthScheme::Token(TokenExchange {
                    origin: "api".to_owned(),
                    path: "/token".to_owned(),
                    form: vec![("password".to_owned(), "{password}".to_owned())],
                    lifetime: 3600,
                }),
            },
        ],
        answer_headers: vec!["x-note".to_owned()],
        proof_types: vec![ProofType {
            name: "things".to_owned(),
            label: "Things".to_owned(),
            help: String::new(),
            fields: fields(),
            key: vec!["name".to_owned()],
            criteria: vec![],
            window: None,
            changes: Err("Its source is not asked for changes.".to_owned()),
            needs: vec![],
            link: None,
            schedule: "0 6 * * *".to_owned(),
            suggested: vec![],
            blanked: vec![],
        }],
        operations: vec![Operation {
            name: "act".to_owned(),
            label: "Act".to_owned(),
            help: String::new(),
            parameters: vec![Parameter { required: false, ..parameter("name", "Anything.") }],
            fields: fields(),
            confirm: "name".to_owned(),
            needs: vec![],
            blanked: vec![],
        }],
        lookups: vec![],
        inventories: vec![],
        guide: String::new(),
    }
}

fn fields() -> Vec<Field> {
    let field = |name: &str, kind| Field {
        name: name.to_owned(),
        aliases: vec![],
        label: name.to_owned(),
        kind,
        help: String::new(),
        shown: true,
        personal: false,
    };
    vec![field("name", Kind::Text), field("count", Kind::Number), field("seen", Kind::Instant)]
}

fn parameter(name: &str, help: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        label: name.to_owned(),
        help: help.to_owned(),
        kind: Kind::Text,
        choices: vec![],
        required: true,
        default: None,
    }
}
