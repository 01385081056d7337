//! Time stamps as RFC 3161 has them: an authority signs that it saw a digest, and when.
//!
//! What is kept is the authority's whole reply, as `openssl ts -verify` takes it, too.

mod algorithms;
mod error;
mod names;
mod signer;

use cms::cert::CertificateChoices;
use cms::cert::x509::Certificate;
use cms::cert::x509::spki::AlgorithmIdentifier;
use cms::signed_data::{SignedData, SignerInfo};
use der::asn1::{Int, OctetString};
use der::oid::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use exhibit_records::Digest;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion, TstInfo};

use crate::contract::types::Instant;
use crate::randomness;

use self::names::SHA_256;
use self::signer::Signer;

pub use self::error::TimestampError;

/// A reply with its certificates has a few kilobytes.
pub(crate) const REPLY_BYTES: usize = 64 << 10;
/// An authority's chain has three or four; a bundle of several authorities a few more.
const CERTIFICATES: usize = 64;
/// `id-ct-TSTInfo`.
const TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

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
        Ok(Self { digest, nonce: Int::new(&nonce).map_err(TimestampError::form)? })
    }

    /// As it is sent.
    pub(crate) fn to_der(&self) -> Result<Vec<u8>, TimestampError> {
        let request = TimeStampReq {
            version: TspVersion::V1,
            message_imprint: MessageImprint {
                hash_algorithm: AlgorithmIdentifier { oid: SHA_256, parameters: None },
                hashed_message: OctetString::new(self.digest.as_bytes().as_slice())
                    .map_err(TimestampError::form)?,
            },
            req_policy: None,
            nonce: Some(self.nonce.clone()),
            cert_req: true,
            extensions: None,
        };
        request.to_der().map_err(TimestampError::form)
    }

    /// The reply, if it answers this request, and is signed in a way that can be checked here later. Whose it is, only
    /// [`Timestamp::verify`] says.
    pub(crate) fn answered(&self, reply: &[u8]) -> Result<Timestamp, TimestampError> {
        let timestamp = Timestamp::parse(reply)?;
        timestamp.is_of(self.digest)?;
        if timestamp.info.nonce.as_ref() != Some(&self.nonce) {
            return Err(TimestampError::OtherNonce);
        }
        timestamp.is_checkable()?;
        Ok(timestamp)
    }
}

/// Certificates of authorities that are trusted: their roots, or whole chains.
#[derive(Debug, Clone, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

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
            all.push(der);
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
        let answer = TimeStampResp::from_der(reply).map_err(TimestampError::form)?;
        let Some(token) = answer.time_stamp_token else {
            return Err(TimestampError::Refused(format!("{:?}", answer.status.status)));
        };
        let signed: SignedData = token.content.decode_as().map_err(TimestampError::form)?;
        let content = &signed.encap_content_info;
        if content.econtent_type != TST_INFO {
            return Err(TimestampError::Form("something else is signed".to_owned()));
        }
        let Some(content) = &content.econtent else {
            return Err(TimestampError::Form("nothing is signed".to_owned()));
        };
        let info = TstInfo::from_der(content.value()).map_err(TimestampError::form)?;
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
    /// [`TimestampError::OtherDigest`] where it is of other bytes; [`TimestampError::OtherKey`] where a trusted authority
    /// signs in a way that cannot be checked here; otherwise where it is not signed by a trusted authority.
    pub fn verify(&self, bytes: &[u8], trusted: &Authorities) -> Result<Instant, TimestampError> {
        self.is_of(Digest::of(bytes))?;
        let known: Vec<CertificateDer<'static>> = trusted.0.iter().cloned().chain(self.embedded()).collect();
        let Some(signer) = Signer::find(self.signer_info()?, &known) else {
            let why = "the signer's certificate is neither in it nor given";
            return Err(TimestampError::Untrusted(why.to_owned()));
        };
        // First: only of a trusted authority may it be said that its signature cannot be checked.
        signer.leads_to(&trusted.0, &known, self.info.gen_time.to_unix_duration())?;
        signer.has_signed(TST_INFO, self.content()?)?;
        Ok(self.claimed())
    }

    /// Whether its signature fits the certificate that it brings, in a way that can be checked here. It was asked for its
    /// certificate: where it is left out, it has to be given to verify the time stamp.
    fn is_checkable(&self) -> Result<(), TimestampError> {
        let embedded = self.embedded();
        match Signer::find(self.signer_info()?, &embedded) {
            Some(signer) => signer.has_signed(TST_INFO, self.content()?),
            None => Ok(()),
        }
    }

    /// The certificates that came with it.
    fn embedded(&self) -> Vec<CertificateDer<'static>> {
        let all = self.signed.certificates.iter().flat_map(|it| it.0.iter());
        all.filter_map(|it| match it {
            CertificateChoices::Certificate(it) => it.to_der().ok().map(CertificateDer::from),
            CertificateChoices::Other(_) => None,
        })
        .take(CERTIFICATES)
        .collect()
    }

    /// Who signed it: an authority alone (RFC 3161, section 2.4.2).
    fn signer_info(&self) -> Result<&SignerInfo, TimestampError> {
        match self.signed.signer_infos.0.as_slice() {
            [one] => Ok(one),
            _ => Err(TimestampError::Form("it has more or less than one signature".to_owned())),
        }
    }

    /// What is signed.
    fn content(&self) -> Result<&[u8], TimestampError> {
        let content = self.signed.encap_content_info.econtent.as_ref();
        content.map(|it| it.value()).ok_or_else(|| TimestampError::Form("nothing is signed".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_what_it_is_of() -> Result<(), TimestampError> {
        let digest = Digest::of(b"proof");
        let der = Request::new(digest)?.to_der()?;
        let read = TimeStampReq::from_der(&der).map_err(TimestampError::form)?;
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

    /// A time stamp of `proof` by this authority, and its root: `tests/fixtures/timestamps/make.sh` made them.
    fn fixture(name: &str) -> (Timestamp, Authorities) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/timestamps");
        let read = |ending: &str| std::fs::read(format!("{folder}/{name}.{ending}")).expect("a fixture");
        (
            Timestamp::parse(&read("tsr")).expect("a time stamp"),
            Authorities::from_pem(&read("pem")).expect("a root"),
        )
    }

    const KEYS: [&str; 5] = ["rsa-2048", "rsa-4096", "p-256", "p-384", "p-521"];
    const HASHES: [&str; 3] = ["sha256", "sha384", "sha512"];

    fn all() -> impl Iterator<Item = String> {
        let named = |key| HASHES.map(|hash| format!("{key}-{hash}"));
        KEYS.into_iter().flat_map(named).chain(["rsa-pss-sha256".to_owned()])
    }

    #[test]
    fn authorities_of_every_usual_key_and_hash_are_checked() {
        for name in all() {
            let (timestamp, root) = fixture(&name);
            let seen = timestamp.verify(b"proof", &root);
            assert!(seen.as_ref().is_ok_and(|it| *it == timestamp.claimed()), "{name}: {seen:?}");
            let other = timestamp.verify(b"prooF", &root);
            assert!(matches!(other, Err(TimestampError::OtherDigest)), "{name}: {other:?}");
            let elsewhere = if name.starts_with("p-256") { "p-384-sha256" } else { "p-256-sha256" };
            let (_, other_root) = fixture(elsewhere);
            let other = timestamp.verify(b"proof", &other_root);
            assert!(matches!(other, Err(TimestampError::Untrusted(_))), "{name}: {other:?}");
        }
    }

    #[test]
    fn an_altered_time_or_signature_is_noticed_whatever_the_key() {
        for name in all() {
            let (timestamp, root) = fixture(&name);
            let whole = timestamp.as_bytes();
            // The year of the time that it claims is in the text; the signature is last.
            let year = whole.windows(4).position(|it| it == b"2026").expect("a time") + 3;
            for place in [year, whole.len() - 1, whole.len() - 20] {
                let mut altered = whole.to_vec();
                altered[place] ^= 1;
                let verified = Timestamp::parse(&altered).and_then(|it| it.verify(b"proof", &root));
                let said = verified.expect_err(&name);
                assert!(
                    matches!(said, TimestampError::Untrusted(_) | TimestampError::Form(_)),
                    "{name}: {said:?}"
                );
            }
        }
    }

    #[test]
    fn what_cannot_be_checked_says_which_key_and_hash_it_is() {
        let said = ["rsa-1024-sha256", "brainpool-sha256", "brainpool-root-sha256"].map(|name| {
            let (timestamp, root) = fixture(name);
            match timestamp.verify(b"proof", &root) {
                Err(error @ TimestampError::OtherKey(_)) => error.to_string(),
                other => format!("{name}: {other:?}"),
            }
        });
        insta::assert_snapshot!(said.join("\n"), @"
        the authority signs with an RSA key of 1024 bits and SHA-256, which cannot be checked here
        the authority signs with a key on the elliptic curve brainpoolP256r1 and SHA-256, which cannot be checked here
        a trusted certificate's key is a key on the elliptic curve brainpoolP256r1, which cannot be checked here
        ");
    }

    #[test]
    fn a_certificate_that_no_trusted_one_leads_to_is_no_excuse() {
        // Anyone can sign with a key that cannot be checked.
        let (timestamp, _) = fixture("brainpool-sha256");
        let (_, root) = fixture("p-256-sha256");
        let verified = timestamp.verify(b"proof", &root);
        assert!(matches!(verified, Err(TimestampError::Untrusted(_))), "{verified:?}");
    }

    #[test]
    fn a_reply_that_could_not_be_checked_later_is_refused_when_it_comes() {
        let answered = |name: &str| fixture(name).0.is_checkable();
        for name in all() {
            assert!(answered(&name).is_ok(), "{name}");
        }
        for name in ["rsa-1024-sha256", "brainpool-sha256", "brainpool-root-sha256"] {
            let refused = answered(name);
            assert!(matches!(refused, Err(TimestampError::OtherKey(_))), "{name}: {refused:?}");
        }
    }

    #[test]
    fn a_file_without_certificates_names_nobody() {
        assert!(Authorities::from_pem(b"").is_err());
        let key = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(Authorities::from_pem(key).is_err());
    }
}
