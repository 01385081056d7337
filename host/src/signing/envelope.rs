//! DSSE envelopes: bytes of a stated type, and who signed them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use exhibit_rows::Shown;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::error::{IN_TOTO, VerifyError};
use super::key::SigningKey;
use super::predicate::Predicate;
use super::public::PublicKey;
use super::statement::Statement;

/// A statement over ten thousand parts has about 2 MB, and so has one that names six thousand tests.
pub(crate) const ENVELOPE_BYTES: usize = 4 << 20;

/// More than any evidence has; each is tried against each trusted key.
const SIGNATURES: usize = 16;

/// Bytes of a stated type, with signatures over both. Nothing of it may be believed before
/// [`Envelope::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    /// Whose it is said to be. A hint: no signature covers it.
    key: Option<String>,
    bytes: Vec<u8>,
}

/// Why bytes are no envelope.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvelopeError {
    /// More than is ever read.
    #[error("the envelope has more than {ENVELOPE_BYTES} bytes")]
    TooLong,
    /// Not JSON, or a field is missing or of another kind.
    #[error("this is no DSSE envelope: {}", Shown::line(.0))]
    Form(String),
    /// Something that should be base64.
    #[error("the envelope's {0} is no base64")]
    Base64(&'static str),
    /// More than are ever tried.
    #[error("the envelope has more than {SIGNATURES} signatures")]
    TooManySignatures,
    /// Reads well, and yet has other space, another order or more fields than this program
    /// writes.
    #[error("the envelope has been rewritten since it was made")]
    Rewritten,
}

/// The envelope as JSON has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    payload: String,
    payload_type: String,
    signatures: Vec<WrittenSignature>,
}

#[derive(Deserialize)]
struct WrittenSignature {
    keyid: Option<String>,
    sig: String,
}

impl Envelope {
    /// Holds the statement, signed with this key. Fails where its predicate has no form in JSON.
    ///
    /// # Errors
    ///
    /// Where the predicate has no form in JSON.
    pub fn seal<P: Predicate>(statement: &Statement<P>, key: &SigningKey) -> Result<Self, serde_json::Error> {
        Ok(Self::of(IN_TOTO, statement.to_bytes()?, key))
    }

    /// Reads an envelope from any source.
    ///
    /// # Errors
    ///
    /// Where the bytes are no DSSE envelope, or one that is too long or has too many signatures.
    pub fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > ENVELOPE_BYTES {
            return Err(EnvelopeError::TooLong);
        }
        let written: Written =
            serde_json::from_slice(bytes).map_err(|error| EnvelopeError::Form(error.to_string()))?;
        if written.signatures.len() > SIGNATURES {
            return Err(EnvelopeError::TooManySignatures);
        }
        let signature = |it: WrittenSignature| {
            Ok(Signature { key: it.keyid, bytes: decode(&it.sig).ok_or(EnvelopeError::Base64("signature"))? })
        };
        Ok(Self {
            payload: decode(&written.payload).ok_or(EnvelopeError::Base64("payload"))?,
            payload_type: written.payload_type,
            signatures: written.signatures.into_iter().map(signature).collect::<Result<_, _>>()?,
        })
    }

    /// Reads an envelope as [`Envelope::to_bytes`] writes it, and no other: so that there is
    /// no byte of it that could be altered unnoticed.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`], and [`EnvelopeError::Rewritten`] where the same envelope is written in another way.
    pub fn parse_exact(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let envelope = Self::parse(bytes)?;
        if envelope.to_bytes() == bytes { Ok(envelope) } else { Err(EnvelopeError::Rewritten) }
    }

    /// The envelope as JSON, in one line.
    pub fn to_bytes(&self) -> Vec<u8> {
        let signatures = self.signatures.iter().map(|it| match &it.key {
            Some(key) => json!({ "keyid": key, "sig": STANDARD.encode(&it.bytes) }),
            None => json!({ "sig": STANDARD.encode(&it.bytes) }),
        });
        let written = json!({
            "payload": STANDARD.encode(&self.payload),
            "payloadType": self.payload_type,
            "signatures": Json::from_iter(signatures),
        });
        written.to_string().into_bytes()
    }

    /// Its signatures, and the keys that they are said to be of. Nothing of it is checked.
    pub fn signatures(&self) -> impl Iterator<Item = (Option<&str>, &[u8])> {
        self.signatures.iter().map(|it| (it.key.as_deref(), it.bytes.as_slice()))
    }

    /// One more signature over the same bytes.
    pub fn sign(&mut self, key: &SigningKey) {
        let signature = key.sign(&signed_bytes(&self.payload_type, &self.payload));
        self.signatures
            .push(Signature { key: Some(key.public().id().to_string()), bytes: signature.to_vec() });
    }

    /// What it holds, if one of these keys has signed it. Gives the key with it.
    ///
    /// A signature without a key's name is tried against all keys; one with a name against
    /// the key of that name alone.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Altered`] where the signature of a trusted key does not fit, [`VerifyError::NotSigned`] where there is
    /// none of a trusted key.
    pub fn verify(&self, trusted: &[PublicKey]) -> Result<(&[u8], PublicKey), VerifyError> {
        let bytes = signed_bytes(&self.payload_type, &self.payload);
        let mut altered = None;
        for signature in &self.signatures {
            for key in trusted {
                let id = key.id().to_string();
                let named = signature.key.as_ref().map(|it| *it == id);
                if named == Some(false) {
                    continue;
                }
                if key.verify(&bytes, &signature.bytes).is_ok() {
                    return Ok((&self.payload, *key));
                }
                if named == Some(true) {
                    altered.get_or_insert(id);
                }
            }
        }
        Err(match altered {
            Some(key) => VerifyError::Altered { key },
            None => {
                let unnamed = || "a key without a name".to_owned();
                let signers = self.signatures.iter().map(|it| it.key.clone().unwrap_or_else(unnamed));
                VerifyError::NotSigned { signers: signers.collect() }
            }
        })
    }

    /// The statement that it holds, if one of these keys has signed it.
    ///
    /// # Errors
    ///
    /// As [`Self::verify`] and [`Self::unverified`].
    pub fn open<P: Predicate>(&self, trusted: &[PublicKey]) -> Result<Statement<P>, VerifyError> {
        self.verify(trusted)?;
        self.unverified()
    }

    /// The statement that it holds, without a check of its signatures: to be shown, and not to be relied on.
    ///
    /// # Errors
    ///
    /// Where it holds no statement, or one with another predicate.
    pub fn unverified<P: Predicate>(&self) -> Result<Statement<P>, VerifyError> {
        if self.payload_type != IN_TOTO {
            return Err(VerifyError::OtherPayload { found: self.payload_type.clone() });
        }
        Statement::parse(&self.payload)
    }

    fn of(payload_type: &str, payload: Vec<u8>, key: &SigningKey) -> Self {
        let mut envelope = Self { payload_type: payload_type.to_owned(), payload, signatures: Vec::new() };
        envelope.sign(key);
        envelope
    }
}

/// What a signature is over: DSSE's pre-authentication encoding of both.
fn signed_bytes(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// Either of the alphabets that DSSE allows.
fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{Subject, TestResult, key_of, predicate};
    use exhibit_records::Digest;

    fn sealed() -> Envelope {
        Envelope::seal(&predicate::examples::evidence(), &key_of(1)).expect("JSON")
    }

    #[test]
    fn encodes_as_the_example_of_the_specification() {
        let encoded = signed_bytes("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(signed_bytes("é", b""), "DSSEv1 2 é 0 ".as_bytes());
    }

    #[test]
    fn opens_with_the_public_key_alone() {
        let statement = predicate::examples::evidence();
        let bytes = sealed().to_bytes();
        let envelope = Envelope::parse_exact(&bytes).expect("an envelope");
        let keys = [key_of(2).public(), key_of(1).public()];
        assert_eq!(envelope.open(&keys), Ok(statement));
        assert_eq!(envelope.verify(&keys).map(|it| it.1), Ok(key_of(1).public()));
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let bytes = sealed().to_bytes();
        let keys = [key_of(1).public()];
        for at in 0..bytes.len() {
            for bit in [0x01, 0x02, 0x20, 0x80, 0xff] {
                let mut altered = bytes.clone();
                altered[at] ^= bit;
                let opened = Envelope::parse_exact(&altered)
                    .is_ok_and(|it| it.open::<predicate::Evidence>(&keys).is_ok());
                assert!(!opened, "byte {at} ^ {bit:#x}: {}", String::from_utf8_lossy(&altered));
            }
        }
        for cut in 0..bytes.len() {
            assert!(Envelope::parse_exact(&bytes[..cut]).is_err(), "{cut} bytes");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let envelope = sealed();
        let (ours, theirs) = (key_of(1).public(), key_of(2).public());
        let open = |envelope: &Envelope, key| envelope.open::<predicate::Evidence>(&[key]).map(drop);
        let not_signed = VerifyError::NotSigned { signers: vec![ours.id().to_string()] };
        assert_eq!(open(&envelope, theirs), Err(not_signed));
        assert_eq!(envelope.verify(&[]).map(drop), open(&envelope, theirs));

        let mut altered = envelope.clone();
        altered.payload[20] ^= 1;
        assert_eq!(open(&altered, ours), Err(VerifyError::Altered { key: ours.id().to_string() }));
        let mut retyped = envelope.clone();
        retyped.payload_type = "text/plain".to_owned();
        assert_eq!(open(&retyped, ours), Err(VerifyError::Altered { key: ours.id().to_string() }));

        let text = Envelope::of("text/plain", b"hello".to_vec(), &key_of(1));
        assert_eq!(open(&text, ours), Err(VerifyError::OtherPayload { found: "text/plain".to_owned() }));
        let no_statement = Envelope::of(IN_TOTO, b"hello".to_vec(), &key_of(1));
        assert!(matches!(open(&no_statement, ours), Err(VerifyError::NotAStatement(_))));
        assert_eq!(
            envelope.open::<TestResult>(&[ours]).map(drop),
            Err(VerifyError::OtherStatement {
                found: predicate::Evidence::TYPE.to_owned(),
                expected: TestResult::TYPE
            })
        );
    }

    #[test]
    fn a_signature_of_somebody_else_beside_ours_does_no_harm() {
        let mut envelope = sealed();
        envelope.signatures.insert(0, Signature { key: Some("another kind".to_owned()), bytes: vec![7; 71] });
        envelope.sign(&key_of(2));
        let read = Envelope::parse_exact(&envelope.to_bytes()).expect("an envelope");
        for key in [1, 2] {
            assert!(read.open::<predicate::Evidence>(&[key_of(key).public()]).is_ok(), "{key}");
        }
        assert!(read.verify(&[key_of(3).public()]).is_err());
    }

    #[test]
    fn a_name_is_no_proof_and_its_absence_no_obstacle() {
        let mut envelope = sealed();
        envelope.signatures[0].key = None;
        assert!(envelope.verify(&[key_of(2).public(), key_of(1).public()]).is_ok());
        let mut claimed = Envelope::of(IN_TOTO, envelope.payload.clone(), &key_of(2));
        claimed.signatures[0].key = Some(key_of(1).public().id().to_string());
        assert!(matches!(claimed.verify(&[key_of(1).public()]), Err(VerifyError::Altered { .. })));
    }

    #[test]
    fn reads_what_others_write() {
        let envelope = sealed();
        let payload = STANDARD.encode(&envelope.payload).replace('+', "-").replace('/', "_");
        let other = serde_json::json!({
            "signatures": [{ "sig": STANDARD.encode(&envelope.signatures[0].bytes), "extra": 1 }],
            "payloadType": IN_TOTO,
            "payload": payload,
        });
        let bytes = serde_json::to_vec_pretty(&other).expect("JSON");
        let read = Envelope::parse(&bytes).expect("an envelope");
        assert!(read.open::<predicate::Evidence>(&[key_of(1).public()]).is_ok());
        assert!(matches!(Envelope::parse_exact(&bytes), Err(EnvelopeError::Rewritten)));
    }

    #[test]
    fn refuses_what_is_too_much_or_no_envelope() {
        let mut many = sealed();
        for _ in 0..SIGNATURES {
            many.sign(&key_of(1));
        }
        assert!(matches!(Envelope::parse(&many.to_bytes()), Err(EnvelopeError::TooManySignatures)));
        assert!(matches!(Envelope::parse(&vec![b' '; ENVELOPE_BYTES + 1]), Err(EnvelopeError::TooLong)));
        let twice = br#"{"payload":"","payload":"","payloadType":"","signatures":[]}"#;
        for bytes in [&b""[..], b"[]", b"{}", twice, b"\xff"] {
            assert!(matches!(Envelope::parse(bytes), Err(EnvelopeError::Form(_))), "{bytes:?}");
        }
        let no_base64 = br#"{"payload":"*","payloadType":"","signatures":[]}"#;
        assert!(matches!(Envelope::parse(no_base64), Err(EnvelopeError::Base64("payload"))));
        let unsigned = br#"{"payload":"","payloadType":"","signatures":[]}"#;
        let unsigned = Envelope::parse(unsigned).expect("an envelope");
        let error = unsigned.verify(&[key_of(1).public()]).expect_err("unsigned");
        assert_eq!(error.to_string(), "not signed by the given key; it carries no signatures");
    }

    #[test]
    fn subjects_are_held_against_what_is_there() {
        let envelope = sealed();
        let statement: Statement<predicate::Evidence> =
            envelope.open(&[key_of(1).public()]).expect("a statement");
        let Subject { name, digest } = statement.subjects()[0].clone();
        assert_eq!(statement.check(&name, digest), Ok(()));
        assert!(statement.check(&name, Digest::of(b"other")).is_err());
        assert!(statement.check("other", digest).is_err());
    }
}
