//! Where an artifact is: `REGISTRY/NAME:TAG`, or with a digest, in the grammar of the OCI
//! distribution specification.

use std::fmt;

use exhibit::http::{Given, Origin, OriginError};
use exhibit_records::Digest;

/// A registry's host and an artifact's name together, in all clients that there are.
const NAME_BYTES: usize = 255;
/// The specification's, for a tag.
const TAG_BYTES: usize = 128;
/// What is meant where nothing is said.
const TAG: &str = "latest";
/// What Docker Hub is called, and who answers for it.
const HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// An artifact's place, and which one is meant there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    registry: String,
    name: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// Reads a reference, or says why this is none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(|it| format!("{it}"))?)),
            None => (text, None),
        };
        // A port comes before the first slash, a tag after the last one.
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((rest, tag)) if !tag.contains('/') && rest.contains('/') => (rest, Some(tag)),
            _ => (rest, None),
        };
        let (registry, name) = rest.split_once('/').ok_or("it has no / after the registry")?;
        // As Docker tells a registry from a name. What it would take from its own registry is named in full.
        if !registry.contains(['.', ':']) && registry != "localhost" {
            return Err("it begins with no registry's host".to_owned());
        }
        if rest.len() > NAME_BYTES {
            return Err(format!("registry and name have more than {NAME_BYTES} characters"));
        }
        if !name.split('/').all(is_component) {
            return Err("a name is of a to z, 0 to 9, and single separators in between".to_owned());
        }
        if tag.is_some_and(|it| !is_tag(it)) {
            return Err("a tag is of letters, digits, _, . and -, and does not begin with . or -".to_owned());
        }
        let it = Self {
            registry: registry.to_ascii_lowercase(),
            name: name.to_owned(),
            tag: tag.map(str::to_owned),
            digest,
        };
        it.origin(true).map_err(|error| error.to_string())?;
        Ok(it)
    }

    /// Whom to ask. Without encryption on this machine, where no wire leads to, and where `plain_http`.
    pub(super) fn origin(&self, plain_http: bool) -> Result<Origin, OriginError> {
        let host = if self.registry == HUB.0 { HUB.1 } else { &self.registry };
        match Origin::parse(&format!("http://{host}"), Given::ByOperator { plain_http }) {
            Err(OriginError::NotEncrypted(_)) => {
                Origin::parse(&format!("https://{host}"), Given::ByOperator { plain_http })
            }
            other => other,
        }
    }

    /// The artifact's name at the registry: `acme/plugin`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The tag that names it, or would where nothing is said.
    pub(super) fn tag(&self) -> &str {
        self.tag.as_deref().unwrap_or(TAG)
    }

    /// What manifests are asked for by.
    pub(super) fn which(&self) -> String {
        self.digest.map_or_else(|| self.tag().to_owned(), |it| it.to_string())
    }

    /// Without tag and digest: `ghcr.io/acme/plugin`.
    pub(super) fn repository(&self) -> String {
        format!("{}/{}", self.registry, self.name)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository())?;
        match (&self.tag, self.digest) {
            (Some(tag), Some(digest)) => write!(f, ":{tag}@{digest}"),
            (None, Some(digest)) => write!(f, "@{digest}"),
            _ => write!(f, ":{}", self.tag()),
        }
    }
}

/// Letters and digits, with `.`, `_`, `__` or dashes in between.
fn is_component(text: &str) -> bool {
    let is_plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
    let bytes = text.as_bytes();
    let ends =
        bytes.first().zip(bytes.last()).is_some_and(|(first, last)| is_plain(*first) && is_plain(*last));
    let is_separator = |it: &[u8]| matches!(it, b"" | b"." | b"_" | b"__") || it.iter().all(|it| *it == b'-');
    ends && bytes.split(|it| is_plain(*it)).all(is_separator)
}

fn is_tag(text: &str) -> bool {
    let is_word = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
    text.len() <= TAG_BYTES
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|it| is_word(it) || matches!(it, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_places_and_versions() {
        let digest = Digest::of(b"");
        for (text, repository, which) in [
            ("ghcr.io/acme/x:1.0.0", "ghcr.io/acme/x", "1.0.0".to_owned()),
            ("GHCR.io/acme/x", "ghcr.io/acme/x", "latest".to_owned()),
            ("localhost/x", "localhost/x", "latest".to_owned()),
            ("localhost:5000/a/b-c/d__e.f:v_1", "localhost:5000/a/b-c/d__e.f", "v_1".to_owned()),
            ("[::1]:5000/acme/x:1", "[::1]:5000/acme/x", "1".to_owned()),
            (&format!("ghcr.io/acme/x@{digest}"), "ghcr.io/acme/x", digest.to_string()),
            (&format!("ghcr.io/acme/x:1@{digest}"), "ghcr.io/acme/x", digest.to_string()),
        ] {
            let it = Reference::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!((it.repository().as_str(), it.which()), (repository, which));
            let again = Reference::parse(&it.to_string()).map(|it| it.to_string());
            assert_eq!(again, Ok(it.to_string()), "{text} is another one once it is written");
        }
    }

    #[test]
    fn nothing_else_is_a_reference() {
        let long = format!("ghcr.io/{}", "a".repeat(NAME_BYTES));
        let refused = [
            "",
            "x",
            "acme/x:1",
            "ghcr.io",
            "ghcr.io/",
            "ghcr.io/Acme/x",
            "ghcr.io/acme//x",
            "ghcr.io/acme/../x",
            "ghcr.io/acme/-x",
            "ghcr.io/a___b",
            "ghcr.io/acme/x:",
            "ghcr.io/acme/x:.1",
            "ghcr.io/acme/x:1?y",
            "ghcr.io/acme/x@sha256:00",
            "user:password@ghcr.io/x",
            "https://ghcr.io/acme/x",
            "169.254.169.254/acme/x",
            "[::1/x",
            "ghcr.io:port/x",
            "Not A Reference",
            &long,
        ];
        for text in refused {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_or_for_those_who_ask_for_it() {
        let origin = |registry: &str, plain_http| {
            let reference = Reference::parse(&format!("{registry}/acme/x"));
            reference.and_then(|it| it.origin(plain_http).map_err(|error| error.to_string()))
        };
        for registry in ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000"] {
            assert_eq!(origin(registry, false).map(|it| it.to_string()), Ok(format!("http://{registry}")));
        }
        for registry in ["ghcr.io", "localhost.example", "127.0.0.1.example:5000", "10.0.0.1:5000"] {
            assert_eq!(origin(registry, false).map(|it| it.to_string()), Ok(format!("https://{registry}")));
            assert_eq!(origin(registry, true).map(|it| it.to_string()), Ok(format!("http://{registry}")));
        }
        let hub = origin("docker.io", false).map(|it| it.to_string());
        assert_eq!(hub, Ok("https://registry-1.docker.io".to_owned()));
    }
}
