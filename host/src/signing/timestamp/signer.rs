//! Who has signed a time stamp, with what, and whether its certificate leads to a trusted one.

use std::time::Duration;

use cms::cert::x509::Certificate;
use cms::cert::x509::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use cms::signed_data::{SignerIdentifier, SignerInfo};
use der::asn1::{AnyRef, OctetStringRef, UintRef};
use der::oid::ObjectIdentifier;
use der::{Decode as _, Encode as _, Reader as _};
use ring::digest::{self, SHA256, SHA384, SHA512};
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::algorithms::ALL;
use super::error::TimestampError;
use super::names;

/// `id-contentType`.
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
/// `id-messageDigest`.
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// `id-kp-timeStamping`: what a certificate of an authority is for.
const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
/// `rsaEncryption`: as the algorithm of a signature, PKCS #1 v1.5.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-RSASSA-PSS`.
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// `id-ecPublicKey`.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// `id-Ed25519`.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// The bits of the RSA keys whose signatures ring checks.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The certificate that a signature names as its signer's, as it was found.
#[derive(Debug)]
pub(super) struct Signer<'a> {
    info: &'a SignerInfo,
    der: &'a CertificateDer<'static>,
    certificate: Certificate,
}

impl<'a> Signer<'a> {
    /// The signer among these certificates. `None` where it is not there. That it is to be trusted, only
    /// [`Self::leads_to`] says.
    pub(super) fn find(
        info: &'a SignerInfo,
        known: impl IntoIterator<Item = &'a CertificateDer<'static>>,
    ) -> Option<Self> {
        known.into_iter().find_map(|der| {
            let certificate = Certificate::from_der(der).ok()?;
            is_named(info, &certificate).then_some(Self { info, der, certificate })
        })
    }

    /// Whether it has signed this content, of this type.
    ///
    /// # Errors
    /// [`TimestampError::OtherKey`] where that cannot be checked here; otherwise where it has not.
    pub(super) fn has_signed(&self, kind: ObjectIdentifier, content: &[u8]) -> Result<(), TimestampError> {
        let unsupported = || {
            let key = key_kind(&self.certificate.tbs_certificate.subject_public_key_info);
            let hash = names::hash(&self.info.digest_alg.oid);
            TimestampError::OtherKey(format!("the authority signs with {key} and {hash}"))
        };
        let hash = hash(&self.info.digest_alg.oid).ok_or_else(unsupported)?;
        let key = &self.certificate.tbs_certificate.subject_public_key_info;
        let algorithms = self.algorithms().filter(|_| is_checkable(key)).ok_or_else(unsupported)?;
        self.is_of(kind, digest::digest(hash, content).as_ref())?;
        let attributes = self.info.signed_attrs.to_der().map_err(TimestampError::form)?;
        let certificate = EndEntityCert::try_from(self.der).map_err(TimestampError::form)?;
        let signature = self.info.signature.as_bytes();
        let fits =
            algorithms.iter().any(|it| certificate.verify_signature(*it, &attributes, signature).is_ok());
        if fits { Ok(()) } else { Err(TimestampError::Untrusted("its signature does not fit".to_owned())) }
    }

    /// Whether the signed attributes are those of a content of this type with this hash.
    fn is_of(&self, kind: ObjectIdentifier, hash: &[u8]) -> Result<(), TimestampError> {
        let value = |wanted: ObjectIdentifier| {
            let mut all =
                self.info.signed_attrs.iter().flat_map(|it| it.iter()).filter(|it| it.oid == wanted);
            let (one, none) = (all.next()?, all.next());
            (none.is_none() && one.values.len() == 1).then(|| one.values.get(0)?.to_der().ok()).flatten()
        };
        let is_kind = value(CONTENT_TYPE).and_then(|it| ObjectIdentifier::from_der(&it).ok()) == Some(kind);
        let digest = value(MESSAGE_DIGEST);
        let is_hash =
            digest.is_some_and(|it| OctetStringRef::from_der(&it).is_ok_and(|it| it.as_bytes() == hash));
        if is_kind && is_hash {
            Ok(())
        } else {
            Err(TimestampError::Untrusted("what is signed is not what it contains".to_owned()))
        }
    }

    /// The algorithms that check signatures such as this one by such a key. `None` where there is none here.
    fn algorithms(&self) -> Option<Vec<&'static dyn SignatureVerificationAlgorithm>> {
        let scheme = scheme(&self.info.signature_algorithm, &self.info.digest_alg.oid)?;
        let key = contents(&self.certificate.tbs_certificate.subject_public_key_info.algorithm)?;
        let fits = |it: &&&dyn SignatureVerificationAlgorithm| {
            it.signature_alg_id() == scheme && *it.public_key_alg_id() == *key
        };
        let fitting: Vec<_> = ALL.iter().filter(fits).copied().collect();
        (!fitting.is_empty()).then_some(fitting)
    }

    /// Whether it is certified, for time stamps, by one of the trusted certificates at this time, in seconds since 1970.
    /// Further certificates only complete the chain.
    ///
    /// # Errors
    /// [`TimestampError::OtherKey`] where a trusted certificate has a key that cannot be checked here; otherwise where it
    /// is not.
    pub(super) fn leads_to(
        &self,
        trusted: &[CertificateDer<'static>],
        between: &[CertificateDer<'static>],
        at: Duration,
    ) -> Result<(), TimestampError> {
        let untrusted = |error: webpki::Error| TimestampError::Untrusted(error.to_string());
        let certificate = EndEntityCert::try_from(self.der).map_err(untrusted)?;
        let roots: Vec<_> = trusted.iter().filter_map(|it| anchor_from_trusted_cert(it).ok()).collect();
        let usage = KeyUsage::required(TIME_STAMPING.as_bytes());
        let time = UnixTime::since_unix_epoch(at);
        let led = certificate.verify_for_usage(ALL, &roots, between, time, usage, None, None);
        match led {
            Ok(_) => Ok(()),
            Err(error) => Err(trusted.iter().find_map(uncheckable).unwrap_or_else(|| untrusted(error))),
        }
    }
}

/// That a trusted certificate has a key of another kind, where it does. Only trusted ones count: anyone can put further
/// certificates into a time stamp.
fn uncheckable(der: &CertificateDer<'static>) -> Option<TimestampError> {
    let certificate = Certificate::from_der(der).ok()?;
    let key = &certificate.tbs_certificate.subject_public_key_info;
    let said = || TimestampError::OtherKey(format!("a trusted certificate's key is {}", key_kind(key)));
    (!is_checkable(key)).then(said)
}

fn is_named(info: &SignerInfo, certificate: &Certificate) -> bool {
    let it = &certificate.tbs_certificate;
    match &info.sid {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.issuer == it.issuer && named.serial_number == it.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(named) => it
            .get::<cms::cert::x509::ext::pkix::SubjectKeyIdentifier>()
            .is_ok_and(|it| it.is_some_and(|(_, it)| it == *named)),
    }
}

/// What a signature is made with, as certificates name it. Some authorities name the key's kind alone: then the hash is
/// that of the content.
fn scheme(signature: &AlgorithmIdentifierOwned, hash: &ObjectIdentifier) -> Option<AlgorithmIdentifier> {
    use names::{ECDSA_SHA_256, ECDSA_SHA_384, ECDSA_SHA_512, RSA_SHA_256, RSA_SHA_384, RSA_SHA_512};
    use names::{SHA_256, SHA_384, SHA_512};
    match (signature.oid, *hash) {
        (RSA_SHA_256, _) | (RSA, SHA_256) => Some(alg_id::RSA_PKCS1_SHA256),
        (RSA_SHA_384, _) | (RSA, SHA_384) => Some(alg_id::RSA_PKCS1_SHA384),
        (RSA_SHA_512, _) | (RSA, SHA_512) => Some(alg_id::RSA_PKCS1_SHA512),
        (ECDSA_SHA_256, _) | (EC, SHA_256) => Some(alg_id::ECDSA_SHA256),
        (ECDSA_SHA_384, _) | (EC, SHA_384) => Some(alg_id::ECDSA_SHA384),
        (ECDSA_SHA_512, _) | (EC, SHA_512) => Some(alg_id::ECDSA_SHA512),
        (ED25519, _) => Some(alg_id::ED25519),
        (RSA_PSS, _) => {
            let all = [alg_id::RSA_PSS_SHA256, alg_id::RSA_PSS_SHA384, alg_id::RSA_PSS_SHA512];
            let named = contents(signature)?;
            all.into_iter().find(|it| **it == *named)
        }
        _ => None,
    }
}

/// An algorithm's name and parameters, without the sequence around them.
fn contents(algorithm: &AlgorithmIdentifierOwned) -> Option<Vec<u8>> {
    let der = algorithm.to_der().ok()?;
    Some(AnyRef::from_der(&der).ok()?.value().to_vec())
}

fn hash(oid: &ObjectIdentifier) -> Option<&'static digest::Algorithm> {
    match *oid {
        names::SHA_256 => Some(&SHA256),
        names::SHA_384 => Some(&SHA384),
        names::SHA_512 => Some(&SHA512),
        _ => None,
    }
}

/// Whether signatures by such keys can be checked here.
fn is_checkable(key: &SubjectPublicKeyInfoOwned) -> bool {
    let kind = contents(&key.algorithm);
    let is_known = ALL.iter().any(|it| kind.as_deref() == Some(&*it.public_key_alg_id()));
    is_known && (key.algorithm.oid != RSA || rsa_bits(key).is_some_and(|it| RSA_BITS.contains(&it)))
}

/// What kind of key it is, for people.
fn key_kind(key: &SubjectPublicKeyInfoOwned) -> String {
    match key.algorithm.oid {
        RSA => match rsa_bits(key) {
            Some(bits) => format!("an RSA key of {bits} bits"),
            None => "an RSA key".to_owned(),
        },
        EC => {
            match key.algorithm.parameters.as_ref().and_then(|it| it.decode_as::<ObjectIdentifier>().ok()) {
                Some(curve) => format!("a key on the elliptic curve {}", names::curve(&curve)),
                None => "a key on an elliptic curve without a name".to_owned(),
            }
        }
        other => names::key(&other),
    }
}

/// The bits of an RSA key's modulus.
fn rsa_bits(key: &SubjectPublicKeyInfoOwned) -> Option<usize> {
    let mut reader = der::SliceReader::new(key.subject_public_key.as_bytes()?).ok()?;
    let modulus: der::Result<usize> = reader.sequence(|it| {
        let modulus = UintRef::decode(it)?;
        UintRef::decode(it)?;
        let bytes = modulus.as_bytes();
        let zeros = bytes.first().map_or(0, |it| it.leading_zeros() as usize);
        Ok(bytes.len() * 8 - zeros)
    });
    modulus.ok()
}
