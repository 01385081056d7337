//! What a failed handshake failed of, in words: which certificate is wrong, and what is wrong with it.

use exhibit_rows::Shown;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error};

use super::transport_error::TransportErrorKind;

/// What the error about a certificate says that says of itself that it is an authority's. Its type is private to the
/// library. A test sees to it.
const AUTHORITY_AS_SERVER: &str = "CaUsedAsEndEntity";

/// The kind, and in words.
pub(super) fn of_tls(error: &Error) -> (TransportErrorKind, String) {
    let plain = |kind| (kind, Shown::line(&error.to_string()).to_string());
    match error {
        Error::InvalidCertificate(error) => of_certificate(error),
        // The other side failed, such as a balancer without a server, or bytes were altered on the way.
        Error::DecryptError
        | Error::AlertReceived(
            AlertDescription::InternalError | AlertDescription::UserCanceled | AlertDescription::BadRecordMac,
        ) => plain(TransportErrorKind::BrokenOff),
        _ => plain(TransportErrorKind::Tls),
    }
}

/// Whether the server's certificate is signed by an authority that is not trusted.
pub(super) fn is_unknown_issuer(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer))
}

fn of_certificate(error: &CertificateError) -> (TransportErrorKind, String) {
    use CertificateError as Wrong;
    use TransportErrorKind as Kind;

    let other = || Shown::line(&Error::InvalidCertificate(error.clone()).to_string()).to_string();
    match error {
        Wrong::UnknownIssuer => {
            (Kind::Certificate, "the server's certificate is signed by an authority that is not trusted here".to_owned())
        }
        Wrong::ExpiredContext { time, not_after } => (
            Kind::CertificateTime,
            format!(
                "the server's certificate, or one that it depends on, expired at {}; this machine's clock says {}",
                at(*not_after),
                at(*time)
            ),
        ),
        Wrong::NotValidYetContext { time, not_before } => (
            Kind::CertificateTime,
            format!(
                "the server's certificate, or one that it depends on, is valid from {} on; this machine's clock says {}",
                at(*not_before),
                at(*time)
            ),
        ),
        Wrong::Expired => (Kind::CertificateTime, "the server's certificate has expired".to_owned()),
        Wrong::NotValidYet => (Kind::CertificateTime, "the server's certificate is not valid yet".to_owned()),
        Wrong::NotValidForNameContext { expected, presented } => {
            let expected = expected.to_str();
            let expected = Shown::line(&expected);
            let why = if presented.is_empty() {
                format!("the server's certificate has no names (no subject alternative names), so it is not for {expected}")
            } else {
                let names: Vec<String> = presented.iter().map(|it| plain_name(it)).collect();
                format!("the server's certificate is for {}, not for {expected}", Shown::line(&names.join(", ")))
            };
            (Kind::CertificateName, why)
        }
        Wrong::NotValidForName => {
            (Kind::CertificateName, "the server's certificate is for another name".to_owned())
        }
        Wrong::InvalidPurpose | Wrong::InvalidPurposeContext { .. } => {
            (Kind::CertificateUse, "the server's certificate is not one for servers (its extended key usage)".to_owned())
        }
        Wrong::Other(error) if error.to_string().contains(AUTHORITY_AS_SERVER) => (
            Kind::CertificateUse,
            "the server's certificate is an authority's (CA:TRUE), which cannot be used as a server's own, trusted or not"
                .to_owned(),
        ),
        Wrong::Other(error) => (Kind::CertificateUse, format!("the server's certificate: {}", Shown::line(&error.to_string()))),
        Wrong::BadEncoding => (Kind::CertificateUse, "the server's certificate is damaged".to_owned()),
        _ => (Kind::Certificate, other()),
    }
}

/// `api.example` of `DnsName("api.example")`, which is how the library writes names.
fn plain_name(written: &str) -> String {
    let inner = written.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or(written);
    inner.trim_matches('"').to_owned()
}

fn at(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| "an unknown time".to_owned(), |it| it.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rcgen::{
        BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
        date_time_ymd,
    };
    use rustls::pki_types::PrivateKeyDer;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::{InvalidMessage, ServerConfig};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::super::diagnosis::transport_error;
    use super::super::transport_error::TransportError;
    use super::*;

    #[test]
    fn tls_fails_for_good_or_for_now() {
        for (error, trouble) in [
            (Error::InvalidCertificate(CertificateError::Expired), TransportErrorKind::CertificateTime),
            (Error::AlertReceived(AlertDescription::HandshakeFailure), TransportErrorKind::Tls),
            (Error::AlertReceived(AlertDescription::ProtocolVersion), TransportErrorKind::Tls),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), TransportErrorKind::Tls),
            (Error::AlertReceived(AlertDescription::InternalError), TransportErrorKind::BrokenOff),
            (Error::AlertReceived(AlertDescription::BadRecordMac), TransportErrorKind::BrokenOff),
            (Error::DecryptError, TransportErrorKind::BrokenOff),
        ] {
            assert_eq!(of_tls(&error).0, trouble, "{error}");
        }
    }

    /// An authority, and what a client says of a server with this certificate of it; or with the authority's own.
    async fn said(
        about: impl FnOnce(&mut CertificateParams),
        own: bool,
        trusted: bool,
    ) -> anyhow::Result<TransportError> {
        super::super::client::use_ring();
        let mut authority = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let mut leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
        about(&mut leaf);
        let leaf = leaf.signed_by(&key, &authority)?;
        let (certificate, key) = if own {
            (authority.der().clone(), authority.key().serialize_pem())
        } else {
            (leaf.der().clone(), key.serialize_pem())
        };
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())?;
        let config =
            ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("https://{}", listener.local_addr()?);
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await?;
            // That the client ends the handshake is what is tried.
            drop(TlsAcceptor::from(Arc::new(config)).accept(stream).await);
            std::io::Result::Ok(())
        });
        let root = trusted.then(|| reqwest::Certificate::from_der(authority.der())).transpose()?;
        let client = reqwest::Client::builder().no_proxy().tls_certs_only(root).build()?;
        let error = client.get(url).send().await.err().ok_or_else(|| anyhow::anyhow!("an answer came"))?;
        server.await??;
        Ok(transport_error(&error))
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_servers_certificate_is_named() -> anyhow::Result<()> {
        let as_it_is = |_: &mut CertificateParams| {};
        let errors = [
            said(as_it_is, false, false).await?,
            said(as_it_is, true, true).await?,
            said(|it| it.subject_alt_names.clear(), false, true).await?,
            said(
                |it| {
                    *it = CertificateParams::new(vec!["b.example".to_owned(), "*.c.example".to_owned()])
                        .expect("names");
                },
                false,
                true,
            )
            .await?,
            said(|it| it.not_after = date_time_ymd(2020, 2, 29), false, true).await?,
            said(|it| it.not_before = date_time_ymd(2190, 1, 2), false, true).await?,
            said(|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning], false, true)
                .await?,
        ];
        let mut words: Vec<String> = Vec::new();
        for error in errors {
            // What the clock says is not for a test to say.
            let why = error.why.split("; this machine's clock says ").next().unwrap_or_default().to_owned();
            words.push(format!("{:?}: {why}\n  next: {}", error.kind, error.kind.remedy()));
        }
        insta::assert_snapshot!(words.join("\n"), @"
        Certificate: the server's certificate is signed by an authority that is not trusted here
          next: if a proxy or a private authority signs certificates here, add its certificate to the trusted ones
        CertificateUse: the server's certificate is an authority's (CA:TRUE), which cannot be used as a server's own, trusted or not
          next: have the server given a certificate of its own, for servers, that the authority signs; to trust the one that it has does not help
        CertificateName: the server's certificate has no names (no subject alternative names), so it is not for 127.0.0.1
          next: name the origin as its certificate does, or have the server given a certificate for that name (a subject alternative name)
        CertificateName: the server's certificate is for b.example, *.c.example, not for 127.0.0.1
          next: name the origin as its certificate does, or have the server given a certificate for that name (a subject alternative name)
        CertificateTime: the server's certificate, or one that it depends on, expired at 2020-02-29T00:00:00Z
          next: have the server's certificate renewed; if its dates are right, set this machine's clock
        CertificateTime: the server's certificate, or one that it depends on, is valid from 2190-01-02T00:00:00Z on
          next: have the server's certificate renewed; if its dates are right, set this machine's clock
        CertificateUse: the server's certificate is not one for servers (its extended key usage)
          next: have the server given a certificate of its own, for servers, that the authority signs; to trust the one that it has does not help
        ");
        Ok(())
    }
}
