//! The signatures that can be checked here: ring's, and those on NIST's curves that it leaves out.

use ring::digest::{self, SHA256, SHA384, SHA512};
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use webpki::ring as with_ring;

/// All of them. Those of authorities by RSA keys have 2048 to 8192 bits.
pub(super) static ALL: &[&dyn SignatureVerificationAlgorithm] = &[
    with_ring::RSA_PKCS1_2048_8192_SHA256,
    with_ring::RSA_PKCS1_2048_8192_SHA384,
    with_ring::RSA_PKCS1_2048_8192_SHA512,
    with_ring::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
    with_ring::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
    with_ring::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    with_ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    with_ring::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    with_ring::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    with_ring::ECDSA_P256_SHA256,
    with_ring::ECDSA_P256_SHA384,
    &Ecdsa { key: alg_id::ECDSA_P256, hash: &SHA512, signature: alg_id::ECDSA_SHA512, check: p256 },
    with_ring::ECDSA_P384_SHA256,
    with_ring::ECDSA_P384_SHA384,
    &Ecdsa { key: alg_id::ECDSA_P384, hash: &SHA512, signature: alg_id::ECDSA_SHA512, check: p384 },
    &Ecdsa { key: alg_id::ECDSA_P521, hash: &SHA256, signature: alg_id::ECDSA_SHA256, check: p521 },
    &Ecdsa { key: alg_id::ECDSA_P521, hash: &SHA384, signature: alg_id::ECDSA_SHA384, check: p521 },
    &Ecdsa { key: alg_id::ECDSA_P521, hash: &SHA512, signature: alg_id::ECDSA_SHA512, check: p521 },
    with_ring::ED25519,
];

/// Whether this key, a point, has signed these bytes of a hash.
type Check = fn(key: &[u8], hash: &[u8], signature: &[u8]) -> bool;

#[derive(Debug)]
struct Ecdsa {
    key: AlgorithmIdentifier,
    hash: &'static digest::Algorithm,
    signature: AlgorithmIdentifier,
    check: Check,
}

impl SignatureVerificationAlgorithm for Ecdsa {
    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }

    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let hash = digest::digest(self.hash, message);
        if (self.check)(key, hash.as_ref(), signature) { Ok(()) } else { Err(InvalidSignature) }
    }
}

/// The check on a curve of this crate.
macro_rules! check_on {
    ($curve:ident) => {
        fn $curve(key: &[u8], hash: &[u8], signature: &[u8]) -> bool {
            use ::$curve::ecdsa::signature::hazmat::PrehashVerifier as _;
            use ::$curve::ecdsa::{Signature, VerifyingKey};
            let (Ok(key), Ok(signature)) =
                (VerifyingKey::from_sec1_bytes(key), Signature::from_der(signature))
            else {
                return false;
            };
            key.verify_prehash(hash, &signature).is_ok()
        }
    };
}

check_on!(p256);
check_on!(p384);
check_on!(p521);
