//! What an export says of persons: their names, nothing, or pseudonyms.

use std::fmt;

use exhibit::randomness::{self, NoRandomness};
use exhibit_rows::Value;
use exhibit_secrets::Secret;
use ring::hmac;

/// What stands for a value that was left out because it names a person.
pub const REDACTED: &str = "(redacted)";

/// Who knows the names could try all of them with a key that can be guessed.
const KEY_BYTES: usize = 32;
/// Of a million persons, two share a pseudonym once in some forty million exports.
const PSEUDONYM_BYTES: usize = 8;
/// Enough to tell apart the keys of one company.
const KEY_NAME_BYTES: usize = 4;

/// What an export says of persons.
#[derive(Debug, Clone)]
pub enum Persons {
    /// All that the evidence says.
    Named,
    /// Nothing: personal values read [`REDACTED`].
    LeftOut,
    /// That two are the same, and not who it is.
    Pseudonyms(PseudonymKey),
}

/// What pseudonyms are made with: the same key makes the same ones.
#[derive(Debug, Clone)]
pub struct PseudonymKey {
    key: hmac::Key,
    kept: bool,
}

/// A key that somebody could guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the key for pseudonyms has fewer than {KEY_BYTES} bytes: it could be guessed, and the pseudonyms resolved"
)]
pub struct KeyTooShort;

impl PseudonymKey {
    /// For one export: its pseudonyms cannot be made again.
    pub fn once() -> Result<Self, NoRandomness> {
        let seed = randomness::seed()?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &*seed), kept: false })
    }

    /// For exports that are to be joined. White space around the key does not count.
    pub fn kept(secret: &Secret) -> Result<Self, KeyTooShort> {
        let secret = secret.trimmed();
        let bytes = secret.reveal().as_bytes();
        if bytes.len() < KEY_BYTES {
            return Err(KeyTooShort);
        }
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, bytes), kept: true })
    }

    /// Tells keys apart, and says nothing of them. `None` where no other export can have the same.
    pub(super) fn name(&self) -> Option<String> {
        self.kept.then(|| self.hex("key", KEY_NAME_BYTES))
    }

    /// Tells apart the documents made with it.
    pub(super) fn mark(&self) -> String {
        self.hex("document", PSEUDONYM_BYTES)
    }

    /// What stands for this person: sources write the same login in capitals and not, so these are one.
    pub(super) fn pseudonym(&self, person: &str) -> String {
        format!("person-{}", self.hex(&format!("person {}", person.trim().to_lowercase()), PSEUDONYM_BYTES))
    }

    fn hex(&self, text: &str, bytes: usize) -> String {
        let tag = hmac::sign(&self.key, text.as_bytes());
        tag.as_ref().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Persons {
    /// Whether the export says less than the evidence.
    pub(super) fn are_hidden(&self) -> bool {
        !matches!(self, Self::Named)
    }

    /// What is said instead of a personal value. An empty value identifies no one.
    pub(super) fn value(&self, value: Value) -> Value {
        match (self, value) {
            (Self::Named, value) | (_, value @ (Value::Absent | Value::Empty)) => value,
            (Self::LeftOut, Value::Texts(_)) => Value::Texts(vec![REDACTED.to_owned()]),
            (_, Value::Texts(it)) => Value::Texts(it.iter().map(|it| self.text(it)).collect()),
            (_, Value::Text(it)) => Value::Text(self.text(&it)),
            (_, Value::Integer(it)) => Value::Text(self.text(&it.to_string())),
            // Neither a time nor a yes is who somebody is.
            (_, Value::Number(_) | Value::Boolean(_) | Value::Instant(_) | Value::Duration(_)) => {
                Value::Text(REDACTED.to_owned())
            }
        }
    }

    /// What is said instead of a text that names a person.
    pub(super) fn text(&self, text: &str) -> String {
        match self {
            Self::Named => text.to_owned(),
            Self::LeftOut => REDACTED.to_owned(),
            Self::Pseudonyms(key) => key.pseudonym(text),
        }
    }
}

/// How an identifier of a document tells these exports apart.
impl fmt::Display for Persons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named => Ok(()),
            Self::LeftOut => f.write_str(" redacted"),
            Self::Pseudonyms(key) => write!(f, " pseudonyms {}", key.mark()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn key() -> PseudonymKey {
        PseudonymKey::kept(&Secret::from("0123456789abcdef0123456789abcdef\n".to_owned())).expect("a key")
    }

    #[test]
    fn pseudonyms_are_what_others_compute() {
        // python3 -c 'import hmac; print(hmac.new(b"0123456789abcdef0123456789abcdef",
        //     "person ada@example.com".encode(), "sha256").hexdigest()[:16])'
        assert_eq!(key().pseudonym(" Ada@Example.com"), "person-78fd5953d77a9154");
        assert_ne!(key().pseudonym("bob"), key().pseudonym("ada"));
    }

    #[test]
    fn a_key_of_one_export_is_of_no_other() {
        let (one, other) = (PseudonymKey::once().expect("a key"), PseudonymKey::once().expect("a key"));
        assert_ne!(one.pseudonym("ada"), other.pseudonym("ada"));
        assert_eq!((one.name(), key().name().map(|it| it.len())), (None, Some(8)));
        let short = Secret::from(format!("{}  \n", "k".repeat(31)));
        assert_eq!(PseudonymKey::kept(&short).map(drop), Err(KeyTooShort));
    }

    #[test]
    fn of_each_kind_of_value_nothing_is_left() {
        let texts = |it: &[&str]| Value::Texts(it.iter().map(|it| (*it).to_owned()).collect());
        let values = [
            Value::Absent,
            Value::Empty,
            Value::Text("ada".into()),
            texts(&["ada", "bob"]),
            Value::Integer(7),
            Value::Instant(0),
            Value::Boolean(true),
        ];
        let said = |persons: &Persons| values.clone().map(|it| persons.value(it));
        let gone = || Value::Text(REDACTED.into());
        let left_out = [Value::Absent, Value::Empty, gone(), texts(&[REDACTED]), gone(), gone(), gone()];
        assert_eq!(said(&Persons::LeftOut), left_out);
        let [_, _, ada, both, seven, instant, _] = said(&Persons::Pseudonyms(key()));
        let name = |it: &str| key().pseudonym(it);
        assert_eq!(ada, Value::Text(name("ada")));
        assert_eq!(both, texts(&[&name("ada"), &name("bob")]));
        assert_eq!((seven, instant), (Value::Text(name("7")), gone()));
        assert_eq!(said(&Persons::Named), values);
    }
}
