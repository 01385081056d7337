//! Whether a source repeats a secret in an answer. The host replaces what it repeats; here such an answer is not kept.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_plugin::catalog::{AuthScheme, Manifest};

use crate::failure::Failure;
use crate::secrets::Secrets;

/// What is shorter stands in any answer by chance.
const SHORTEST: usize = 4;

/// The forms in which the secrets of a connection are looked for.
#[derive(Clone, Default)]
pub(super) struct Repeats(Rc<[Vec<u8>]>);

impl Repeats {
    /// Of a connection that signs by itself. A user name of HTTP Basic is no secret: a list of users has it.
    pub(super) fn of(manifest: &Manifest, secrets: &Secrets) -> Result<Self, Failure> {
        let mut forms = Vec::new();
        let mut usernames = Vec::new();
        for auth in &manifest.auth {
            if let AuthScheme::Basic(names) = &auth.scheme {
                usernames.push(names.username.as_str());
                if let (Some(username), Some(password)) =
                    (secrets.get(&names.username), secrets.get(&names.password))
                {
                    let pair =
                        [username.resolve(&names.username)?, password.resolve(&names.password)?].join(":");
                    forms.push(STANDARD.encode(pair).into_bytes());
                }
            }
        }
        for (name, reference) in secrets.iter().filter(|(name, _)| !usernames.contains(&name.as_str())) {
            forms.extend(written(&reference.resolve(name)?));
        }
        forms.retain(|it| it.len() >= SHORTEST);
        forms.sort_unstable();
        forms.dedup();
        Ok(Self(forms.into()))
    }

    /// Whether one of them is in this text.
    pub(super) fn is_in(&self, text: &[u8]) -> bool {
        self.0.iter().any(|it| memchr::memmem::find(text, it).is_some())
    }
}

/// The secret as XML, JSON and forms write it.
fn written(secret: &str) -> [Vec<u8>; 5] {
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quoted = xml.replace('"', "&quot;").replace('\'', "&#39;");
    let json = serde_json::to_string(secret).unwrap_or_default();
    let json = json.strip_prefix('"').and_then(|it| it.strip_suffix('"')).unwrap_or_default().to_owned();
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    [secret.to_owned(), xml, quoted, json, form].map(String::into_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_each_form_that_answers_are_written_in() {
        let repeats = Repeats(written("p<a>ss \"&word").to_vec().into());
        for text in [
            "<P>p<a>ss \"&word</P>",
            "<P>p&lt;a&gt;ss \"&amp;word</P>",
            "<P>p&lt;a&gt;ss &quot;&amp;word</P>",
            r#"{"p":"p<a>ss \"&word"}"#,
            "p=p%3Ca%3Ess+%22%26word",
        ] {
            assert!(repeats.is_in(text.as_bytes()), "{text}");
        }
        assert!(!repeats.is_in(b"<P>password</P>"));
        assert!(!Repeats::default().is_in(b"anything"));
    }
}
