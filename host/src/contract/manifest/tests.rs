//! Manifests that are valid, and those that are not.

use crate::contract::catalog::{
    Auth, BasicAuth, ChangesUse, HeaderAuth, Inventory, IssuedNumber, ItemIdentity, Link, WindowUse,
};
use crate::contract::types::Kind;

use super::*;

pub(crate) fn manifest() -> catalog::Manifest {
    let parameter = |name: &str| Parameter {
        name: name.to_owned(),
        label: "Label".to_owned(),
        help: "Help.".to_owned(),
        kind: Kind::Text,
        choices: vec![],
        required: false,
        default: None,
    };
    catalog::Manifest {
        id: "demo".to_owned(),
        version: "1.0.0".to_owned(),
        label: "Demo".to_owned(),
        vendor: "Nobody".to_owned(),
        settings: vec![parameter("place")],
        secrets: vec![parameter("user"), parameter("pass")],
        auth: vec![Auth {
            name: "login".to_owned(),
            scheme: AuthScheme::Basic(BasicAuth { username: "user".to_owned(), password: "pass".to_owned() }),
        }],
        answer_headers: vec!["retry-after".to_owned()],
        proof_types: vec![ProofType {
            name: "things".to_owned(),
            label: "Things".to_owned(),
            help: "All of them.\nAlso those in the cellar.".to_owned(),
            fields: vec![Field {
                name: "id".to_owned(),
                aliases: vec![],
                label: "ID".to_owned(),
                kind: Kind::Integer,
                help: String::new(),
                shown: true,
                personal: false,
            }],
            key: vec!["id".to_owned()],
            criteria: vec![],
            window: None,
            changes: Err("Its source is not asked for changes.".to_owned()),
            needs: vec![],
            link: None,
            schedule: "0 6 * * *".to_owned(),
            suggested: vec![],
            blanked: vec![],
        }],
        operations: vec![],
        lookups: vec![],
        inventories: vec![],
        guide: String::new(),
    }
}

fn header(name: &str) -> AuthScheme {
    let (name, prefix, secret) = (name.to_owned(), "Bearer ".to_owned(), "pass".to_owned());
    AuthScheme::Header(HeaderAuth { name, prefix, secret })
}

fn with(change: impl FnOnce(&mut catalog::Manifest)) -> String {
    let mut manifest = manifest();
    change(&mut manifest);
    Manifest::check(manifest).map_or_else(|error| error.to_string(), |_| "fine".to_owned())
}

#[test]
fn takes_one_that_makes_sense() {
    assert_eq!(with(|_| ()), "fine");
}

#[test]
fn links_stay_at_their_portal() {
    let link = |path: &str| {
        with(|it| {
            it.proof_types[0].link =
                Some(Link { origin: "api".to_owned(), path: path.to_owned(), note: None });
        })
    };
    for path in ["", "/", "/things?all#first"] {
        assert_eq!(link(path), "fine", "{path}");
    }
    for path in
        ["@evil.example/", ".evil.example/", ":8443/", "things", "//evil.example/", "/\\evil.example/"]
    {
        let what = "its link's path is";
        assert_eq!(
            link(path),
            format!("proof type `things`: {what} `{path}`; it should begin with a single /")
        );
    }
}

#[test]
fn changes_name_fields_that_may_lag_behind_them() {
    let changes = |lagging: &[&str], left: Option<&str>, window| {
        with(|it| {
            let proof_type = &mut it.proof_types[0];
            let flag = Field { name: "gone".to_owned(), kind: Kind::Boolean, ..proof_type.fields[0].clone() };
            let age = Field { name: "age".to_owned(), ..proof_type.fields[0].clone() };
            proof_type.fields.extend([flag, age]);
            let lagging = lagging.iter().map(|it| (*it).to_owned()).collect();
            let left = left.map(str::to_owned);
            proof_type.changes = Ok(ChangesUse { help: "Help.".to_owned(), lagging, left });
            proof_type.window = window;
        })
    };
    assert_eq!(changes(&["age"], Some("gone"), None), "fine");
    let of_events = Some(WindowUse { help: String::new(), proves: ProvenTime::Events });
    for (refused, why) in [
        (changes(&["name"], None, None), "its changes name `name`, which is no field"),
        (changes(&["id"], None, None), "`id` is in its key, and may lag behind changes"),
        (changes(&[], Some("age"), None), "`age` says which rows have left, and is no field of yes or no"),
        (changes(&[], None, of_events), "its window proves events, and it has changes, too"),
    ] {
        assert_eq!(refused, format!("proof type `things`: {why}"));
    }
}

#[test]
fn refuses_what_makes_no_sense() {
    let verdicts = [
        with(|it| it.id = "De mo".to_owned()),
        with(|it| it.settings.push(it.settings[0].clone())),
        with(|it| it.settings[0].default = Some(Value::Integer(1))),
        with(|it| it.settings[0].label = "a\u{1b}[2J".to_owned()),
        with(|it| it.settings[0].help = "a".repeat(HELP_BYTES + 1)),
        with(|it| drop(it.secrets.pop())),
        with(|it| it.auth[0].scheme = header("host")),
        with(|it| it.auth[0].scheme = header("Authorization")),
        with(|it| it.auth[0].scheme = header("authorization")),
        with(|it| it.answer_headers.push("set-cookie".to_owned())),
        with(|it| it.answer_headers.push("Retry-After".to_owned())),
        with(|it| it.proof_types[0].key = vec!["name".to_owned()]),
        with(|it| it.proof_types[0].key.clear()),
        with(|it| it.proof_types = vec![it.proof_types[0].clone(); 2]),
        with(|it| it.proof_types[0].blanked = vec!["LOGIN_PASSWORD".to_owned(), "external-id".to_owned()]),
        with(|it| it.proof_types[0].blanked = vec!["a:b".to_owned()]),
        with(|it| it.proof_types[0].blanked = ["arn", "ARN"].map(str::to_owned).to_vec()),
        with(|it| it.proof_types[0].blanked = (0..51).map(|it| format!("n{it}")).collect()),
    ];
    assert_eq!(
        verdicts,
        [
            "id: `De mo` is no name; it should have a to z, 0 to 9 and - only",
            "settings: `place` is there twice",
            "settings `place`: the default is not of the kind text",
            "settings `place`: a text has a control character or one that cannot be seen",
            "settings `place`: a text has 4097 bytes; at most 4096 are allowed",
            "auth `login`: there is no secret `pass`",
            "auth `login`: no secret may be in the header `host`",
            "auth `login`: no secret may be in the header `Authorization`",
            "fine",
            "answer-headers: no plugin may read `set-cookie`",
            "answer-headers: `Retry-After` is no name; it should have a to z, 0 to 9 and - only",
            "proof type `things`: its key names `name`, which is no field",
            "proof type `things`: it needs at least one field, and at least one field in its key",
            "proof-types: `things` is there twice",
            "fine",
            "proof type `things`: `a:b` cannot be blanked: it is no name of an element or a member",
            "proof type `things`: `ARN` is there twice among what is blanked",
            "proof type `things`: of the names that are blanked, there are more than 50",
        ]
    );
}

#[test]
fn an_inventory_is_made_of_fields_of_its_proof_type() {
    let said = |change: &dyn Fn(&mut Inventory)| {
        with(|it| {
            let field = &it.proof_types[0].fields[0];
            let name = Field { name: "name".to_owned(), kind: Kind::Text, ..field.clone() };
            let ends = Field { name: "ends".to_owned(), kind: Kind::Instant, ..field.clone() };
            it.proof_types[0].fields.extend([name, ends]);
            let texts = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<String>>();
            let mut inventory = Inventory {
                name: "things".to_owned(),
                label: "Things".to_owned(),
                proof_type: "things".to_owned(),
                identity: vec![ItemIdentity::Digest("name".to_owned())],
                fields: texts(&["id", "name", "ends"]),
                title: "name".to_owned(),
                begins: None,
                ends: Some("ends".to_owned()),
                names: texts(&["name"]),
                places: vec![],
                group: "New".to_owned(),
            };
            change(&mut inventory);
            it.inventories.push(inventory);
        })
    };
    let number = |issuer: &str, number: &str| {
        let issuer = vec![issuer.to_owned()];
        vec![ItemIdentity::Number(IssuedNumber { issuer, number: number.to_owned() })]
    };
    let verdicts = [
        said(&|_| ()),
        said(&|it| it.proof_type = "others".to_owned()),
        said(&|it| it.fields.push("id".to_owned())),
        said(&|it| it.fields.push("age".to_owned())),
        said(&|it| drop(it.fields.remove(1))),
        said(&|it| it.title = "ends".to_owned()),
        said(&|it| it.ends = Some("id".to_owned())),
        said(&|it| it.identity.clear()),
        said(&|it| it.identity = number("name", "id")),
        said(&|it| it.identity = number("name", "name")),
        said(&|it| it.group = " ".to_owned()),
    ];
    assert_eq!(
        verdicts,
        [
            "fine",
            "inventory `things`: there is no proof type `others`",
            "inventory `things`: `id` is there twice",
            "inventory `things`: `age` is no field of its proof type",
            "inventory `things`: `name` should be among its fields",
            "inventory `things`: `ends` should be of the kind text",
            "inventory `things`: `id` should be of the kind instant",
            "inventory `things`: nothing tells its items apart",
            "inventory `things`: `id` should be of the kind text",
            "fine",
            "inventory `things`: it needs a group that new items are in",
        ]
    );
}
