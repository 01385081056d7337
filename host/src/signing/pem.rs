//! Ed25519 keys in DER and PEM, as RFC 8410 has them: of each structure, all but the key
//! itself is the same for every key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;

/// What stands before the 32 bytes of a private key (RFC 8410, section 7): PKCS#8 without
/// the public key, which is what all versions of OpenSSL read.
const PRIVATE: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// What stands before the 32 bytes of a public key (RFC 8410, section 4).
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// So long are the lines of a PEM text (RFC 7468, section 2).
const LINE: usize = 64;

/// The private key as PKCS#8.
pub(super) fn private_der(seed: &[u8; 32]) -> Zeroizing<[u8; 48]> {
    let mut der = Zeroizing::new([0; 48]);
    der[..PRIVATE.len()].copy_from_slice(&PRIVATE);
    der[PRIVATE.len()..].copy_from_slice(seed);
    der
}

/// The public key as a SubjectPublicKeyInfo.
pub(super) fn public_der(key: &[u8; 32]) -> [u8; 44] {
    let mut der = [0; 44];
    der[..PUBLIC.len()].copy_from_slice(&PUBLIC);
    der[PUBLIC.len()..].copy_from_slice(key);
    der
}

/// The public key of a SubjectPublicKeyInfo, if it is one of Ed25519.
pub(super) fn public_of(der: &[u8]) -> Option<[u8; 32]> {
    der.strip_prefix(&PUBLIC)?.try_into().ok()
}

/// The text between its two lines, such as `PRIVATE KEY`.
pub(super) fn text(label: &str, der: &[u8]) -> Zeroizing<String> {
    // Room for all of it from the start: a text that grows leaves copies behind.
    let mut body = Zeroizing::new(String::with_capacity(der.len() * 2));
    STANDARD.encode_string(der, &mut body);
    let mut text = Zeroizing::new(String::with_capacity(body.len() * 2 + label.len() * 2 + LINE));
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    for (at, char) in body.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            text.push('\n');
        }
        text.push(char);
    }
    text.push_str("\n-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}
