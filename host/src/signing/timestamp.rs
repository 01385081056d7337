//! Time stamps as RFC 3161 has them: an authority signs that it saw a digest, and when.
//!
//! What is kept is the authority's whole reply, as `openssl ts -verify` takes it, too.

use cms::cert::CertificateChoices;
use cms::cert::x509::Certificate;
use cms::cert::x509::spki::AlgorithmIdentifier;
use cms::signed_data::{SignedData, SignerIdentifier};
use der::asn1::{Int, OctetString};
use der::oid::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use exhibit_records::Digest;
use exhibit_rows::Shown;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use sigstore_tsa::verify_timestamp_for_authority;
use sigstore_types::{DerCertificate, SignatureBytes, TimestampToken, TsaAuthority};
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion, TstInfo};

use crate::contract::types::Instant;
use crate::randomness::{self, NoRandomness};

use super::backend;

/// A reply with its certificates has a few kilobytes.
pub(crate) const REPLY_BYTES: usize = 64 << 10;
/// An authority's chain has three or four; a bundle of several authorities a few more.
const CERTIFICATES: usize = 64;
/// `id-sha256`.
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// `id-ecPublicKey`: the keys whose signatures can be checked here.
const EC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// `id-ct-TSTInfo`.
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// Why a reply is no time stamp, or not to be believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The request was refused.
    #[error("the authority refused: {}", Shown::line(.0))]
    Refused(String),
    /// It cannot be read.
    #[error("this is no RFC 3161 time stamp: {0}")]
    Form(String),
    /// It is of something else.
    #[error("the time stamp does not match this evidence")]
    OtherDigest,
    /// It answers another request.
    #[error("the time stamp is the answer to another request")]
    OtherNonce,
    /// Its signature is of a kind that this program does not check.
    #[error("the authority's key is not an elliptic-curve key, and only those can be checked here")]
    OtherKey,
    /// Not signed by a trusted certificate.
    #[error("the time stamp is not signed by a trusted certificate: {}", Shown::line(.0))]
    Untrusted(String),
    /// See [`NoRandomness`].
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

/// A request for a time stamp of these bytes.
#[derive(Debug)]
pub(crate) struct Request {
    digest: Digest,
    nonce: Int,
}

impl Request {
    pub(crate) fn new(digest: Digest) -> Result<Self, TimestampError> {
        let mut nonce = randomness::nonce()?;
        // Positive, and in its shortest form, as DER wants it.
        nonce[0] = nonce[0] & 0x7f | 0x40;
        Ok(Self { digest, nonce: Int::new(&nonce).map_err(form)? })
    }

    /// As it is sent.
    pub(crate) fn to_der(&self) -> Result<Vec<u8>, TimestampError> {
        let request = TimeStampReq {
            version: TspVersion::V1,
            message_imprint: MessageImprint {
                hash_algorithm: AlgorithmIdentifier { oid: SHA_256, parameters: None },
                hashed_message: OctetString::new(self.digest.as_bytes().as_slice()).map_err(form)?,
            },
            req_policy: None,
            nonce: Some(self.nonce.clone()),
            cert_req: true,
            extensions: None,
        };
        request.to_der().map_err(form)
    }

    /// The reply, if it answers this request. Whose it is, only [`Timestamp::verify`] says.
    pub(crate) fn answered(&self, reply: &[u8]) -> Result<Timestamp, TimestampError> {
        let timestamp = Timestamp::parse(reply)?;
        timestamp.is_of(self.digest)?;
        if timestamp.info.nonce.as_ref() != Some(&self.nonce) {
            return Err(TimestampError::OtherNonce);
        }
        Ok(timestamp)
    }
}

/// Certificates of authorities that are trusted: their roots, or whole chains.
#[derive(Debug, Clone, Default)]
pub struct Authorities(Vec<DerCertificate>);

/// A file that names no authority.
#[derive(Debug, thiserror::Error)]
#[error("this is no file of certificates in PEM: {0}")]
pub struct NotCertificates(String);

impl Authorities {
    /// Certificates in PEM, one after the other.
    ///
    /// # Errors
    ///
    /// Where the text is not PEM, has no certificate, or has one that cannot be read.
    pub fn from_pem(text: &[u8]) -> Result<Self, NotCertificates> {
        let mut all = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(text).take(CERTIFICATES) {
            let der = certificate.map_err(|error| NotCertificates(error.to_string()))?;
            Certificate::from_der(&der).map_err(|error| NotCertificates(error.to_string()))?;
            all.push(DerCertificate::from_bytes(&der));
        }
        if all.is_empty() { Err(NotCertificates("it has no certificates".to_owned())) } else { Ok(Self(all)) }
    }

    /// These and those.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether no authority is trusted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An authority's reply. Nothing of it may be believed before [`Timestamp::verify`].
#[derive(Debug)]
pub struct Timestamp {
    reply: Vec<u8>,
    info: TstInfo,
    signed: SignedData,
}

impl Timestamp {
    /// Reads a reply from any source.
    ///
    /// # Errors
    ///
    /// [`TimestampError::Refused`] where the authority refused, [`TimestampError::Form`] where it is no time stamp.
    pub fn parse(reply: &[u8]) -> Result<Self, TimestampError> {
        if reply.len() > REPLY_BYTES {
            return Err(TimestampError::Form(format!("it has more than {REPLY_BYTES} bytes")));
        }
        let answer = TimeStampResp::from_der(reply).map_err(form)?;
        let Some(token) = answer.time_stamp_token else {
            return Err(TimestampError::Refused(format!("{:?}", answer.status.status)));
        };
        let signed: SignedData = token.content.decode_as().map_err(form)?;
        let content = &signed.encap_content_info;
        if content.econtent_type != TST_INFO {
            return Err(TimestampError::Form("something else is signed".to_owned()));
        }
        let Some(content) = &content.econtent else {
            return Err(TimestampError::Form("nothing is signed".to_owned()));
        };
        let info = TstInfo::from_der(content.value()).map_err(form)?;
        Ok(Self { reply: reply.to_owned(), info, signed })
    }

    /// The reply, as it came.
    pub fn as_bytes(&self) -> &[u8] {
        &self.reply
    }

    /// The time that it claims, to the second.
    pub fn claimed(&self) -> Instant {
        let seconds = self.info.gen_time.to_unix_duration().as_secs();
        Instant::try_from(seconds).unwrap_or(Instant::MAX / 1000).saturating_mul(1000)
    }

    /// Whether it is of these bytes' digest.
    ///
    /// # Errors
    ///
    /// [`TimestampError::OtherDigest`] where it is not.
    pub fn is_of(&self, digest: Digest) -> Result<(), TimestampError> {
        let imprint = &self.info.message_imprint;
        if imprint.hash_algorithm.oid == SHA_256 && imprint.hashed_message.as_bytes() == digest.as_bytes() {
            Ok(())
        } else {
            Err(TimestampError::OtherDigest)
        }
    }

    /// When these bytes were there at the latest, if one of these authorities says so.
    ///
    /// # Errors
    ///
    /// [`TimestampError::OtherDigest`] where it is of other bytes; otherwise where it is not signed by a trusted authority,
    /// or by a key that cannot be checked here.
    pub fn verify(&self, bytes: &[u8], trusted: &Authorities) -> Result<Instant, TimestampError> {
        self.is_of(Digest::of(bytes))?;
        backend::install();
        let embedded = self.embedded();
        let known: Vec<&DerCertificate> = trusted.0.iter().chain(&embedded).collect();
        // The claimed signer: that its certificate leads to a trusted root is checked below.
        let signer = known.iter().find_map(|it| {
            let certificate = Certificate::from_der(it.as_bytes()).ok()?;
            self.is_signer(&certificate).then_some((*it, certificate))
        });
        let Some((leaf, signer)) = signer else {
            return Err(TimestampError::Untrusted(
                "the signer's certificate is neither in it nor given".into(),
            ));
        };
        if signer.tbs_certificate.subject_public_key_info.algorithm.oid != EC_KEY {
            return Err(TimestampError::OtherKey);
        }
        let token = TimestampToken::from_bytes(&self.reply);
        let bytes = SignatureBytes::from_bytes(bytes);
        let mut why = String::new();
        for root in &trusted.0 {
            let between = known.iter().map(|it| (*it).clone()).collect();
            let authority = TsaAuthority::new(leaf.clone(), between, root.clone(), None);
            match verify_timestamp_for_authority(&token, &bytes, &authority) {
                Ok(time) => return Ok(time.as_millisecond()),
                Err(error) => why = error.to_string(),
            }
        }
        Err(TimestampError::Untrusted(why))
    }

    /// The certificates that came with it.
    fn embedded(&self) -> Vec<DerCertificate> {
        let all = self.signed.certificates.iter().flat_map(|it| it.0.iter());
        all.filter_map(|it| match it {
            CertificateChoices::Certificate(it) => it.to_der().ok().map(DerCertificate::new),
            CertificateChoices::Other(_) => None,
        })
        .take(CERTIFICATES)
        .collect()
    }

    fn is_signer(&self, certificate: &Certificate) -> bool {
        let it = &certificate.tbs_certificate;
        self.signed.signer_infos.0.iter().any(|info| match &info.sid {
            SignerIdentifier::IssuerAndSerialNumber(named) => {
                named.issuer == it.issuer && named.serial_number == it.serial_number
            }
            SignerIdentifier::SubjectKeyIdentifier(named) => it
                .get::<cms::cert::x509::ext::pkix::SubjectKeyIdentifier>()
                .is_ok_and(|it| it.is_some_and(|(_, it)| it == *named)),
        })
    }
}

fn form(error: impl ToString) -> TimestampError {
    TimestampError::Form(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_what_it_is_of() -> Result<(), TimestampError> {
        let digest = Digest::of(b"proof");
        let der = Request::new(digest)?.to_der()?;
        let read = TimeStampReq::from_der(&der).map_err(form)?;
        assert_eq!(read.message_imprint.hashed_message.as_bytes(), digest.as_bytes());
        assert!(read.cert_req);
        // Another one each time, so that an old reply answers none.
        assert_ne!(der, Request::new(digest)?.to_der()?);
        Ok(())
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        // A reply of PKIStatus 2, with nothing signed.
        let refused = Timestamp::parse(&[0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02]);
        assert!(matches!(refused, Err(TimestampError::Refused(_))), "{refused:?}");
        for reply in [&b""[..], b"<html>", &[0x30; 20], &vec![0; REPLY_BYTES + 1]] {
            assert!(matches!(Timestamp::parse(reply), Err(TimestampError::Form(_))));
        }
    }

    #[test]
    fn a_file_without_certificates_names_nobody() {
        assert!(Authorities::from_pem(b"").is_err());
        let key = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(Authorities::from_pem(key).is_err());
    }
}
