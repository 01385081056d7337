//! Where requests may go.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use exhibit_rows::Shown;
use url::{Host, Url};

use super::egress::{EgressRemedy, Refused, is_localhost, refused};

/// No host name with a scheme and a port is longer.
const URL_BYTES: usize = 300;

/// A scheme, a host and a port, and nothing else. Written as `https://host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    url: Url,
    text: String,
    local: bool,
}

/// Who named an origin. An operator may know of things that a plugin may not decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginSource {
    /// The plugin's `resolve`: `https` only, and never this machine.
    ByPlugin,
    /// The operator: `http` to this machine is fine, and anywhere with `plain_http`.
    ByOperator {
        /// Whether secrets and answers may be read on the way.
        plain_http: bool,
    },
}

/// Why a text is no origin. None of the messages repeats what may be a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// No URL of the right form.
    #[error("`{0}` is no origin: write https://host or https://host:port")]
    NotAUrl(String),
    /// Credentials in the URL.
    #[error("an origin has no user name or password in it: give these as secrets")]
    Credentials,
    /// More than scheme, host and port.
    #[error("`{0}` has more than a host and a port: write https://host or https://host:port, without a path")]
    MoreThanHost(String),
    /// Neither `https`, nor `http` where that is allowed.
    #[error(
        "`{0}` is not https, so passwords and answers could be read on the way; http is for this machine only, \
         or where you say so for that origin"
    )]
    NotEncrypted(String),
    /// An address that is not talked to.
    #[error("`{origin}` is {why}; requests to it are blocked")]
    Refused {
        /// What was given.
        origin: String,
        /// What is wrong with it.
        why: Refused,
    },
}

impl OriginError {
    /// What the operator can do about an address that is refused.
    pub fn remedy(&self) -> Option<EgressRemedy> {
        match self {
            Self::Refused { why: Refused::Loopback, .. } => Some(EgressRemedy::NameOrigin),
            Self::Refused { .. } => Some(EgressRemedy::OtherAddress),
            _ => None,
        }
    }
}

impl Origin {
    /// Reads an origin. What a name resolves to is checked later, each time, and what a policy says of an address.
    pub fn parse(text: &str, given: OriginSource) -> Result<Self, OriginError> {
        let shown = || Shown::line(text).to_string();
        // Before anything repeats the text.
        if text.contains('@') {
            return Err(OriginError::Credentials);
        }
        if text.len() > URL_BYTES || text.chars().any(|it| it.is_whitespace() || it.is_control()) {
            return Err(OriginError::NotAUrl(
                text.chars().take(URL_BYTES).filter(|it| !it.is_control()).collect(),
            ));
        }
        let url = Url::parse(text).map_err(|_| OriginError::NotAUrl(shown()))?;
        if !matches!(url.scheme(), "http" | "https") || !has_authority(text) {
            return Err(OriginError::NotAUrl(shown()));
        }
        if has_more_than_authority(text) {
            return Err(OriginError::MoreThanHost(shown()));
        }
        let host = url.host().ok_or_else(|| OriginError::NotAUrl(shown()))?;
        let local = match refusal(&host) {
            None => false,
            Some(Refused::Loopback) if given != OriginSource::ByPlugin => true,
            Some(why) => return Err(OriginError::Refused { origin: shown(), why }),
        };
        let plain = local || given == (OriginSource::ByOperator { plain_http: true });
        if url.scheme() == "http" && !plain {
            return Err(OriginError::NotEncrypted(shown()));
        }
        let text = url.origin().ascii_serialization();
        // In ASCII a name can be longer than it was written, and is read back from records.
        if text.len() > URL_BYTES {
            return Err(OriginError::NotAUrl(text.chars().take(URL_BYTES).collect()));
        }
        Ok(Self { url, text, local })
    }

    /// `https://host[:port]`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether what goes there is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether it is this machine.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// The same, parsed.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The origins of a connection, by the names that requests use.
pub type Origins = BTreeMap<String, Origin>;

/// `https:host` and `https:///host` are URLs to a browser, and typing errors here.
fn has_authority(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| !rest.starts_with('/'))
}

/// As it is written: a parser would make `/..` nothing.
fn has_more_than_authority(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.strip_suffix('/').unwrap_or(rest).contains(['/', '?', '#', '\\'])
}

fn refusal(host: &Host<&str>) -> Option<Refused> {
    match host {
        Host::Domain(name) if is_localhost(name) => Some(Refused::Loopback),
        Host::Domain(_) => None,
        Host::Ipv4(address) => refused(IpAddr::V4(*address)),
        Host::Ipv6(address) => refused(IpAddr::V6(*address)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATOR: OriginSource = OriginSource::ByOperator { plain_http: false };
    const CARELESS: OriginSource = OriginSource::ByOperator { plain_http: true };

    fn read(text: &str, given: OriginSource) -> String {
        Origin::parse(text, given).map_or_else(|error| format!("{error:?}"), |it| it.to_string())
    }

    #[test]
    fn takes_a_host_and_a_port() {
        for (text, origin) in [
            ("https://api.example", "https://api.example"),
            ("https://API.example/", "https://api.example"),
            ("HTTPS://api.example:443", "https://api.example"),
            ("https://api.example:8443", "https://api.example:8443"),
            ("https://10.1.2.3", "https://10.1.2.3"),
            ("https://[2606:4700::1111]", "https://[2606:4700::1111]"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(read(text, OriginSource::ByPlugin), origin, "{text}");
        }
    }

    #[test]
    fn what_it_takes_is_read_back_as_it_was_written() {
        // Each such label is longer in ASCII.
        let label = |letters: usize| "ȏ".repeat(letters) + ".";
        let (mut taken, mut refused) = (0, 0);
        for labels in 1..40 {
            let text = format!("https://{}example", label(3).repeat(labels));
            match Origin::parse(&text, OriginSource::ByPlugin) {
                Ok(origin) => {
                    assert_eq!(read(origin.as_str(), OriginSource::ByPlugin), origin.as_str());
                    taken += 1;
                }
                Err(error) => {
                    assert!(matches!(error, OriginError::NotAUrl(_)), "{error}");
                    refused += 1;
                }
            }
        }
        assert!(taken > 0 && refused > 0);
    }

    #[test]
    fn takes_nothing_else() {
        for text in [
            "",
            "api.example",
            "https://",
            "https:api.example",
            "https:///api.example",
            "ftp://api.example",
            "file:///etc/passwd",
            "https://api.example/path",
            "https://api.example/..",
            "https://api.example//",
            "https://api.example/?",
            "https://api.example?a=b",
            "https://api.example#a",
            "https://api.example\\evil",
            "https://user:hunter2@api.example",
            "https://api.example@evil.example",
            "https://api.example\r\nhost: evil",
            "https://api example",
            "https://api.example:99999",
        ] {
            assert!(Origin::parse(text, CARELESS).is_err(), "{text:?}");
        }
    }

    #[test]
    fn never_repeats_a_password() {
        let error =
            Origin::parse("https://user:hunter2@api.example", OPERATOR).expect_err("should be refused");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn http_is_for_this_machine_or_by_permission() {
        for text in ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"] {
            assert_eq!(read(text, OPERATOR), text);
            assert!(read(text, OriginSource::ByPlugin).starts_with("Refused"), "{text}");
        }
        assert!(read("http://api.example", OriginSource::ByPlugin).starts_with("NotEncrypted"));
        assert!(read("http://api.example", OPERATOR).starts_with("NotEncrypted"));
        assert_eq!(read("http://api.example", CARELESS), "http://api.example");
    }

    #[test]
    fn nobody_names_a_metadata_service() {
        for text in [
            "https://169.254.169.254",
            "https://0xa9fea9fe",
            "https://2852039166",
            "https://0251.0376.0251.0376",
            "https://169.254.43518",
            "https://[::ffff:169.254.169.254]",
            "https://[64:ff9b::a9fe:a9fe]",
            "https://[fd00:ec2::254]",
            "https://0.0.0.0",
            "https://[::]",
        ] {
            assert!(read(text, CARELESS).starts_with("Refused"), "{text}: {}", read(text, CARELESS));
        }
    }
}
