//! Public keys, and what they are called.

use std::fmt;

use exhibit_records::Digest;
use ring::signature::{ED25519, UnparsedPublicKey};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject as _;

use crate::remedy::Remedy;

use super::pem;

/// An Ed25519 signature has so many bytes (RFC 8032, section 5.1.6).
pub const SIGNATURE_BYTES: usize = 64;

/// A public Ed25519 key: checks signatures, and may be shown to anybody.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

/// What a key is called: the SHA-256 of its SubjectPublicKeyInfo. Written as 64 lower-case
/// hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(Digest);

/// A text that is no public key of the kind in use here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotAPublicKey {
    /// It has none, or another kind of key.
    #[error("this is no public Ed25519 key in PEM, which begins with -----BEGIN PUBLIC KEY-----")]
    Other,
    /// It has several, where one is wanted.
    #[error("there are {0} public keys in it, where one is wanted")]
    Several(usize),
}

impl NotAPublicKey {
    /// What to do next.
    pub fn remedy(self) -> Remedy {
        match self {
            Self::Other => Remedy::NamePublicKey,
            Self::Several(_) => "name a file with this one alone".into(),
        }
    }
}

/// The signature is not of this key, or not over these bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct NotSigned;

impl PublicKey {
    /// From its 32 bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// From a PEM text with a SubjectPublicKeyInfo.
    ///
    /// # Errors
    ///
    /// Where the text is no Ed25519 public key, or several.
    pub fn from_pem(text: &str) -> Result<Self, NotAPublicKey> {
        match Self::all_from_pem(text)?[..] {
            [key] => Ok(key),
            ref several => Err(NotAPublicKey::Several(several.len())),
        }
    }

    /// From a PEM text with one or several SubjectPublicKeyInfos, one after the other.
    ///
    /// # Errors
    ///
    /// Where the text has no public key, or one of another kind.
    pub fn all_from_pem(text: &str) -> Result<Vec<Self>, NotAPublicKey> {
        let key = |der: Result<SubjectPublicKeyInfoDer<'_>, _>| pem::public_of(&der.ok()?).map(Self);
        let keys = SubjectPublicKeyInfoDer::pem_slice_iter(text.as_bytes());
        let keys: Option<Vec<Self>> = keys.map(key).collect();
        keys.filter(|it| !it.is_empty()).ok_or(NotAPublicKey::Other)
    }

    /// A PEM text with its SubjectPublicKeyInfo.
    pub fn to_pem(&self) -> String {
        pem::text("PUBLIC KEY", &pem::public_der(&self.0)).to_string()
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What it is called.
    pub fn id(&self) -> KeyId {
        KeyId(Digest::of(&pem::public_der(&self.0)))
    }

    /// Whether this key has signed these bytes.
    ///
    /// # Errors
    ///
    /// Where it has not.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Result<(), NotSigned> {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(bytes, signature).map_err(|_| NotSigned)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.hex())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8410, section 10.1.
    const EXAMPLE: &str = "-----BEGIN PUBLIC KEY-----\n\
        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
        -----END PUBLIC KEY-----\n";

    #[test]
    fn reads_and_writes_the_example_of_the_standard() {
        let key = PublicKey::from_pem(EXAMPLE).expect("a key");
        assert_eq!(key.to_pem(), EXAMPLE);
        assert_eq!(PublicKey::from_pem(&format!("for the auditor\n{EXAMPLE}")), Ok(key));
        let der = [&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0], &key.0[..]].concat();
        assert_eq!(key.id().to_string(), Digest::of(&der).hex());
    }

    #[test]
    fn refuses_what_is_no_such_key() {
        let x25519 = EXAMPLE.replace("ZXA", "ZW4").replace("K2Vw", "K2Vu");
        let private = EXAMPLE.replace("PUBLIC", "PRIVATE");
        let short = EXAMPLE.replace("MCowBQYDK2VwAyEAGb9E", "MCowBQYDK2VwAyEA");
        for text in ["", "key", &x25519, &private, &short] {
            assert_eq!(PublicKey::from_pem(text), Err(NotAPublicKey::Other), "{text}");
        }
        // One that is no key is not left out beside one that is.
        for text in [format!("{EXAMPLE}{x25519}"), format!("{EXAMPLE}{short}")] {
            assert_eq!(PublicKey::all_from_pem(&text), Err(NotAPublicKey::Other), "{text}");
        }
    }

    #[test]
    fn reads_all_keys_of_a_text_and_refuses_several_where_one_is_wanted() {
        let one = PublicKey::from_pem(EXAMPLE).expect("a key");
        let other = PublicKey::new([7; 32]);
        let both = format!("# ours\n{EXAMPLE}\n# theirs\n{}", other.to_pem());
        assert_eq!(PublicKey::all_from_pem(EXAMPLE), Ok(vec![one]));
        assert_eq!(PublicKey::all_from_pem(&both), Ok(vec![one, other]));
        assert_eq!(PublicKey::from_pem(&both), Err(NotAPublicKey::Several(2)));
    }

    #[test]
    fn checks_the_second_vector_of_rfc_8032() {
        let bytes = |hex: &str| -> Vec<u8> {
            hex.as_bytes()
                .chunks(2)
                .map(|it| u8::from_str_radix(std::str::from_utf8(it).expect("hex"), 16).expect("hex"))
                .collect()
        };
        let key = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        let key = PublicKey::new(key.try_into().expect("32 bytes"));
        let mut signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert_eq!(signature.len(), SIGNATURE_BYTES);
        assert_eq!(key.verify(&[0x72], &signature), Ok(()));
        assert_eq!(key.verify(&[0x73], &signature), Err(NotSigned));
        assert_eq!(key.verify(&[0x72], &signature[..63]), Err(NotSigned));
        signature[40] ^= 1;
        assert_eq!(key.verify(&[0x72], &signature), Err(NotSigned));
    }
}
