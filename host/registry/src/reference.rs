//! Where an artifact is: `REGISTRY/NAME:TAG`, or with a digest, in the grammar of the OCI
//! distribution specification.

use std::fmt;
use std::str::FromStr;

use exhibit::http::{Origin, OriginError, OriginSource};
use exhibit_records::{Digest, NotADigest};
use exhibit_rows::Shown;

/// A registry's host and an artifact's name together, in all clients that there are.
const NAME_BYTES: usize = 255;
/// The specification's, for a tag.
const TAG_BYTES: usize = 128;
/// The tag of a reference without one.
const TAG: &str = "latest";
/// What Docker Hub is called, and which host answers for it.
const HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// An artifact's place, and which one is meant there. Parsed from `ghcr.io/acme/plugin:1.0.0`, or with a
/// digest, and shown in the one way to write that, always with a tag or a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    registry: String,
    name: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// A text that names no artifact.
#[derive(Debug, thiserror::Error)]
#[error("{} names no place in a registry: {}", named(text, why), Shown::line(&why.to_string()))]
pub struct ReferenceError {
    text: String,
    /// What is wrong with it.
    #[source]
    pub why: ReferenceFault,
}

/// What is not repeated where it may have a password in it.
fn named(text: &str, why: &ReferenceFault) -> String {
    match why {
        ReferenceFault::Credentials => "what was given".to_owned(),
        _ => Shown::line(text).to_string(),
    }
}

/// What is wrong with a reference.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceFault {
    /// What comes after `@`.
    #[error("{0}")]
    Digest(#[source] NotADigest),
    /// Something before the host.
    #[error("a user name or password stands before its host (it is not repeated here); write HOST/NAME")]
    Credentials,
    /// A name alone.
    #[error("it has no / after the registry")]
    NoName,
    /// A first part that is no host, as in `acme/plugin`.
    #[error("it does not begin with a registry's host")]
    NoRegistry,
    /// More than clients take.
    #[error("registry and name have more than {NAME_BYTES} characters")]
    TooLong,
    /// Not in the specification's grammar.
    #[error("a name is of a to z, 0 to 9, and single separators in between")]
    Name,
    /// Not in the specification's grammar.
    #[error("a tag is of letters, digits, _, . and -, and does not begin with . or -")]
    Tag,
    /// A host that requests do not go to.
    #[error("{0}")]
    Origin(#[source] OriginError),
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        Self::parse(text).map_err(|why| ReferenceError { text: text.to_owned(), why })
    }
}

impl Reference {
    fn parse(text: &str) -> Result<Self, ReferenceFault> {
        // Before anything repeats the text. A digest follows the whole name, and has no slash in it.
        if text.split_once('@').is_some_and(|(before, after)| after.contains('/') || !before.contains('/')) {
            return Err(ReferenceFault::Credentials);
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(ReferenceFault::Digest)?)),
            None => (text, None),
        };
        // A port comes before the first slash, a tag after the last one.
        let (rest, tag) = match rest.rsplit_once(':') {
            Some((rest, tag)) if !tag.contains('/') && rest.contains('/') => (rest, Some(tag)),
            _ => (rest, None),
        };
        let (registry, name) = rest.split_once('/').ok_or(ReferenceFault::NoName)?;
        // As Docker tells a registry from a name. What it would take from its own registry is named in full.
        // A colon without a port is no host, either: `file:/x` is a file's, and no registry's.
        if !registry.contains(['.', ':']) && registry != "localhost" || registry.ends_with(':') {
            return Err(ReferenceFault::NoRegistry);
        }
        if rest.len() > NAME_BYTES {
            return Err(ReferenceFault::TooLong);
        }
        if !name.split('/').all(is_component) {
            return Err(ReferenceFault::Name);
        }
        if tag.is_some_and(|it| !is_tag(it)) {
            return Err(ReferenceFault::Tag);
        }
        let it = Self {
            registry: registry.to_ascii_lowercase(),
            name: name.to_owned(),
            tag: tag.map(str::to_owned),
            digest,
        };
        it.origin(true).map_err(ReferenceFault::Origin)?;
        Ok(it)
    }

    /// The server to ask. Without encryption on this machine, which no network leads to, and where `plain_http`.
    pub(crate) fn origin(&self, plain_http: bool) -> Result<Origin, OriginError> {
        let host = if self.registry == HUB.0 { HUB.1 } else { &self.registry };
        match Origin::parse(&format!("http://{host}"), OriginSource::ByOperator { plain_http }) {
            Err(OriginError::NotEncrypted(_)) => {
                Origin::parse(&format!("https://{host}"), OriginSource::ByOperator { plain_http })
            }
            other => other,
        }
    }

    /// The artifact's name at the registry: `acme/plugin`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The digest that pins it, where there is one.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The tag that names it: `latest`, where none is written.
    pub fn tag(&self) -> &str {
        self.tag.as_deref().unwrap_or(TAG)
    }

    /// What manifests are asked for by.
    pub(crate) fn which(&self) -> String {
        self.digest.map_or_else(|| self.tag().to_owned(), |it| it.to_string())
    }

    /// Without tag and digest: `ghcr.io/acme/plugin`.
    pub fn repository(&self) -> String {
        format!("{}/{}", self.registry, self.name)
    }

    /// The last part of the artifact's name, without place and version: `plugin`.
    pub fn base_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// The same place, and the artifact of this digest there.
    pub fn pinned(&self, artifact: Digest) -> String {
        let place = self.repository();
        match self.digest {
            None => format!("{place}:{}@{artifact}", self.tag()),
            Some(_) => format!("{place}@{artifact}"),
        }
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
            let again = Reference::parse(&it.to_string()).ok().map(|it| it.to_string());
            assert_eq!(again, Some(it.to_string()), "{text} is another one once it is written");
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
            "ghcr.io:/x",
            "file:/run/x",
            "Not A Reference",
            &long,
        ];
        for text in refused {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_the_text_escaped() {
        let said = |text: &str| match text.parse::<Reference>() {
            Ok(it) => panic!("{it} is not refused"),
            Err(error) => error.to_string(),
        };
        let texts = ["plug\u{1b}[2Jin", "acme/x:1", "ghcr.io/Acme/x", "ghcr.io/x:.1", "ghcr.io/x@sha256:00"];
        insta::assert_snapshot!(texts.map(said).join("\n"), @r#"
        plug\u{1b}[2Jin names no place in a registry: it has no / after the registry
        acme/x:1 names no place in a registry: it does not begin with a registry's host
        ghcr.io/Acme/x names no place in a registry: a name is of a to z, 0 to 9, and single separators in between
        ghcr.io/x:.1 names no place in a registry: a tag is of letters, digits, _, . and -, and does not begin with . or -
        ghcr.io/x@sha256:00 names no place in a registry: "sha256:00" is no digest: it should read sha256: and 64 hex digits
        "#);
    }

    #[test]
    fn a_login_is_not_repeated() {
        for text in
            ["user:hunter2@ghcr.io/acme/x", "hunter2@ghcr.io", "user:hun/ter2@ghcr.io/x", "a/b:hunter2@c/d"]
        {
            let error = text.parse::<Reference>().map(|it| it.to_string()).expect_err(text).to_string();
            assert!(error.contains("not repeated") && !error.contains("ter2"), "{error}");
        }
    }

    #[test]
    fn what_was_pushed_is_named_by_its_digest() {
        let digest = Digest::of(b"");
        let pinned = |text: &str| text.parse::<Reference>().map(|it| it.pinned(digest)).ok();
        assert_eq!(pinned("ghcr.io/acme/x"), Some(format!("ghcr.io/acme/x:latest@{digest}")));
        let other = Digest::of(b"other");
        assert_eq!(pinned(&format!("ghcr.io/acme/x:1@{other}")), Some(format!("ghcr.io/acme/x@{digest}")));
    }

    #[test]
    fn plain_http_is_for_this_machine_or_for_those_who_ask_for_it() {
        let origin = |registry: &str, plain_http| {
            let reference = Reference::parse(&format!("{registry}/acme/x")).ok()?;
            reference.origin(plain_http).ok().map(|it| it.to_string())
        };
        for registry in ["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000"] {
            assert_eq!(origin(registry, false), Some(format!("http://{registry}")));
        }
        for registry in ["ghcr.io", "localhost.example", "127.0.0.1.example:5000", "10.0.0.1:5000"] {
            assert_eq!(origin(registry, false), Some(format!("https://{registry}")));
            assert_eq!(origin(registry, true), Some(format!("http://{registry}")));
        }
        let hub = origin("docker.io", false);
        assert_eq!(hub, Some("https://registry-1.docker.io".to_owned()));
    }
}
