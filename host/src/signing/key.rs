//! Private keys.

use std::sync::Arc;

use exhibit_secrets::{Backends, Secret, SecretError, SecretRef};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::zeroize::Zeroizing;

use crate::randomness::{self, NoRandomness};
use crate::remedy::Remedy;

use super::pem;
use super::public::{PublicKey, SIGNATURE_BYTES};

/// What the first line says of a key that a passphrase protects.
const ENCRYPTED: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

/// A private Ed25519 key. It has no `Debug`, and cannot be written anywhere but where it was
/// made.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Ed25519KeyPair>,
    public: PublicKey,
}

/// Why there is no key to sign with. Says where it should be, never what is there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing can be read there.
    #[error("the private key cannot be read: {0}")]
    Secret(#[from] SecretError),
    /// A passphrase is needed.
    #[error("{0} is protected by a passphrase, which cannot be asked for here")]
    Encrypted(SecretRef),
    /// The other half is there.
    #[error("{0} is a public key, and it is the private key that signs")]
    Public(SecretRef),
    /// Something else is there.
    #[error("{0} is no private Ed25519 key in PEM, which begins with -----BEGIN PRIVATE KEY-----")]
    NotAKey(SecretRef),
}

impl KeyError {
    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Secret(_) | Self::Public(_) => Some(Remedy::NamePrivateKey),
            Self::Encrypted(_) => Some(Remedy::RemovePassphrase),
            Self::NotAKey(_) => Some(Remedy::CreateKey),
        }
    }
}

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotAKey {
    Encrypted,
    Public,
    Other,
}

impl SigningKey {
    /// The key that is kept there, as PKCS#8 in PEM.
    ///
    /// # Errors
    /// Where these backends cannot read it, or it is no key without a passphrase.
    pub async fn read(reference: &SecretRef, backends: &Backends) -> Result<Self, KeyError> {
        let secret = backends.read(reference).await?.into_secret();
        Self::from_pem(&secret).map_err(|why| match why {
            NotAKey::Encrypted => KeyError::Encrypted(reference.clone()),
            NotAKey::Public => KeyError::Public(reference.clone()),
            NotAKey::Other => KeyError::NotAKey(reference.clone()),
        })
    }

    /// A new one, and its PEM text, which is all that will ever be had of it.
    pub(super) fn generate() -> Result<(Self, Zeroizing<String>), NoRandomness> {
        let seed = randomness::seed()?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| NoRandomness)?;
        let key = Self::of(pair).map_err(|_| NoRandomness)?;
        Ok((key, pem::text("PRIVATE KEY", &*pem::private_der(&seed))))
    }

    /// The public key that goes with it.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Its signature over these bytes.
    pub fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let signature = self.pair.sign(bytes);
        let mut bytes = [0; SIGNATURE_BYTES];
        bytes.copy_from_slice(signature.as_ref());
        bytes
    }

    fn from_pem(text: &Secret) -> Result<Self, NotAKey> {
        let text = text.reveal();
        if text.contains(ENCRYPTED) {
            return Err(NotAKey::Encrypted);
        }
        let other = |_| if PublicKey::all_from_pem(text).is_ok() { NotAKey::Public } else { NotAKey::Other };
        let der = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes()).map_err(other)?;
        let der = Zeroizing::new(der);
        // Without the public key, too: so OpenSSL writes it.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der());
        Self::of(pair.map_err(|_| NotAKey::Other)?)
    }

    fn of(pair: Ed25519KeyPair) -> Result<Self, NotAKey> {
        let public = pair.public_key().as_ref().try_into().map_err(|_| NotAKey::Other)?;
        Ok(Self { pair: Arc::new(pair), public: PublicKey::new(public) })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use exhibit_secrets::{Lease, Reading, SecretBackend};

    use super::*;

    /// A key for tests, the same for the same number.
    pub(crate) fn key_of(number: u8) -> SigningKey {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[number; 32]).expect("32 bytes");
        SigningKey::of(pair).unwrap_or_else(|_| panic!("a key"))
    }

    /// The examples of RFC 8410, section 10.3: as OpenSSL writes it, and with the public key.
    const EXAMPLES: [&str; 2] = [
        "-----BEGIN PRIVATE KEY-----\n\
         MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
         -----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n\
         MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
         oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n\
         Z9w7lshQhqowtrbLDFw4rXAxZuE=\n\
         -----END PRIVATE KEY-----\n",
    ];

    fn read(text: &str) -> Result<SigningKey, NotAKey> {
        SigningKey::from_pem(&Secret::from(text.to_owned()))
    }

    #[test]
    fn reads_the_example_of_the_standard() {
        let key = read(EXAMPLES[0]).unwrap_or_else(|_| panic!("a key"));
        let public = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
        assert!(key.public().to_pem().contains(public));
        assert_eq!(key.public().verify(b"evidence", &key.sign(b"evidence")), Ok(()));
        assert!(key.public().verify(b"other", &key.sign(b"evidence")).is_err());
    }

    #[test]
    fn reads_back_what_it_makes_and_makes_another_each_time() {
        let (key, text) = SigningKey::generate().unwrap_or_else(|_| panic!("a key"));
        assert_eq!(read(&text).map(|it| it.public()).ok(), Some(key.public()));
        let (other, _) = SigningKey::generate().unwrap_or_else(|_| panic!("a key"));
        assert_ne!(key.public(), other.public());
    }

    #[test]
    fn refuses_what_is_no_key() {
        let encrypted = EXAMPLES[0].replace("PRIVATE", "ENCRYPTED PRIVATE");
        assert_eq!(read(&encrypted).err(), Some(NotAKey::Encrypted));
        let other = EXAMPLES[0].replace("K2Vw", "K2Vu");
        let cut = EXAMPLES[0].replace("MC4CAQAw", "");
        let public = EXAMPLES[0].replace("PRIVATE", "PUBLIC");
        let whole = PublicKey::new([7; 32]).to_pem();
        assert_eq!(read(&whole).err(), Some(NotAKey::Public));
        // A public key that is not that of the private one.
        let mixed = EXAMPLES[1].replace("Z9w7", "Z9w8");
        for text in ["", "hunter2", &other, &cut, &public, &mixed] {
            assert_eq!(read(text).err(), Some(NotAKey::Other), "{text}");
        }
    }

    #[tokio::test]
    async fn an_error_names_the_place_and_not_the_content() {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        std::io::Write::write_all(&mut file, b"hunter2").expect("written");
        let reference = SecretRef::File(file.path().to_owned());
        let read = SigningKey::read(&reference, &Backends::default()).await;
        let error = read.err().map(|it| it.to_string()).unwrap_or_default();
        assert!(error.starts_with(&format!("{reference} is no private Ed25519 key")), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    /// Has one secret, whichever is asked for.
    #[derive(Debug)]
    struct Vault;

    impl SecretBackend for Vault {
        fn scheme(&self) -> &'static str {
            "vault"
        }

        fn read<'a>(&'a self, _: &'a SecretRef) -> Reading<'a> {
            Box::pin(async { Ok(Lease::once(Secret::from(EXAMPLES[0].to_owned()))) })
        }
    }

    #[tokio::test]
    async fn a_platforms_backend_keeps_keys_as_well() {
        let reference = SecretRef::Other { scheme: "vault".to_owned(), address: "signing".to_owned() };
        let backends = Backends::default().with(Arc::new(Vault));
        assert!(SigningKey::read(&reference, &backends).await.is_ok());
        let error = SigningKey::read(&reference, &Backends::default()).await.err();
        assert!(matches!(error, Some(KeyError::Secret(SecretError::NoBackend { .. }))), "{error:?}");
    }
}
