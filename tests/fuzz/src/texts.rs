//! What people write: tests, references, and times.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;
use std::sync::LazyLock;

use exhibit::contract::catalog::ProofType;
use exhibit::contract::types::Kind;
use exhibit::evidence::examples;
use exhibit::http::{Origin, OriginSource};
use exhibit::testing::file::{Suite, write};
use exhibit_registry::Reference;
use exhibit_secrets::SecretRef;

const KINDS: [Kind; 7] =
    [Kind::Text, Kind::Integer, Kind::Number, Kind::Boolean, Kind::Instant, Kind::Duration, Kind::Texts];

/// A proof type with two fields of each kind, named `users` as that of the fixtures.
static USERS: LazyLock<ProofType> = LazyLock::new(|| {
    let fields = KINDS.iter().flat_map(|kind| {
        let name = kind.name();
        [examples::field(name, *kind), examples::field(&format!("other-{name}"), *kind)]
    });
    ProofType { name: "users".to_owned(), ..examples::proof_type(fields.collect()) }
});

/// A file of tests: what was read is written, and read as the same tests.
pub fn tests(bytes: &[u8]) {
    let read = |bytes: &[u8]| Suite::of_bytes(Path::new("tests.toml"), bytes, &USERS);
    match read(bytes) {
        Ok(suite) => {
            drop(suite.doubts());
            let text = write(&USERS, suite.tests(), &[]);
            match read(text.as_bytes()) {
                Ok(again) => assert_eq!(again.tests(), suite.tests(), "{text}"),
                Err(error) => panic!("{error}\n{text}"),
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// References to plugins in registries and to secrets, and origins: what was read is shown in the one way to write it.
pub fn reference(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(reference) = same_again::<Reference>(text) {
        assert!(reference.pinned(exhibit_records::Digest::of(b"")).parse::<Reference>().is_ok());
        assert!(!reference.base_name().is_empty() && !reference.tag().is_empty());
    }
    same_again::<SecretRef>(text);
    for given in [OriginSource::ByPlugin, OriginSource::ByOperator { plain_http: false }] {
        if let Ok(origin) = Origin::parse(text, given) {
            let again = Origin::parse(origin.as_str(), given).expect("it was written");
            assert_eq!(again.as_str(), origin.as_str());
            assert!(origin.is_encrypted() || origin.is_local());
        }
    }
}

/// Times as people and sources write them.
pub fn instant(bytes: &[u8]) {
    use exhibit_rows::instant::{format, parse, typed};
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for read in [typed(text), parse(text), exhibit_plugin::instant::parse(text)].into_iter().flatten() {
        assert_eq!(parse(&format(read)), Some(read), "{text}");
    }
    // The strict form is one of those that people write.
    if let Some(strict) = parse(text) {
        assert_eq!(format(strict), text);
    }
}

fn same_again<T: FromStr<Err: Display> + Display>(text: &str) -> Option<T> {
    let read: T = text.parse().ok()?;
    let shown = read.to_string();
    match shown.parse::<T>() {
        Ok(again) => assert_eq!(again.to_string(), shown, "{text}"),
        Err(error) => panic!("{text}: {error}"),
    }
    Some(read)
}
