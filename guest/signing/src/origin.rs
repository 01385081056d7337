//! Where requests may go.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// No host name with a scheme and a port is longer.
const ORIGIN_BYTES: usize = 300;

/// A scheme, a host and perhaps a port, and nothing else. Written as `https://host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    authority: String,
}

/// The scheme of an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Not encrypted: others can read the traffic.
    Http,
    /// Encrypted.
    Https,
}

/// Why a text is not an origin. No message repeats the text, which may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// No URL of the right form.
    #[error("it is not an origin: write https://host or https://host:port, without a path")]
    NotAnOrigin,
    /// Credentials in the URL.
    #[error("an origin must not contain a user name or password: give these as secrets")]
    Credentials,
    /// Passwords would be readable on the way.
    #[error(
        "it is not https, so others could read passwords and answers; http is allowed to this machine, and to \
         other machines where you permit it for that origin"
    )]
    NotEncrypted,
}

impl Origin {
    /// Reads an origin. `http` is taken to this machine, and to others with `plain_http`.
    pub fn parse(text: &str, plain_http: bool) -> Result<Self, OriginError> {
        // Before anything looks at the rest.
        if text.contains('@') {
            return Err(OriginError::Credentials);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((it, rest)) if it.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
            Some((it, rest)) if it.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
            _ => return Err(OriginError::NotAnOrigin),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let (host, port) = split(&authority).ok_or(OriginError::NotAnOrigin)?;
        let port_fits = port.is_none_or(|it| it.parse::<u16>().is_ok_and(|it| it > 0));
        if text.len() > ORIGIN_BYTES || !is_host(host) || !port_fits {
            return Err(OriginError::NotAnOrigin);
        }
        if scheme == Scheme::Http && !plain_http && !is_local(host) {
            return Err(OriginError::NotEncrypted);
        }
        Ok(Self { scheme, authority })
    }

    /// How it is talked to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// `host[:port]`.
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}", self.authority)
    }
}

/// The host, with its brackets where it has some, and the port's digits.
fn split(authority: &str) -> Option<(&str, Option<&str>)> {
    if authority.starts_with('[') {
        let end = authority.find(']')? + 1;
        let (host, rest) = authority.split_at(end);
        return if rest.is_empty() {
            Some((host, None))
        } else {
            Some((host, Some(rest.strip_prefix(':')?)))
        };
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, Some(port))),
        None => Some((authority, None)),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = bracketed(host) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let label =
        |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
    host.split('.').all(label)
}

fn bracketed(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

/// Whether it is this machine.
fn is_local(host: &str) -> bool {
    match bracketed(host) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok_and(|it| it.is_loopback()),
        None => host == "localhost" || host.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, OriginError> {
        Origin::parse(text, false).map(|it| it.to_string())
    }

    #[test]
    fn reads_origins() {
        for (text, origin) in [
            ("https://API.example", "https://api.example"),
            ("https://api.example:8443/", "https://api.example:8443"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("http://127.0.0.1:80", "http://127.0.0.1:80"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]", "http://[::1]"),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(origin));
        }
        assert_eq!(Origin::parse("http://api.example", true).map(|it| it.scheme()), Ok(Scheme::Http));
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "",
            "api.example",
            "ftp://api.example",
            "https://",
            "https:///x",
            "https://api.example/x",
            "https://api.example?x",
            "https://api.example#x",
            "https://api..example",
            "https://a b",
            "https://api.example:",
            "https://api.example:0",
            "https://api.example:99999",
            "https://[::1",
            "https://[::1]8443",
            "https://1::2",
            "https://a\\b",
            "https://a%2fb",
            "https://a\r\nb",
        ] {
            assert_eq!(parsed(text), Err(OriginError::NotAnOrigin), "{text:?}");
        }
        assert_eq!(parsed("https://user:pass@api.example"), Err(OriginError::Credentials));
        for text in ["http://api.example", "http://127.0.0.1.example", "http://localhost.example"] {
            assert_eq!(parsed(text), Err(OriginError::NotEncrypted), "{text}");
        }
    }
}
