//! What the plugin says about itself.

use std::hash::{BuildHasher as _, RandomState};

use crate::Plugin;
use crate::bindings::exports::exhibit::plugin::catalog::{
    Auth, Choice, Field, Guest, Manifest, Operation, Origin, Parameter, ProofType, ProvenTime, WindowUse,
};
use crate::bindings::exports::exhibit::plugin::testing::{
    Condition, EmptyRule, Operand, Operator, Test, TestCase,
};
use crate::bindings::exports::exhibit::plugin::types::{Error, Kind, Setting, Value};
use crate::flaw::{FLAWS, Flaw, PACE, SETTING, flaw};

/// `describe` takes no settings, so a test that wants it to misbehave writes another
/// word of the same length over this one in the component's bytes.
static DESCRIBE: [u8; 16] = *b"describe:behaves";

/// The operation, and its parameter.
pub(crate) const RESTART: &str = "restart";
pub(crate) const THING: &str = "thing";

/// The criterion of each proof type.
pub(crate) const LEAST: &str = "least";

impl Guest for Plugin {
    fn describe() -> Manifest {
        // SAFETY: it is a reference to a static. Volatile, since the compiler would
        // otherwise go by what it says here.
        let mood = unsafe { std::ptr::read_volatile(&raw const DESCRIBE) };
        let manifest = manifest();
        match &mood {
            b"describe:differs" => Manifest { label: format!("Things {}", chance()), ..manifest },
            b"describe:mumbles" => Manifest { version: "latest".to_owned(), ..manifest },
            b"describe:demands" => {
                let mut manifest = manifest;
                for proof in &mut manifest.proof_types {
                    proof.criteria[0].required = true;
                }
                manifest
            }
            b"describe:nowhere" => {
                let mut manifest = manifest;
                manifest.proof_types[0].key = vec!["nothing".to_owned()];
                manifest
            }
            _ => manifest,
        }
    }

    fn resolve(settings: Vec<Setting>) -> Result<Vec<Origin>, Error> {
        let url = match flaw(&settings)? {
            Flaw::ResolveDiffers => format!("https://api-{}.example", chance()),
            _ => "https://api.example".to_owned(),
        };
        Ok(vec![Origin { name: "api".to_owned(), url: Some(url), portal: None }])
    }
}

/// Something else on another day.
fn chance() -> u64 {
    RandomState::new().hash_one("things")
}

fn manifest() -> Manifest {
    let choice = |(name, _): &(&str, Flaw)| Choice { value: (*name).to_owned(), label: String::new() };
    Manifest {
        id: "broken".to_owned(),
        version: "1.0.0".to_owned(),
        label: "Things".to_owned(),
        vendor: "Nobody".to_owned(),
        settings: vec![
            Parameter {
                name: SETTING.to_owned(),
                label: "Flaw".to_owned(),
                help: "What is wrong with it.".to_owned(),
                kind: Kind::Text,
                choices: FLAWS.iter().map(choice).collect(),
                required: true,
                default: None,
            },
            optional(PACE, "How fast it goes."),
        ],
        secrets: vec![],
        auth: Vec::<Auth>::new(),
        answer_headers: vec![],
        proof_types: vec![proof_type("things", "List of Things"), proof_type("parts", "List of Parts")],
        operations: vec![operation()],
        lookups: vec![],
        inventories: vec![],
        guide: String::new(),
    }
}

fn operation() -> Operation {
    Operation {
        name: RESTART.to_owned(),
        label: "Restart a thing".to_owned(),
        help: "Restarts a thing.".to_owned(),
        parameters: vec![Parameter {
            name: THING.to_owned(),
            label: "Thing".to_owned(),
            help: "Its name.".to_owned(),
            kind: Kind::Text,
            choices: vec![],
            required: true,
            default: None,
        }],
        fields: vec![field("name", Kind::Text)],
        confirm: THING.to_owned(),
        needs: vec![],
        blanked: vec![],
    }
}

fn proof_type(name: &str, label: &str) -> ProofType {
    ProofType {
        name: name.to_owned(),
        label: label.to_owned(),
        help: "What there is, and how much of it.".to_owned(),
        fields: vec![field("name", Kind::Text), field("count", Kind::Integer)],
        key: vec!["name".to_owned()],
        criteria: vec![optional(LEAST, "Of what there is less, nothing is said.")],
        window: Some(WindowUse { help: "When it was counted.".to_owned(), proves: ProvenTime::State }),
        changes: Err("Its source is not asked for changes.".to_owned()),
        needs: vec![],
        link: None,
        schedule: "0 6 * * 1".to_owned(),
        suggested: vec![suggested()],
        blanked: vec![],
    }
}

fn optional(name: &str, help: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        label: String::new(),
        help: help.to_owned(),
        kind: Kind::Integer,
        choices: vec![],
        required: false,
        default: None,
    }
}

fn suggested() -> Test {
    Test {
        name: "some".to_owned(),
        label: "There is some of everything".to_owned(),
        help: "A thing with a count of zero does not exist.".to_owned(),
        scope: vec![],
        cases: vec![TestCase {
            label: "some".to_owned(),
            conditions: vec![Condition {
                field: "count".to_owned(),
                operator: Operator::AtLeast,
                operand: Operand::Value(Value::Integer(1)),
            }],
        }],
        threshold: 10_000,
        when_empty: EmptyRule::Fail,
        controls: vec![],
    }
}

fn field(name: &str, kind: Kind) -> Field {
    Field {
        name: name.to_owned(),
        aliases: vec![],
        label: name.to_owned(),
        kind,
        help: String::new(),
        shown: true,
        personal: false,
    }
}
