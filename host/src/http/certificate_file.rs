//! The file of trusted certificates that the environment names, and what is wrong with it. The TLS library skips what it
//! cannot read in it, so that a handshake fails later, and for a reason that is not the server's.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use exhibit_rows::{ShowPath as _, Shown};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::certificate_fault::CertificateFileFault;

/// What the TLS library reads, too.
const VARIABLE: &str = "SSL_CERT_FILE";
/// All certificates that browsers trust are a quarter of a MiB.
const FILE_BYTES: u64 = 16 << 20;
/// How UTF-8 may begin, and UTF-16 of either order does.
const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];
/// How everything in DER begins that is kept in files: a sequence with a length of several bytes.
const DER_BEGINS: [&[u8]; 2] = [b"\x30\x82", b"\x30\x80"];
const TRUSTED: &[u8] = b"-----BEGIN TRUSTED CERTIFICATE-----";

/// The file of trusted certificates.
#[derive(Debug, Clone)]
pub(super) struct CertificateFile {
    path: PathBuf,
    /// How many certificates it has.
    certificates: usize,
    fault: Option<(CertificateFileFault, String)>,
}

impl CertificateFile {
    /// The one that the environment names.
    pub(super) fn of_environment() -> Option<Self> {
        std::env::var_os(VARIABLE).map(Self::named)
    }

    fn named(name: OsString) -> Self {
        let path = PathBuf::from(name);
        let looked = if path.as_os_str().is_empty() {
            Err((CertificateFileFault::Unnamed, String::new()))
        } else {
            bytes(&path)
                .map_err(|error| (CertificateFileFault::Unreadable, error.to_string()))
                .map(|bytes| look(&bytes))
        };
        match looked {
            Ok((certificates, fault)) => {
                Self { path, certificates, fault: fault.map(|it| (it, String::new())) }
            }
            Err(fault) => Self { path, certificates: 0, fault: Some(fault) },
        }
    }

    pub(super) fn fault(&self) -> Option<CertificateFileFault> {
        self.fault.as_ref().map(|it| it.0)
    }
}

/// What is wrong with it, or else what is in it, as a sentence.
impl fmt::Display for CertificateFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use CertificateFileFault as Fault;

        let path = self.path.shown().to_string();
        let path = Shown::line(&path);
        let Some((fault, why)) = &self.fault else {
            let (count, noun) =
                (self.certificates, if self.certificates == 1 { "certificate" } else { "certificates" });
            return write!(f, "the file of trusted certificates {path} has {count} {noun}");
        };
        if *fault == Fault::Unnamed {
            return f.write_str("the file of trusted certificates is named by an empty text");
        }
        write!(f, "the file of trusted certificates {path} ")?;
        match fault {
            Fault::Unreadable => write!(f, "cannot be read: {why}"),
            Fault::Empty => f.write_str("is empty"),
            Fault::Der => f.write_str("is binary (DER or PKCS), and only PEM is read, which is text"),
            Fault::Utf16 => f.write_str("is text in UTF-16, and PEM is read as ASCII or UTF-8 only"),
            Fault::ByteOrderMark => {
                f.write_str("begins with a byte order mark (BOM), so that its first certificate is not found")
            }
            Fault::Trusted => {
                f.write_str("has a TRUSTED CERTIFICATE, which is OpenSSL's own form of PEM and is not read")
            }
            Fault::Damaged => f.write_str("has a certificate that is damaged"),
            Fault::NoCertificate | Fault::Unnamed => f.write_str("has no certificate in PEM"),
        }
    }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    // Before it is opened: to open a pipe is to wait for another program to write to it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How many certificates can be read of it, and what is wrong with it.
fn look(bytes: &[u8]) -> (usize, Option<CertificateFileFault>) {
    let (mut certificates, mut damaged) = (0, false);
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(bytes) {
        match certificate.map(|it| store.add(it)) {
            Ok(Ok(())) => certificates += 1,
            Ok(Err(_)) | Err(_) => damaged = true,
        }
    }
    let has = |part: &[u8]| bytes.windows(part.len()).any(|it| it == part);
    let begins = |marks: &[&[u8]]| marks.iter().any(|it| bytes.starts_with(it));
    // Without a mark, each second byte of ASCII is zero.
    let is_wide = bytes.get(..4).is_some_and(|it| it.iter().filter(|it| **it == 0).count() == 2);
    let fault = if bytes.iter().all(u8::is_ascii_whitespace) {
        Some(CertificateFileFault::Empty)
    } else if begins(&UTF_16_MARKS) || is_wide {
        Some(CertificateFileFault::Utf16)
    } else if begins(&DER_BEGINS) {
        Some(CertificateFileFault::Der)
    } else if bytes.starts_with(UTF_8_MARK) {
        Some(CertificateFileFault::ByteOrderMark)
    } else if has(TRUSTED) {
        Some(CertificateFileFault::Trusted)
    } else if damaged {
        Some(CertificateFileFault::Damaged)
    } else if certificates == 0 {
        Some(CertificateFileFault::NoCertificate)
    } else {
        None
    };
    (certificates, fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority() -> anyhow::Result<(String, Vec<u8>)> {
        let key = rcgen::KeyPair::generate()?;
        let mut about = rcgen::CertificateParams::new(Vec::new())?;
        about.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let certificate = about.self_signed(&key)?;
        Ok((certificate.pem(), certificate.der().to_vec()))
    }

    fn utf_16(text: &str, mark: bool) -> Vec<u8> {
        let mark = if mark { "\u{feff}" } else { "" };
        format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn what_is_wrong_with_a_file_is_named() -> anyhow::Result<()> {
        let (pem, der) = authority()?;
        let folder = tempfile::tempdir()?;
        let mut said = Vec::new();
        let damaged = pem.replacen("\nMII", "\nMIIB", 1);
        let trusted = pem.replace("BEGIN CERT", "BEGIN TRUSTED CERT").replace("END CERT", "END TRUSTED CERT");
        let files: [(&str, Vec<u8>); 12] = [
            ("good", pem.clone().into()),
            ("good-with-text", format!("Acme\r\n{}{pem}", pem.replace('\n', "\r\n")).into()),
            ("empty", vec![]),
            ("blank", b" \r\n".into()),
            ("der", der),
            ("utf-16", utf_16(&pem, true)),
            ("utf-16-unmarked", utf_16(&pem, false)),
            ("bom", format!("\u{feff}{pem}").into()),
            ("bom-two", format!("\u{feff}{pem}{pem}").into()),
            ("trusted", trusted.into()),
            ("key", rcgen::KeyPair::generate()?.serialize_pem().into()),
            ("damaged", format!("{pem}{damaged}").into()),
        ];
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::write(&path, content)?;
            let file = CertificateFile::named(path.into_os_string());
            assert_eq!(file.fault().is_none(), name.starts_with("good"), "{name}: {file}");
            said.push(file.to_string());
        }
        for path in [folder.path().join("missing"), folder.path().to_owned(), PathBuf::new()] {
            let file = CertificateFile::named(path.into_os_string());
            assert!(file.fault().is_some(), "{file}");
            said.push(file.to_string());
        }
        let said = said.join("\n").replace(&folder.path().display().to_string(), "FOLDER");
        insta::assert_snapshot!(said, @"
        the file of trusted certificates FOLDER/good has 1 certificate
        the file of trusted certificates FOLDER/good-with-text has 2 certificates
        the file of trusted certificates FOLDER/empty is empty
        the file of trusted certificates FOLDER/blank is empty
        the file of trusted certificates FOLDER/der is binary (DER or PKCS), and only PEM is read, which is text
        the file of trusted certificates FOLDER/utf-16 is text in UTF-16, and PEM is read as ASCII or UTF-8 only
        the file of trusted certificates FOLDER/utf-16-unmarked is text in UTF-16, and PEM is read as ASCII or UTF-8 only
        the file of trusted certificates FOLDER/bom begins with a byte order mark (BOM), so that its first certificate is not found
        the file of trusted certificates FOLDER/bom-two begins with a byte order mark (BOM), so that its first certificate is not found
        the file of trusted certificates FOLDER/trusted has a TRUSTED CERTIFICATE, which is OpenSSL's own form of PEM and is not read
        the file of trusted certificates FOLDER/key has no certificate in PEM
        the file of trusted certificates FOLDER/damaged has a certificate that is damaged
        the file of trusted certificates FOLDER/missing cannot be read: No such file or directory (os error 2)
        the file of trusted certificates FOLDER cannot be read: it is not a regular file
        the file of trusted certificates is named by an empty text
        ");
        Ok(())
    }
}
