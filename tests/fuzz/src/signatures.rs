//! Signatures and time stamps.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit::signing::{Authorities, Envelope, Evidence, PublicKey, TestResult, Timestamp};
use serde_json::json;

/// What a signature is over in evidence.
const STATEMENT: &str = "application/vnd.in-toto+json";
/// What the time stamp of the fixture is of.
const STAMPED: &[u8] = include_bytes!("../../fixtures/evidence/format-4/assets/signature.json");
const AUTHORITY: &[u8] = include_bytes!("../../fixtures/evidence/format-4/authority.pem");
const KEY: &str = include_str!("../../fixtures/evidence/format-4/key.pem.pub");
/// Another authority, whose time stamps are of the text in `fixtures/timestamps/make.sh`.
const RSA: &[u8] = include_bytes!("../../fixtures/timestamps/rsa-2048-sha256.pem");

static TRUSTED: LazyLock<PublicKey> = LazyLock::new(|| PublicKey::from_pem(KEY).expect("a key"));
static AUTHORITIES: LazyLock<Authorities> = LazyLock::new(|| {
    let mut all = Authorities::from_pem(AUTHORITY).expect("certificates");
    all.extend(Authorities::from_pem(RSA).expect("certificates"));
    all
});

/// A signed statement: the envelope, and the bytes as the statement within one.
pub fn envelope(bytes: &[u8]) {
    match Envelope::parse(bytes) {
        Ok(envelope) => {
            let written = envelope.to_bytes();
            assert_eq!(Envelope::parse_exact(&written).expect("it was written"), envelope);
            assert_eq!(Envelope::parse_exact(bytes).is_ok(), written == bytes);
            drop((envelope.unverified::<Evidence>(), envelope.unverified::<TestResult>()));
            drop(envelope.verify(&[*TRUSTED]));
            assert!(envelope.signatures().count() <= bytes.len());
        }
        Err(_) => assert!(Envelope::parse_exact(bytes).is_err()),
    }
    let around = json!({ "payload": STANDARD.encode(bytes), "payloadType": STATEMENT, "signatures": [] });
    let around = Envelope::parse(around.to_string().as_bytes()).expect("an envelope");
    drop((around.unverified::<Evidence>(), around.unverified::<TestResult>()));
    assert!(around.verify(&[*TRUSTED]).is_err(), "it has no signature");
}

/// An authority's reply.
pub fn timestamp(bytes: &[u8]) {
    let Ok(timestamp) = Timestamp::parse(bytes) else { return };
    assert_eq!(timestamp.as_bytes(), bytes);
    assert!(timestamp.claimed() >= 0);
    drop(timestamp.verify(STAMPED, &AUTHORITIES));
    assert!(timestamp.verify(STAMPED, &Authorities::default()).is_err(), "no authority is trusted");
    assert!(timestamp.verify(b"other bytes", &AUTHORITIES).is_err());
}

/// Certificates and public keys in PEM.
pub fn certificates(bytes: &[u8]) {
    if let Ok(all) = Authorities::from_pem(bytes) {
        assert!(!all.is_empty());
    }
    let Some(key) = std::str::from_utf8(bytes).ok().and_then(|it| PublicKey::from_pem(it).ok()) else {
        return;
    };
    assert_eq!(PublicKey::from_pem(&key.to_pem()).expect("it was written"), key);
}
